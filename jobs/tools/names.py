"""Which paths a model may name (ABU-28). Pure: what is on the disk is `beneath.py`'s."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from typing import Final

from jobs.git.hygiene import is_git_name
from jobs.sandbox.layout import OUT, WORK
from jobs.tools.errors import Refused

PATH_BYTES: Final = 1_024
NAME_BYTES: Final = 255
ROOT: Final = ""
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_ODD = re.compile(r'[<>:"|?*\\]')


def clean(given: object) -> str:
    """The path as git writes it, relative to the root; `ROOT` for the root itself. Raises Refused."""
    path = str(given or "").strip()
    if path in {"", ".", "./", WORK, f"{WORK}/"}:
        return ROOT
    _printable(path)
    if path.startswith(("/", "~")):
        raise Refused(_absolute(path))
    if "\\" in path:
        raise Refused(f"`{path}`: folders are separated by `/` here. Use `{path.replace(chr(92), '/')}`.")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise Refused(_upwards(path))
    _allowed(parts)
    return "/".join(parts)


def file_name(given: object) -> str:
    """`clean`, for a file: not the root."""
    path = clean(given)
    if path == ROOT:
        raise Refused("`path` names the root of the repository. Give a file's path below it, such as `src/app.py`.")
    return path


def creatable(path: str) -> None:
    """Raises Refused for a clean path under which a new file could not be checked out everywhere."""
    for part in path.split("/"):
        if _DEVICES.fullmatch(part):
            raise Refused(f"`{path}`: `{part}` is the name of a device on Windows. Choose another name.")
        if _ODD.search(part) or part.endswith((".", " ")) or part != part.strip():
            raise Refused(
                f"`{path}`: `{part}` cannot be a file name on every system. Use letters, digits, `-`, `_` and `.`."
            )


def folded(name: str) -> str:
    """Equal for names that a file system without case takes for the same."""
    return unicodedata.normalize("NFC", name).casefold()


def _printable(path: str) -> None:
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Cf"} for letter in path):
        shown = path.encode("unicode_escape").decode()[:200]
        raise Refused(f"`{shown}` holds a control character. Give the plain path, such as `src/app.py`.")
    if len(path.encode()) > PATH_BYTES or any(len(part.encode()) > NAME_BYTES for part in path.split("/")):
        raise Refused(
            f"The path `{path[:60]}...` is too long: at most {PATH_BYTES} bytes in all and {NAME_BYTES} for each name."
        )


def _absolute(path: str) -> str:
    if path.startswith(f"{OUT}/"):
        return f"`{path}` is outside the work tree. Page it with run: `sed -n '1,200p' {path}`."
    if path.startswith(f"{WORK}/"):
        inner = posixpath.normpath(path[len(WORK) + 1 :].lstrip("/"))
        return f"`{path}` is absolute; paths are relative to the root of the repository. Use `{inner}`."
    return f"`{path}` is outside the work tree. Give a path relative to the repository's root, such as `src/app.py`."


def _upwards(path: str) -> str:
    inside = posixpath.normpath(path)
    if inside.startswith(".."):
        return f"`{path}` leads out of the repository. Only files inside it can be used, named from its root."
    return f"`{path}`: paths go down only, without `..`. Use `{inside}`."


def _allowed(parts: list[str]) -> None:
    for part in parts:
        if is_git_name(part):
            raise Refused(
                f"`{'/'.join(parts)}`: there is no git directory here, and nothing may be named like one. "
                "Use diff and history; commits are made for you."
            )
