"""Everything the page of one case shows, gathered in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session

from backoffice.seeing import shows_number
from backoffice.session import clerk
from backoffice.story import staff_in, who
from backoffice.verify.compare import Line, compared, count_of_differences
from backoffice.verify.forms import REFUSE_REASONS
from backoffice.verify.rows import Tag, course_title, holder_of, tags_of
from training import audit, clock
from training.audit import SubjectKind
from training.enrolments import operations, queue
from training.enrolments.lifecycle import Action, allowed
from training.enrolments.models import Enrolment
from training.numbers import masked, masked_name
from training.people.models import Person, PossibleDuplicate
from training.people.operations import answer_in
from training.people.queries import phone_owners
from training.staff.queries import Scope, names_of
from web.desk_words import RETURN_REASON
from web.i18n import LOCALES, language
from web.labels import word
from web.messages import text_of
from web.reasons import code_sentence, reason_sentence

WARN_BEFORE = timedelta(minutes=2)
MESSAGES: Mapping[str, str] = {"pass": "enrolled", "return": "returned", "refuse": "refused"}


@dataclass(frozen=True)
class Twin:
    """A record that may be the same person."""

    row: PossibleDuplicate
    name: str
    number: str


@dataclass(frozen=True)
class Reason:
    """A reason of the closed list: the verifier's language first, then the other one."""

    code: str
    sentence: str
    other: str


@dataclass(frozen=True)
class Happened:
    """One event of the case, newest first."""

    at: datetime
    who: str
    name: str


@dataclass(frozen=True)
class Lock:
    """Who holds the case, until when; `is_ending` within its last two minutes."""

    name: str | None
    until: datetime | None
    is_mine: bool
    is_ending: bool


@dataclass(frozen=True)
class CasePage:
    """What the template needs."""

    case: Enrolment
    name: str
    course: str
    tags: Sequence[Tag]
    lines: Sequence[Line]
    differences: int
    asked_at: datetime | None
    outcome: str
    place: int
    open_count: int
    is_late: bool
    late_since: datetime
    lock: Lock
    is_own: bool
    is_open: bool
    twins: Sequence[Twin]
    phone_owners: int
    against: Sequence[str]
    against_codes: frozenset[str]
    history: Sequence[Happened]
    full_number: str | None
    return_reasons: Sequence[Reason]
    refuse_reasons: Sequence[Reason]
    messages: Mapping[str, str]


def page_of(session: Session, case: Enrolment, scope: Scope) -> CasePage:
    """Read everything about a case that the page shows."""
    pack, own_id = current_app.extensions["pack"], clerk().account.id
    answer = answer_in(case.evidence)
    lines = compared(case, answer, clock.today())
    late_before = queue.overdue_before(pack.calendar, clock.now())
    against = queue.reasons_against(session, case, pack, clock.today())
    takes = allowed(case.status)
    return CasePage(
        case=case,
        name=masked_name(case.name_typed),
        course=course_title(case),
        tags=tags_of(case),
        lines=lines,
        differences=count_of_differences(lines),
        asked_at=answer.asked_at if answer else None,
        outcome=answer.outcome if answer else "unreachable",
        place=queue.place_of(session, scope, case),
        open_count=queue.pile(session, scope, late_before).cases,
        is_late=case.received_at < late_before,
        late_since=case.received_at,
        lock=_lock(session, case, own_id),
        is_own=case.created_by == own_id,
        is_open=Action.TAKE in takes and queue.is_in_queue(case),
        twins=_twins(session, case.person_id),
        phone_owners=phone_owners(session, case.person_id),
        against=[reason_sentence(reason) for reason in against],
        against_codes=frozenset(reason.code for reason in against),
        history=_history(session, case),
        full_number=_full_number(session, case),
        return_reasons=_closed_list(RETURN_REASON, lambda code: word(RETURN_REASON, code)),
        refuse_reasons=_closed_list(REFUSE_REASONS, code_sentence),
        messages=_messages(case),
    )


def _lock(session: Session, case: Enrolment, own_id: str) -> Lock:
    holder, until = holder_of(case), case.locked_until
    if holder is None or until is None:
        return Lock(None, None, is_mine=False, is_ending=False)
    ending = until - clock.real_now() <= WARN_BEFORE
    name = names_of(session, [holder]).get(holder, "")
    return Lock(name, until, is_mine=holder == own_id, is_ending=ending)


def _twins(session: Session, person_id: str) -> list[Twin]:
    twins = []
    for row in operations.duplicates_of(session, person_id):
        other = session.get_one(Person, row.person_b if row.person_a == person_id else row.person_a)
        twins.append(Twin(row, masked_name(other.name), masked(other.number or "")))
    return twins


def _history(session: Session, case: Enrolment) -> list[Happened]:
    events = audit.history(session, SubjectKind.ENROLMENT, case.id)
    names = staff_in(session, events)
    return [Happened(event.at, who(event, names), event.name) for event in reversed(events)]


def _full_number(session: Session, case: Enrolment) -> str | None:
    """The number in clear, for a minute after this verifier gave a reason for seeing it."""
    return (case.person.number or case.number) if shows_number(session, case.person_id) else None


def _closed_list(codes: Sequence[str] | Mapping[str, object], sentence: Callable[[str], str]) -> list[Reason]:
    other = LOCALES["zh" if language() == "en" else "en"]
    with force_locale(other):
        there = {code: sentence(code) for code in codes}
    return [Reason(code, sentence(code), there[code]) for code in codes]


def _messages(case: Enrolment) -> dict[str, str]:
    """The text message of each decision, in the applicant's language."""
    values = {
        "reference": case.reference,
        "course": case.class_run.course.title,
        "starts_on": case.class_run.starts_on.isoformat(),
        "place": case.place,
    }
    return {decision: text_of(code, case.person.language, values) for decision, code in MESSAGES.items()}
