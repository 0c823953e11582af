"""Secrets in what is about to be pushed: live ones in any disguise, and what looks like one (promises ABU-22).

Looked at are the lines that a commit adds, the names of its files, its message and the branch. Where something is
found, file and line are told, never the value. What looks like a secret counts only if it is new: not where the base
commit has it somewhere already, nor where it is made up for everybody to see (`example`, a local address). A live
secret of this service counts always.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from jobs.git.changes import Change, changed_files
from jobs.git.facts import file_at
from jobs.git.mirror import Mirror
from state.fragments import unpacked
from state.plan.branch_facts import FOLDER
from state.redact import SHAPES, Redactor

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin

LIVE = "a secret of this service"
NAME, MESSAGE, BRANCH = "the name of a file", "the commit message", "the branch's name"
MOST_BYTES = 20_000_000
PIECE, OVERLAP = 2_000, 600
"""Long lines are looked at in pieces, so that no pattern takes more than linear time on a hostile one."""
SHAPED_BYTES = 4_000_000
MOST = 10

PLUGINS = (
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "CloudantDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "IbmCloudIamDetector",
    "IbmCosHmacDetector",
    "JwtTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SoftlayerDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
"""Of detect-secrets, those that know a form. Guesses by entropy or by the name of a variable are left out: they
refuse good work more often than they find anything."""
LATER = frozenset({"pem", "url-password"})
"""Shapes that need a look around them; a plugin and a rule here do that."""

_KEY = re.compile(
    r"BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|[\s\"'+,\\]){0,40}"
    r"(?:[A-Za-z-]{1,40}: [^\n\\]{0,100}(?:\\[nr]|\s){1,4}){0,4}(?P<body>[A-Za-z0-9+/]{40,100})"
)
_FAKE = re.compile(
    r"(?i)example|dummy|fake|sample|placeholder|change.?me|redacted|your[-_.]|xxxx|\*\*\*|[{}<>$]|%[sd(]|0123456789|"
    r"eyJzdWIiOiIxMjM0NTY3ODkw"
)
_PASSWORDS = frozenset({"password", "passwd", "pass", "secret", "postgres", "root", "admin", "user", "guest", "test"})
_HERE = re.compile(
    r"^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|db|redis|postgres|mysql|[\w.-]*\.?"
    r"(?:example(?:\.(?:com|org|net))?|test|invalid|localhost|local))(?=[:/?#\"'\s]|$)",
    re.I,
)


@dataclass(frozen=True)
class Leak:
    """Where something was found: a path (of a file whose name may be said) or one of NAME, MESSAGE, BRANCH; `line`
    from 1, None for what has none.
    """

    where: str
    line: int | None
    kind: str

    def told(self) -> str:
        """Without the value."""
        at = f", line {self.line}" if self.line is not None else ""
        return f"{self.where}{at}: {self.kind}"


Known = Callable[[str], bool]


def leaks(mirror: Mirror, base: str, commit: str, redactor: Redactor, branch: str = "") -> list[Leak]:
    """What must not leave with this commit (or tree, which has no message) of what `base` has not."""
    known = in_base(mirror, base)
    changes = [change for change in changed_files(mirror, base, commit) if change.what != "deleted"]
    found = [leak for change in changes for leak in _of_file(mirror, base, commit, change, redactor, known)]
    named = "\n".join(change.path for change in changes if change.what == "created")
    texts = ((NAME, named), (MESSAGE, message_of(mirror, commit)), (BRANCH, branch))
    found += [Leak(where, None, kind) for where, text in texts for _, kind in scan(text, redactor, known)]
    return list(dict.fromkeys(found))[:MOST]


def in_base(mirror: Mirror, base: str) -> Known:
    """Whether a text stands somewhere in the base commit: then the change does not bring it."""

    def known(value: str) -> bool:
        args = ("grep", "-q", "-a", "-F", "-e", value, base, "--")
        code, _, _ = mirror.git.raw(*args, stdin=b"", env=None, remote=None, seconds=60)
        return code == 0

    return known


def message_of(mirror: Mirror, commit: str) -> str:
    """A commit's message; nothing of a bare tree."""
    if mirror.git.text("cat-file", "-t", commit) != "commit":
        return ""
    return mirror.git.text("log", "-1", "--format=%B", commit)


def _of_file(
    mirror: Mirror, base: str, commit: str, change: Change, redactor: Redactor, known: Known
) -> Iterator[Leak]:
    data = _content(mirror, commit, change.path)[:MOST_BYTES]
    before = _content(mirror, base, change.path) if change.what == "modified" else b""
    added = _added_lines(before, data)
    where = _sayable(change.path, redactor, known)
    text = "\n".join(line for _, line in added)
    shaped = b"\0" not in data and not change.path.startswith(f"{FOLDER}/")
    for at, kind in scan(text, redactor, known, shaped=shaped):
        yield Leak(where, added[at - 1][0], kind)
    new = text.encode("utf-8", "replace") if before else data
    if any(live(opened, redactor) for opened in unpacked(new)):
        yield Leak(where, None, LIVE)


def _content(mirror: Mirror, commit: str, path: str) -> bytes:
    return file_at(mirror, commit, path) or b""


def _added_lines(before: bytes, after: bytes) -> list[tuple[int, str]]:
    """(number from 1, line) of those that were nowhere in the file before."""
    old = frozenset(before.decode("utf-8", "replace").split("\n"))
    lines = after.decode("utf-8", "replace").split("\n")
    return [(number, line) for number, line in enumerate(lines, 1) if line not in old]


def _sayable(path: str, redactor: Redactor, known: Known) -> str:
    """The path, unless it holds a secret itself."""
    return path if next(scan(path, redactor, known), None) is None else NAME


def scan(text: str, redactor: Redactor, known: Known, *, shaped: bool = True) -> Iterator[tuple[int, str]]:
    """(line from 1, kind) of what a text holds. Pure apart from `known`."""
    lines = text.split("\n")
    yield from _live(text, lines, redactor)
    if not shaped:
        return
    seen: set[tuple[int, str]] = set()
    for number, piece in _pieces(lines):
        for kind, value in _shaped(piece):
            if (number, kind) not in seen and not fake(value, piece) and not known(value):
                seen.add((number, kind))
                yield number, kind
    for found in _KEY.finditer(text[:SHAPED_BYTES]):
        if len(set(found["body"])) > 8 and not known(found["body"]):
            yield text.count("\n", 0, found.start()) + 1, "a private key"


def live(text: str, redactor: Redactor) -> bool:
    """Whether a live secret, or a piece of one, stands in the text."""
    return redactor.exact(text) or redactor.fragments.at(text) is not None


def _live(text: str, lines: list[str], redactor: Redactor) -> Iterator[tuple[int, str]]:
    if redactor.exact(text):
        yield next((number for number, line in enumerate(lines, 1) if redactor.exact(line)), 1), LIVE
    elif (at := redactor.fragments.at(text)) is not None:
        yield at, LIVE


def _pieces(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    left = SHAPED_BYTES
    for number, line in enumerate(lines, 1):
        for start in range(0, max(1, len(line)), PIECE):
            if left <= 0:
                return
            yield number, line[start : start + PIECE + OVERLAP]
            left -= PIECE if len(line) > PIECE else len(line) + 1


def _shaped(piece: str) -> Iterator[tuple[str, str]]:
    for shape in SHAPES:
        if shape.name not in LATER and shape.start in piece:
            yield from ((shape.name, found[0]) for found in shape.pattern.finditer(piece))
    for plugin in plugins():
        yield from ((str(plugin.secret_type), value) for value in plugin.analyze_string(piece))


@lru_cache(maxsize=1)
def plugins() -> tuple[BasePlugin, ...]:
    """The chosen detectors. They look at text only: nothing is verified over the network."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    kinds: Mapping[str, type[BasePlugin]] = get_mapping_from_secret_type_to_class()
    classes = {kind.__name__: kind for kind in kinds.values()}
    return tuple(classes[name]() for name in PLUGINS)


def fake(value: str, line: str) -> bool:
    """Whether it is made up for everybody to see: by its words, by few different characters, by a local address."""
    if _FAKE.search(value) or len(set(value)) < 5 or value.lower() in _PASSWORDS:
        return True
    hosts = [line[found.end() :] for found in re.finditer(re.escape(f":{value}@"), line)]
    return bool(hosts) and all(_HERE.match(host) for host in hosts)


def feedback(found: Iterable[Leak]) -> str:
    """What the executor is told: where, of what kind, what to do."""
    rows = "\n".join(f"- {leak.told()}" for leak in found)
    return (
        f"The change holds what looks like a secret, so it cannot leave (the value is not repeated here):\n{rows}\n"
        "Take it out: read it from the environment or a setting. A test builds its value at run time or uses one that "
        "is plainly made up (with the word `example` in it)."
    )
