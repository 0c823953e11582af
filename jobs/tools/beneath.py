"""Files below one folder, component by component with O_NOFOLLOW: no symbolic link is ever followed, so nothing
outside can be read or changed whatever a command left in the tree (ABU-28).

Paths are clean ones (`names.py`). What cannot be done is answered with Refused.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jobs.tools.errors import Refused
from jobs.tools.names import folded

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
MODE: Final = 0o644
READ_BYTES: Final = 20_000_000


@dataclass(frozen=True)
class Beneath:
    """The files below `tree`. `spare` is a folder on the same file system where half-written files may lie."""

    tree: Path
    spare: Path

    def status(self, path: str) -> os.stat_result | None:
        """lstat of the path itself; None where there is nothing. Raises Refused behind a symbolic link."""
        try:
            with self._parent(path) as (folder, name):
                return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def kind(self, path: str) -> str | None:
        """`file`, `folder`, `link`, `special`, or None where there is nothing."""
        if not path:
            return "folder"
        found = self.status(path)
        if found is None:
            return None
        kinds = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "folder"), (stat.S_ISLNK, "link"))
        return next((name for is_kind, name in kinds if is_kind(found.st_mode)), "special")

    def link(self, path: str) -> str:
        """Where a symbolic link points, as it is written."""
        with self._parent(path) as (folder, name):
            return os.readlink(name, dir_fd=folder)

    def read(self, path: str) -> bytes:
        """The bytes of a regular file. Raises FileNotFoundError, Refused."""
        with self._parent(path) as (folder, name):
            try:
                handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            except OSError as wrong:
                raise self._why(folder, name, path, wrong) from wrong
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise Refused(f"`{path}` is no regular file. Only files can be read and edited.")
            if found.st_size > READ_BYTES:
                raise Refused(
                    f"`{path}` has {found.st_size:,} bytes, too many for the file tools. "
                    f"Look at parts of it with run: `sed -n '1,200p' {path}`, `grep -n WORD {path} | head`."
                )
            return file.read()

    def write(self, path: str, data: bytes) -> None:
        """Puts the file there in one piece, with the mode it had; missing folders are made."""
        with self._parent(path, make=True) as (folder, name):
            mode = self._mode(folder, name, path)
            half = self.spare / f".half-{os.getpid()}"
            half.unlink(missing_ok=True)
            handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                os.fchmod(file.fileno(), mode)
            os.rename(half, name, dst_dir_fd=folder)

    def remove(self, path: str) -> None:
        """Removes a file or a link, and the folders that are empty then."""
        with self._parent(path) as (folder, name):
            os.unlink(name, dir_fd=folder)
        self._prune(path)

    def move(self, path: str, to: str) -> None:
        """Renames a file; missing folders are made, empty ones removed. The target must not be there."""
        with self._parent(path) as (source, name), self._parent(to, make=True) as (target, new):
            os.rename(name, new, src_dir_fd=source, dst_dir_fd=target)
        self._prune(path)

    def clash(self, path: str) -> str | None:
        """An existing path that differs from this one in case only, at any level; None where there is none."""
        parts = path.split("/")
        for depth, part in enumerate(parts):
            try:
                with self._folder(parts[:depth]) as folder:
                    names = os.listdir(folder)  # noqa: PTH208  (an open folder, no path)
            except (FileNotFoundError, NotADirectoryError):
                return None
            if part not in names:
                same = [name for name in names if folded(name) == folded(part)]
                return "/".join([*parts[:depth], same[0]]) if same else None
        return None

    def _prune(self, path: str) -> None:
        parts = path.split("/")[:-1]
        while parts:
            with self._folder(parts[:-1]) as folder:
                try:
                    os.rmdir(parts[-1], dir_fd=folder)
                except OSError:
                    return
            parts.pop()

    def _mode(self, folder: int, name: str, path: str) -> int:
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return MODE
        if not stat.S_ISREG(found.st_mode):
            raise Refused(f"`{path}` is no regular file, so it cannot be written. Choose another path.")
        return stat.S_IMODE(found.st_mode) & 0o777

    @contextlib.contextmanager
    def _parent(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        *parts, name = path.split("/")
        with self._folder(parts, make=make) as folder:
            yield folder, name

    @contextlib.contextmanager
    def _folder(self, parts: list[str], *, make: bool = False) -> Iterator[int]:
        current = os.open(self.tree, _FOLDER)
        try:
            for depth, part in enumerate(parts):
                below = self._enter(current, part, "/".join(parts[: depth + 1]), make)
                os.close(current)
                current = below
            yield current
        finally:
            os.close(current)

    def _enter(self, folder: int, name: str, path: str, make: bool) -> int:
        if make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o755, dir_fd=folder)
        try:
            return os.open(name, _FOLDER, dir_fd=folder)
        except FileNotFoundError:
            raise
        except OSError as wrong:
            raise self._why(folder, name, path, wrong, make=make) from wrong

    def _why(self, folder: int, name: str, path: str, wrong: OSError, *, make: bool = False) -> Exception:
        """What stands in the way at `path`, in words."""
        if isinstance(wrong, FileNotFoundError):
            return wrong
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            target = os.readlink(name, dir_fd=folder)
            return Refused(
                f"`{path}` is a symbolic link to `{target}`, and links are not followed. "
                "If that is inside the repository, use its own path."
            )
        if isinstance(wrong, NotADirectoryError) and not make:
            return wrong
        if isinstance(wrong, NotADirectoryError):
            return Refused(f"`{path}` is a file, so nothing can be put below it. Choose another folder.")
        return Refused(f"`{path}` cannot be opened ({wrong.strerror}). A command may have changed its mode: `ls -l`.")
