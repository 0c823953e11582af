"""The script of a scripted model: which answer it gives to which request.

A script is a YAML or JSON file with a list of rules (or `rules:` with that list). The first rule in the list that
matches and is not spent answers.

    rules:
      - when: {system: "You are the planner", user: "crash on empty input"}   # all must hold; texts are contained
        answer: {content: [{thinking: "..."}, {tool: submit_plan, input: {...}}]}
      - when: {has_tool: submit_plan, tool_result: ["error", "steps"]}        # a list: each is contained
        answers: [{text: "first"}, {error: {kind: rate_limit, retry_after: 2}}, "third"]
      - when: {anywhere: "Step 1.1"}
        by_turn: true                 # answers[number of the model's turns in the request]: the same after a crash
        answers: [{tool: read, input: {path: a.py}}, {tool: done, input: {}}]
      - answer: "in order"            # without `when`: a queue, each used once
      - {when: {}, answer: "for everything else"}

`when`: `model` (glob), `system`, `user` (the last user text), `tool_result` (the last tool results), `anywhere`
(the whole request), each one text or a list; `lacks` (texts that are nowhere in the request), `has_tool`, `turn`
(how many turns of the model the request holds), `call` (only the n-th request that the rest of `when` matches).
`times`: how often the rule answers (0 = always); usual: once without `when`, once for each of `answers`, else always.
"""

import fnmatch
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from devkit.rig.answer import Answer, answer_from

TEXT_KEYS = ("system", "user", "tool_result", "anywhere")
WHEN_KEYS = frozenset({"model", "lacks", "has_tool", "turn", "call", *TEXT_KEYS})
RULE_KEYS = frozenset({"when", "answer", "answers", "by_turn", "times", "name"})


@dataclass(frozen=True)
class Seen:
    """A request as a script sees it, the same for every provider. `turn` counts the model's turns in it, `request` is
    the body as it came, `calls` counts the requests that the script has
    had, this one included."""

    model: str
    system: str
    user: str
    tool_results: tuple[str, ...]
    tools: tuple[str, ...]
    turn: int
    request: Mapping[str, Any]
    calls: int = 1

    @property
    def anywhere(self) -> str:
        """Every text of the request."""
        return "\n".join(_texts(self.request))

    @property
    def tool_result(self) -> str:
        """The last tool results, joined."""
        return "\n".join(self.tool_results)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


@dataclass
class Rule:
    """One rule and how often it has matched and answered."""

    when: dict[str, Any]
    answers: list[Answer]
    by_turn: bool = False
    times: int = 0
    name: str = ""
    matched: int = 0
    used: int = 0

    def holds(self, seen: Seen) -> bool:
        """Whether `when` (without `call`) describes the request."""
        for key, wanted in self.when.items():
            if not _CHECKS[key](seen, wanted):
                return False
        return not self.by_turn or seen.turn < len(self.answers)

    def take(self, seen: Seen) -> Answer | None:
        """The answer to this request, counted; None when the rule does not apply or is spent."""
        if 0 < self.times <= self.used or not self.holds(seen):
            return None
        self.matched += 1
        if self.when.get("call") not in (None, self.matched):
            return None
        index = seen.turn if self.by_turn else min(self.used, len(self.answers) - 1)
        self.used += 1
        return self.answers[index]


def _contains(text: str, wanted: str | list[str]) -> bool:
    return all(part in text for part in ([wanted] if isinstance(wanted, str) else wanted))


def _lacks(seen: Seen, wanted: str | list[str]) -> bool:
    return not any(part in seen.anywhere for part in ([wanted] if isinstance(wanted, str) else wanted))


_CHECKS: dict[str, Callable[[Seen, Any], bool]] = {
    "model": lambda seen, wanted: fnmatch.fnmatchcase(seen.model, wanted),
    "system": lambda seen, wanted: _contains(seen.system, wanted),
    "user": lambda seen, wanted: _contains(seen.user, wanted),
    "tool_result": lambda seen, wanted: _contains(seen.tool_result, wanted),
    "anywhere": lambda seen, wanted: _contains(seen.anywhere, wanted),
    "lacks": _lacks,
    "has_tool": lambda seen, wanted: wanted in seen.tools,
    "turn": lambda seen, wanted: seen.turn == wanted,
    "call": lambda seen, wanted: True,
}


def rule_from_json(given: Mapping[str, Any]) -> Rule:
    """A rule as written in a script. Raises ValueError that says what is wrong."""
    if unknown := set(given) - RULE_KEYS:
        raise ValueError(f"rule: unknown {sorted(unknown)}; known: {sorted(RULE_KEYS)}")
    when = dict(given.get("when") or {})
    if unknown := set(when) - WHEN_KEYS:
        raise ValueError(f"when: unknown {sorted(unknown)}; known: {sorted(WHEN_KEYS)}")
    if ("answer" in given) == ("answers" in given):
        raise ValueError("a rule has either answer or answers")
    listed = given["answers"] if "answers" in given else [given["answer"]]
    if not isinstance(listed, list) or not listed:
        raise ValueError("answers is a list with at least one answer")
    return Rule(
        when=when,
        answers=[answer_from(item) for item in listed],
        by_turn=bool(given.get("by_turn", False)),
        times=int(given.get("times", _usual_times(given))),
        name=str(given.get("name", "")),
    )


def _usual_times(given: Mapping[str, Any]) -> int:
    if given.get("by_turn"):
        return 0
    if "answers" in given:
        return len(given["answers"])
    return 0 if "when" in given else 1


Talk = Callable[[Seen], Any]


@dataclass
class Script:
    """Rules in order, or a callable that answers everything; safe to use from the server's threads."""

    rules: list[Rule] = field(default_factory=list)
    talk: Talk | None = None
    calls: int = 0
    unmatched: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def from_rules(cls, *rules: Mapping[str, Any]) -> "Script":
        """A script from rules as they are written in a file. Raises ValueError."""
        return cls(rules=[rule_from_json(rule) for rule in rules])

    @classmethod
    def in_order(cls, *answers: Any) -> "Script":
        """A script that gives these answers one after the other."""
        return cls.from_rules(*({"answer": answer} for answer in answers))

    @classmethod
    def from_callable(cls, talk: Talk) -> "Script":
        """A script that asks `talk` each time; it returns anything that `answer_from` reads, or None for "no answer".
        Called by several threads at once."""
        return cls(talk=talk)

    @classmethod
    def from_file(cls, path: Path) -> "Script":
        """A script from a YAML or JSON file. Raises OSError, ValueError."""
        import yaml

        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise ValueError(f"{path}: {error}") from error
        return cls.from_rules(*listed_rules(loaded))

    def reply(self, seen: Seen) -> Answer | None:
        """The answer to this request; None (and a note in `unmatched`) when the script has none."""
        with self._lock:
            self.calls += 1
            calls = self.calls
        if self.talk is not None:
            said = self.talk(replace(seen, calls=calls))
            return None if said is None else answer_from(said)
        with self._lock:
            for rule in self.rules:
                if (answer := rule.take(seen)) is not None:
                    return answer
            self.unmatched.append(f"{seen.model} turn {seen.turn}: {(seen.tool_result or seen.user)[-200:]}")
        return None

    def change(self, rules: Iterable[Mapping[str, Any]], append: bool = False) -> None:
        """Replace the rules, or add some at the end. Raises ValueError and changes nothing when one is wrong."""
        read = [rule_from_json(rule) for rule in rules]
        with self._lock:
            self.rules = [*self.rules, *read] if append else read

    def to_json(self) -> dict[str, Any]:
        """The state: how often each rule matched and answered, and what found no rule."""
        with self._lock:
            counted = [
                {"name": rule.name, "when": rule.when, "matched": rule.matched, "used": rule.used, "times": rule.times}
                for rule in self.rules
            ]
            return {"calls": self.calls, "rules": counted, "unmatched": list(self.unmatched)}


def listed_rules(loaded: Any) -> list[Mapping[str, Any]]:
    """The list of rules in a loaded file or request: a list, or a mapping with `rules`. Raises ValueError."""
    found = loaded.get("rules") if isinstance(loaded, Mapping) else loaded
    if not isinstance(found, list) or not all(isinstance(rule, Mapping) for rule in found):
        raise ValueError("a script is a list of rules, or a mapping with `rules`")
    return found


def canonical(value: Any) -> bytes:
    """JSON with one spelling: what prefix hashes and token counts are taken of."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def tokens_of(raw: bytes) -> int:
    """The stand-ins' token rule: a token is 4 bytes, begun ones count."""
    return -(-len(raw) // 4)
