"""Cases in the verifiers' queue: take, renew, put back, look at the full number. Nobody takes what they enrolled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, AuditEvent, Entry, EventName, Outcome, SubjectKind
from training.courses import seats
from training.courses.models import ClassRun, Course
from training.database import transaction
from training.enrolments import rules
from training.enrolments.lifecycle import FINAL, Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment
from training.enrolments.operations.belonging import settle_person
from training.enrolments.queries import case_in_district, locked, verify_queue
from training.enrolments.rules import Candidate
from training.enrolments.shares import IDENTITY, shares_above
from training.errors import BadInput, FourEyes, NotAllowedNow
from training.people import operations as people
from training.people.models import LookPurpose, LookReason
from training.people.operations import Look
from training.policy.service import Sharing
from training.staff.models import StaffAccount
from training.staff.queries import Scope
from training.staff.rules import Share, Turn, Waiting, next_in_turn, reasons_not_to_take

LOCK = timedelta(minutes=15)
NOT_AGAIN = (EventName.CORRECTED, EventName.IDENTITY_REFUSED, EventName.ENROLMENT_REOPENED)


@dataclass(frozen=True)
class Taken:
    """A case taken as the next; `instead_of` is why it was not the oldest."""

    case: Enrolment
    instead_of: Share | None


def take_next(district: str | None, actor: Actor, terms: Sharing, *, skip: str | None = None) -> Taken | None:
    """Take the case that waits longest and that this verifier may decide. None: the queue is empty.

    `skip` is the reference of a case to pass over this once. Of a school most of whose cases this verifier decided
    lately, somebody else's turn comes first. Raises NotAllowedNow(holds_enough).
    """

    def work(session: Session) -> Taken | None:
        _lock_holder(session, actor)
        free = _free_cases(district, actor, skip)
        turn = _turn(session, free, district, actor, terms)
        if turn is None:
            return None
        named = free.where(Enrolment.id == turn.case).with_for_update(of=Enrolment, skip_locked=True)
        enrolment, instead_of = session.scalars(named).first(), turn.instead_of
        if enrolment is None:  # somebody took it in this moment
            oldest = free.limit(1).with_for_update(of=Enrolment, skip_locked=True)
            enrolment, instead_of = session.scalars(oldest).first(), None
        if enrolment is None:
            return None
        _must_have_room(session, enrolment, actor, terms.held_at_most)
        return Taken(take_step(session, enrolment, actor), instead_of)

    return transaction(work)


def take(reference: str, district: str | None, actor: Actor, *, at_most: int | None = None) -> Enrolment:
    """Take one case for 15 minutes; `at_most`: how many one person holds. Raises NotAllowedNow when another holds it
    or with `holds_enough`, FourEyes for one's own."""

    def work(session: Session) -> Enrolment:
        _lock_holder(session, actor)
        enrolment = own_case(session, reference, district, actor)
        _must_have_room(session, enrolment, actor, at_most)
        return take_step(session, enrolment, actor)

    return transaction(work)


def _free_cases(district: str | None, actor: Actor, skip: str | None) -> Select[Enrolment]:
    """What this verifier may be given, the longest waiting first: nobody else's, and nothing they had a hand in."""
    free = or_(
        Enrolment.locked_until.is_(None),
        Enrolment.locked_until <= clock.real_now(),
        Enrolment.locked_by == actor.id,
    )
    own = or_(Enrolment.created_by.is_(None), Enrolment.created_by != actor.id)
    others = Enrolment.id.not_in(_had_a_hand(actor))
    return verify_queue(district).where(free, own, others, Enrolment.reference != (skip or ""))


def _turn(
    session: Session, free: Select[Enrolment], district: str | None, actor: Actor, terms: Sharing
) -> Turn | None:
    """Whose case is next, among the oldest."""
    theirs = and_(Enrolment.locked_by == actor.id, Enrolment.locked_until > clock.real_now())
    oldest = (
        free.with_only_columns(Enrolment.id, Course.institution_id, func.coalesce(theirs, False))
        .select_from(Enrolment)
        .join(ClassRun, ClassRun.id == Enrolment.class_id)
        .join(Course, Course.id == ClassRun.course_id)
        .limit(terms.among_oldest)
    )
    waiting = [Waiting(*row) for row in session.execute(oldest)]
    scope = Scope(district, is_municipal=district is None)
    return next_in_turn(waiting, shares_above(session, actor.id, IDENTITY, scope, terms))


def _lock_holder(session: Session, actor: Actor) -> None:
    """Two tabs of one person take one after the other, so that both count what is held."""
    own = select(StaffAccount.id).where(StaffAccount.id == actor.id)
    session.execute(own.with_for_update(key_share=True))


def _must_have_room(session: Session, enrolment: Enrolment, actor: Actor, at_most: int | None) -> None:
    if at_most is None or is_held_by(enrolment, actor):
        return
    held = (Enrolment.locked_by == actor.id, Enrolment.locked_until > clock.real_now())
    count = verify_queue(enrolment.district).where(*held).with_only_columns(func.count(Enrolment.id))
    reasons = reasons_not_to_take(session.scalar(count.order_by(None)) or 0, at_most)
    if reasons:
        raise NotAllowedNow(*reasons)


def renew(reference: str, district: str | None, actor: Actor) -> Enrolment:
    """Keep a case for 15 more minutes. Raises NotAllowedNow when it is not one's own any more."""

    def work(session: Session) -> Enrolment:
        enrolment = own_case(session, reference, district, actor)
        must_hold(enrolment, actor)
        enrolment.locked_until = clock.real_now() + LOCK
        _record(session, enrolment, actor, EventName.CASE_RENEWED)
        return enrolment

    return transaction(work)


def put_back(reference: str, district: str | None, actor: Actor) -> Enrolment:
    """Give a case back to the queue."""

    def work(session: Session) -> Enrolment:
        enrolment = own_case(session, reference, district, actor)
        must_hold(enrolment, actor)
        unlock(enrolment)
        _record(session, enrolment, actor, EventName.CASE_PUT_BACK)
        return enrolment

    return transaction(work)


def save_draft_decision(reference: str, district: str | None, actor: Actor, draft: dict[str, object]) -> None:
    """Keep what a verifier has filled in, so that a lock that runs out loses nothing."""

    def work(session: Session) -> None:
        enrolment = own_case(session, reference, district, actor)
        must_hold(enrolment, actor)
        enrolment.draft_decision = draft

    transaction(work)


def show_full_number(reference: str, district: str | None, actor: Actor, reason: str) -> str:
    """The full number of a case; the look is recorded with its reason: a code of LookReason, or in words.

    Raises BadInput without a reason.
    """
    said = reason.strip()
    if len(said) < 2 or said == LookReason.OTHER:
        raise BadInput("reason", "empty")
    code, note = (said, "") if said in set(LookReason) else (LookReason.OTHER.value, said)

    def work(session: Session) -> str:
        enrolment = own_case(session, reference, district, actor, any_maker=True)
        look = Look("verify", LookPurpose.IDENTITY_CHECK, code, note, True, enrolment.reference)
        people.look_step(session, [enrolment.person_id], actor, look)
        return enrolment.person.number or enrolment.number or ""

    return transaction(work)


def own_case(
    session: Session, reference: str, district: str | None, actor: Actor, *, any_maker: bool = False
) -> Enrolment:
    """The case, locked and within the district. Raises NotThere, FourEyes for one's own."""
    found = case_in_district(session, district, reference)
    seats.lock_class(session, found.class_id)
    enrolment = locked(session, found.id)
    again = enrolment.status not in FINAL and _has_a_hand_in(session, enrolment, actor)
    if not any_maker and (enrolment.created_by == actor.id or again):
        raise FourEyes("own_enrolment")
    return enrolment


def _has_a_hand_in(session: Session, enrolment: Enrolment, actor: Actor) -> bool:
    here = _had_a_hand(actor).where(AuditEvent.subject == enrolment.id)
    return session.scalar(here.limit(1)) is not None


def _had_a_hand(actor: Actor) -> Select[str]:
    """The cases in which this verifier is not the next: who changed one at the counter has made it too, and after an
    appeal neither who refused it nor who let it back looks at it.
    """
    done = (AuditEvent.outcome == Outcome.DONE, AuditEvent.actor_id == actor.id)
    named = (AuditEvent.kind == SubjectKind.ENROLMENT, AuditEvent.name.in_(NOT_AGAIN))
    return select(AuditEvent.subject).where(*named, *done)


def take_step(session: Session, enrolment: Enrolment, actor: Actor) -> Enrolment:
    if held_by_another(enrolment, actor):
        raise NotAllowedNow("locked")
    was_received = enrolment.status is EnrolmentStatus.RECEIVED
    enrolment.status = next_status(enrolment.status, Action.TAKE)
    enrolment.flags = _flags_now(enrolment)
    settle_person(session, enrolment, actor)
    if was_received:
        seats.keep_held_seat(session, enrolment.class_id)
        enrolment.held_until = None
    enrolment.locked_by, enrolment.locked_until = actor.id, clock.real_now() + LOCK
    if was_received:
        enrolment.version += 1
    _record(session, enrolment, actor, EventName.CASE_TAKEN)
    return enrolment


def _flags_now(enrolment: Enrolment) -> str:
    """A register that was silent and has answered since: what it says takes the place of its silence."""
    flags, answer = enrolment.flags.split(), people.answer_in(enrolment.evidence)
    if "registry_unreachable" not in flags or answer is None or answer.outcome == "unreachable":
        return enrolment.flags
    is_card, number = enrolment.number_kind == "card", enrolment.number or ""
    seen = rules.flags_of_register(Candidate(enrolment.name_typed, is_card, number, answer))
    kept = [flag for flag in flags if flag != "registry_unreachable"]
    return " ".join(dict.fromkeys([*kept, *(flag.value for flag in seen)]))


def _record(session: Session, enrolment: Enrolment, actor: Actor, name: EventName) -> None:
    audit.record(session, actor, Entry(name, SubjectKind.ENROLMENT, enrolment.id, enrolment.status.value))


def unlock(enrolment: Enrolment) -> None:
    enrolment.locked_by = enrolment.locked_until = None
    enrolment.draft_decision = None


def is_held_by(enrolment: Enrolment, actor: Actor) -> bool:
    until = enrolment.locked_until
    return enrolment.locked_by == actor.id and until is not None and until > clock.real_now()


def held_by_another(enrolment: Enrolment, actor: Actor) -> bool:
    until = enrolment.locked_until
    return enrolment.locked_by not in (None, actor.id) and until is not None and until > clock.real_now()


def must_hold(enrolment: Enrolment, actor: Actor) -> None:
    if not is_held_by(enrolment, actor):
        raise NotAllowedNow("locked" if held_by_another(enrolment, actor) else "not_held")
