"""What the approved plan allows by naming it. Precisely:

- The file stands among the `files` of the step, as modified or deleted (a file that the guard reports as new: as
  created or modified). For a changed expectation that is enough, and a person is told.
- Everything else has to be said as well: one sentence of the step's title, description or acceptance criteria names
  the test, the file or the key that it is about, says what is done to it with a word of that kind of change, and does
  not say that it must not be done. A file that the plan deletes is named by that alone.
- Weakening by an earlier step counts against the base commit only where no step of the plan names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jobs.checks.tamper.finds import Find
from state.plan.model import Step

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_NOT = re.compile(r"\b(do not|don't|must not|mustn't|never|without|no|not|nunca|jamás|sin|keep|unchanged)\b", re.I)
_REMOVE = r"remov|delet|drop|replac|obsolete|merg|get rid|elimin|borra|quita|sustitu|reemplaz|suprim"
_LOOSEN = r"loosen|relax|weaken|toler|approx|less strict|no longer|round|aproxim|relaja|redonde"
_CHANGE = r"chang|updat|adapt|adjust|rewrit|expect|modif|rename|cambi|actualiz|ajust|adapt|espera|reescrib"
_SKIP = r"skip|xfail|disabl|ignor|todo|expected failure|omit|salta|desactiv"
_CONFIG = (
    r"config|configur|set|add|chang|updat|enabl|exclud|includ|rais|lower|remov|creat|introduc|añad|cambi|crea|excluy"
)
_LOWER = r"lower|reduc|threshold|coverage|remov|drop|baja|umbral|cobertura"
_MOCK = r"mock|patch|stub|fake|replac|simul"
WORDS: dict[str, str] = {
    "test_deleted": _REMOVE,
    "assertion_deleted": f"{_REMOVE}|{_CHANGE}",
    "assertion_weakened": f"{_LOOSEN}|{_REMOVE}|{_CHANGE}",
    "expectation_changed": _CHANGE,
    "test_skipped": _SKIP,
    "test_wrapped": f"{_CHANGE}|wrap|decorat",
    "mocked": _MOCK,
    "config_changed": _CONFIG,
    "checker_changed": f"{_CONFIG}|{_LOOSEN}|{_SKIP}|strict",
    "threshold_lowered": _LOWER,
    "runner": f"{_CONFIG}|hook|plugin",
    "expected_data": f"{_CHANGE}|{_REMOVE}|regenerat|snapshot",
}


def allowed(find: Find, steps: Iterable[Step]) -> bool:
    """Whether one of these steps names it."""
    return any(_by(find, step) for step in steps)


def _by(find: Find, step: Step) -> bool:
    listed = {file.change.value for file in step.files if file.path == find.path}
    if not listed:
        return False
    whole = find.code in {"test_deleted", "expected_data", "assertion_deleted", "config_changed"}
    if find.wants == "file" or (whole and "delete" in listed):
        return True
    return any(_says(find, sentence) for sentence in sentences(step))


def sentences(step: Step) -> Sequence[str]:
    """What the step says in words."""
    said = [step.title, *_SENTENCE.split(step.description), *step.acceptance_criteria]
    return [one for one in said if one.strip()]


def _says(find: Find, sentence: str) -> bool:
    verb = re.search(rf"\b(?:{WORDS.get(find.code, _CHANGE)})", sentence, re.I)
    if verb is None or _NOT.search(sentence):
        return False
    return any(_word(word, sentence) for word in _about(find))


def _about(find: Find) -> set[str]:
    """What a sentence may call it by."""
    leaf = find.what.rpartition("::")[2].rpartition(".")[2]
    name = find.path.rpartition("/")[2]
    return {word for word in (find.what, leaf, find.path, name, *find.words) if len(word) > 2}


def _word(word: str, sentence: str) -> bool:
    return re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", sentence, re.I) is not None
