"""Amounts, days, times and lists as people read them, in the language of the request."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date
from flask_babel import ngettext

from training import clock
from web.i18n import LOCALES, language


def yuan(fen: int) -> str:
    """`¥1,500`, with two decimals only where they are not zero."""
    whole, rest = divmod(fen, 100)
    return f"¥{whole:,}" + (f".{rest:02d}" if rest else "")


def joined(parts: Iterable[object], sign: str) -> str:
    """Several things in one line, the empty ones left out. `sign` is the Chinese one: ；、 or ，."""
    between = ("; " if sign == "；" else ", ") if language() == "en" else sign
    return between.join(text for text in map(str, parts) if text)


def day(value: date | datetime | None) -> str:
    """`12 月 3 日` / `3 December`; with the year when it is not this one."""
    if value is None:
        return ""
    return day_in(clock.on_date(value) if isinstance(value, datetime) else value, language())


def day_in(on: date, lang: str) -> str:
    """The same in a language that is named: for messages sent by the worker."""
    this_year = on.year == clock.today().year
    patterns = {"zh": ("M 月 d 日", "y 年 M 月 d 日"), "en": ("d MMMM", "d MMMM y")}
    return _written(on, patterns[lang][0 if this_year else 1], LOCALES[lang])


def at_in(moment: datetime, lang: str) -> str:
    """Day and time in Chongqing, in a language that is named."""
    return f"{day_in(clock.on_date(moment), lang)} {moment.astimezone(clock.SHANGHAI):%H:%M}"


@lru_cache(maxsize=4096)
def _written(on: date, pattern: str, locale: str) -> str:
    return format_date(on, pattern, locale)


def at(value: datetime | None) -> str:
    """Day and time in Chongqing, 24 hours."""
    return "" if value is None else f"{day(value)} {value.astimezone(clock.SHANGHAI):%H:%M}"


def lasted(since: datetime) -> str:
    """How long it has been: `1 天 6 小时` / `1 day 6 hours`, the two largest parts."""
    minutes = max(0, int((clock.now() - since).total_seconds()) // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    parts = [ngettext("%(num)d day", "%(num)d days", days)] if days else []
    if hours:
        parts.append(ngettext("%(num)d hour", "%(num)d hours", hours))
    if not parts:
        parts.append(ngettext("%(num)d minute", "%(num)d minutes", minutes))
    return " ".join(parts)
