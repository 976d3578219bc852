"""What a person does with an enrolment of one's own: withdraw, correct, join the slip to the phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from training import audit, clock, keys, limits, outbox
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.courses import seats
from training.database import transaction
from training.enrolments import rules
from training.enrolments.lifecycle import HOLDS_SEAT, Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment, GroupSource
from training.enrolments.operations.place import tell_status
from training.enrolments.operations.seats import Freed, free_seat
from training.enrolments.queries import enrolment_of, locked
from training.enrolments.rules import Candidate
from training.entitlements import operations as entitlements
from training.errors import BadInput, NotAllowedNow
from training.limits import Limit
from training.numbers import Number
from training.outbox import Errand
from training.people import operations as people
from training.people.models import ActKind, Card, Group, Person, VisitorSession
from training.people.operations.acts import end_acts
from training.people.queries import numbers_that_left
from training.policy.pack import Pack
from training.references import parse_slip_code

CHANGED_BY_PERSON = frozenset({"name_differs", "not_found", "employed", "group_unproven"})


@dataclass(frozen=True)
class Correction:
    """The new values of the fields that were returned; None: not among them."""

    name: str | None = None
    number: Number | None = None
    group: Group | None = None


def withdraw(
    person_id: str, reference: str, actor: Actor, pack: Pack, today: date, reason: str = ""
) -> Enrolment:
    """Leave a class before it starts: seat and entitlement go back, and the first in line is asked.

    Raises NotThere for another's, NotAllowedNow when the class has begun or the enrolment is over.
    """

    def work(session: Session) -> Enrolment:
        enrolment = _own(session, person_id, reference)
        audit.attempt(session, actor, Entry(EventName.WITHDRAWN, SubjectKind.ENROLMENT, enrolment.id))
        if enrolment.class_run.starts_on <= today:
            raise NotAllowedNow("class_started")
        had_seat, waited = enrolment.status in HOLDS_SEAT, enrolment.status is EnrolmentStatus.WAITING
        was_received = enrolment.status is EnrolmentStatus.RECEIVED
        was_offered = enrolment.status is EnrolmentStatus.OFFERED
        unproved = enrolment.without_code and enrolment.verified_by is None
        enrolment.status = next_status(enrolment.status, Action.WITHDRAW)
        enrolment.place, enrolment.note, enrolment.held_until = None, reason.strip()[:500], None
        end_acts(session, ActKind.OFFER, enrolment.id)
        _write(session, enrolment, actor, EventName.WITHDRAWN)
        entitlements.release(session, enrolment.id)
        tell_status(session, enrolment, enrolment.class_run)
        if was_received:
            seats.keep_held_seat(session, enrolment.class_id)
        if had_seat:
            freed = Freed(EventName.WITHDRAWN, enrolment.id, again=was_offered)
            free_seat(session, enrolment.class_id, actor, pack, freed)
        elif waited and not unproved:
            seats.leave_line(session, enrolment.class_id)
        return enrolment

    return transaction(work)


def correct(person_id: str, reference: str, actor: Actor, correction: Correction) -> Enrolment:
    """Correct what a verifier returned, only the fields named; it goes back to `verifying`.

    Raises NotAllowedNow when nothing is returned, BadInput for a field that is missing.
    """

    def work(session: Session) -> Enrolment:
        enrolment = _own(session, person_id, reference)
        audit.attempt(session, actor, Entry(EventName.CORRECTED, SubjectKind.ENROLMENT, enrolment.id))
        enrolment.status = next_status(enrolment.status, Action.CORRECT)
        before = enrolment.name_typed
        _change(session, enrolment, correction)
        enrolment.returned_fields, enrolment.answer_by = "", None
        enrolment.flags = _flags_after(enrolment)
        _write(
            session,
            enrolment,
            actor,
            EventName.CORRECTED,
            {"name_before": before, "name_typed": enrolment.name_typed},
        )
        return enrolment

    return transaction(work)


def correct_at_counter(enrolment_id: str, actor: Actor, correction: Correction) -> Enrolment:
    """The same for a person without a phone, by a counsellor with the card in hand."""

    def work(session: Session) -> Enrolment:
        found = session.get_one(Enrolment, enrolment_id)
        return _correct_for(session, found, actor, correction)

    return transaction(work)


def _correct_for(session: Session, found: Enrolment, actor: Actor, correction: Correction) -> Enrolment:
    enrolment = _own(session, found.person_id, found.reference)
    enrolment.status = next_status(enrolment.status, Action.CORRECT)
    _change(session, enrolment, correction)
    enrolment.returned_fields, enrolment.answer_by = "", None
    enrolment.flags = _flags_after(enrolment)
    _write(session, enrolment, actor, EventName.CORRECTED, {"name_typed": enrolment.name_typed})
    return enrolment


def sign_in_with_slip(
    number: Number, code: str, fresh_hash: str, network: str, limit: Limit
) -> VisitorSession:
    """Join a counter record to this phone, once: slip code and number together. A wrong number does not use it up.

    Raises BadInput on `code` for anything that does not fit, in the same words; TooMany.
    """

    def work(session: Session) -> VisitorSession | None:
        limits.check(session, [(limit, network)])
        bare = parse_slip_code(code)
        enrolment = _by_slip(session, bare) if bare else None
        if enrolment is None or not _is_theirs(session, enrolment, number):
            return None
        enrolment.slip_used_at = clock.now()
        actor = Actor(ActorKind.PERSON, enrolment.person_id)
        facts = {"how": "slip", "reference": enrolment.reference}
        audit.record(
            session, actor, Entry(EventName.SIGNED_IN, SubjectKind.PERSON, enrolment.person_id, facts=facts)
        )
        people.open_session(session, enrolment.person, fresh_hash, "slip")
        return people.session_row(session, fresh_hash)

    row = transaction(work)
    if row is None:
        raise BadInput("code", "wrong_slip")
    return row


def slip_hash(bare_code: str) -> str:
    """What a row keeps of a slip code."""
    return keys.secret_hash("slip", bare_code)


def _by_slip(session: Session, bare_code: str) -> Enrolment | None:
    unused = (Enrolment.slip_hash == slip_hash(bare_code), Enrolment.slip_used_at.is_(None))
    in_time = or_(Enrolment.slip_until.is_(None), Enrolment.slip_until > clock.now())
    return session.scalars(select(Enrolment).where(*unused, in_time).with_for_update(of=Enrolment)).first()


def _is_theirs(session: Session, enrolment: Enrolment, number: Number) -> bool:
    """The person's number; what was typed only where it is a card, or where nobody knows a number yet, and never where
    two people agreed that a number was not theirs (A01)."""
    person = enrolment.person
    if number.value == person.number:
        return True
    speaks = number.is_card or person.number is None
    if speaks and number.value == enrolment.number and not numbers_that_left(session, person):
        return True
    card = (Card.person_id == enrolment.person_id, Card.number_index == Card.number.index_of(number.value))
    return number.is_card and session.scalar(select(Card.id).where(*card)) is not None


def _own(session: Session, person_id: str, reference: str) -> Enrolment:
    found = enrolment_of(session, person_id, reference)
    seats.lock_class(session, found.class_id)
    return locked(session, found.id)


def _change(session: Session, enrolment: Enrolment, correction: Correction) -> None:
    for field in enrolment.returned_fields.split():
        value = getattr(correction, field, None)
        if value is None:
            raise BadInput(field, "empty")
    if correction.name is not None and "name" in enrolment.returned_fields:
        enrolment.name_typed = correction.name
    if correction.number is not None and "number" in enrolment.returned_fields:
        enrolment.number, enrolment.number_kind = correction.number.value, correction.number.kind
        enrolment.evidence, enrolment.evidence_id = None, None
        outbox.put(session, Errand.ASK_REGISTRY, {"enrolment": enrolment.id})
    if correction.group is not None and "group" in enrolment.returned_fields:
        enrolment.group, enrolment.group_source = correction.group, GroupSource.DECLARED


def _flags_after(enrolment: Enrolment) -> str:
    """What the correction settled is gone, what it raised is there; what others found stays."""
    answer = people.answer_in(enrolment.evidence)
    candidate = Candidate(
        enrolment.name_typed, enrolment.number_kind == "card", enrolment.number or "", answer, enrolment.group
    )
    again = rules.flags_of(candidate, enrolment.group, enrolment.group_source, enrolment.self_pay)
    kept = [flag for flag in enrolment.flags.split() if flag not in CHANGED_BY_PERSON]
    return " ".join(dict.fromkeys([*kept, *(flag.value for flag in again)]))


def _write(
    session: Session,
    enrolment: Enrolment,
    actor: Actor,
    name: EventName,
    personal: dict[str, str] | None = None,
) -> None:
    enrolment.changed_at = clock.now()
    enrolment.version += 1
    facts = {"flags": enrolment.flags, "class": enrolment.class_id}
    key = enrolment.own_key() if personal else None
    entry = Entry(name, SubjectKind.ENROLMENT, enrolment.id, enrolment.status.value, facts, personal, key)
    audit.record(session, actor, entry)


def person_of(session: Session, person_id: str) -> Person:
    """The record of a signed-in person."""
    return session.get_one(Person, person_id)
