"""How an amount is made, one line a factor, in the words of a person who reckons along."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext

from training.policy.rules import Factor
from web import written

_: Callable[..., str] = gettext


def factor_sentence(factor: Factor) -> str:
    """`Grade of the school: 90%, −¥150`; a name nobody gave words to is shown as it is, which a test forbids."""
    if factor.name == "days":
        return _days(factor)
    words = {
        "standard": _("Standard amount"),
        "group_share": _("Share of your group: %(share)s", share=factor.value_text),
        "grade": _("Grade of the school: %(share)s", share=factor.value_text),
        "uplift": _("Added for this occupation"),
        "fee_limit": _("Not more than the fee"),
    }.get(factor.name, factor.name)
    if factor.fen == 0 and factor.name in ("group_share", "grade", "fee_limit"):
        return _("%(what)s: nothing taken off", what=words)
    return _("%(what)s: %(fen)s", what=words, fen=signed(factor.fen, plain=factor.name == "standard"))


def signed(fen: int, *, plain: bool = False) -> str:
    """`+¥300`, `−¥150`, or the bare amount."""
    sign = "" if plain or not fen else "+" if fen > 0 else "−"
    return sign + written.yuan(abs(fen))


def _days(factor: Factor) -> str:
    days, fen = (int(part) for part in factor.value_text.split(" × "))
    said = {"days": days, "each": written.yuan(fen), "sum": written.yuan(factor.fen)}
    return _("%(days)s days × %(each)s = %(sum)s", **said)
