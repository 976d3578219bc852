"""What else a counsellor does: take over what was received without a code, print slips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.database import db, transaction
from training.enrolments.lifecycle import Action, EnrolmentStatus, next_status
from training.enrolments.models import Channel, Enrolment
from training.enrolments.operations.absence import deny_code, must_have_room_today, tell_of_counter
from training.enrolments.operations.belonging import settle_person
from training.enrolments.operations.own import slip_hash
from training.enrolments.operations.walk_in import Counter
from training.enrolments.queries import enrolment_by_key, locked, received_by_numbers, typed_index
from training.errors import NotThere
from training.people import operations as people
from training.policy.pack import Pack
from training.ports import Ports
from training.references import new_slip_code

WORKER_TIMEOUT_S = 15.0


def take_over(reference: str, counter: Counter, actor: Actor, pack: Pack) -> Enrolment:
    """The person of a received enrolment stands here with the card: same reference, `verifying`, the seat stays.
    The same form twice takes it over once.

    Raises NotThere when no enrolment without a code stands under this number.
    """

    def work(session: Session) -> Enrolment:
        enrolment = _received(session, reference, counter, actor)
        if (enrolment.actor, enrolment.idempotency_key) == (actor.id, counter.choice.idempotency_key):
            return enrolment
        audit.attempt(session, actor, Entry(EventName.TAKEN_OVER, SubjectKind.ENROLMENT, enrolment.id))
        was_received = enrolment.status is EnrolmentStatus.RECEIVED
        enrolment.status = next_status(enrolment.status, Action.TAKE_OVER)
        if counter.answer.outcome != "unreachable":
            evidence = people.evidence_of(counter.answer, typed_index(counter.number.value))
            session.add(evidence)
            enrolment.evidence, enrolment.evidence_id = evidence, evidence.id
        settle_person(session, enrolment, actor)
        people.must_not_be_frozen(enrolment.person)
        must_have_room_today(session, actor, pack)
        if was_received:
            seats.keep_held_seat(session, enrolment.class_id)
            enrolment.held_until = None
        _now_at_counter(enrolment, counter, actor)
        consent = people.give_consent(session, enrolment.person, "paper", enrolment.id, staff=actor)
        status, facts = enrolment.status.value, {"flags": enrolment.flags}
        taken = Entry(EventName.TAKEN_OVER, SubjectKind.ENROLMENT, enrolment.id, status, facts)
        audit.record(session, actor, taken, consent)
        tell_of_counter(session, enrolment, actor, pack)
        return enrolment

    return transaction(work)


def _received(session: Session, reference: str, counter: Counter, actor: Actor) -> Enrolment:
    """What waits under this number, locked; else what this very form has taken over already."""
    for found in received_by_numbers(session, counter.numbers):
        if found.reference == reference:
            seats.lock_class(session, found.class_id)
            return locked(session, found.id)
    if before := enrolment_by_key(session, actor.id, counter.choice.idempotency_key):
        return before
    raise NotThere


def _now_at_counter(enrolment: Enrolment, counter: Counter, actor: Actor) -> None:
    enrolment.created_by, enrolment.changed_at = actor.id, clock.now()
    enrolment.channel = Channel.COUNTER
    enrolment.actor, enrolment.idempotency_key = actor.id, counter.choice.idempotency_key
    enrolment.version += 1
    if counter.choice.declared is not None:
        enrolment.group = counter.choice.declared
    seen = [flag for flag in enrolment.flags.split() if flag != "registry_unreachable"]
    enrolment.flags = " ".join(seen if counter.answer.outcome != "unreachable" else enrolment.flags.split())


@dataclass(frozen=True)
class Slip:
    """What stands on a slip and nowhere else: the bare one-time code, and that of the link "this was not me"."""

    code: str
    deny: str


def print_slip(enrolment_id: str, actor: Actor, pack: Pack) -> Slip:
    """Fresh codes for an enrolment made here, the slip's good for as long as the pack says; the one before ends.

    Raises NotThere when somebody else made the enrolment.
    """
    return transaction(lambda session: _codes(session, _made_by(session, enrolment_id, actor), actor, pack))


def print_slip_once(enrolment_id: str, key: str, actor: Actor, pack: Pack) -> Slip | None:
    """The same by the form of this `key`: sent again it makes none, so that what was printed still opens."""

    def work(session: Session) -> Slip | None:
        enrolment = _made_by(session, enrolment_id, actor)
        if enrolment.slip_key == key:
            return None
        enrolment.slip_key = key
        return _codes(session, enrolment, actor, pack)

    return transaction(work)


def _made_by(session: Session, enrolment_id: str, actor: Actor) -> Enrolment:
    enrolment = locked(session, enrolment_id)
    if enrolment.created_by != actor.id:
        raise NotThere
    return enrolment


def _codes(session: Session, enrolment: Enrolment, actor: Actor, pack: Pack) -> Slip:
    code = new_slip_code()
    enrolment.slip_hash, enrolment.slip_used_at = slip_hash(code), None
    enrolment.slip_until = clock.now() + timedelta(days=pack.counter.slip_days)
    audit.record(session, actor, Entry(EventName.SLIP_PRINTED, SubjectKind.ENROLMENT, enrolment.id))
    return Slip(code, deny_code(session, enrolment, pack))


def ask_registry(enrolment_id: str, ports: Ports) -> bool:
    """The worker's errand: put the registry's answer beside a case; its status stays. False: not reachable yet."""
    enrolment = db.session().get(Enrolment, enrolment_id)
    if enrolment is None:
        return True
    number = people.typed_number(enrolment.number_kind, enrolment.number or "")
    answer = ports.social_card.look_up(number, timeout_s=WORKER_TIMEOUT_S)
    if answer.outcome == "unreachable":
        return False

    def work(session: Session) -> None:
        case = locked(session, enrolment_id)
        evidence = people.evidence_of(answer, typed_index(number.value))
        session.add(evidence)
        case.evidence, case.evidence_id = evidence, evidence.id
        facts = {"outcome": answer.outcome}
        actor = Actor.system("ask_registry")
        audit.record(
            session, actor, Entry(EventName.REGISTRY_ANSWERED, SubjectKind.ENROLMENT, case.id, facts=facts)
        )

    transaction(work)
    return True
