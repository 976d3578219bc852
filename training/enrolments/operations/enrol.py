"""Getting into a class by phone, with the code proved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from training import keys
from training.audit import Actor, ActorKind
from training.courses import seats
from training.courses.models import ClassRun
from training.enrolments import rules
from training.enrolments.lifecycle import HOLDS_SEAT
from training.enrolments.models import Channel, Enrolment, Flag
from training.enrolments.operations.place import (
    Choice,
    class_with_course,
    draft_in_force,
    judge,
    new_enrolment,
    sent_before,
    settle,
    while_seats_move,
)
from training.enrolments.operations.receive import take_the_place_of_received
from training.enrolments.queries import standing_of
from training.enrolments.rules import Assessment, Candidate
from training.entitlements.queries import entitlements_of, history_of
from training.errors import BadInput
from training.people import operations as people
from training.people.models import Draft
from training.people.operations import Record
from training.people.queries import person_with_number
from training.policy.pack import Pack
from training.policy.queries import notice_for
from training.ports import RegistryAnswer


def enrol(draft: Draft, class_id: str, choice: Choice, pack: Pack, today: date) -> Enrolment:
    """Enrol the person whose code was right. Ends enrolled, verifying or waiting, and signs the person in.

    The same idempotency key leads to the same enrolment. Raises NotEligible with reason codes (with the
    `reference` for already_in_class), NotThere for an unknown class, BadInput when the code was not given.
    """
    return while_seats_move(lambda session: _enrol(session, draft, class_id, choice, pack, today))


def assess_draft(
    session: Session, draft: Draft, class_run: ClassRun, choice: Choice, pack: Pack, today: date
) -> Assessment:
    """What step 2 shows before anything is written. Reads only."""
    answer = people.answer_in(draft.evidence)
    person = person_with_number(session, answer.person.number) if answer and answer.person else None
    notice = notice_for(pack, class_run.district, class_run.starts_on)
    candidate = Candidate(
        draft.name or "",
        draft.number_kind == "card",
        draft.number or "",
        answer,
        choice.declared,
        is_frozen=bool(person and person.frozen_at),
    )
    past = history_of(entitlements_of(session, person.id), pack) if person else ()
    standing = standing_of(session, person.id, class_run) if person else []
    return rules.assess(candidate, class_run, past, standing, notice, today, self_pay=choice.self_pay)


def _enrol(
    session: Session, draft: Draft, class_id: str, choice: Choice, pack: Pack, today: date
) -> Enrolment:
    current = draft_in_force(session, draft)
    class_run = class_with_course(session, class_id)
    answer = people.answer_in(current.evidence)
    if current.proved_at is None or answer is None or answer.person is None:
        raise BadInput("code", "none")
    number = people.number_of(current)
    record = people.person_for(session, answer.person, number, current.language)
    notice = notice_for(pack, class_run.district, class_run.starts_on)
    standing = [] if record.is_new else standing_of(session, record.person.id, class_run)
    if not record.is_new and (again := sent_before(session, record.person.id, choice)):
        return again
    candidate = _candidate(current, answer, choice, record)
    assessment = judge(session, candidate, class_run, record, standing, notice, pack, today, choice.self_pay)
    is_drawn = keys.draw("sample", answer.person.number) * 100 < notice.identity.sample_percent.value
    if is_drawn and not assessment.flags:
        assessment = replace(assessment, flags=(Flag.SAMPLE,))
    actor = Actor(ActorKind.PERSON, record.person.id)
    may_be_received = class_run.held_without_code > 0 or class_run.last_place > 0
    has_seat = may_be_received and take_the_place_of_received(session, answer.person, number, class_id, actor)
    enrolment = new_enrolment(
        class_run, record.person, notice, current.name or "", number, choice, assessment
    )
    enrolment.channel, enrolment.actor = Channel.PHONE, record.person.id
    enrolment.evidence_id = current.evidence_id
    enrolment.facts = answer.to_json()
    consent = people.give_consent(session, record.person, "code", enrolment.id, is_new=record.is_new)
    record.entries.append(consent)
    status = rules.status_after(assessment, notice, is_drawn=is_drawn, at_counter=False)
    settle(session, enrolment, class_run, record, notice, status, actor, today, has_seat=has_seat)
    people.open_session(session, record.person, current.session_hash, "code", current.proved_at)
    session.flush()
    if enrolment.status in HOLDS_SEAT and not has_seat:
        seats.take_seat(session, class_id)
    return enrolment


def _candidate(draft: Draft, answer: RegistryAnswer, choice: Choice, record: Record) -> Candidate:
    return Candidate(
        name=draft.name or "",
        is_card=draft.number_kind == "card",
        number=draft.number or "",
        answer=answer,
        declared=choice.declared,
        phone_owners=record.phone_owners,
        has_possible_duplicate=bool(record.others),
        is_frozen=record.person.frozen_at is not None,
    )
