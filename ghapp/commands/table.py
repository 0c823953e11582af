"""Every command of spec 3.1 in one table. A new command is one file and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from ghapp.commands import (
    abort,
    allow_path,
    approve,
    ci,
    cost,
    fix,
    help,
    later,
    plan,
    reject,
    retry,
    revise,
    skip,
    status,
    task,
)
from ghapp.commands.model import Row
from ghapp.commands.options import fold


def _row(module: ModuleType, *, bare: bool = False) -> Row:
    return Row(
        module.NAME,
        module.SPANISH,
        module.HELP,
        module.WHO,
        module.decide,
        module.WHEN,
        module.USAGE,
        bare=bare,
        pauses=getattr(module, "PAUSES", frozenset()),
    )


BUILT: tuple[Row, ...] = (
    _row(task, bare=True),
    _row(plan),
    _row(approve),
    _row(reject),
    _row(revise),
    _row(status),
    _row(cost),
    _row(retry),
    _row(skip),
    _row(fix),
    _row(ci),
    _row(allow_path),
    _row(abort),
    _row(help, bare=True),
)
TABLE: tuple[Row, ...] = (*BUILT, *later.ROWS)
BY_NAME: Mapping[str, Row] = {row.name: row for row in TABLE}
ALIASES: Mapping[str, Row] = {fold(name): row for row in TABLE for name in (row.name, *row.spanish)}
