"""A commit that a crash left unrecorded keeps the reasons that were given for what it took."""

from ai.executor.agent import ExtraFile, StepOutcome
from ai.limits import Exit
from ai.trajectory import Used
from jobs.execution.commit import Candidate, nothing_taken, reasoned
from jobs.git.changes import Change
from jobs.setup.belongs import Choice
from tests.jobs.setup.test_belongs import STEP

TAKEN = ("shop/models.py", "shop/stock.json", "edited.py")
CHANGES = tuple(Change(path, "created", "000000", "100644", 1, 0) for path in TAKEN)
EXTRA = tuple(ExtraFile(path, "made by the generator") for path in ("shop/stock.json", "shop/models.py", "gone.txt"))


def test_an_adopted_commit_has_the_reasons_of_its_done():
    outcome = StepOutcome(Exit.DONE, "", Used(), "s", "h", EXTRA)
    found = reasoned(Candidate("a" * 40, CHANGES), STEP, outcome)
    assert found.extra == {"shop/stock.json": "made by the generator"}
    assert reasoned(Candidate("a" * 40, CHANGES), STEP, None).extra == {}


def test_an_empty_commit_is_told_with_what_was_changed_beside_it():
    assert "nothing to commit" in nothing_taken(Choice((), ()))
    told = nothing_taken(Choice((), ("out.db", "x.json")))
    assert "out.db, x.json" in told and "`extra_files` of `done`" in told
