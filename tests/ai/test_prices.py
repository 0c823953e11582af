from datetime import date

import pytest
import yaml

from ai.port import Usage
from ai.prices import PRICES, price
from state.errors import Told

NOW = date(2026, 11, 21)
COSTS = [
    ("claude:claude-sonnet-5-5", NOW, Usage(1_000_000, 0, 0, 0), 2.0),
    ("claude:claude-sonnet-5-5", NOW, Usage(1_000_000, 1_000_000, 0, 0), 0.1),
    ("claude:claude-sonnet-5-5", date(2026, 10, 1), Usage(1_000_000, 1_000_000, 0, 0), 0.2),
    ("claude:claude-opus-5-5", NOW, Usage(0, 0, 0, 1_000_000), 20.0),
    ("claude:claude-haiku-5-5", NOW, Usage(100_000, 0, 0, 1_000_000), 0.51),
    ("claude:claude-haiku-5-5", NOW, Usage(200_000, 0, 0, 1_000_000), 2.6),
    ("gemini:gemini-3.8-flash", NOW, Usage(1_000_000, 500_000, 0, 1_000_000), 4.1625),
    ("gemini:gemini-3.8-flash", date(2027, 1, 1), Usage(1_000_000, 0, 0, 1_000_000), 9.0),
]


@pytest.mark.parametrize(("model", "day", "usage", "dollars"), COSTS)
def test_a_request_costs_what_the_row_of_its_day_says(model, day, usage, dollars):
    assert price(model, day).dollars(usage) == pytest.approx(dollars)


def test_the_most_covers_writing_the_cache_and_all_of_the_output():
    assert price("claude:claude-sonnet-5-5", NOW).most(1_000_000, 100_000) == pytest.approx(3.5)


@pytest.mark.parametrize(("model", "day"), [("claude:claude-none", NOW), ("claude:claude-opus-5-5", date(2020, 1, 1))])
def test_an_unknown_model_is_an_error_that_names_the_file(model, day):
    with pytest.raises(Told, match="no price") as told:
        price(model, day)
    assert "prices.yaml" in told.value.hint


def test_every_row_has_a_date_and_a_source():
    for rows in yaml.safe_load(PRICES.read_text()).values():
        assert all(isinstance(row["from"], date) and row["source"].startswith("https://") for row in rows)
        assert [row["from"] for row in rows] == sorted(row["from"] for row in rows)
