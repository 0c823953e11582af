"""Repositories as they come: empty, red, oddly named, guarded, moved while we work, with needs of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from devkit.rig.script import Seen
from tests.system.scenes import Scenes, ever_said, executor_asked, files_on, git, in_order, planner_asked, pushes
from tests.system.town import (
    DONE,
    EDIT,
    GOOD_EXECUTOR,
    READ,
    SHOP,
    STEP,
    WRITER,
    Mind,
    Thread,
    Town,
    call,
    plan_of,
)

pytestmark = [pytest.mark.slow, pytest.mark.fault]

RED_TEST = (
    "import unittest\n\n\nclass OldTest(unittest.TestCase):\n    def test_old(self):\n        self.fail('long known')\n"
)
ODD = "lager büro/größe 表.py"
PINNED = "8.3.5"
NEEDS = {
    "requirements.txt": f"pytest=={PINNED}\ninflection==0.5.1\n",
    "names.py": "import inflection\n\n\ndef many(word):\n    return word + 's'\n",
    "test_names.py": "from names import many\n\n\ndef test_many():\n    assert many('cat') == 'cats'\n",
}
NEEDS_TEST = (
    "import importlib.util\n\nimport pytest\n\nfrom names import many\n\n\ndef test_many():\n"
    "    assert many('cat') == 'cats'\n"
    "    assert many('ox') == 'oxen' or many('box') == 'boxes'\n\n\ndef test_ours():\n"
    f"    assert pytest.__version__ == '{PINNED}'\n    assert importlib.util.find_spec('structlog') is None\n"
)
SCRIPTS = {
    "package.json": '{"name": "sum", "type": "module", "scripts": {"test": "node --test"}}\n',
    "sum.js": "export const sum = (a, b) => a - b;\n",
    "test/zero.test.js": (
        "import test from 'node:test';\nimport assert from 'node:assert';\nimport { sum } from '../sum.js';\n\n"
        "test('zero', () => assert.equal(sum(0, 0), 0));\n"
    ),
}


def step(*paths: str, **more: Any) -> dict[str, Any]:
    files = [{"path": path, "change": "modify"} for path in paths]
    return {**STEP, "files": files, "main_file": paths[0], "symbols": [], "tests": [], **more}


def holds(path: str, pattern: str) -> dict[str, Any]:
    return {"type": "text_matches", "target": path, "value": pattern, "critical": True}


def edits(*changes: tuple[str, str, str]) -> tuple[Any, ...]:
    read = [call("read_file", path=path) for path, _, _ in changes]
    edit = [call("edit_file", path=path, old=old, new=new) for path, old, new in changes]
    return read, edit, call("run_tests"), DONE, DONE


def scene(files: Any = SHOP, plan: Any = None, executor: Any = GOOD_EXECUTOR, **more: Any) -> Callable[[Town], Thread]:
    """A repository, what is done to it before the task (`before`), and the task."""
    before, request = more.pop("before", None), more.pop("request", "")

    def begin(town: Town) -> Thread:
        repo = town.repo(files, **more)
        if before is not None:
            before(town, repo)
        return town.start(repo, Mind([plan or plan_of()], executor), request)

    return begin


def meddled(do: Callable[[Town, str], object], *answers: Any, plan: Any = None) -> Callable[[Town], Thread]:
    """Somebody does something to the repository at the moment at which the executor answers `MEDDLE`."""

    def begin(town: Town) -> Thread:
        repo = town.repo()

        def meddle(_: Seen) -> Any:
            do(town, repo)
            return DONE

        given = [meddle if answer is MEDDLE else answer for answer in answers]
        return town.start(repo, Mind([plan or plan_of()], in_order(*given)))

    return begin


MEDDLE: Any = object()


def bare_git(town: Town, repo: str, *command: str) -> str:
    bare = str(town.world.bare(repo))
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com"]
    return subprocess.run(
        ["git", "-C", bare, *who, *command], input="", capture_output=True, text=True, check=True
    ).stdout.strip()


def branched(name: str) -> Callable[[Town, str], None]:
    """A branch with a commit of its own on top of main."""

    def make(town: Town, repo: str) -> None:
        commit_on(town, repo, "main", name)

    return make


def commit_on(town: Town, repo: str, parent: str, branch: str) -> None:
    sha = bare_git(town, repo, "commit-tree", f"{parent}^{{tree}}", "-p", parent, "-m", "by a person")
    bare_git(town, repo, "update-ref", f"refs/heads/{branch}", sha)


def task_branch(town: Town, repo: str) -> str:
    return next(name for name in town.world.branches(repo) if name.startswith("feature/"))


TWO_STEPS = plan_of(
    STEP, {**step("shop/stock.py", symbols=["take"]), "id": "b", "title": "Say why", "depends_on": ["a"]}
)
SECOND = call(
    "edit_file", path="shop/stock.py", old="raise ValueError(wanted)", new="raise ValueError(f'{wanted} wanted')"
)


def empty_named(town: Town) -> Thread:
    """An issue title with blanks, quotes and letters of other scripts."""
    repo = town.repo({**SHOP, ODD: "def größe():\n    return 1\n"})
    plan = plan_of(step(ODD, symbols=["größe"]), title="Größe «prüfen» 表 & `$(id)` 🙂 WORD")
    return town.start(repo, Mind([plan], edits((ODD, "return 1", "return 2"))))


README = {"path": "README.md", "change": "create"}
README_PLAN = plan_of(step("README.md", files=[README], postconditions=[holds("README.md", "# ")]))

SCENES: dict[str, Callable[[Town], Thread]] = {
    "scripts": scene(
        SCRIPTS,
        plan_of(step("sum.js", postconditions=[holds("sum.js", "a [+] b")])),
        edits(("sum.js", "a - b", "a + b")),
    ),
    "no tests": scene(
        {"README.md": "# Shop\n"},
        plan_of(step("README.md", postconditions=[holds("README.md", "# The shop")])),
        edits(("README.md", "# Shop", "# The shop")),
        before=lambda town, repo: town.world.protect(repo, "main"),
    ),
    "red at the base": scene({**SHOP, "tests/test_old.py": RED_TEST}),
    "no commit": scene(plan=README_PLAN, commits=False),
    "odd names": empty_named,
    "broken configuration": scene(config="language: en\ntest: [pytest\n"),
    "unknown key": scene(config="language: en\n\nbugdet: 3\n"),
    "development": scene(before=branched("development")),
    "base asked for": scene(before=branched("stable"), request="base=stable validate stock"),
    "base configured": scene(config="base: stable\n", before=branched("stable")),
    "guarded": scene(before=lambda town, repo: town.world.protect(repo, "feature/*")),
    "ruled": scene(
        before=lambda town, repo: town.world.rules(repo, {"type": "creation", "pattern": "feature/*"}),
    ),
    "signed": scene(
        before=lambda town, repo: town.world.rules(repo, {"type": "required_signatures", "pattern": "feature/*"}),
    ),
    "taken": meddled(lambda *_: None, *GOOD_EXECUTOR),
    "moved": meddled(
        lambda town, repo: commit_on(town, repo, task_branch(town, repo), task_branch(town, repo)),
        *(READ, EDIT, DONE, DONE, [READ[0]], SECOND, MEDDLE, DONE),
        plan=TWO_STEPS,
    ),
    "no longer allowed": meddled(lambda town, repo: town.world.role(repo, WRITER, "read"), READ, EDIT, DONE, MEDDLE),
    "main moved": meddled(lambda town, repo: commit_on(town, repo, "main", "main"), READ, EDIT, MEDDLE, DONE),
    "needs": scene(
        NEEDS,
        plan_of(step("names.py", "test_names.py", tests=["test_names.py::test_ours"])),
        (
            [call("read_file", path="names.py"), call("read_file", path="test_names.py")],
            [
                call("edit_file", path="names.py", old="word + 's'", new="inflection.pluralize(word)"),
                call("write_file", path="test_names.py", content=NEEDS_TEST),
            ],
            DONE,
        ),
    ),
}
UNPLANNED = frozenset(("no commit", "broken configuration", "unknown key", "taken"))


@pytest.fixture(scope="module")
def scenes(town: Town) -> Iterator[Scenes]:
    yield Scenes(town, SCENES, frozenset(SCENES) - UNPLANNED)


def test_failures_that_were_there_before_do_not_count_and_are_told(scenes: Scenes) -> None:
    report = scenes["red at the base"].done()["body"]
    assert "Before: 1 of 2 tests pass" in report and "After: 2 of 3 tests pass" in report


@pytest.mark.parametrize(("name", "said"), [("broken configuration", "line 3"), ("unknown key", "line 3")])
def test_a_broken_configuration_is_answered_with_the_line(scenes: Scenes, name: str, said: str) -> None:
    told = scenes[name].wait(".github/devtask.yml")["body"]
    assert said in told
    assert planner_asked(scenes[name]) == []


def test_blanks_and_letters_of_any_script_in_names_and_titles_are_kept(scenes: Scenes) -> None:
    thread = scenes["odd names"]
    thread.done()
    assert ODD in files_on(thread)
    assert "return 2" in git(thread, "show", f"{thread.branch()}:{ODD}")


@pytest.mark.parametrize(
    ("name", "base"), [("development", "development"), ("base asked for", "stable"), ("base configured", "stable")]
)
def test_the_work_starts_from_the_branch_that_it_should(scenes: Scenes, name: str, base: str) -> None:
    thread = scenes[name]
    thread.done()
    assert git(thread, "rev-parse", f"{thread.branch()}^").strip() == git(thread, "rev-parse", base).strip()


def test_a_javascript_repository_is_judged_by_node(scenes: Scenes) -> None:
    thread = scenes["scripts"]
    assert "1 of 1 tests pass" in thread.done()["body"]
    assert "node --test" in thread.done()["body"]


def test_f47_a_taken_branch_name_gets_the_key(scenes: Scenes) -> None:
    thread = scenes["taken"]
    thread.plan()
    name = f"feature/validate-stock-{thread.word}"
    commit_on(thread.town, thread.repo, "main", name)
    before = thread.town.world.branch(thread.repo, name)
    thread.approve()
    thread.done()
    made = [one for one in thread.town.world.branches(thread.repo) if one.startswith(f"{name}-")]
    assert len(made) == 1
    assert thread.town.world.branch(thread.repo, name) == before


def test_f47_a_branch_that_a_person_moved_is_left_alone_and_told(scenes: Scenes) -> None:
    thread = scenes["moved"]
    told = thread.wait("changed `feature/", 80)["body"]
    assert "leaves what people push alone" in told
    assert git(thread, "log", "-1", "--format=%s", task_branch(thread.town, thread.repo)).strip() == "by a person"
    assert len(pushes(thread)) == 1


def test_abu_08_an_approver_who_lost_the_right_before_the_push_stops_it(scenes: Scenes) -> None:
    thread = scenes["no longer allowed"]
    told = thread.wait("may no longer write here", 80)["body"]
    assert WRITER in told
    assert pushes(thread) == []


def test_f48_a_base_that_moves_meanwhile_changes_nothing_of_the_task(scenes: Scenes) -> None:
    thread = scenes["main moved"]
    thread.done()
    assert git(thread, "rev-parse", f"{thread.branch()}^").strip() == git(thread, "rev-parse", "main^").strip()
    assert len(executor_asked(thread)) == 4


def test_a_repository_has_its_own_dependencies_and_none_of_ours(scenes: Scenes) -> None:
    thread = scenes["needs"]
    report = thread.done(120)["body"]
    assert "2 of 2 tests pass" in report
    assert "inflection.pluralize" in git(thread, "show", f"{thread.branch()}:names.py")


def test_f50_a_repository_without_tests_is_done_and_told_so(scenes: Scenes) -> None:
    thread = scenes["no tests"]
    report = thread.done(120)["body"]
    assert "There are no tests here that the bot could run" in report.partition("#### Files")[0]
    assert "tests pass" not in report and not ever_said(thread, "tests pass")
    assert [one["ref"] for one in pushes(thread)] == [f"refs/heads/{thread.branch()}"]


def test_a_repository_without_a_commit_is_told_how_to_make_one_and_may_ask_again_then(scenes: Scenes) -> None:
    thread = scenes["no commit"]
    told = thread.wait("Make the first commit")["body"]
    assert "has no commit yet" in told and "Commit changes" in told
    assert planner_asked(thread) == [] and pushes(thread) == []
    tree = bare_git(thread.town, thread.repo, "mktree")
    first = bare_git(thread.town, thread.repo, "commit-tree", tree, "-m", "first")
    bare_git(thread.town, thread.repo, "update-ref", "refs/heads/main", first)
    thread.says(WRITER, f"/task write the readme {thread.word}")
    thread.plan()


@pytest.mark.parametrize(
    ("name", "said", "why"),
    [
        ("guarded", "GitHub refused the push", "GH006: Protected branch"),
        ("signed", "GitHub refused the push", "GH013: Repository rule"),
        ("ruled", "GitHub protects", "nothing was pushed"),
    ],
)
def test_f47_a_guarded_branch_name_is_told_with_the_reason_and_nothing_is_pushed(
    scenes: Scenes, name: str, said: str, why: str
) -> None:
    thread = scenes[name]
    told = thread.wait(said, 80)["body"]
    assert "Paused" in told and why in told and "`feature/" in told
    assert pushes(thread) == [] and thread.branch() is None
