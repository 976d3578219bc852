"""A list as it leaves: a mark at its head, in each line and at its end says who took it, when, and which export."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from backoffice.exports.forms import COLUMN
from backoffice.session import clerk
from backoffice.verify.rows import course_title
from training import clock
from training.enrolments.models import Enrolment
from training.oversight.models import Export
from training.oversight.queries.exports import exported
from training.people.models import Phone
from training.people.queries import phones_in_use
from web.labels import GROUP, STATUS, word
from web.look_words import look_reason_word


def number_of(export: Export) -> str:
    """The number under which people speak of an export."""
    return f"EX-{export.id[:8].upper()}"


def head_of(export: Export) -> list[list[str]]:
    """The lines above a list."""
    taken = clock.now().astimezone(clock.SHANGHAI)
    who = f"{clerk().account.name}，{clerk().account.office}"
    mark = _(
        "Export %(number)s, taken by %(who)s at %(time)s",
        number=number_of(export),
        who=who,
        time=f"{taken:%Y-%m-%d %H:%M}",
    )
    rows = ngettext("%(num)d row", "%(num)d rows", export.row_count)
    return [[mark], [_("Reason: %(reason)s", reason=look_reason_word(export.reason)), rows]]


def foot_of(export: Export) -> list[str]:
    """The line below a list: whoever cut it short is seen."""
    return [_("End of export %(number)s, %(rows)s rows", number=number_of(export), rows=export.row_count)]


def enrolment_sheet(session: Session, export: Export) -> Iterator[list[str]]:
    """The lines of a list of enrolments."""
    yield from head_of(export)
    yield [*(str(COLUMN[column]) for column in export.columns), _("Mark")]
    mark = f"{number_of(export)} {clerk().account.username}"
    cases = exported(session, export)
    phones = phones_in_use(session, {case.person_id for case in cases}) if "phone" in export.columns else {}
    for place, case in enumerate(cases, 1):
        yield [*(_cell(case, column, phones) for column in export.columns), f"{mark} {place}"]
    yield foot_of(export)


def _cell(case: Enrolment, column: str, phones: Mapping[str, Phone]) -> str:
    if column == "phone":
        phone = phones.get(case.person_id)
        return (phone.number or "") if phone else ""
    return _CELLS[column](case)


_CELLS: Mapping[str, Callable[[Enrolment], str]] = {
    "reference": lambda case: case.reference,
    "course": course_title,
    "school": lambda case: case.class_run.course.institution.name,
    "status": lambda case: word(STATUS, case.status.value),
    "group": lambda case: word(GROUP, case.group.value) if case.group else "",
    "received_on": lambda case: clock.on_date(case.received_at).isoformat(),
    "name": lambda case: case.person.name,
    "number": lambda case: case.person.number or case.number or "",
}
