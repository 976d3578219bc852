"""The person at the counter, as far as the desk may see: masked, with what the register proves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from training import clock
from training.courses.models import ClassRun
from training.courses.queries import Listed, class_run, listed_class
from training.courses.search import Filters, course_list
from training.enrolments import operations
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import Counter
from training.enrolments.queries import live_of_numbers, received_by_numbers
from training.enrolments.rules import Candidate, facts_of
from training.entitlements.models import Entitlement, EntitlementState
from training.entitlements.queries import entitlements_of, history_of
from training.numbers import Number, masked, masked_name, masked_phone
from training.people.models import Group, Letter
from training.people.models import Person as Record
from training.people.piles import undelivered
from training.people.queries import person_with_number, phone_in_use
from training.policy.queries import notice_for, wanted
from training.policy.rules import Finding, Reason, findings, refusals
from training.ports import GroupEvidence, RegisteredCard, RegisteredPerson, RegistryAnswer
from training.staff.queries import phone_belongs_to_staff

SHOWN_CLASSES = 8


@dataclass(frozen=True)
class Person:
    """What step 1 shows. `reasons` do not depend on the class; where there are any, nothing is declared."""

    number: Number
    shown_number: str
    answer: RegistryAnswer
    name: str
    age: int | None
    card: RegisteredCard | None
    phone: str
    proofs: Sequence[GroupEvidence]
    reasons: Sequence[Reason]
    findings: Sequence[Finding]
    used_this_year: Sequence[Entitlement]
    live: Sequence[Enrolment]
    received: Sequence[Enrolment]
    letters: Sequence[Letter] = ()

    @property
    def outcome(self) -> str:
        return self.answer.outcome

    @property
    def first_group(self) -> str:
        """The group that stands chosen: the one the register proves."""
        return self.proofs[0].group if self.proofs else ""


@dataclass(frozen=True)
class Offer:
    """A class of the search, judged for this person."""

    row: Listed
    reasons: Sequence[Reason]

    @property
    def is_full(self) -> bool:
        return bool(self.row.seats_left == 0 or self.row.waiting > 0)


def person_of(session: Session, number: Number, answer: RegistryAnswer, district: str) -> Person:
    """Everything about the number that was looked up. Reads only."""
    found, today = answer.person, clock.today()
    cards = [card.number for card in found.cards] if found else []
    numbers = [number.value, *([found.number] if found else []), *cards]
    received = received_by_numbers(session, numbers)
    live = live_of_numbers(session, found.number if found else None, cards)
    record = person_with_number(session, found.number if found else number.value)
    records = {case.person_id for case in (*live, *received)} | ({record.id} if record else set())
    phone = _phone_of(session, record, found)
    had = entitlements_of(session, record.id) if record else ()
    card = (found.card(number.value) if number.is_card else found.card_in_use()) if found else None
    judged = _findings(number, answer, had, district, today)
    return Person(
        number=number,
        shown_number=masked(number.value),
        answer=answer,
        name=masked_name(found.name) if found else "",
        age=age_on(found.birth_on, today) if found else None,
        card=card,
        phone=masked_phone(phone) if phone else "",
        proofs=[proof for proof in found.groups if proof.covers(today)] if found else (),
        reasons=[*_general(judged), *_staff_phone(session, phone), *_frozen(record)],
        findings=judged,
        used_this_year=[row for row in had if row.year == today.year and row.state is EntitlementState.USED],
        live=[row for row in live if row.status is not EnrolmentStatus.RECEIVED and row not in received],
        received=received,
        letters=undelivered(session, records),
    )


def offers(session: Session, text: str, counter: Counter) -> tuple[Sequence[Offer], int]:
    """The first classes that the words find, each judged for this person, and how many there are.

    The class that was chosen before stays among them.
    """
    pack, today = current_app.extensions["pack"], clock.today()
    found = course_list(session, pack, Filters(text=text[:60], by_match=True), today)
    rows = found.rows[:SHOWN_CLASSES]
    if counter.class_id not in {"", *(row.id for row in rows)}:
        rows = [*listed_class(session, counter.class_id, today), *rows][:SHOWN_CLASSES]
    judged = []
    for row in rows:
        run: ClassRun = class_run(session, row.id)
        assessment = operations.assess_at_counter(session, counter, run, pack, today)
        judged.append(Offer(row, [reason for reason in assessment.reasons if reason.met == "no"]))
    return judged, found.total


def _findings(number: Number, answer: RegistryAnswer, had: Any, district: str, today: date) -> list[Finding]:
    if answer.person is None:
        return []
    pack = current_app.extensions["pack"]
    known = Candidate(answer.person.name, number.is_card, number.value, answer)
    notice = notice_for(pack, district, today)
    return findings(facts_of(known, today), wanted(pack, "undecided"), history_of(had, pack), notice, today)


def _general(judged: Sequence[Finding]) -> list[Reason]:
    """What speaks against any class. A group without proof can still be declared."""
    return [reason for reason in refusals(list(judged), "tuition") if reason.code != "group_not_eligible"]


def _phone_of(session: Session, record: Record | None, found: RegisteredPerson | None) -> str | None:
    """The phone in use: one registered at a counter goes before the register's."""
    own = phone_in_use(session, record.id) if record else None
    return own.number if own else found.phone if found else None


def _frozen(record: Record | None) -> list[Reason]:
    return [Reason("record_frozen", "no")] if record and record.frozen_at else []


def _staff_phone(session: Session, phone: str | None) -> list[Reason]:
    return [Reason("staff_phone", "no")] if phone and phone_belongs_to_staff(session, phone) else []


def age_on(born: date | None, on: date) -> int | None:
    """Full years on that day; None where the date of birth is not known."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) if born else None


def sex_of(number: str) -> str | None:
    """As the 17th digit of an 18-digit number says: odd for men."""
    return ("female", "male")[int(number[16]) % 2] if len(number) == 18 and number[16].isdigit() else None


def declared_of(group: str, person: Person) -> Group | None:
    """A group that is only said: none where the register proves it."""
    proven = {proof.group for proof in person.proofs}
    return Group(group) if group in set(Group) and group not in proven else None
