"""The whole demo set: invented from one seed for one day, written to the database in one transaction.

The same day gives the same people, classes, accounts and references.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from jobs.demo import cases, words
from jobs.demo.book import Book
from jobs.demo.catalogue import Catalogue, Planner
from jobs.demo.chance import SEED, Chance
from jobs.demo.duplicates import Twins
from jobs.demo.history import History
from jobs.demo.mine import OwnPages
from jobs.demo.objections import Matters
from jobs.demo.oversight import Watched
from jobs.demo.people import Invented, People
from jobs.demo.phones import Counters
from jobs.demo.queue import Queue
from jobs.demo.rights import Rights
from jobs.demo.seats import Lines, begun_before
from jobs.demo.staff import Desks, Member
from jobs.demo.timetable import lessons
from jobs.demo.trail import as_of
from registries.sandbox.records import record_of
from training.audit import Actor
from training.clock import SHANGHAI
from training.courses.models import ClassRun, ClassSession
from training.courses.operations import publish_classes
from training.institutions.models import Institution, Nature
from training.policy.pack import Pack
from training.staff.models import Role, StaffAccount
from training.staff.operations import add_account

OPENED_BEFORE = timedelta(days=500)
SYSTEM = Actor.system("demo")


@dataclass
class World:
    """What others are told of the set: demo.json's lists, and the records that teach the card system."""

    staff: list[Member]
    people: list[Invented]
    classes: dict[str, ClassRun]
    tracks: list[tuple[str, Invented, str]]
    crowd: list[Invented]

    def told(self, base_url: str, registries_url: str) -> dict[str, Any]:
        """The content of demo.json (contract §5)."""
        place = {person.number: n for n, person in enumerate(self.people)}
        return {
            "base_url": base_url,
            "registries_url": registries_url,
            "staff": [member.line() for member in self.staff],
            "people": [person.line() for person in self.people],
            "classes": [
                {"ref": run.id, "case": case, "district": run.district, "seats_left": run.seats_left}
                for case, run in self.classes.items()
            ],
            "tracks": [
                {"status": status, "person": place[person.number], "reference": reference}
                for status, person, reference in self.tracks
            ],
        }

    def records(self) -> list[dict[str, object]]:
        """What the card system must know, in its own words."""
        return [
            record_of(person.registered, behaviour=person.behaviour)
            for person in (*self.people, *self.crowd)
            if person.registered is not None
        ]


def write(session: Session, pack: Pack, folder: Path, now: datetime) -> World:
    """Invent everything around `now` and write it, in the caller's transaction. `folder` is the pack's."""
    names = words.names(folder)
    chance = Chance(SEED, names.old_areas, names.new_areas)
    day = now.astimezone(SHANGHAI).date()
    catalogue = Planner(chance, pack, words.courses(folder), day).catalogue(words.schools(folder))
    open_class = catalogue.cases["open"]
    people = People(chance, names, day, open_class.starts_on)
    listed = cases.everybody(people)
    desks = Desks(chance, pack, [people.name() for _ in range(40)])
    members = desks.everybody(_two_of_each_kind(catalogue))
    accounts = _accounts(session, members, day)
    book = Book(session, pack, chance, now, accounts)
    catalogue.classes.extend(begun_before(catalogue, book))
    _write_catalogue(session, book, catalogue, people)
    history = _write_history(book, people, catalogue, listed)
    publish_classes(session, pack, catalogue.classes)
    Rights(session, chance, desks, accounts, now).write()
    return World(members, [*listed, *history.tracked], catalogue.cases, history.tracks, history.crowd)


def _two_of_each_kind(catalogue: Catalogue) -> dict[str, str]:
    """The school of the class `open` and an enterprise of the same district."""
    school = catalogue.cases["open"].course.institution
    enterprise = next(one for one in catalogue.institutions if _is_enterprise_of(one, school.district))
    return {one.id: one.name for one in (school, enterprise)}


def _is_enterprise_of(one: Institution, district: str) -> bool:
    return one.nature is Nature.ENTERPRISE and one.district == district


def _accounts(session: Session, members: list[Member], day: date) -> dict[Role, list[StaffAccount]]:
    found: dict[Role, list[StaffAccount]] = {}
    with as_of(datetime.combine(day - OPENED_BEFORE, time(9), SHANGHAI)):
        for member in members:
            account = add_account(session, member.account, member.password_hash, SYSTEM)
            found.setdefault(member.role, []).append(account)
    session.flush()
    return found


def _write_catalogue(session: Session, book: Book, catalogue: Catalogue, people: People) -> None:
    session.add_all([*catalogue.institutions, *catalogue.courses, *catalogue.classes])
    session.flush()
    session.add_all([*catalogue.grades, *catalogue.past])
    for run in (*catalogue.cases.values(), *catalogue.earlier.values()):
        teacher, room = people.name(), f"{book.chance.randint(1, 4)}0{book.chance.randint(1, 9)}"
        book.sessions[run.id] = [
            ClassSession(
                id=book.chance.id(),
                class_id=run.id,
                starts_at=lesson.starts_at,
                ends_at=lesson.ends_at,
                room=room,
                teacher=teacher,
            )
            for lesson in lessons(book.pack.calendar, run.starts_on, run.rhythm, run.course.hours)
        ]
        session.add_all(book.sessions[run.id])
    session.flush()


def _write_history(book: Book, people: People, catalogue: Catalogue, listed: list[Invented]) -> History:
    shared = [person.phone for person in listed if person.case == "shared_phone" and person.phone]
    history = History(book, people, catalogue, shared)
    for person in listed:
        book.paid_before(person)
    history.write()
    Queue(history).fill()
    Matters(history).write()
    Lines(book, history).write()
    Twins(history).write()
    book.settle()
    history.write_claims()
    OwnPages(book, history).fill()
    Counters(book, history).write()
    Watched(book, history).write()
    book.close(catalogue.classes)
    return history
