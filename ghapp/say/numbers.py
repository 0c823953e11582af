"""Numbers, money, durations and times as a person of that language writes them."""

from __future__ import annotations

import math
from datetime import datetime

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, format_percent


def number(value: float, lang: str) -> str:
    """1234.5 as `1,234.5` or `1.234,5`."""
    return format_decimal(value, locale=lang)


def money(dollars: float, lang: str) -> str:
    """US dollars, cents shown; below one cent four decimals, so that a cheap call is not shown as free."""
    if 0 < dollars < 0.01:
        pattern = "¤#,##0.0000" if lang == "en" else "#,##0.0000 ¤"
        return format_currency(dollars, "USD", format=pattern, locale=lang, currency_digits=False)
    return format_currency(dollars, "USD", locale=lang)


def percent(share: float, lang: str) -> str:
    """0.4 as `40%` or `40 %`; one decimal, rounded down, so that 79.96 % is never shown as 80 %."""
    return format_percent(
        math.floor(share * 1000) / 1000, format="#,##0.#%" if lang == "en" else "#,##0.# %", locale=lang
    )


def duration(seconds: float, lang: str) -> str:
    """Seconds as the two largest units, by their symbols: `45 s`, `12 min`, `1 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{number(whole, lang)} s"
    hours, minutes = divmod(round(whole / 60), 60)
    if not hours:
        return f"{number(minutes, lang)} min"
    return f"{number(hours, lang)} h" + (f" {number(minutes, lang)} min" if minutes else "")


def date(when: datetime, lang: str) -> str:
    """The day in UTC."""
    return format_date(when, format="medium", locale=lang)


def time(when: datetime, lang: str) -> str:
    """The minute in UTC, said so."""
    return f"{format_time(when, format='HH:mm', locale=lang)} UTC"


def plural(count: float, lang: str) -> str:
    """CLDR plural category: `one`, `many` or `other`."""
    return str(Locale.parse(lang).plural_form(count))
