"""Steps that every way into a class shares: look, judge, reserve, write.

The seat is taken last, by one conditional update. A double click meets a unique value, runs again, and finds the
first one's receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.courses.models import ClassRun
from training.database import new_id, transaction
from training.enrolments import rules
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.rules import Assessment, Candidate, Standing
from training.entitlements import operations as entitlements
from training.entitlements.models import Family
from training.entitlements.queries import entitlements_of, history_of
from training.errors import BadInput, NotAllowedNow, NotEligible, NotThere
from training.numbers import Number
from training.people.messages import tell
from training.people.models import Draft, Group, Person, Purpose
from training.people.operations import Record
from training.policy.calendar import Calendar
from training.policy.models import Notice
from training.policy.pack import Pack
from training.references import new_reference

T = TypeVar("T")
SEAT_TRIES = 6


@dataclass(frozen=True)
class Choice:
    """What the person said on the last page: the group (only where nothing proves one), and who pays."""

    idempotency_key: str
    declared: Group | None = None
    self_pay: bool = False


def while_seats_move(work: Callable[[Session], T]) -> T:
    for _ in range(SEAT_TRIES):
        try:
            return transaction(work)
        except seats.SeatsMoved:
            continue
    raise NotAllowedNow("class_full")


# Made once: to put a statement together costs as much as to send it.
_CLASS = select(ClassRun).where(ClassRun.id == bindparam("wanted"))
_DRAFT = (
    select(Draft)
    .where(Draft.id == bindparam("wanted"))
    .options(joinedload(Draft.evidence))
    .with_for_update(of=Draft)
)


def draft_in_force(session: Session, draft: Draft) -> Draft:
    """The draft, locked. Raises BadInput when its half hour is over."""
    found = session.scalars(_DRAFT, {"wanted": draft.id}).first()
    if found is None or found.expires_at <= clock.real_now() or found.purpose is not Purpose.ENROL:
        raise BadInput("code", "expired")
    return found


def class_with_course(session: Session, class_id: str) -> ClassRun:
    """The class with its course and institution, in one statement. Raises NotThere."""
    found = session.scalars(_CLASS, {"wanted": class_id}).first()
    if found is None:
        raise NotThere
    return found


def sent_before(session: Session, actor_id: str, choice: Choice) -> Enrolment | None:
    """What the same form made when it was sent before, also if it has been withdrawn since."""
    same = (Enrolment.actor == actor_id, Enrolment.idempotency_key == choice.idempotency_key)
    return session.scalars(select(Enrolment).where(*same)).first()


def judge(
    session: Session,
    candidate: Candidate,
    class_run: ClassRun,
    record: Record,
    standing: Sequence[Standing],
    notice: Notice,
    pack: Pack,
    today: date,
    self_pay: bool,
) -> Assessment:
    """Raises NotEligible when anything refuses."""
    past = () if record.is_new else history_of(entitlements_of(session, record.person.id), pack)
    assessment = rules.assess(candidate, class_run, past, standing, notice, today, self_pay=self_pay)
    codes = list(assessment.refusal_codes)
    if assessment.asks_group and candidate.declared is None and not assessment.pays_self:
        codes.append("group_not_eligible")
    if codes:
        reference = next((row.reference for row in standing if row.class_id == class_run.id), None)
        raise NotEligible(*codes, reference=reference)
    return assessment


def new_enrolment(
    class_run: ClassRun,
    person: Person,
    notice: Notice,
    name: str,
    number: Number,
    choice: Choice,
    assessment: Assessment | None,
) -> Enrolment:
    at = clock.now()
    enrolment = Enrolment(
        id=new_id(),
        reference=new_reference("CQ", clock.on_date(at)),
        person=person,
        person_id=person.id,
        class_run=class_run,
        class_id=class_run.id,
        district=class_run.district,
        notice=notice.number,
        name_typed=name,
        number_kind=number.kind,
        self_pay=bool(assessment and assessment.pays_self),
        idempotency_key=choice.idempotency_key,
        received_at=at,
        changed_at=at,
        group=assessment.group if assessment else None,
        group_source=assessment.group_source if assessment else None,
        flags=" ".join(flag.value for flag in assessment.flags) if assessment else "",
    )
    enrolment.number = number.value
    return enrolment


def settle(
    session: Session,
    enrolment: Enrolment,
    class_run: ClassRun,
    record: Record,
    notice: Notice,
    status: EnrolmentStatus,
    actor: Actor,
    today: date,
    *,
    has_seat: bool = False,
) -> None:
    """A seat if one is free or already theirs, else the next place in line; write, tell, hold the entitlement."""
    has_seat = has_seat or (class_run.seats_left > 0 and class_run.waiting == 0)
    enrolment.status = status if has_seat else EnrolmentStatus.WAITING
    if not has_seat:
        enrolment.place = seats.join_line(session, class_run.id, counts=True)
    if status is EnrolmentStatus.ENROLLED:
        enrolment.verified_by = "system"
    session.add(enrolment)
    tell_status(session, enrolment, class_run)
    if has_seat:
        hold_entitlement(session, enrolment, class_run, notice, today)
    audit.record(session, actor, *record.entries, enrolled_entry(enrolment))


def hold_entitlement(
    session: Session, enrolment: Enrolment, class_run: ClassRun, notice: Notice, today: date
) -> None:
    """Reserve the tuition subsidy, unless the person pays."""
    if enrolment.self_pay:
        return
    course = class_run.course
    entitlements.hold(
        session,
        person_id=enrolment.person_id,
        family=Family.TUITION,
        occupation=course.occupation,
        level=course.level.value,
        enrolment_id=enrolment.id,
        district=class_run.district,
        on=today,
        notice=notice,
    )


def enrolled_entry(enrolment: Enrolment, name: EventName = EventName.ENROLLED) -> Entry:
    """The event that opens an enrolment's chain."""
    facts: dict[str, Any] = {
        "channel": enrolment.channel.value,
        "class": enrolment.class_id,
        "notice": enrolment.notice,
        "flags": enrolment.flags,
        "group": enrolment.group.value if enrolment.group else None,
        "self_pay": enrolment.self_pay,
        "place": enrolment.place,
    }
    personal = {"name_typed": enrolment.name_typed}
    status = enrolment.status.value
    key = enrolment.own_key()
    return Entry(name, SubjectKind.ENROLMENT, enrolment.id, status, facts, personal, key, is_first=True)


def tell_status(
    session: Session, enrolment: Enrolment, class_run: ClassRun, message: str | None = None, **more: Any
) -> None:
    """The message that belongs to the status the enrolment has now, or another; the course is named in the
    person's language."""
    course, is_english = class_run.course, enrolment.person.language == "en"
    tell(
        session,
        enrolment.person,
        message or enrolment.status.value,
        reference=enrolment.reference,
        course=(is_english and course.title_en) or course.title,
        starts_on=class_run.starts_on,
        place=enrolment.place,
        **more,
    )


def hold_end(calendar: Calendar, today: date, working_days: int) -> datetime:
    """The end, in Shanghai, of the last of `working_days` working days after `today`."""
    last = calendar.add_working_days(today, working_days)
    return clock.midnight(last + timedelta(days=1))
