"""What people read of a plan for a new project, word for word. `SNAPSHOTS=write` writes it anew."""

import os
from pathlib import Path

import pytest

from ghapp.emit.gate import BODY_LIMIT, gate
from ghapp.say.facts import PlanFacts
from ghapp.say.plan import plan_comment
from ghapp.say.replies import cut_note
from jobs.planning.assume import with_base
from jobs.planning.whole import whole_name
from state.plan.flat import read
from state.plan.model import Plan
from state.redact import Redactor
from tests.ghapp.say.samples import ESTIMATE, task, version
from tests.state.plan.plans import step
from tests.system.test_greenfield import GREEN_PLAN

SNAPSHOTS = Path(__file__).parent / "snapshots"
FACTS = PlanFacts(estimate=ESTIMATE, budget=5.0, no_tests=True, conventions=("README.md",))


def new_project(lang: str) -> Plan:
    found = read(GREEN_PLAN["input"]).plan
    assert found is not None
    return with_base(found, "main", lang)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_comment_of_a_new_project_is_as_it_was_looked_at(lang: str):
    plan = new_project(lang)
    written = plan_comment(task(plan, lang=lang), version(plan), FACTS)
    path = SNAPSHOTS / f"greenfield.{lang}.md"
    if os.environ.get("SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(written + "\n", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == written + "\n", "look at it, then run once with SNAPSHOTS=write"


def test_the_base_is_assumed_once_and_not_where_the_plan_says_it():
    plan = new_project("en")
    assert plan.assumptions[-1].startswith("The work starts from the default branch main, as nobody named another")
    assert with_base(plan, "main", "en") == plan
    assert with_base(Plan(title="t", assumptions=["It starts from main."]), "main", "en").assumptions == [
        "It starts from main."
    ]


def test_a_comment_of_three_hundred_steps_is_cut_with_its_buttons_and_names_the_file():
    steps = [step(f"n{n}", description="As the old shop does it. " * 20) for n in range(300)]
    plan = read({"title": "Rebuild the shop", "steps": steps}).plan
    view = task(plan)
    text = plan_comment(view, version(plan), FACTS)
    name = whole_name(view, 1, text)
    body = gate(text, Redactor(), cut_note=cut_note("en", name)).text
    assert name == "k3x9q2ab/plan-v1.md" and f"the rest is in `{name}`" in body
    assert len(body) < BODY_LIMIT and "/approve 7f3a" in body and "plan v1" in body
    assert whole_name(view, 1, "short") == ""
