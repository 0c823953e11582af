"""From a path that a model wrote to a file below the tree. No link is followed, nothing outside is ever opened."""

from __future__ import annotations

import difflib
import os
import stat
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from jobs.git.hygiene import is_git_name

MAX_PATH, MAX_NAME = 1_024, 200
MAX_BYTES = 4_000_000


class Mistake(Exception):
    """Something that the model can put right; the text says how."""


def clean(path: object, root: str = "/work") -> str:
    """A path relative to the root, in one spelling. Raises Mistake for everything that is none."""
    if not isinstance(path, str) or not path.strip():
        raise Mistake("path is missing: give a path relative to the repository's root, such as src/app.py.")
    text = path.strip() if path != path.strip() and "/" in path.strip() else path
    if text == root or text.startswith(f"{root}/"):
        text = text[len(root) :].lstrip("/") or "."
    if text.startswith(("/", "~")):
        raise Mistake(f"{path!r} is outside the repository. Paths are relative to its root, without a leading slash.")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise Mistake(f"{path!r} holds control characters, which no file name here has.")
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise Mistake(f"{path!r} leaves the repository; `..` is not allowed in paths.")
    for part in parts:
        _check_name(part, path)
    if len("/".join(parts).encode()) > MAX_PATH:
        raise Mistake(f"The path is longer than {MAX_PATH} bytes.")
    return "/".join(parts)


def _check_name(name: str, path: str) -> None:
    if is_git_name(name):
        raise Mistake(f"{path!r} names git's own folder: the repository's history is handled outside.")
    if len(name.encode()) > MAX_NAME:
        raise Mistake(f"{name[:40]!r}... is longer than {MAX_NAME} bytes.")
    if name != name.rstrip(". ") or ":" in name or "\\" in name:
        raise Mistake(f"{name!r} is a name that other systems read differently: no colon, backslash or trailing dot.")


def folder_of(tree: Path, path: str, *, make: bool = False) -> int:
    """A descriptor of the folder that holds `path`, opened part by part without following links. The caller closes it.

    Raises Mistake when a part is a link or no folder, FileNotFoundError when it is missing and not made.
    """
    if not path:
        raise Mistake("path names the root itself; give a file.")
    current = os.open(tree, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in path.split("/")[:-1]:
        try:
            if make:
                _make(part, current)
            following = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=current)
        except NotADirectoryError as wrong:
            raise Mistake(
                f"{path}: {part!r} is a symbolic link or a file, not a folder; links are not followed."
            ) from wrong
        finally:
            os.close(current)
        current = following
    return current


def _make(name: str, folder: int) -> None:
    try:
        os.mkdir(name, 0o755, dir_fd=folder)
    except FileExistsError:
        return


def read_bytes(tree: Path, path: str) -> bytes | None:
    """The file's bytes, None when it is not there. Raises Mistake for links, folders, devices and files beyond the
    limit.
    """
    try:
        folder = folder_of(tree, path)
    except FileNotFoundError:
        return None
    try:
        return _read(folder, path)
    finally:
        os.close(folder)


def _read(folder: int, path: str) -> bytes | None:
    name = path.rpartition("/")[2]
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        target = os.readlink(name, dir_fd=folder)
        raise Mistake(f"{path} is a symbolic link to {target!r}. Links are not followed: use the file itself.")
    if stat.S_ISDIR(status.st_mode):
        raise Mistake(f"{path} is a folder. Use list_files to see what it holds.")
    if not stat.S_ISREG(status.st_mode):
        raise Mistake(f"{path} is no regular file.")
    if status.st_size > MAX_BYTES:
        raise Mistake(f"{path} has {status.st_size} bytes, more than can be shown. Use run with head, sed -n or grep.")
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(handle, "rb") as file:
        return file.read(MAX_BYTES + 1)


def write_bytes(tree: Path, path: str, data: bytes) -> None:
    """Writes the file whole: a new file beside it, renamed into place, with the old one's mode. Missing folders are
    made.
    """
    folder = folder_of(tree, path, make=True)
    name = path.rpartition("/")[2]
    temporary = f".{name[:100]}.devtask-{os.getpid()}"
    try:
        mode = _mode(folder, name, path)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        _forget(temporary, folder)
        os.close(folder)


def _mode(folder: int, name: str, path: str) -> int:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return 0o644
    if not stat.S_ISREG(status.st_mode):
        raise Mistake(f"{path} is a folder or a link and cannot be written as a file.")
    return stat.S_IMODE(status.st_mode)


def _forget(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


def remove(tree: Path, path: str) -> None:
    """Deletes the file and the folders that it leaves empty."""
    folder = folder_of(tree, path)
    try:
        os.unlink(path.rpartition("/")[2], dir_fd=folder)
    finally:
        os.close(folder)
    parent = (tree / path).parent
    while parent != tree and not parent.is_symlink() and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent


def like(path: str, known: Iterable[str]) -> str:
    """A sentence with the paths that were probably meant, or an empty one."""
    names = list(known)
    same_name = [name for name in names if name.rpartition("/")[2] == path.rpartition("/")[2]][:3]
    close = same_name or difflib.get_close_matches(path, names[:20_000], 3, 0.6)
    return f" Did you mean {' or '.join(close)}?" if close else " Use list_files to see what there is."
