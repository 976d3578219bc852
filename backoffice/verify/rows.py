"""How cases look in a list: masked, with what the system found, who has them, how long they wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from training import clock
from training.enrolments.models import Enrolment, Flag
from training.numbers import masked_name
from web.i18n import language
from web.labels import FLAG, word

_: Callable[..., str] = gettext
Tag = tuple[str, str, str]
LOOKS: Mapping[Flag, tuple[str, str]] = {
    Flag.NAME_DIFFERS: ("warn", "bang"),
    Flag.CARD_LOST: ("warn", "card"),
    Flag.CARD_CANCELLED: ("warn", "card"),
    Flag.NOT_FOUND: ("idle", "search"),
    Flag.REGISTRY_UNREACHABLE: ("idle", "clock"),
    Flag.GROUP_UNPROVEN: ("warn", "doc"),
    Flag.EMPLOYED: ("warn", "work"),
    Flag.PHONE_SHARED: ("warn", "phone"),
    Flag.POSSIBLE_DUPLICATE: ("stop", "twin"),
    Flag.ENTERED_BY_HAND: ("idle", "pen"),
    Flag.SAMPLE: ("idle", "search"),
}


@dataclass(frozen=True)
class Row:
    """One line of the queue."""

    case: Enrolment
    name: str
    course: str
    tags: Sequence[Tag]
    is_late: bool
    holder: str | None
    is_own: bool


def tags_of(case: Enrolment) -> list[Tag]:
    """What the system found, each as (kind, word, icon)."""
    found = [(LOOKS[flag][0], word(FLAG, flag), LOOKS[flag][1]) for flag in case.flag_words]
    if case.without_code and case.verified_by is None:
        found.append(("warn", _("no code"), "bang"))
    return found or [("ok", _("all agrees"), "check")]


def course_title(case: Enrolment) -> str:
    """The course in the reader's language."""
    course = case.class_run.course
    return course.title_en or course.title if language() == "en" else course.title


def holder_of(case: Enrolment) -> str | None:
    """The id of whoever holds the case now."""
    until = case.locked_until
    return case.locked_by if until is not None and until > clock.real_now() else None


def rows_of(
    cases: Sequence[Enrolment], own_id: str, names: Mapping[str, str], late_before: datetime
) -> list[Row]:
    """The lines of a list. `names` are those of the members of staff who hold cases."""
    rows = []
    for case in cases:
        holder = holder_of(case)
        held = names.get(holder, "") if holder and holder != own_id else None
        is_own, is_late = case.created_by == own_id, case.received_at < late_before
        name, course = masked_name(case.name_typed), course_title(case)
        rows.append(Row(case, name, course, tags_of(case), is_late, held, is_own))
    return rows
