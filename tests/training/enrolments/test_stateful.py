"""Any order of enrolling, leaving and deciding keeps the seats, the line, the entitlements and the trail whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.make import PACK, make_class, make_course, staff
from tests.training.enrolments.people import limits, proved, registered, typed
from tests.training.enrolments.test_races import at_once
from training import clock, seals
from training.audit import Actor, ActorKind, AuditEvent
from training.courses.models import ClassRun
from training.database import db, transaction
from training.enrolments.lifecycle import HOLDS_SEAT, LIVE, EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import (
    Answer,
    Change,
    Choice,
    Correction,
    Decision,
    answer_offer,
    ask_registry,
    change_class,
    correct,
    enrol,
    enrol_at_counter,
    lapse_corrections,
    lapse_holds,
    pass_identity,
    pass_on_offers,
    put_back,
    refuse_identity,
    return_for_correction,
    submit_without_code,
    take,
    take_over,
    withdraw,
)
from training.enrolments.operations import Counter as Walked
from training.entitlements.models import Entitlement, EntitlementState, EntitlementYear
from training.errors import NotThere, TrainingError
from training.numbers import recognise
from training.people import operations as people
from training.people.models import Person
from training.policy.queries import load_pack

PACK_ = load_pack(PACK)
ACTS = [
    "phone",
    "counter",
    "received",
    "withdraw",
    "take",
    "take_over",
    "put_back",
    "pass",
    "return",
    "correct",
    "refuse",
    "ask",
    "lapse",
    "expire",
    "accept",
    "decline",
    "pass_on",
    "change",
]
ENTRIES = ("phone", "counter", "received")
step = st.tuples(st.sampled_from(ACTS), st.integers(0, 5), st.integers(0, 1), st.integers(0, 1))


class Town:
    """Four people, three small classes, two of them of one course, two counsellors, two verifiers."""

    def __init__(self, registries: Any) -> None:
        self.registries = registries
        starts = clock.today() + timedelta(days=60)
        course, later = make_course(), starts + timedelta(days=60)
        self.classes = [make_class(course=course, seats=2, starts_on=starts)]
        self.classes += [make_class(seats=1, starts_on=starts)]
        self.classes += [make_class(course=course, seats=1, starts_on=later)]
        self.people = [registered() for _ in range(3)] + [registered(groups=())]
        registries.know(*self.people[:3])
        district = self.classes[0].district
        self.desks = [[self._desk(role, district) for _ in "ab"] for role in ("counsellor", "verifier")]
        self.number = 0

    def about_to_act(self) -> None:
        """What was typed and proved is stored; now comes the act itself."""

    def _desk(self, role: str, district: str) -> Actor:
        account = staff(role, district=district)
        return Actor(ActorKind.STAFF, account.id, account.office, district)

    def do(self, act: str, which: int, where: int, desk: int) -> str:
        """One act of a person of the town, or on one of its cases: `done`, or the error and its codes."""
        cases = self.cases()
        person, run = self.people[which % len(self.people)], self.classes[where]
        if act not in ENTRIES and cases:
            case = cases[which % len(cases)]
            person = next(one for one in self.people if one.number == case.number)
            run = next(one for one in self.classes if one.id == case.class_id)
        try:
            getattr(self, act)(person, run, desk)
        except TrainingError as error:
            return f"{type(error).__name__} {error}"
        return "done"

    def cases(self) -> list[Enrolment]:
        """Every case of the town that lives, newest first; else every case."""
        db.session().expire_all()
        here = Enrolment.class_id.in_([run.id for run in self.classes])
        rows = (
            db.session().scalars(select(Enrolment).where(here).order_by(Enrolment.received_at.desc())).all()
        )
        return [row for row in rows if row.status in LIVE] or list(rows)

    def phone(self, person: Any, run: ClassRun, desk: int) -> None:
        draft = proved(self.registries, person, run.id)
        self.about_to_act()
        enrol(draft, run.id, Choice(draft.idempotency_key), PACK_, clock.today())

    def counter(self, person: Any, run: ClassRun, desk: int) -> None:
        enrol_at_counter(self._seen(person, run), self.desks[0][desk], PACK_, clock.today())

    def received(self, person: Any, run: ClassRun, desk: int) -> None:
        draft = people.ask_for_code(typed(person, run.id), limits(), "127.0.0.1")
        self.about_to_act()
        submit_without_code(draft, run.id, draft.idempotency_key, PACK_, clock.today())

    def withdraw(self, person: Any, run: ClassRun, desk: int) -> None:
        case = self._case(person, run)
        actor = Actor(ActorKind.PERSON, case.person_id)
        withdraw(case.person_id, case.reference, actor, PACK_, clock.today())

    def take(self, person: Any, run: ClassRun, desk: int) -> None:
        take(self._case(person, run).reference, run.district, self.desks[1][desk])

    def put_back(self, person: Any, run: ClassRun, desk: int) -> None:
        put_back(self._case(person, run).reference, run.district, self.desks[1][desk])

    def take_over(self, person: Any, run: ClassRun, desk: int) -> None:
        reference = self._case(person, run).reference
        take_over(reference, self._seen(person, run), self.desks[0][desk], PACK_)

    def _decide(self, verb: Callable[..., Any], person: Any, run: ClassRun, desk: int, *more: Any) -> None:
        said = Decision(("deceased",), ("name",)) if verb is not pass_identity else Decision()
        verb(self._case(person, run).reference, run.district, self.desks[1][desk], said, PACK_, *more)

    def refuse(self, person: Any, run: ClassRun, desk: int) -> None:
        self._decide(refuse_identity, person, run, desk)

    def correct(self, person: Any, run: ClassRun, desk: int) -> None:
        case = self._case(person, run)
        correct(
            case.person_id, case.reference, Actor(ActorKind.PERSON, case.person_id), Correction(person.name)
        )

    def ask(self, person: Any, run: ClassRun, desk: int) -> None:
        ask_registry(self._case(person, run).id, self.registries.ports)

    def lapse(self, person: Any, run: ClassRun, desk: int) -> None:
        with time_machine.travel(clock.real_now() + timedelta(days=14)):
            lapse_holds(PACK_)

    def expire(self, person: Any, run: ClassRun, desk: int) -> None:
        with time_machine.travel(clock.real_now() + timedelta(days=40)):
            lapse_corrections(PACK_)

    def accept(self, person: Any, run: ClassRun, desk: int) -> None:
        self._answer(person, run, "accept")

    def decline(self, person: Any, run: ClassRun, desk: int) -> None:
        self._answer(person, run, "decline")

    def pass_on(self, person: Any, run: ClassRun, desk: int) -> None:
        with time_machine.travel(clock.real_now() + timedelta(days=2)):
            pass_on_offers(PACK_)

    def change(self, person: Any, run: ClassRun, desk: int) -> None:
        case, (first, _, later) = self._case(person, run), self.classes[:3]
        to = first if run.id == later.id else later
        asked = Change(case.reference, to.id, case.person_id)
        change_class(asked, Actor(ActorKind.PERSON, case.person_id), PACK_)

    def _answer(self, person: Any, run: ClassRun, word: str) -> None:
        offered = [row for row in self.cases() if row.status is EnrolmentStatus.OFFERED]
        case = offered[0] if offered else self._case(person, run)
        actor = Actor(ActorKind.PERSON, case.person_id)
        answer_offer(case.person_id, case.reference, actor, Answer(word), PACK_)

    def _seen(self, person: Any, run: ClassRun) -> Walked:
        self.number += 1
        number = recognise(person.number, clock.today())
        answer = self.registries.ports.social_card.look_up(number, timeout_s=1)
        choice = Choice(f"walk-in-{self.number:04d}")
        return Walked(number, answer, run.id, choice, person.name, person.birth_on)

    def _case(self, person: Any, run: ClassRun) -> Enrolment:
        """The person's case in the class."""
        for row in self.cases():
            if row.class_id == run.id and row.number == person.number:
                return row
        raise NotThere


setattr(Town, "pass", lambda self, p, r, d: self._decide(pass_identity, p, r, d, clock.today()))
setattr(Town, "return", lambda self, p, r, d: self._decide(return_for_correction, p, r, d, clock.today()))


def whole(town: Town) -> None:
    """What holds after every step (I21, I25, I26, I31)."""
    session = db.session()
    session.expire_all()
    ids = [run.id for run in town.classes]
    rows = session.scalars(select(Enrolment).where(Enrolment.class_id.in_(ids))).all()
    for run in session.scalars(select(ClassRun).where(ClassRun.id.in_(ids))).all():
        mine = [row for row in rows if row.class_id == run.id]
        seated = [row for row in mine if row.status in HOLDS_SEAT]
        line = [row for row in mine if row.status is EnrolmentStatus.WAITING]
        counted = [row for row in line if not row.without_code or row.verified_by is not None]
        unseen = [row for row in mine if row.status is EnrolmentStatus.RECEIVED]
        assert run.seats == run.seats_left + len(seated)
        assert run.waiting == len(counted)
        assert run.held_without_code == len(unseen)
        assert not (run.seats_left and counted), "a seat is free while somebody stands in line"
        assert len({row.place for row in line}) == len(line)
    people_ = {row.person_id for row in rows}
    theirs = session.scalars(select(Person).where(Person.id.in_(people_)))
    numbers = [person.number for person in theirs if person.number]
    assert len(numbers) == len(set(numbers)), "two records of one number"
    _entitlements(rows, people_)
    _trail(rows)


def _entitlements(rows: Any, people_: set[str]) -> None:
    session = db.session()
    live = (Entitlement.state == EntitlementState.HELD, Entitlement.person_id.in_(people_))
    held = session.scalars(select(Entitlement).where(*live)).all()
    by_person = Counter(row.person_id for row in held)
    assert not [one for one, n in by_person.items() if n > 1], "more than one subsidy a year"
    counters = {
        row.person_id: row.held
        for row in session.scalars(select(EntitlementYear).where(EntitlementYear.person_id.in_(people_)))
        if row.held
    }
    assert counters == dict(by_person)
    of_case = {row.enrolment_id: row.person_id for row in held}
    for row in rows:
        needs = row.status in (EnrolmentStatus.ENROLLED,) and not row.self_pay
        assert not needs or of_case.get(row.id) == row.person_id, "a subsidised seat without its subsidy"
        assert row.status in HOLDS_SEAT or row.id not in of_case, "a subsidy without a seat"


def _trail(rows: Any) -> None:
    """The newest done event of a case says the status it has."""
    subjects, told = [row.id for row in rows], dict[str, str]()
    events = select(AuditEvent.subject, AuditEvent.status).where(AuditEvent.subject.in_(subjects))
    done = events.where(AuditEvent.outcome == "done", AuditEvent.status.is_not(None)).order_by(AuditEvent.n)
    told |= {subject: str(status) for subject, status in db.session().execute(done)}
    for row in rows:
        assert told[row.id] == row.status.value


@pytest.mark.parametrize("engine", ["sqlite", "postgres"], indirect=True)
@given(steps=st.lists(step, min_size=25, max_size=30))
@settings(suppress_health_check=list(HealthCheck))
def test_I21_I25_I31_any_order_of_acts_keeps_seats_line_and_trail(
    database: Any, registries: Any, steps: list[tuple[str, int, int, int]]
) -> None:
    town = Town(registries)
    for one in steps:
        town.do(*one)
        whole(town)
    transaction(seals.seal_new_rows)
    assert seals.verify(db.session()) == []


def test_I19_I21_many_hands_at_once_keep_seats_line_and_trail(database: Any, registries: Any) -> None:
    town = Town(registries)
    run = make_class(seats=4, starts_on=clock.today() + timedelta(days=60))
    town.classes, crowd = [run], [registered() for _ in range(24)]
    town.people = crowd
    registries.know(*crowd)
    for person in crowd[:6]:
        town.do("phone", crowd.index(person), 0, 0)
    for which in range(6, 10):
        town.do("received", which, 0, 0)
    for which in range(10, 14):
        town.do("counter", which, 0, 0)
    drafts = [proved(registries, person, run.id) for person in crowd[14:18]]
    acts: list[tuple[str, Any]] = [("enrol", draft) for draft in drafts]
    acts += [(act, person) for person, act in zip(crowd[:14], _cycle(), strict=False)]
    acts += [("lapse", crowd[0]), ("withdraw", crowd[6]), ("pass", crowd[7]), ("refuse", crowd[10])]

    def go(item: Any) -> str:
        act, what = item
        if act == "enrol":
            return enrol(what, run.id, Choice(what.idempotency_key), PACK_, clock.today()).status.value
        getattr(town, act)(what, run, 1)
        return str(act)

    ended = at_once(go, acts, 8)
    assert ended.total() == len(acts)
    whole(town)
    assert seals.verify(db.session()) == []


def _cycle() -> Iterator[str]:
    while True:
        yield from ("withdraw", "pass", "refuse", "take")
