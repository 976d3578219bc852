"""What a verifier decides: pass, return, refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.database import transaction
from training.enrolments.lifecycle import HOLDS_SEAT, Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment
from training.enrolments.operations.belonging import (
    judge_again,
    reasons_against,
    rests_on_number_that_left,
    settle_person,
)
from training.enrolments.operations.cases import (
    held_by_another,
    is_held_by,
    own_case,
    take_step,
    unlock,
)
from training.enrolments.operations.duplicates import open_duplicates
from training.enrolments.operations.place import hold_end, hold_entitlement, tell_status
from training.enrolments.operations.seats import Freed, free_seat, give_seat
from training.enrolments.queries import case_in_district
from training.entitlements import operations as entitlements
from training.entitlements.models import Entitlement, EntitlementState
from training.errors import BadInput, NotAllowedNow, NotEligible
from training.people.models import ActKind
from training.people.operations import must_not_be_frozen
from training.people.operations.acts import end_acts
from training.policy.pack import Pack
from training.policy.queries import notice_numbered

FIELDS = ("name", "number", "group")


@dataclass(frozen=True)
class Decision:
    """What a verifier decides. `reasons` are refusal codes, `fields` what a returned person may change."""

    reasons: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    note: str = ""
    seen_version: int | None = None


def pass_identity(
    reference: str, district: str | None, actor: Actor, decision: Decision, pack: Pack, today: date
) -> Enrolment:
    """The identity is right: enrolled, or a proved place in line.

    Raises NotAllowedNow (another's lock, newer version, `possible_duplicate` that is open, `number_missing` where
    only a card is known, `number_left` where the number was taken out of this record), NotEligible with what was never judged before, FourEyes.
    """

    def work(session: Session) -> Enrolment:
        enrolment = _decided(session, reference, district, actor, decision, EventName.IDENTITY_PASSED)
        if not settle_person(session, enrolment, actor):
            left = rests_on_number_that_left(session, enrolment)
            raise NotAllowedNow("number_left") if left else NotEligible("already_in_class")
        must_not_be_frozen(enrolment.person)
        if enrolment.person.number_index is None:
            raise NotAllowedNow("number_missing")
        if open_duplicates(session, enrolment.person_id):
            raise NotAllowedNow("possible_duplicate")
        was_unproved = enrolment.without_code and enrolment.verified_by is None
        enrolment.status = next_status(enrolment.status, Action.PASS)
        enrolment.verified_by = actor.id
        _certify(session, enrolment, actor)
        _keep_entitlement(session, enrolment, pack, today)
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
        enrolment = _decided(session, reference, district, actor, decision, EventName.IDENTITY_RETURNED)
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
        enrolment = _decided(session, reference, district, actor, decision, EventName.IDENTITY_REFUSED)
        if not decision.reasons:
            raise BadInput("reasons", "empty")
        had_seat, waited = enrolment.status in HOLDS_SEAT, enrolment.status is EnrolmentStatus.WAITING
        enrolment.status = next_status(enrolment.status, Action.REFUSE)
        enrolment.place, enrolment.held_until = None, None
        end_acts(session, ActKind.OFFER, enrolment.id)
        entitlements.release(session, enrolment.id)
        _finish(session, enrolment, actor, decision, EventName.IDENTITY_REFUSED)
        tell_status(session, enrolment, enrolment.class_run)
        if had_seat:
            freed = Freed(EventName.IDENTITY_REFUSED, enrolment.id)
            free_seat(session, enrolment.class_id, actor, pack, freed)
        elif waited and not (enrolment.without_code and enrolment.verified_by is None):
            seats.leave_line(session, enrolment.class_id)
        return enrolment

    return transaction(work)


def _decided(
    session: Session,
    reference: str,
    district: str | None,
    actor: Actor,
    decision: Decision,
    name: EventName,
) -> Enrolment:
    """The case a decision is about: not another's, not changed since it was seen; one that nobody holds is taken."""
    enrolment = case_in_district(session, district, reference)
    audit.attempt(session, actor, Entry(name, SubjectKind.ENROLMENT, enrolment.id))
    enrolment = own_case(session, reference, district, actor)
    if decision.seen_version is not None and decision.seen_version != enrolment.version:
        raise NotAllowedNow("changed")
    if held_by_another(enrolment, actor):
        raise NotAllowedNow("locked")
    if not is_held_by(enrolment, actor):
        take_step(session, enrolment, actor)
    return enrolment


def _keep_entitlement(session: Session, enrolment: Enrolment, pack: Pack, today: date) -> None:
    """A case that passes with a seat holds its entitlement; one received without a code is judged only now."""
    held = (Entitlement.enrolment_id == enrolment.id, Entitlement.state == EntitlementState.HELD)
    has = session.scalar(select(Entitlement.id).where(*held)) is not None
    if enrolment.status is not EnrolmentStatus.ENROLLED or has or enrolment.self_pay:
        return
    assessment = judge_again(session, enrolment, pack, today)
    if codes := reasons_against(assessment):
        raise NotEligible(*codes)
    enrolment.group = enrolment.group or assessment.group
    enrolment.group_source = enrolment.group_source or assessment.group_source
    notice = notice_numbered(pack, enrolment.notice)
    hold_entitlement(session, enrolment, enrolment.class_run, notice, today)


def _now_counts_in_line(session: Session, enrolment: Enrolment, actor: Actor, pack: Pack) -> None:
    """Seen at last: newcomers now wait behind; with a free seat and nobody before, the seat is theirs."""
    seats.count_in_line(session, enrolment.class_id)
    session.flush()
    class_run = seats.lock_class(session, enrolment.class_id)
    if class_run.seats_left > 0 and class_run.waiting == 1 and give_seat(session, enrolment, actor, pack):
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
    unlock(enrolment)
    facts = {"reasons": enrolment.reasons, "fields": enrolment.returned_fields}
    personal, key = ({"note": decision.note}, enrolment.own_key()) if decision.note else (None, None)
    entry = Entry(name, SubjectKind.ENROLMENT, enrolment.id, enrolment.status.value, facts, personal, key)
    audit.record(session, actor, entry)
