"""The verifier's desk: take, renew, put back, decide. Nobody verifies what they enrolled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.database import transaction
from training.enrolments.lifecycle import HOLDS_SEAT, LIVE, Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment
from training.enrolments.operations.enrol import hold_end, hold_entitlement, tell_status
from training.enrolments.operations.seats import free_seat, give_seat
from training.enrolments.queries import case_in_district, verify_queue
from training.entitlements import operations as entitlements
from training.entitlements.models import Entitlement, EntitlementState
from training.errors import BadInput, FourEyes, NotAllowedNow, NotThere
from training.people import operations as people
from training.people.models import DuplicateAnswer, PossibleDuplicate
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import notice_numbered

LOCK = timedelta(minutes=15)
FIELDS = ("name", "number", "group")
DUPLICATE_OPEN = (DuplicateAnswer.OPEN, DuplicateAnswer.ASK, DuplicateAnswer.SAME)


@dataclass(frozen=True)
class Decision:
    """What a verifier decides. `reasons` are refusal codes, `fields` what a returned person may change."""

    reasons: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    note: str = ""
    seen_version: int | None = None


def take_next(district: str | None, actor: Actor, *, skip: str | None = None) -> Enrolment | None:
    """Take the case that waits longest and that this verifier may decide. None: the queue is empty.

    `skip` is the reference of a case to pass over this once.
    """

    def work(session: Session) -> Enrolment | None:
        at = clock.real_now()
        free = or_(
            Enrolment.locked_until.is_(None), Enrolment.locked_until <= at, Enrolment.locked_by == actor.id
        )
        own = or_(Enrolment.created_by.is_(None), Enrolment.created_by != actor.id)
        query = verify_queue(session, district).where(free, own, Enrolment.reference != (skip or "")).limit(1)
        enrolment = session.scalars(query.with_for_update(of=Enrolment, skip_locked=True)).first()
        if enrolment is not None:
            _take(session, enrolment, actor)
        return enrolment

    return transaction(work)


def take(reference: str, district: str | None, actor: Actor) -> Enrolment:
    """Take one case for 15 minutes. Raises NotAllowedNow when another holds it, FourEyes for one's own."""
    return transaction(lambda session: _take(session, _case(session, reference, district, actor), actor))


def renew(reference: str, district: str | None, actor: Actor) -> Enrolment:
    """Keep a case for 15 more minutes. Raises NotAllowedNow when it is not one's own any more."""

    def work(session: Session) -> Enrolment:
        enrolment = _case(session, reference, district, actor)
        _must_hold(enrolment, actor)
        enrolment.locked_until = clock.real_now() + LOCK
        _record(session, enrolment, actor, EventName.CASE_RENEWED)
        return enrolment

    return transaction(work)


def put_back(reference: str, district: str | None, actor: Actor) -> Enrolment:
    """Give a case back to the queue."""

    def work(session: Session) -> Enrolment:
        enrolment = _case(session, reference, district, actor)
        _must_hold(enrolment, actor)
        _unlock(enrolment)
        _record(session, enrolment, actor, EventName.CASE_PUT_BACK)
        return enrolment

    return transaction(work)


def pass_identity(
    reference: str, district: str | None, actor: Actor, decision: Decision, pack: Pack, today: date
) -> Enrolment:
    """The identity is right: enrolled, or a proved place in line.

    Raises NotAllowedNow (another's lock, newer version, open duplicate: `possible_duplicate`), FourEyes.
    """

    def work(session: Session) -> Enrolment:
        enrolment = _decided(session, reference, district, actor, decision, EventName.IDENTITY_PASSED, pack)
        if open_duplicates(session, enrolment.person_id):
            raise NotAllowedNow("possible_duplicate")
        was_unproved = enrolment.without_code and enrolment.verified_by is None
        enrolment.status = next_status(enrolment.status, Action.PASS)
        enrolment.verified_by = actor.id
        _certify(session, enrolment, actor)
        _keep_entitlement(session, enrolment, notice_numbered(pack, enrolment.notice), today)
        _finish(session, enrolment, actor, decision, EventName.IDENTITY_PASSED)
        if enrolment.status is EnrolmentStatus.WAITING and was_unproved:
            _now_counts_in_line(session, enrolment, actor, pack)
        tell_status(session, enrolment, enrolment.class_run)
        return enrolment

    return transaction(work)


def return_for_correction(
    reference: str, district: str | None, actor: Actor, decision: Decision, pack: Pack, today: date
) -> Enrolment:
    """Ask the person to correct the fields named; only those open. The seat stays theirs meanwhile."""

    def work(session: Session) -> Enrolment:
        enrolment = _decided(session, reference, district, actor, decision, EventName.IDENTITY_RETURNED, pack)
        notice = notice_numbered(pack, enrolment.notice)
        enrolment.status = next_status(enrolment.status, Action.RETURN)
        enrolment.returned_fields = " ".join(_fields(decision, enrolment))
        days = notice.identity.correction_working_days.value
        enrolment.answer_by = hold_end(pack.calendar, today, days)
        _finish(session, enrolment, actor, decision, EventName.IDENTITY_RETURNED)
        tell_status(session, enrolment, enrolment.class_run)
        return enrolment

    return transaction(work)


def refuse_identity(
    reference: str, district: str | None, actor: Actor, decision: Decision, pack: Pack
) -> Enrolment:
    """Refuse, with reasons from the closed list; seat and entitlement go back. Raises BadInput without a reason."""

    def work(session: Session) -> Enrolment:
        enrolment = _decided(session, reference, district, actor, decision, EventName.IDENTITY_REFUSED, pack)
        if not decision.reasons:
            raise BadInput("reasons", "empty")
        had_seat, waited = enrolment.status in HOLDS_SEAT, enrolment.status is EnrolmentStatus.WAITING
        enrolment.status = next_status(enrolment.status, Action.REFUSE)
        enrolment.place = None
        entitlements.release(session, enrolment.id)
        _finish(session, enrolment, actor, decision, EventName.IDENTITY_REFUSED)
        tell_status(session, enrolment, enrolment.class_run)
        if had_seat:
            free_seat(session, enrolment.class_id, actor, pack)
        elif waited and not (enrolment.without_code and enrolment.verified_by is None):
            seats.leave_line(session, enrolment.class_id)
        return enrolment

    return transaction(work)


def answer_duplicate(
    duplicate_id: str, answer: DuplicateAnswer, reference: str, district: str | None, actor: Actor
) -> None:
    """Answer one possible duplicate of a case: same (held for the duplicates desk), different, or ask."""

    def work(session: Session) -> None:
        enrolment = _case(session, reference, district, actor)
        row = session.get(PossibleDuplicate, duplicate_id, with_for_update=True)
        if row is None or enrolment.person_id not in (row.person_a, row.person_b):
            raise NotThere
        _must_hold(enrolment, actor)
        row.answer, row.answered_by, row.answered_at = answer, actor.id, clock.now()
        facts = {"answer": answer.value, "evidence": row.evidence}
        entries = [
            Entry(EventName.DUPLICATE_ANSWERED, SubjectKind.PERSON, one, facts=facts)
            for one in (row.person_a, row.person_b)
        ]
        audit.record(session, actor, *entries)

    transaction(work)


def open_duplicates(session: Session, person_id: str) -> Sequence[PossibleDuplicate]:
    """What still stands between a case and "pass": not answered, to be asked, or the same person."""
    either = or_(PossibleDuplicate.person_a == person_id, PossibleDuplicate.person_b == person_id)
    return session.scalars(
        select(PossibleDuplicate).where(either, PossibleDuplicate.answer.in_(DUPLICATE_OPEN))
    ).all()


def duplicates_of(session: Session, person_id: str) -> Sequence[PossibleDuplicate]:
    """Every possible duplicate of a person, answered or not."""
    either = or_(PossibleDuplicate.person_a == person_id, PossibleDuplicate.person_b == person_id)
    return session.scalars(
        select(PossibleDuplicate).where(either).order_by(PossibleDuplicate.raised_at)
    ).all()


def show_full_number(reference: str, district: str | None, actor: Actor, reason: str) -> str:
    """The full number of a case; the look is recorded with its reason. Raises BadInput without a reason."""
    if len(reason.strip()) < 2:
        raise BadInput("reason", "empty")

    def work(session: Session) -> str:
        enrolment = _case(session, reference, district, actor, any_maker=True)
        facts = {"reason": reason.strip()[:200], "reference": enrolment.reference}
        audit.record(
            session,
            actor,
            Entry(EventName.FULL_NUMBER_SEEN, SubjectKind.PERSON, enrolment.person_id, facts=facts),
        )
        return enrolment.person.number or enrolment.number or ""

    return transaction(work)


def _case(
    session: Session, reference: str, district: str | None, actor: Actor, *, any_maker: bool = False
) -> Enrolment:
    """The case, locked and within the district. Raises NotThere, FourEyes for one's own."""
    found = case_in_district(session, district, reference)
    enrolment = session.get(Enrolment, found.id, with_for_update={"of": Enrolment})
    assert enrolment is not None
    if enrolment.created_by == actor.id and not any_maker:
        raise FourEyes("own_enrolment")
    return enrolment


def _take(session: Session, enrolment: Enrolment, actor: Actor) -> Enrolment:
    if _held_by_another(enrolment, actor):
        raise NotAllowedNow("locked")
    was_received = enrolment.status is EnrolmentStatus.RECEIVED
    enrolment.status = next_status(enrolment.status, Action.TAKE)
    if was_received:
        settle_person(session, enrolment, actor)
        seats.keep_held_seat(session, enrolment.class_id)
        enrolment.held_until = None
    enrolment.locked_by, enrolment.locked_until = actor.id, clock.real_now() + LOCK
    if was_received:
        enrolment.version += 1
    _record(session, enrolment, actor, EventName.CASE_TAKEN)
    return enrolment


def settle_person(session: Session, enrolment: Enrolment, actor: Actor) -> None:
    """A step: what was typed without a code now belongs to the person of that number, when the register knows one.

    Where that person is already alive in this class, the case keeps its provisional record: refuse it.
    """
    answer = people.answer_in(enrolment.evidence)
    provisional = enrolment.person
    if answer is None or answer.person is None or provisional.number_index is not None:
        return
    number = people.typed_number(enrolment.number_kind, enrolment.number or "")
    record = people.person_for(session, answer.person, number, enrolment.name_typed, provisional.language)
    if record.entries:
        audit.record(session, actor, *record.entries)
    if not record.is_new and _is_in_class(session, record.person.id, enrolment.class_id):
        return
    typed, facts = enrolment.number, enrolment.facts
    enrolment.person, enrolment.person_id = record.person, record.person.id
    enrolment.number, enrolment.facts = typed, facts or answer.to_json()
    session.flush()
    provisional.merged_into = record.person.id
    if record.others and "possible_duplicate" not in enrolment.flags:
        enrolment.flags = f"{enrolment.flags} possible_duplicate".strip()


def _is_in_class(session: Session, person_id: str, class_id: str) -> bool:
    here = (Enrolment.person_id == person_id, Enrolment.class_id == class_id, Enrolment.status.in_(LIVE))
    return session.scalar(select(Enrolment.id).where(*here).limit(1)) is not None


def _decided(
    session: Session,
    reference: str,
    district: str | None,
    actor: Actor,
    decision: Decision,
    name: EventName,
    pack: Pack,
) -> Enrolment:
    """The case a decision is about: not another's, not changed since it was seen; one that nobody holds is taken."""
    enrolment = case_in_district(session, district, reference)
    audit.attempt(session, actor, Entry(name, SubjectKind.ENROLMENT, enrolment.id))
    enrolment = _case(session, reference, district, actor)
    if decision.seen_version is not None and decision.seen_version != enrolment.version:
        raise NotAllowedNow("changed")
    if _held_by_another(enrolment, actor):
        raise NotAllowedNow("locked")
    if not _is_held_by(enrolment, actor):
        _take(session, enrolment, actor)
    return enrolment


def _keep_entitlement(session: Session, enrolment: Enrolment, notice: Notice, today: date) -> None:
    """A case that passes with a seat holds its entitlement; one received without a code takes it only now."""
    held = (Entitlement.enrolment_id == enrolment.id, Entitlement.state == EntitlementState.HELD)
    has = session.scalar(select(Entitlement.id).where(*held)) is not None
    if enrolment.status is EnrolmentStatus.ENROLLED and not has:
        hold_entitlement(session, enrolment, enrolment.class_run, notice, today)


def _now_counts_in_line(session: Session, enrolment: Enrolment, actor: Actor, pack: Pack) -> None:
    """Seen at last: newcomers now wait behind; if seats are free, this one is first."""
    seats.count_in_line(session, enrolment.class_id)
    session.flush()
    class_run = seats.lock_class(session, enrolment.class_id)
    if class_run.seats_left > 0 and give_seat(session, enrolment, actor, pack):
        seats.take_free_seat(session, enrolment.class_id)


def _certify(session: Session, enrolment: Enrolment, actor: Actor) -> None:
    person = enrolment.person
    person.certified_at, person.certified_by = clock.now(), actor.id
    facts = {"reference": enrolment.reference}
    audit.record(
        session, actor, Entry(EventName.IDENTITY_CERTIFIED, SubjectKind.PERSON, person.id, facts=facts)
    )


def _fields(decision: Decision, enrolment: Enrolment) -> Sequence[str]:
    """The fields named, or those the flags point at."""
    named = [field for field in decision.fields if field in FIELDS]
    pointed = {"name_differs": "name", "not_found": "number", "group_unproven": "group", "employed": "group"}
    guessed = list(dict.fromkeys(pointed[flag] for flag in enrolment.flags.split() if flag in pointed))
    return named or guessed or ["name"]


def _finish(
    session: Session, enrolment: Enrolment, actor: Actor, decision: Decision, name: EventName
) -> None:
    enrolment.reasons, enrolment.note = list(decision.reasons), decision.note
    enrolment.changed_at = clock.now()
    enrolment.version += 1
    _unlock(enrolment)
    facts = {"reasons": enrolment.reasons, "fields": enrolment.returned_fields}
    personal, key = ({"note": decision.note}, enrolment.own_key()) if decision.note else (None, None)
    entry = Entry(name, SubjectKind.ENROLMENT, enrolment.id, enrolment.status.value, facts, personal, key)
    audit.record(session, actor, entry)


def _record(session: Session, enrolment: Enrolment, actor: Actor, name: EventName) -> None:
    audit.record(session, actor, Entry(name, SubjectKind.ENROLMENT, enrolment.id, enrolment.status.value))


def _unlock(enrolment: Enrolment) -> None:
    enrolment.locked_by = enrolment.locked_until = None
    enrolment.draft_decision = None


def _is_held_by(enrolment: Enrolment, actor: Actor) -> bool:
    until = enrolment.locked_until
    return enrolment.locked_by == actor.id and until is not None and until > clock.real_now()


def _held_by_another(enrolment: Enrolment, actor: Actor) -> bool:
    until = enrolment.locked_until
    return enrolment.locked_by not in (None, actor.id) and until is not None and until > clock.real_now()


def _must_hold(enrolment: Enrolment, actor: Actor) -> None:
    if not _is_held_by(enrolment, actor):
        raise NotAllowedNow("locked" if _held_by_another(enrolment, actor) else "not_held")


def save_draft_decision(reference: str, district: str | None, actor: Actor, draft: dict[str, object]) -> None:
    """Keep what a verifier has filled in, so that a lock that runs out loses nothing."""

    def work(session: Session) -> None:
        enrolment = _case(session, reference, district, actor)
        _must_hold(enrolment, actor)
        enrolment.draft_decision = draft

    transaction(work)
