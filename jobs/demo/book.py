"""What every story is written with: the session, the law, the hands of the staff, and moments in office hours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from jobs.demo.chance import Chance
from jobs.demo.people import Invented
from jobs.demo.trail import Trail, as_of
from training import clock, keys
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.courses.models import ClassRun, ClassSession
from training.database import Model
from training.enrolments.models import Attendance
from training.entitlements.models import Entitlement, EntitlementState, EntitlementYear, Family, Source
from training.people.models import Card, CardState, Person, Phone, PhoneSource
from training.people.notices import version_in_force
from training.people.operations import new_person
from training.people.rules import LAST4
from training.policy.pack import Pack
from training.ports import RegisteredPerson
from training.staff.models import Role, StaffAccount


@dataclass
class Book:
    """`now` is the moment of loading; nothing is written later than that.

    `later` are rows that refer to people and enrolments without the mapper knowing: they wait for `settle`.
    """

    session: Session
    pack: Pack
    chance: Chance
    now: datetime
    staff: dict[Role, list[StaffAccount]]
    trail: Trail = field(default_factory=Trail)
    sessions: dict[str, list[ClassSession]] = field(default_factory=dict)
    seats: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    left_line: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)
    later: list[Model] = field(default_factory=list)
    entitlements: list[Entitlement] = field(default_factory=list)
    attendance: list[dict[str, Any]] = field(default_factory=list)
    certificates: int = 0
    _people: dict[str, Person] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return clock.on_date(self.now)

    def hand(self, role: Role, place: int = 0) -> Actor:
        """One of the two who sit at a desk."""
        account = self.staff[role][place]
        return Actor(ActorKind.STAFF, account.id, account.office, account.district)

    def office_time(self, on: date) -> datetime:
        """A moment of a working day: `on` or the last one before it, and never in the future."""
        while not self.pack.calendar.is_working_day(on):
            on -= timedelta(days=1)
        at = datetime.combine(
            on, time(9 + self.chance.randrange(8), self.chance.randrange(60)), clock.SHANGHAI
        )
        return self.past(at)

    def past(self, at: datetime) -> datetime:
        """`at`, or some minutes ago where that is still to come."""
        return (at if at < self.now else self.now - timedelta(minutes=self.chance.randint(3, 50))).astimezone(
            UTC
        )

    def days_ago(self, days: int) -> datetime:
        return self.office_time(self.day - timedelta(days=days))

    # People ----------------------------------------------------------------------------------

    def person(self, invented: Invented, at: datetime) -> Person:
        """The real-name record of somebody whom the card system knows; made on first sight."""
        known = self._people.get(invented.number)
        if known is not None:
            return known
        registered = invented.registered
        assert registered is not None
        with as_of(at):
            person = new_person(self.session, registered.name, registered.number, registered.birth_on, "zh")
        person.consent_version = version_in_force(self.day)  # everybody has been asked since
        person.registered_at = at
        self._people[invented.number] = person
        self._keep_cards(person, registered, at)
        if registered.phone:
            phone = Phone(
                id=self.chance.id(), person=person, person_id=person.id, source=PhoneSource.REGISTER
            )
            phone.number, phone.seen_at = registered.phone, at
            self.session.add(phone)
        self.tell_of(person, at)
        return person

    def unregistered(self, name: str, number: str | None, birth_on: date | None, at: datetime) -> Person:
        """A record of what somebody typed or a counsellor wrote down."""
        with as_of(at):
            person = new_person(self.session, name, number, birth_on, "zh")
        self.tell_of(person, at)
        return person

    def tell_of(self, person: Person, at: datetime) -> None:
        facts = {"consent_version": person.consent_version}
        entry = Entry(
            EventName.PERSON_CREATED,
            SubjectKind.PERSON,
            person.id,
            facts=facts,
            personal={"name": person.name},
            key=person.own_key(),
            is_first=True,
        )
        self.trail.note(at, Actor(ActorKind.PERSON, person.id), entry)

    def _keep_cards(self, person: Person, registered: RegisteredPerson, at: datetime) -> None:
        for seen in registered.cards:
            card = Card(id=self.chance.id(), person=person, person_id=person.id, issued_on=seen.issued_on)
            card.number, card.state, card.seen_at = seen.number, CardState(seen.state), at
            card.last4_index = keys.blind_index("last4", seen.number[-LAST4:])
            self.session.add(card)

    # Entitlements ----------------------------------------------------------------------------

    def hold(self, person: Person, run: ClassRun, enrolment_id: str, at: datetime) -> Entitlement:
        """One training subsidy, reserved by an enrolment."""
        on = clock.on_date(at)
        row = Entitlement(
            id=self.chance.id(),
            person_id=person.id,
            family=Family.TUITION,
            occupation=run.course.occupation,
            level=run.course.level.value,
            year=on.year,
            state=EntitlementState.HELD,
            source=Source.ENROLMENT,
            enrolment_id=enrolment_id,
            on_date=on,
            district=run.district,
            changed_at=at,
        )
        self.entitlements.append(row)
        return row

    def paid_before(self, invented: Invented) -> None:
        """What other districts paid before this system began, as it was imported."""
        for paid in invented.paid:
            at = datetime.combine(paid.on, time(10), clock.SHANGHAI)
            row = Entitlement(
                id=self.chance.id(),
                person_id=self.person(invented, at).id,
                family=Family.TUITION,
                occupation=paid.occupation,
                level=paid.level,
                year=paid.on.year,
                state=EntitlementState.USED,
                source=Source.IMPORTED,
                on_date=paid.on,
                district=paid.district,
                amount_fen=paid.amount_fen,
                changed_at=at,
            )
            self.entitlements.append(row)

    def settle(self) -> None:
        """Write people and enrolments, then what hangs on them: claims are made from rows that stand."""
        self.session.flush()
        self.session.add_all([*self.later, *self.entitlements])
        self.session.flush()
        self.session.execute(insert(Attendance), self.attendance)

    def close(self, runs: list[ClassRun]) -> None:
        """Count what the stories took: seats, lines, entitlements of each year; then write the trail."""
        for run in runs:
            run.seats_left = run.seats - self.seats[run.id]
            run.last_place = self.lines[run.id]
            run.waiting = run.last_place - self.left_line[run.id]
            run.held_without_code = self.unseen[run.id]
        years: dict[tuple[str, Family, int], Counter[EntitlementState]] = {}
        for row in self.entitlements:
            years.setdefault((row.person_id, row.family, row.year), Counter())[row.state] += 1
        for (person_id, family, year), count in years.items():
            held, used = count[EntitlementState.HELD], count[EntitlementState.USED]
            self.session.add(
                EntitlementYear(person_id=person_id, family=family, year=year, held=held, used=used)
            )
        self.trail.write(self.session)
