"""What is tested before and after: findings where it became weaker. Pure.

What of before is not found again (see matching.py) is told by how near the nearest thing is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from jobs.checks.tamper.finds import Find
from jobs.checks.tamper.matching import Pair, World, all_of, world_of
from jobs.checks.tamper.model import Assertion, Level, Module, Off, Test
from jobs.checks.tamper.weaker import implied, weaker

_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")
_PLAIN = frozenset(
    (
        *("self", "this", "len", "str", "int", "list", "dict", "set", "sorted", "repr", "float", "bool", "tuple"),
        *("for", "in", "not", "is", "and", "or", "None", "True", "False", "lambda"),
        *("true", "false", "null", "undefined", "new", "await", "async", "function", "return"),
        *("JSON", "stringify", "Object", "Array", "String", "Number"),
    )
)


def compare(before: Mapping[str, Module], after: Mapping[str, Module]) -> list[Find]:
    """`before` and `after` hold the files that differ, by path; a file that is not there is left out."""
    world = world_of(before, after)
    found: list[Find] = []
    for pair in world.pairs:
        found += _pair(pair, world)
    for path, test in world.gone:
        found += _gone(path, test, world)
    for path, test in world.added:
        found += _added(path, test)
    for path, module in after.items():
        found += _module(path, before.get(path, Module()), module)
    return found


def _pair(pair: Pair, world: World) -> list[Find]:
    found = _switches(pair.path, pair.old, pair.new)
    lost = [one for one in pair.lost if one.level is not Level.NOTHING and not world.take(one)]
    fresh = list(pair.fresh)
    for one in lost:
        sharper = next((other for other in fresh if implied(one, other)), None)
        fresh.remove(sharper) if sharper else found.append(_lost(pair, one, fresh))
    if not found and (pair.old.rest != pair.new.rest):
        said = "what it does besides asserting changed"
        found.append(Find(pair.path, pair.new.line, "test_changed", pair.old.plain, said, blocks=False))
    return found


def _lost(pair: Pair, one: Assertion, fresh: list[Assertion]) -> Find:
    """The nearest thing that is there instead decides what is said. `fresh` loses what is used."""
    same = next((other for other in fresh if other.subject == one.subject), None)
    near = same or next((other for other in fresh if _similar(one, other)), None)
    test, line = pair.old.plain, near.line if near else pair.new.line
    if near is None:
        rest = next((other for other in fresh if other.level < one.level), None)
        if rest is not None:
            fresh.remove(rest)
            return Find(pair.path, rest.line, "assertion_weakened", test, f"`{one}` became `{rest}`")
        return Find(pair.path, line, "assertion_deleted", test, f"`{one}` is gone")
    fresh.remove(near)
    how = weaker(one, near)
    if how:
        return Find(pair.path, line, "assertion_weakened", test, f"`{one}` became `{near}`: {how}")
    said = f"`{one}` became `{near}`"
    return Find(pair.path, line, "expectation_changed", test, said, wants="file")


def _similar(one: Assertion, other: Assertion) -> bool:
    """What is expected is the same and the same names are asked, only differently."""
    return one.expected == other.expected and bool(_asked(one.subject) & _asked(other.subject))


def _asked(subject: str) -> set[str]:
    return set(_NAME.findall(_STRING.sub("", subject))) - _PLAIN


def _gone(path: str, test: Test, world: World) -> list[Find]:
    real = [one for one in test.asserts if one.level is not Level.NOTHING]
    left = [one for one in real if not world.take(one)]
    if (real and not left) or (not real and world.take_twin(test)):
        return []
    what = "helper" if test.name.startswith("helper:") else "test"
    said = f"the {what} is gone" + (f", and `{left[0]}` with it" if left else "")
    return [Find(path, 0, "test_deleted", test.plain.removeprefix("helper:"), said)]


def _added(path: str, test: Test) -> list[Find]:
    """A new test may not be switched off for good, keep others from running, or look at what it put there itself."""
    found = [
        Find(path, test.line, "test_skipped", test.plain, f"a new test that never counts ({off.kind})")
        for off in test.off
        if not off.conditional
    ]
    return found + _mocked(path, Test(test.name, 0), test)


def _switches(path: str, old: Test, new: Test) -> list[Find]:
    found = []
    for off in _more(old.off, new.off):
        when = " under a condition" if off.conditional else ""
        why = f": {off.why}" if off.why else ""
        found.append(Find(path, new.line, "test_skipped", old.plain, f"{off.kind}{when}{why[:120]}"))
    for wrap in sorted(set(new.wraps) - set(old.wraps)):
        found.append(Find(path, new.line, "test_wrapped", old.plain, f"{wrap} of the test's own file stands around it"))
    return found + _mocked(path, old, new)


def _more(old: tuple[Off, ...], new: tuple[Off, ...]) -> list[Off]:
    known = Counter((off.kind, off.conditional) for off in old)
    found = []
    for off in new:
        if known[off.kind, off.conditional]:
            known[off.kind, off.conditional] -= 1
        elif not known[off.kind, False]:
            found.append(off)
    return found


def _mocked(path: str, old: Test, new: Test) -> list[Find]:
    """Names that it newly replaces and that its own assertions ask."""
    asked = {name for one in (*old.asserts, *new.asserts) if one.kind != "mock" for name in one.names}
    fresh = [mock for mock in new.mocks if mock not in old.mocks]
    return [
        Find(path, new.line, "mocked", new.plain, f"{mock} is replaced and then asserted on")
        for mock in dict.fromkeys(fresh)
        if mock.rpartition(".")[2] in asked
    ]


def _module(path: str, old: Module, new: Module) -> list[Find]:
    if new.wrong and not old.wrong:
        return [Find(path, 0, "unreadable", path, f"its tests cannot be read any more: {new.wrong}")]
    known = Counter(text for text, _ in old.marks)
    found = []
    for text, line in new.marks:
        if known[text]:
            known[text] -= 1
        else:
            found.append(Find(path, line, "test_skipped" if text.startswith("only") else "runner", path, text))
    return found + _strangers(path, old, new)


def _strangers(path: str, old: Module, new: Module) -> list[Find]:
    """A name that was imported and asked is now something else that stands in the test file itself."""
    asked = {name for test in all_of(old) for one in test.asserts for name in one.names}
    return [
        Find(path, 0, "mocked", name, f"{name} came from {origin} and is now made in the test file itself")
        for name, origin in old.origins.items()
        if name in asked and origin != "here" and new.origins.get(name) == "here"
    ]
