"""Every reason of a rule as a sentence for the person, and what the person can do about it.

Codes are those of contract §3 and those a notice adds. A reason may come without its values (a refusal carries
codes only): the sentence is then the shorter one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from flask import current_app
from flask_babel import gettext

from training.policy.rules import Answer, Reason
from web import labels, written
from web.i18n import language
from web.reason_words import HINTS, LEFT_OUT, PLAIN

_: Callable[..., str] = gettext
_PLACE: dict[Answer, int] = {"yes": 0, "no": 1, "unknown": 2}


def reason_sentence(reason: Reason) -> str:
    """The reason in the person's language, with its numbers, days and offices as far as they are known.

    A code nobody gave words to is shown as it is, which a test forbids.
    """
    said = _SPOKEN[reason.code](reason) if reason.code in _SPOKEN else None
    if said:
        return said
    plain = PLAIN.get(reason.code)
    return str(plain[_PLACE[reason.met]]) if plain else reason.code


def code_sentence(code: str) -> str:
    """Why something was refused, where only the code is known."""
    return reason_sentence(Reason(code, "no"))


def reason_hint(reason: Reason) -> str:
    """What the person can do about a reason that is not met; empty where nothing has to be done."""
    again = reason.values.get("again_on")
    if reason.met == "no" and isinstance(again, date):
        return _("It counts afresh from %(day)s.", day=written.day(again))
    if reason.met == "yes" or (reason.met == "unknown" and reason.code != "certificate_missing"):
        return ""
    return str(HINTS.get(reason.code, ""))


def spoken_codes() -> Iterable[str]:
    """Every code that has words."""
    return PLAIN.keys()


def _under_age(reason: Reason) -> str | None:
    least = reason.values.get("min_age")
    if not least:
        return None
    if reason.met == "unknown":
        return _("From the age of %(least)s on; it depends on your birthday", least=least)
    if reason.met == "no":
        return _("You must be at least %(least)s years old", least=least)
    return _("You are at least %(least)s years old", least=least)


def _group(reason: Reason) -> str | None:
    code, until = reason.values.get("group"), reason.values.get("to_on")
    if not code:
        return None
    group = labels.word(labels.GROUP, code)
    if reason.met == "no":
        ended = isinstance(until, date)
        return _("%(group)s: this counted until %(day)s", group=group, day=_day(until)) if ended else None
    if reason.met == "unknown":
        return _unsure_group(group, declared=reason.values.get("source") == "declared")
    if isinstance(until, date):
        return _("You belong to: %(group)s, until %(day)s", group=group, day=_day(until))
    return _("You belong to: %(group)s", group=group)


def _unsure_group(group: str, *, declared: bool) -> str:
    if declared:
        return _("%(group)s: your own statement, still to be confirmed", group=group)
    return _("%(group)s: whether this still counts is to be confirmed", group=group)


def _cap(reason: Reason) -> str | None:
    count = reason.values.get("count")
    if not isinstance(count, int):
        return None
    paid = _elsewhere(reason)
    if paid:
        return paid
    limit = _limit(count, str(reason.values.get("window")), str(reason.values.get("scope")))
    if reason.met == "yes":
        return _("Not used up (%(limit)s)", limit=limit)
    if reason.met == "no":
        return _("Already used up (%(limit)s)", limit=limit)
    return _("Whether it is used up is still to be confirmed (%(limit)s)", limit=limit)


def cap_sentence(count: int, window: str, scope: str) -> str:
    """A cap of a notice in words."""
    return _limit(count, window, scope)


def exclusion_sentence(name: str) -> str:
    """Whom a notice leaves out, in words."""
    return str(LEFT_OUT[name])


def _limit(count: int, window: str, scope: str) -> str:
    often = {
        "calendar_year": _("at most %(count)s a year", count=count),
        "rolling_12m": _("at most %(count)s in 12 months", count=count),
        "lifetime": _("at most %(count)s in a lifetime", count=count),
    }.get(window, _("at most %(count)s", count=count))
    per = {
        "family_occupation_level": _("for the same occupation and level"),
        "family_occupation": _("for the same occupation"),
        "all": _("all subsidies together"),
    }.get(scope)
    return _("%(often)s, %(per)s", often=often, per=per) if per else often


def _elsewhere(reason: Reason) -> str | None:
    """Another office's payment: the office, the day and the telephone, and nothing more."""
    office, on = reason.values.get("office"), reason.values.get("on")
    if reason.met != "no" or not office or not isinstance(on, date):
        return None
    said = {"office": _office(str(office)), "day": _day(on)}
    held = reason.values.get("state") == "held"
    words = (
        _("%(office)s holds it since %(day)s", **said) if held else _("Used on %(day)s: %(office)s", **said)
    )
    phone = reason.values.get("phone")
    return _("%(said)s, telephone %(phone)s", said=words, phone=phone) if phone else words


def _office(code: str) -> str:
    """The bureau of a district; what is no district's code is a name already."""
    unit = current_app.extensions["pack"].districts.get(code)
    if unit is None:
        return code
    return _("%(place)s Human Resources and Social Security Bureau", place=unit.name.said(language()))


def _other_fund(reason: Reason) -> str | None:
    if paid := _elsewhere(reason):
        return paid
    family = _family(reason)
    if not family or reason.met == "unknown":
        return None
    if reason.met == "yes":
        return _("Not together with: %(family)s. You have not had it", family=family)
    return _("Not together with: %(family)s. You have had it", family=family)


def _only_with(reason: Reason) -> str | None:
    family = _family(reason)
    if not family:
        return None
    if reason.met == "yes":
        return _("Goes with: %(family)s, which you can get", family=family)
    if reason.met == "no":
        return _("Goes only with: %(family)s, which you cannot get now", family=family)
    return _("Goes only with: %(family)s, which is still to be confirmed", family=family)


def _hours(reason: Reason) -> str | None:
    has, least = reason.values.get("hours"), reason.values.get("min_hours")
    if has is None or least is None:
        return None
    return _("The class has %(hours)s hours; at least %(least)s are needed", hours=has, least=least)


def _level(reason: Reason) -> str | None:
    code = reason.values.get("level")
    if not code or reason.met != "no":
        return None
    return _("The notice pays nothing for: %(level)s", level=labels.word(labels.LEVEL, code))


def _grade(reason: Reason) -> str | None:
    grade = reason.values.get("grade")
    if not grade or reason.met != "no":
        return None
    return _("The notice pays nothing for a school of grade %(grade)s", grade=grade)


def _attendance(reason: Reason) -> str | None:
    has, least = reason.values.get("attendance"), reason.values.get("min_attendance")
    if has is None or least is None:
        return None
    return _("You attended %(has)s %% of the hours; at least %(least)s %% are needed", has=has, least=least)


def _day(value: object) -> str:
    return written.day(value) if isinstance(value, date) else ""


def _family(reason: Reason) -> str:
    code = reason.values.get("family")
    return labels.word(labels.FAMILY, code) if code else ""


def _already(reason: Reason) -> str | None:
    reference = reason.values.get("reference")
    if reason.met != "no" or not reference:
        return None
    return _("You are already in this class, reference %(reference)s", reference=reference)


_SPOKEN: dict[str, Callable[[Reason], str | None]] = {
    "under_age": _under_age,
    "group_not_eligible": _group,
    "cap_reached": _cap,
    "already_paid_same_level": _elsewhere,
    "paid_from_other_fund": _other_fund,
    "only_with_other_subsidy": _only_with,
    "class_too_short": _hours,
    "level_not_paid": _level,
    "grade_too_low": _grade,
    "attendance_too_low": _attendance,
    "already_in_class": _already,
}
