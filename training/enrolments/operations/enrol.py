"""Getting into a class: by phone, without a code, at the counter.

One transaction each: look, judge, reserve the entitlement, write; the seat is taken last, by one conditional
update. A double click meets a unique value, runs again, and finds the first one's receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from training import audit, clock, keys, outbox
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.courses import seats
from training.courses.models import ClassRun
from training.database import new_id, transaction
from training.enrolments import rules
from training.enrolments.lifecycle import HOLDS_SEAT, EnrolmentStatus
from training.enrolments.models import Channel, Enrolment, Flag
from training.enrolments.queries import standing_of, typed_index
from training.enrolments.rules import Assessment, Candidate, Standing
from training.entitlements import operations as entitlements
from training.entitlements.models import Family
from training.entitlements.queries import entitlements_of, history_of
from training.errors import BadInput, NotAllowedNow, NotEligible, NotThere
from training.numbers import Number
from training.outbox import Errand
from training.people import operations as people
from training.people.messages import tell
from training.people.models import Draft, Group, Person, Purpose
from training.people.operations import Record
from training.policy.calendar import Calendar
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import notice_for
from training.ports import RegistryAnswer
from training.references import new_reference
from training.staff.queries import phone_belongs_to_staff

T = TypeVar("T")
SEAT_TRIES = 6


@dataclass(frozen=True)
class Choice:
    """What the person said on the last page: the group (only where nothing proves one), and who pays."""

    idempotency_key: str
    declared: Group | None = None
    self_pay: bool = False


@dataclass(frozen=True)
class Counter:
    """What a counsellor sends: the number and the registry's answer, or the three lines typed by hand.

    `typed_name` is None where the register gave the name.
    """

    number: Number
    answer: RegistryAnswer
    class_id: str
    choice: Choice
    typed_name: str | None = None
    born_on: date | None = None
    language: str = "zh"


def enrol(draft: Draft, class_id: str, choice: Choice, pack: Pack, today: date) -> Enrolment:
    """Enrol the person whose code was right. Ends enrolled, verifying or waiting, and signs the person in.

    The same idempotency key leads to the same enrolment. Raises NotEligible with reason codes (with the
    `reference` for already_in_class), NotThere for an unknown class, BadInput when the code was not given.
    """
    return _while_seats_move(lambda session: _enrol(session, draft, class_id, choice, pack, today))


def submit_without_code(draft: Draft, class_id: str, key: str, pack: Pack, today: date) -> Enrolment:
    """Receive somebody who got no code. A seat is held some working days, within a share of the class; beyond it
    the person stands in line. One such enrolment of a number lives; sending it again gives the same one.

    Nothing here looks at whether the person is known (A02, I28). Raises NotEligible for a closed class.
    """
    return _while_seats_move(lambda session: _receive(session, draft, class_id, key, pack, today))


def enrol_at_counter(counter: Counter, actor: Actor, pack: Pack, today: date) -> Enrolment:
    """Enrol a walk-in whose card the counsellor has seen: `verifying` or `waiting`, a second person looks.

    Raises NotEligible with reason codes, `staff_phone` among them.
    """
    return _while_seats_move(lambda session: _enrol_at_counter(session, counter, actor, pack, today))


def assess_draft(
    session: Session, draft: Draft, class_run: ClassRun, choice: Choice, pack: Pack, today: date
) -> Assessment:
    """What step 2 shows before anything is written. Reads only."""
    answer = people.answer_in(draft.evidence)
    person = _person_with_number(session, answer.person.number) if answer and answer.person else None
    notice = notice_for(pack, class_run.district, class_run.starts_on)
    candidate = Candidate(
        draft.name or "", draft.number_kind == "card", draft.number or "", answer, choice.declared
    )
    past = history_of(entitlements_of(session, person.id), pack) if person else ()
    standing = standing_of(session, person.id, class_run) if person else []
    return rules.assess(candidate, class_run, past, standing, notice, today, self_pay=choice.self_pay)


def assess_at_counter(
    session: Session, counter: Counter, class_run: ClassRun, pack: Pack, today: date
) -> Assessment:
    """What the counter shows for one class before anything is written. Reads only."""
    registered = counter.answer.person
    person = _person_with_number(session, registered.number) if registered else None
    notice = notice_for(pack, class_run.district, class_run.starts_on)
    past = history_of(entitlements_of(session, person.id), pack) if person else ()
    standing = standing_of(session, person.id, class_run) if person else []
    self_pay = counter.choice.self_pay
    return rules.assess(_walk_in(counter), class_run, past, standing, notice, today, self_pay=self_pay)


def _while_seats_move(work: Callable[[Session], T]) -> T:
    for _ in range(SEAT_TRIES):
        try:
            return transaction(work)
        except seats.SeatsMoved:
            continue
    raise NotAllowedNow("class_full")


# By phone ---------------------------------------------------------------------------------------


def _enrol(
    session: Session, draft: Draft, class_id: str, choice: Choice, pack: Pack, today: date
) -> Enrolment:
    current = _draft(session, draft)
    class_run = class_with_course(session, class_id)
    answer = people.answer_in(current.evidence)
    if current.proved_at is None or answer is None or answer.person is None:
        raise BadInput("code", "none")
    number = people.number_of(current)
    record = people.person_for(session, answer.person, number, current.name or "", current.language)
    notice = notice_for(pack, class_run.district, class_run.starts_on)
    standing = [] if record.is_new else standing_of(session, record.person.id, class_run)
    if not record.is_new and (again := _sent_before(session, record.person.id, choice)):
        return again
    candidate = _candidate(current, answer, choice, record)
    assessment = _judge(session, candidate, class_run, record, standing, notice, pack, today, choice.self_pay)
    is_drawn = keys.draw("sample", answer.person.number) * 100 < notice.identity.sample_percent.value
    if is_drawn and not assessment.flags:
        assessment = replace(assessment, flags=(Flag.SAMPLE,))
    actor = Actor(ActorKind.PERSON, record.person.id)
    enrolment = _new(class_run, record.person, notice, current.name or "", number, choice, assessment)
    enrolment.channel, enrolment.actor = Channel.PHONE, record.person.id
    enrolment.evidence_id = current.evidence_id
    enrolment.facts = answer.to_json()
    consent = people.give_consent(session, record.person, "code", enrolment.id, is_new=record.is_new)
    record.entries.append(consent)
    status = rules.status_after(assessment, notice, is_drawn=is_drawn, at_counter=False)
    _settle(session, enrolment, class_run, record, notice, status, actor, today)
    people.open_session(session, record.person, current.session_hash, "code")
    session.flush()
    if enrolment.status in HOLDS_SEAT:
        seats.take_seat(session, class_id)
    return enrolment


def _draft(session: Session, draft: Draft) -> Draft:
    query = (
        select(Draft)
        .where(Draft.id == draft.id)
        .options(joinedload(Draft.evidence))
        .with_for_update(of=Draft)
    )
    found = session.scalars(query).first()
    if found is None or found.expires_at <= clock.real_now() or found.purpose is not Purpose.ENROL:
        raise BadInput("code", "expired")
    return found


def class_with_course(session: Session, class_id: str) -> ClassRun:
    """The class with its course and institution, in one statement. Raises NotThere."""
    found = session.scalars(select(ClassRun).where(ClassRun.id == class_id)).first()
    if found is None:
        raise NotThere
    return found


def _sent_before(session: Session, actor_id: str, choice: Choice) -> Enrolment | None:
    """What the same form made when it was sent before, also if it has been withdrawn since."""
    same = (Enrolment.actor == actor_id, Enrolment.idempotency_key == choice.idempotency_key)
    return session.scalars(select(Enrolment).where(*same)).first()


def _candidate(draft: Draft, answer: RegistryAnswer, choice: Choice, record: Record) -> Candidate:
    return Candidate(
        name=draft.name or "",
        is_card=draft.number_kind == "card",
        number=draft.number or "",
        answer=answer,
        declared=choice.declared,
        phone_owners=record.phone_owners,
        has_possible_duplicate=bool(record.others),
    )


def _judge(
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
    if assessment.asks_group and candidate.declared is None and not self_pay:
        codes.append("group_not_eligible")
    if codes:
        reference = next((row.reference for row in standing if row.class_id == class_run.id), None)
        raise NotEligible(*codes, reference=reference)
    return assessment


def _new(
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
        self_pay=choice.self_pay and bool(assessment and assessment.self_pay_helps),
        idempotency_key=choice.idempotency_key,
        received_at=at,
        changed_at=at,
        group=assessment.group if assessment else None,
        group_source=assessment.group_source if assessment else None,
        flags=" ".join(flag.value for flag in assessment.flags) if assessment else "",
    )
    enrolment.number = number.value
    return enrolment


def _settle(
    session: Session,
    enrolment: Enrolment,
    class_run: ClassRun,
    record: Record,
    notice: Notice,
    status: EnrolmentStatus,
    actor: Actor,
    today: date,
) -> None:
    """A seat if one is free, else the next place in line; hold the entitlement, write, tell."""
    if class_run.seats_left > 0 and class_run.waiting == 0:
        enrolment.status = status
        hold_entitlement(session, enrolment, class_run, notice, today)
    else:
        enrolment.status = EnrolmentStatus.WAITING
        enrolment.place = seats.join_line(session, class_run.id, counts=True)
    if status is EnrolmentStatus.ENROLLED:
        enrolment.verified_by = "system"
    session.add(enrolment)
    audit.record(session, actor, *record.entries, enrolled_entry(enrolment))
    tell_status(session, enrolment, class_run)


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


def tell_status(session: Session, enrolment: Enrolment, class_run: ClassRun) -> None:
    """The message that belongs to the status the enrolment has now."""
    tell(
        session,
        enrolment.person,
        enrolment.status.value,
        reference=enrolment.reference,
        course=class_run.course.title,
        starts_on=class_run.starts_on,
        place=enrolment.place,
    )


# Without a code -----------------------------------------------------------------------------------


def _receive(session: Session, draft: Draft, class_id: str, key: str, pack: Pack, today: date) -> Enrolment:
    current = _draft(session, draft)
    class_run = class_with_course(session, class_id)
    number = people.number_of(current)
    again = _received_before(session, number, class_id, key)
    if again is not None:
        current.reference = again.reference
        return again
    if reasons := rules.reasons_of_class(class_run, today):
        raise NotEligible(*reasons)
    notice = notice_for(pack, class_run.district, class_run.starts_on)
    person = people.new_person(session, current.name or "", None, None, current.language)
    enrolment = _new(class_run, person, notice, current.name or "", number, Choice(key), None)
    enrolment.channel, enrolment.actor, enrolment.without_code = (
        Channel.PHONE,
        typed_index(number.value),
        True,
    )
    enrolment.typed_index, enrolment.evidence_id = typed_index(number.value), current.evidence_id
    enrolment.flags = _flags_of_unseen(current)
    enrolment.status = EnrolmentStatus.RECEIVED
    enrolment.held_until = hold_end(pack.calendar, today, notice.identity.hold_working_days.value)
    share = rules.without_code_share(class_run.seats, notice.identity.without_code_percent.value)
    has_seat = class_run.seats_left > 0 and class_run.waiting == 0 and class_run.held_without_code < share
    if not has_seat:
        if not class_run.takes_waiting:
            raise NotEligible("class_full")
        enrolment.status, enrolment.held_until = EnrolmentStatus.WAITING, None
        enrolment.place = seats.join_line(session, class_id, counts=False)
    session.add(enrolment)
    actor = Actor(ActorKind.PERSON, person.id)
    created = Entry(EventName.PERSON_CREATED, SubjectKind.PERSON, person.id, is_first=True)
    audit.record(session, actor, created, enrolled_entry(enrolment))
    outbox.put(session, Errand.ASK_REGISTRY, {"enrolment": enrolment.id})
    current.reference = enrolment.reference
    session.flush()
    if has_seat:
        seats.hold_seat_without_code(session, class_id, share)
    return enrolment


def _received_before(session: Session, number: Number, class_id: str, key: str) -> Enrolment | None:
    """The live one of this number, or what the same form made. For another class it stands in the way; nobody
    learns whose it is."""
    index = typed_index(number.value)
    same = (Enrolment.actor == index, Enrolment.idempotency_key == key, Enrolment.class_id == class_id)
    unseen = (Enrolment.without_code, Enrolment.verified_by.is_(None))
    live = Enrolment.status.in_((EnrolmentStatus.RECEIVED, EnrolmentStatus.WAITING))
    waits = and_(Enrolment.typed_index == index, *unseen, live)
    found = session.scalars(select(Enrolment).where(or_(waits, and_(*same)))).first()
    if found is not None and found.class_id != class_id:
        raise NotEligible("already_received")
    return found


def _flags_of_unseen(draft: Draft) -> str:
    answer = people.answer_in(draft.evidence)
    candidate = Candidate(draft.name or "", draft.number_kind == "card", draft.number or "", answer)
    return " ".join(flag.value for flag in rules.flags_of_register(candidate))


def hold_end(calendar: Calendar, today: date, working_days: int) -> datetime:
    """The end, in Shanghai, of the last of `working_days` working days after `today`."""
    last = calendar.add_working_days(today, working_days)
    return datetime.combine(last + timedelta(days=1), time(), clock.SHANGHAI)


# At the counter -----------------------------------------------------------------------------------


def _walk_in(counter: Counter, record: Record | None = None) -> Candidate:
    registered = counter.answer.person
    return Candidate(
        name=counter.typed_name or (registered.name if registered else ""),
        is_card=counter.number.is_card,
        number=counter.number.value,
        answer=counter.answer,
        declared=counter.choice.declared,
        phone_owners=record.phone_owners if record else 0,
        has_possible_duplicate=bool(record and record.others),
        by_hand=counter.answer.outcome == "not_found",
        born_on=counter.born_on,
    )


def _enrol_at_counter(session: Session, counter: Counter, actor: Actor, pack: Pack, today: date) -> Enrolment:
    class_run = class_with_course(session, counter.class_id)
    notice = notice_for(pack, class_run.district, class_run.starts_on)
    record = counter_record(session, counter)
    standing = [] if record.is_new else standing_of(session, record.person.id, class_run)
    may_be_again = counter.answer.person is None or not record.is_new
    if may_be_again and (again := _sent_before(session, actor.id, counter.choice)):
        return again
    _refuse_staff_phone(session, counter.answer)
    candidate = _walk_in(counter, record)
    assessment = _judge(
        session, candidate, class_run, record, standing, notice, pack, today, counter.choice.self_pay
    )
    enrolment = _new(
        class_run, record.person, notice, candidate.name, counter.number, counter.choice, assessment
    )
    enrolment.channel, enrolment.actor, enrolment.created_by = Channel.COUNTER, actor.id, actor.id
    evidence = people.evidence_of(counter.answer, typed_index(counter.number.value))
    session.add(evidence)
    enrolment.evidence, enrolment.evidence_id = evidence, evidence.id
    enrolment.facts = counter.answer.to_json()
    consent = people.give_consent(
        session, record.person, "paper", enrolment.id, staff=actor, is_new=record.is_new
    )
    record.entries.append(consent)
    _settle(session, enrolment, class_run, record, notice, EnrolmentStatus.VERIFYING, actor, today)
    if counter.answer.outcome == "unreachable":
        outbox.put(session, Errand.ASK_REGISTRY, {"enrolment": enrolment.id})
    session.flush()
    if enrolment.status in HOLDS_SEAT:
        seats.take_seat(session, class_run.id)
    return enrolment


def counter_record(session: Session, counter: Counter) -> Record:
    """The record of a walk-in: from the register's answer, or by the number alone when it gave none."""
    if counter.answer.person is not None:
        return people.person_for(
            session, counter.answer.person, counter.number, counter.typed_name or "", counter.language
        )
    known = None if counter.number.is_card else _person_with_number(session, counter.number.value)
    if known is not None:
        return Record(known, False, (), 0, [])
    number = None if counter.number.is_card else counter.number.value
    person = people.new_person(session, counter.typed_name or "", number, counter.born_on, counter.language)
    entry = Entry(EventName.PERSON_CREATED, SubjectKind.PERSON, person.id, is_first=True)
    return Record(person, True, (), 0, [entry])


def _refuse_staff_phone(session: Session, answer: RegistryAnswer) -> None:
    """A phone that belongs to staff is not a client's (b4): codes would go to the desk."""
    if (
        answer.person is not None
        and answer.person.phone
        and phone_belongs_to_staff(session, answer.person.phone)
    ):
        raise NotEligible("staff_phone")


def _person_with_number(session: Session, number: str) -> Person | None:
    return session.scalars(
        select(Person).where(Person.number_index == Person.number.index_of(number))
    ).first()
