"""The one kind of error that is shown to people. Every other exception is a bug."""

from __future__ import annotations

from typing import Any


class Told(Exception):
    """An error with a sentence for the person: what happened, and what to do about it.

    `key` names a message of the catalogs, or is the text itself where no catalog applies (settings, CLI); `params` fill
    its placeholders; `hint` is the key (or text) of the sentence that says what to do.
    """

    def __init__(self, key: str, hint: str | None = None, **params: Any) -> None:
        super().__init__(key, hint, params)
        self.key = key
        self.hint = hint
        self.params: dict[str, Any] = params

    def __str__(self) -> str:
        filled = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.key} ({filled})" if filled else self.key


class BudgetReached(Told):
    """A limit of money was reached: the task pauses, nothing is thrown away.

    `scope` is task, repository or day; `limit`, `spent` and `needed` (what the next request may cost) are US dollars.
    """

    def __init__(self, scope: str, limit: float, spent: float, needed: float = 0.0) -> None:
        super().__init__("budget.reached", "budget.hint", scope=scope, limit=limit, spent=spent, needed=needed)
        self.scope = scope
        self.limit = limit
        self.spent = spent
        self.needed = needed
