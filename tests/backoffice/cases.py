"""Enrolments that wait for a verifier, made through the operations; requests see nothing of their context."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.make import PACK, make_class
from tests.training.enrolments.people import enrolled, limits, proved, registered, typed
from training import clock
from training.audit import Actor, ActorKind, AuditEvent
from training.database import db, new_id, transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, Counter, enrol, enrol_at_counter, submit_without_code
from training.numbers import recognise
from training.people import operations as people
from training.people.models import Person, Phone, PhoneSource
from training.policy.queries import load_pack
from training.ports import RegisteredPerson
from training.staff.models import StaffAccount

UNLIKE = "周小蛮"


class World:
    """A class, and people who enrol in it. Each call has an application context of its own."""

    def __init__(self, office: Flask, registries: Any, clock: Any, **a_class: Any) -> None:
        self.office, self.registries, self.clock = office, registries, clock
        with office.app_context():
            self.class_id = make_class(**a_class).id

    def by_phone(self, typed_name: str = UNLIKE, **person: Any) -> Enrolment:
        """Somebody whose name was typed differently from the register: verifying, name_differs."""
        with self.office.app_context():
            who = self.know(registered(**person))
            draft = proved(self.registries, who, self.class_id, name=typed_name)
            choice = Choice(draft.idempotency_key)
            return enrol(draft, self.class_id, choice, load_pack(PACK), clock.today())

    def clean(self, **person: Any) -> Enrolment:
        """Somebody with whom everything agrees: enrolled."""
        with self.office.app_context():
            return enrolled(self.registries, self.know(registered(**person)), self.class_id)

    def without_code(self, **person: Any) -> Enrolment:
        """Somebody who got no code: received. The registry's answer stands beside the case."""
        with self.office.app_context():
            who = self.know(registered(**({"phone": None} | person)))
            draft = people.ask_for_code(typed(who, self.class_id), limits(), "127.0.0.1")
            people.answer_code_request(draft.id, self.registries.ports)
            key = draft.idempotency_key
            return submit_without_code(draft, self.class_id, key, load_pack(PACK), clock.today())

    def walk_in(self, username: str, **person: Any) -> Enrolment:
        """Somebody enrolled at a counter by this member of staff: verifying."""
        with self.office.app_context():
            who = self.know(registered(**person))
            number = recognise(who.number, clock.today())
            answer = self.registries.ports.social_card.look_up(number, timeout_s=3)
            counter = Counter(number, answer, self.class_id, Choice(new_id()))
            actor = Actor(ActorKind.STAFF, self.account(username).id, "counter")
            return enrol_at_counter(counter, actor, load_pack(PACK), clock.today())

    def twins(self) -> tuple[Enrolment, Enrolment]:
        """Two people of the same name and date of birth: the second is a possible duplicate."""
        same = {"name": "周小满", "birth_on": date(1985, 3, 12)}
        return self.by_phone("周小满", **same), self.by_phone("周小满", **same)

    def new_phone(self, case: Enrolment, number: str) -> None:
        """A phone that two people registered at a counter, before the register's own was seen last."""

        def work(session: Any) -> None:
            phone = Phone(person=session.get_one(Person, case.person_id), source=PhoneSource.COUNTER)
            phone.seen_at = clock.now() - timedelta(days=3)
            phone.number = number
            session.add(phone)

        with self.office.app_context():
            transaction(work)

    def know(self, person: RegisteredPerson) -> RegisteredPerson:
        """The card registry knows this person. A second passes: nobody comes at the same moment as another."""
        self.clock.shift(timedelta(seconds=1))
        self.registries.know(person)
        return person

    def account(self, username: str) -> StaffAccount:
        """The member of staff with this username."""
        with self.office.app_context():
            return db.session.scalars(select(StaffAccount).where(StaffAccount.username == username)).one()

    def now_of(self, case: Enrolment) -> Enrolment:
        """The case as it stands."""
        with self.office.app_context():
            return db.session.scalars(select(Enrolment).where(Enrolment.reference == case.reference)).one()

    def change(self, case: Enrolment, **values: Any) -> None:
        """Change columns of a case behind the operations."""

        def work(session: Any) -> None:
            row = session.get(Enrolment, case.id)
            for name, value in values.items():
                setattr(row, name, value)

        with self.office.app_context():
            transaction(work)

    def events(self, **wanted: Any) -> list[AuditEvent]:
        """Events of the trail with these values, oldest first."""
        with self.office.app_context():
            return list(db.session.scalars(select(AuditEvent).filter_by(**wanted).order_by(AuditEvent.id)))
