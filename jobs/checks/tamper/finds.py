"""What the guard found, before the plan is asked whether it allows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Wants = Literal["words", "file"]


@dataclass(frozen=True)
class Find:
    """`what` is the test, key or file that it is about. It `blocks` unless the plan names it: the file alone
    (`wants` "file"), or the file and the change in words.
    """

    path: str
    line: int
    code: str
    what: str
    said: str
    blocks: bool = True
    wants: Wants = "words"
    words: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """One line."""
        return self.said if self.what == self.path else f"{self.what}: {self.said}"
