"""The guard on real commits: read from git, against the step's start and the task's base."""

from dataclasses import replace

import pytest

from jobs.checks.result import Layer, Status
from jobs.checks.tamper import reading
from jobs.checks.tamper.guard import judge
from state.plan.model import Milestone, Phase, Plan, Step
from tests.jobs.checks.bench import Bench
from tests.jobs.git.hub import WHO

BASE = {
    "shop.py": "def total(items):\n    return sum(items)\n",
    "test_shop.py": "from shop import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n",
}
WEAK = BASE["test_shop.py"].replace("assert total([1, 2]) == 3", "assert total([1, 2])")
MORE = BASE["test_shop.py"] + "\n\ndef test_nothing():\n    assert total([]) == 0\n"
FIRST = Step(id="s01", number=1, title="Sum nothing", files=[{"path": "test_shop.py", "change": "modify"}])
SECOND = Step(id="s02", number=2, title="Sum faster", files=[{"path": "shop.py", "change": "modify"}])


def plan_of(*steps):
    milestone = Milestone(id="m01", name="m", steps=list(steps))
    return Plan(title="Sums", phases=[Phase(id="p01", name="p", milestones=[milestone])])


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path, BASE, plan=plan_of(FIRST, SECOND), planned=FIRST)


def verdict(bench, start=""):
    scene = bench.on(lambda scene: replace(scene, start=start or scene.start, base=bench.base))
    (found,) = judge(scene)
    return found


def test_a_weakened_test_is_red_with_its_own_reason_and_place(bench):
    bench.step({"test_shop.py": WEAK})
    found = verdict(bench)
    assert (found.status, found.layer, found.reason, found.red) == (Status.FAILED, Layer.CRITICAL, "tamper", True)
    (one,) = found.findings
    assert (one.path, one.line, one.code) == ("test_shop.py", 5, "assertion_weakened")
    assert "`total([1, 2]) == 3` became `total([1, 2])`" in one.message and str(one) in found.tail


def test_attributes_of_the_tree_hide_nothing(bench):
    bench.step({"test_shop.py": WEAK, ".gitattributes": "*.py -diff binary export-ignore\n", ".gitignore": "test_*\n"})
    assert verdict(bench).status is Status.FAILED


def test_a_link_in_the_place_of_a_test_is_no_test(bench):
    (bench.workspace.tree / "test_shop.py").unlink()
    (bench.workspace.tree / "test_shop.py").symlink_to("shop.py")
    assert [one.code for one in verdict(bench).findings] == ["test_deleted"]


def test_another_encoding_is_read_as_the_interpreter_reads_it(bench):
    bench.step(
        {"test_shop.py": "# coding: utf-7\n" + BASE["test_shop.py"].replace("    assert", "    #+AAo-    assert")}
    )
    assert verdict(bench).status is Status.PASSED
    bench.step({"test_shop.py": "# coding: nonsense\n" + BASE["test_shop.py"]})
    assert {one.code for one in verdict(bench).findings} == {"unreadable", "test_deleted"}


def test_innocent_work_is_green_and_says_so(bench):
    bench.step({"test_shop.py": MORE, "shop.py": "total = sum\n"})
    found = verdict(bench)
    assert (found.status, found.findings, found.summary) == (Status.PASSED, (), "no test and no check was weakened")


def test_what_the_plan_lists_is_told_and_not_held_up(bench):
    bench.step({"test_shop.py": BASE["test_shop.py"].replace("== 3", "== 4")})
    found = verdict(bench)
    assert found.status is Status.PASSED and [one.code for one in found.findings] == ["expectation_changed"]
    assert verdict(replace_step(bench, SECOND)).status is Status.FAILED


def replace_step(bench, step):
    bench.planned = step
    return bench


def test_tests_of_an_earlier_step_are_guarded_in_the_next_one(bench):
    bench.step({"test_shop.py": MORE})
    start = bench.workspace.commit(["test_shop.py"], "feat: x\n", WHO)
    replace_step(bench, SECOND).step({"test_shop.py": BASE["test_shop.py"]})
    assert verdict(bench, bench.base).status is Status.PASSED, "against the base alone nothing is missing"
    assert [one.code for one in verdict(bench, start).findings] == ["test_deleted"]


def test_what_an_earlier_step_was_allowed_is_no_news_against_the_base(bench):
    bench.step({"test_shop.py": BASE["test_shop.py"].replace("== 3", "== 4")})
    start = bench.workspace.commit(["test_shop.py"], "feat: x\n", WHO)
    replace_step(bench, SECOND).step({"shop.py": "total = sum\n"})
    found = verdict(bench, start)
    assert (found.status, found.findings) == (Status.PASSED, ())


def test_what_slipped_through_before_the_start_is_seen_against_the_base(bench):
    bench.step({"test_shop.py": WEAK})
    start = bench.workspace.commit(["test_shop.py"], "feat: x\n", WHO)
    replace_step(bench, SECOND).step({"shop.py": "total = sum\n"})
    assert [one.code for one in verdict(bench, start).findings] == ["assertion_weakened"]


def test_a_file_that_kills_its_reader_is_unreadable_and_the_others_are_read():
    bomb = b"x = " + b"-" * 3_000_000 + b"1\n"
    deep = b"x = " + b"(" * 90_000 + b"1" + b")" * 90_000 + b"\n"
    good = BASE["test_shop.py"].encode()
    told = reading.answers(
        [("python", good), ("python", bomb), ("python", deep), ("javascript", deep), ("python", good)]
    )
    assert [bool(one.get("wrong")) for one in (told[0], told[1], told[2], told[4])] == [False, True, True, False]
    assert told[0] == told[4] and told[0]["tests"][0]["name"] == "test_total"
