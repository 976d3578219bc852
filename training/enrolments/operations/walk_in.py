"""Getting into a class at the counter: the card is seen, a second person looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from training import outbox
from training.audit import Actor
from training.courses import seats
from training.courses.models import ClassRun
from training.enrolments import rules
from training.enrolments.lifecycle import HOLDS_SEAT, EnrolmentStatus
from training.enrolments.models import Channel, Enrolment
from training.enrolments.operations.absence import (
    drawn_at_counter,
    must_have_room_today,
    tell_of_counter,
)
from training.enrolments.operations.place import (
    Choice,
    class_with_course,
    judge,
    new_enrolment,
    sent_before,
    settle,
    while_seats_move,
)
from training.enrolments.queries import standing_of, typed_index
from training.enrolments.rules import Assessment, Candidate
from training.entitlements.queries import entitlements_of, history_of
from training.errors import NotAllowedNow, NotEligible
from training.numbers import Number
from training.outbox import Errand
from training.people import operations as people
from training.people.operations import Known, Record
from training.people.queries import person_with_number
from training.policy.pack import Pack
from training.policy.queries import notice_for
from training.ports import RegistryAnswer
from training.staff.queries import phone_belongs_to_staff


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

    @property
    def numbers(self) -> list[str]:
        """Every number and card that is known to name this person."""
        found = self.answer.person
        known = [found.number, *(card.number for card in found.cards)] if found else []
        return [self.number.value, *known]


def enrol_at_counter(counter: Counter, actor: Actor, pack: Pack, today: date) -> Enrolment:
    """Enrol a walk-in whose card the counsellor has seen: `verifying` or `waiting`, a second person looks.

    Raises NotEligible with reason codes, `staff_phone`, `record_frozen` and `day_limit` among them.
    """
    return while_seats_move(lambda session: _enrol_at_counter(session, counter, actor, pack, today))


def assess_at_counter(
    session: Session, counter: Counter, class_run: ClassRun, pack: Pack, today: date
) -> Assessment:
    """What the counter shows for one class before anything is written. Reads only."""
    registered = counter.answer.person
    person = person_with_number(session, registered.number) if registered else None
    notice = notice_for(pack, class_run.district, class_run.starts_on)
    past = history_of(entitlements_of(session, person.id), pack) if person else ()
    standing = standing_of(session, person.id, class_run) if person else []
    self_pay = counter.choice.self_pay
    return rules.assess(_walk_in(counter), class_run, past, standing, notice, today, self_pay=self_pay)


def _walk_in(counter: Counter, record: Record | None = None) -> Candidate:
    return Candidate(
        name=counter.typed_name or _name_on_card(counter),
        is_card=counter.number.is_card,
        number=counter.number.value,
        answer=counter.answer,
        declared=counter.choice.declared,
        phone_owners=record.phone_owners if record else 0,
        has_possible_duplicate=bool(record and record.others),
        by_hand=counter.answer.outcome == "not_found",
        born_on=counter.born_on,
        is_frozen=bool(record and record.person.frozen_at),
    )


def _name_on_card(counter: Counter) -> str:
    """The name on the card in the counsellor's hand, as the register has it printed; else the register's own."""
    found = counter.answer.person
    if found is None:
        return ""
    card = found.card(counter.number.value) if counter.number.is_card else found.card_in_use()
    return (card.name if card else None) or found.name


def _enrol_at_counter(session: Session, counter: Counter, actor: Actor, pack: Pack, today: date) -> Enrolment:
    class_run = class_with_course(session, counter.class_id)
    notice = notice_for(pack, class_run.district, class_run.starts_on)
    record = counter_record(session, counter)
    standing = [] if record.is_new else standing_of(session, record.person.id, class_run)
    if again := sent_before(session, actor.id, counter.choice):
        return _same_walk_in(again, counter)
    must_have_room_today(session, actor, pack)
    _refuse_staff_phone(session, counter.answer)
    candidate = _walk_in(counter, record)
    assessment = judge(
        session, candidate, class_run, record, standing, notice, pack, today, counter.choice.self_pay
    )
    assessment = drawn_at_counter(assessment, record.person.number or counter.number.value, pack)
    enrolment = new_enrolment(
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
    settle(session, enrolment, class_run, record, notice, EnrolmentStatus.VERIFYING, actor, today)
    tell_of_counter(session, enrolment, actor, pack)
    if counter.answer.outcome == "unreachable":
        outbox.put(session, Errand.ASK_REGISTRY, {"enrolment": enrolment.id})
    session.flush()
    if enrolment.status in HOLDS_SEAT:
        seats.take_seat(session, class_run.id)
    return enrolment


def _same_walk_in(again: Enrolment, counter: Counter) -> Enrolment:
    """What this form made before. Raises NotAllowedNow when it now names another person or class."""
    if again.number not in counter.numbers or again.class_id != counter.class_id:
        raise NotAllowedNow("changed")
    return again


def counter_record(session: Session, counter: Counter) -> Record:
    """The record of a walk-in: from the register's answer, or by the number alone when it gave none."""
    if counter.answer.person is not None:
        return people.person_for(session, counter.answer.person, counter.number, counter.language)
    is_card, number = counter.number.is_card, counter.number.value
    known = Known(
        counter.typed_name or "", counter.born_on, None if is_card else number, (number,) if is_card else ()
    )
    is_final = counter.answer.outcome == "not_found"
    return people.known_by_hand(session, known, counter.language, is_final=is_final)


def _refuse_staff_phone(session: Session, answer: RegistryAnswer) -> None:
    """A phone that belongs to staff is not a client's (b4): codes would go to the desk."""
    if (
        answer.person is not None
        and answer.person.phone
        and phone_belongs_to_staff(session, answer.person.phone)
    ):
        raise NotEligible("staff_phone")
