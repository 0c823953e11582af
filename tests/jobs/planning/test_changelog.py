"""How a changelog is told: by its file, its folder of fragments, or what makes it."""

import pytest

from jobs.planning.changelog import MADE, NONE, changelog_of
from jobs.setup.source import Files

LINE = ": one line for what its users notice, none for what they do not"
TOP = "at its top, as the entries there are written"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"README.md": "## Changelog\n"}, NONE),
        ({"shop/history.py": "", "tests/news.txt": "", "changes_made.md": ""}, NONE),
        ({"CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n## 1.0\n"}, f"`CHANGELOG.md`, under Unreleased{LINE}"),
        ({"CHANGES.rst": "Changes\n=======\n\nunreleased\n----------\n"}, f"`CHANGES.rst`, under Unreleased{LINE}"),
        ({"HISTORY.md": "# History\n\n## 1.0\n- First.\n"}, f"`HISTORY.md`, {TOP}{LINE}"),
        ({"docs/changelog.md": "", "NEWS": "1.0\n"}, f"`NEWS`, {TOP}{LINE}"),
        (
            {"CHANGELOG.md": "", "newsfragments/12.feature": "x"},
            "one new file in `newsfragments/`, named and written like those that lie or lay there (see `history`)",
        ),
        ({"CHANGELOG.md": "", ".releaserc.json": "{}"}, MADE),
        ({"CHANGELOG.md": "", "release-please-config.json": "{}"}, MADE),
    ],
)
def test_a_changelog_is_told_as_it_is_kept(files: dict[str, str], told: str) -> None:
    assert changelog_of(Files(files)) == told
