"""Possible duplicates raised, answered and merged in any order: nothing is lost, nobody goes in a circle.

A plain model says which record stands for which, whose every enrolment is, and what was paid; the database agrees
after each step, and what must be refused is refused with its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import select

from tests.make import DISTRICT, PACK, make_class, make_course, make_evidence, make_person
from tests.training.identities.records import HERE, clerk
from training import audit, clock
from training.audit import SubjectKind
from training.courses.models import ClassRun
from training.database import db, new_id, transaction
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Channel, Enrolment, GroupSource
from training.entitlements.models import Entitlement, EntitlementState, EntitlementYear, Family, Source
from training.entitlements.operations import cap_of_year
from training.errors import FourEyes, NotAllowedNow
from training.identities import operations
from training.identities.operations import Verdict
from training.identities.queries import current_person, open_group
from training.people import operations as people
from training.people.models import DuplicateAnswer, Group, Person, PossibleDuplicate
from training.people.operations import Known
from training.policy.queries import load_pack, notice_for
from training.references import new_reference
from training.seals import chain_faults

SAME, DIFFERENT, ASK = DuplicateAnswer.SAME, DuplicateAnswer.DIFFERENT, DuplicateAnswer.ASK
YEARS, TRADES, CLASSES = (2023, 2024), ("6-31-01-03", "4-10-01-05"), 3
MAKER = clerk("maker")
BORN = date(1985, 3, 12)
NAMES = count(1)


class Town:
    """What all examples share: the classes and one answer of the register."""

    def __init__(self) -> None:
        course = make_course()
        self.runs: list[ClassRun] = [make_class(course=course) for _ in range(CLASSES)]
        self.evidence = make_evidence(make_person())
        self.pack = load_pack(PACK)

    def cap(self, year: int) -> int:
        return cap_of_year(notice_for(self.pack, DISTRICT, date(year, 6, 1)), Family.TUITION)


class Duplicates(RuleBasedStateMachine):
    """`stands` leads from a record to the one it was merged into; `owner` from an enrolment to its first record."""

    town: Town

    @initialize()
    def begin(self) -> None:
        self.name = f"周小{next(NAMES)}"
        self.records: list[str] = []
        self.stands: dict[str, str] = {}
        self.owner: dict[str, str] = {}
        self.of_class: dict[str, str] = {}
        self.paid: dict[str, list[tuple[int, str]]] = {}
        self.apart: set[str] = set()
        self.certified: set[str] = set()

    def now(self, record: str) -> str:
        while record in self.stands:
            record = self.stands[record]
        return record

    def live(self) -> list[str]:
        return [one for one in self.records if one not in self.stands]

    def mine(self, record: str) -> list[str]:
        """The records that have become this one, itself among them."""
        return [one for one in self.records if self.now(one) == record]

    @rule()
    @precondition(lambda self: len(self.records) < 7)
    def write_down(self) -> None:
        def work(session: Any) -> str:
            record = people.known_by_hand(session, Known(self.name, BORN), "zh")
            audit.record(session, MAKER, *record.entries)
            return record.person.id

        self.records.append(transaction(work))
        self.paid[self.records[-1]] = []

    @rule(n=st.integers(0, 6), run=st.integers(0, CLASSES - 1))
    @precondition(lambda self: self.records)
    def enrol(self, n: int, run: int) -> None:
        person, here = self.now(self.records[n % len(self.records)]), self.town.runs[run]
        if any(self.now(who) == person and self.of_class[one] == here.id for one, who in self.owner.items()):
            return
        row = transaction(lambda session: _enrolment(session, person, here, self.town.evidence.id))
        self.owner[row], self.of_class[row] = person, here.id

    @rule(n=st.integers(0, 6), year=st.sampled_from(YEARS), trade=st.sampled_from(TRADES))
    @precondition(lambda self: self.records)
    def pay(self, n: int, year: int, trade: str) -> None:
        person = self.now(self.records[n % len(self.records)])
        if any(trade == paid for one in self.mine(person) for _, paid in self.paid[one]):
            return
        transaction(lambda session: _paid(session, person, year, trade))
        self.paid[person].append((year, trade))

    @rule(n=st.integers(0, 6))
    @precondition(lambda self: self.records)
    def certify(self, n: int) -> None:
        person = self.now(self.records[n % len(self.records)])

        def work(session: Any) -> None:
            session.get_one(Person, person).certified_at = clock.now()

        transaction(work)
        self.certified.add(person)

    @rule(n=st.integers(0, 6))
    @precondition(lambda self: self.records)
    def come_again(self, n: int) -> None:
        """The same evidence once more: what was answered stays answered."""
        person = self.now(self.records[n % len(self.records)])

        def work(session: Any) -> None:
            found = session.get_one(Person, person)
            matches = people.matches_of(session, Known(self.name, BORN))
            entries = people.raise_duplicates(session, found, matches, False).entries
            if entries:
                audit.record(session, MAKER, *entries)

        transaction(work)

    @rule(n=st.integers(0, 20), answer=st.sampled_from([SAME, SAME, DIFFERENT, ASK]), alone=st.booleans())
    def decide(self, n: int, answer: DuplicateAnswer, alone: bool) -> None:
        open_pairs = self.undecided()
        if not open_pairs:
            return
        pair = open_pairs[n % len(open_pairs)]
        group = open_group(db.session(), pair)
        assert group is not None
        whose = [pair.person_a, pair.person_b] if alone else [one.id for one in group.people]
        verdict = Verdict(answer, only=pair.id if alone else None)
        expected = self.risks(whose, alone or group.is_whole) if answer is SAME else set()
        said = [pair.id] if alone else [one.id for one in group.pairs]
        if expected:
            with pytest.raises(NotAllowedNow) as refusal:
                operations.decide(pair.id, HERE, clerk(), verdict, self.town.pack)
            assert set(refusal.value.reasons) == expected
            return
        kept = operations.decide(pair.id, HERE, clerk(), verdict, self.town.pack)
        if answer is DIFFERENT:
            self.apart |= set(said)
        if answer is SAME:
            assert kept is not None
            assert kept.id == self.survivor(whose)
            self.stands |= {one: kept.id for one in whose if one != kept.id}

    @rule(n=st.integers(0, 20))
    def decide_about_ones_own(self, n: int) -> None:
        """Who enrolled one of them decides nothing."""
        enrolled = {self.now(who) for who in self.owner.values()}
        own = [pair for pair in self.undecided() if {pair.person_a, pair.person_b} & enrolled]
        if own:
            with pytest.raises(FourEyes):
                operations.decide(own[n % len(own)].id, HERE, MAKER, Verdict(SAME), self.town.pack)

    @rule(n=st.integers(0, 6))
    @precondition(lambda self: self.stands)
    def decide_again(self, n: int) -> None:
        """A pair that is decided stays decided: no circle can come of it."""
        gone = sorted(self.stands)[n % len(self.stands)]
        either = (PossibleDuplicate.person_a == gone) | (PossibleDuplicate.person_b == gone)
        for pair in db.session().scalars(select(PossibleDuplicate).where(either)).all():
            with pytest.raises(NotAllowedNow, match="already_decided"):
                operations.decide(pair.id, HERE, clerk(), Verdict(SAME), self.town.pack)

    # What the model says -----------------------------------------------------------------------------

    def undecided(self) -> list[PossibleDuplicate]:
        """Pairs that the clerk of this district is asked about."""
        live, served = set(self.live()), {self.now(who) for who in self.owner.values()}
        served |= {self.now(one) for one, had in self.paid.items() if had}
        session = db.session()
        session.expire_all()
        rows = session.scalars(select(PossibleDuplicate).where(PossibleDuplicate.person_a.in_(live)))
        found = [row for row in rows if row.person_b in live and row.answer is not DIFFERENT]
        return [row for row in found if {row.person_a, row.person_b} & served]

    def survivor(self, whose: list[str]) -> str:
        return min(whose, key=lambda one: (one not in self.certified, self.records.index(one)))

    def risks(self, whose: list[str], is_whole: bool) -> set[str]:
        found = set() if is_whole else {"too_many_records"}
        classes = Counter(run for one, run in self.of_class.items() if self.now(self.owner[one]) in whose)
        if max(classes.values(), default=0) > 1:
            found.add("both_in_class")
        paid = {one: [had for first in self.mine(one) for had in self.paid[first]] for one in whose}
        trades = Counter(trade for had in paid.values() for trade in {trade for _, trade in had})
        if max(trades.values(), default=0) > 1:
            found.add("paid_twice")
        for year in YEARS:
            counts = [sum(when == year for when, _ in had) for had in paid.values()]
            if sum(one > 0 for one in counts) > 1 and sum(counts) > self.town.cap(year):
                found.add("over_cap")
        return found

    @invariant()
    def every_relation_is_where_it_belongs(self) -> None:
        if not getattr(self, "records", None):
            return
        session = db.session()
        session.expire_all()
        rows = session.execute(select(Enrolment.id, Enrolment.person_id).where(Enrolment.id.in_(self.owner)))
        assert {row[0]: row[1] for row in rows} == {one: self.now(who) for one, who in self.owner.items()}
        merged = session.execute(select(Person.id, Person.merged_into).where(Person.id.in_(self.records)))
        for one, into in merged:
            assert current_person(session, one).id == self.now(one)
            assert (into is None) == (one not in self.stands)
        self.sums_are_kept(session)
        apart = select(PossibleDuplicate.answer).where(PossibleDuplicate.id.in_(self.apart))
        assert set(session.scalars(apart)) <= {DIFFERENT}

    def sums_are_kept(self, session: Any) -> None:
        years = select(EntitlementYear).where(EntitlementYear.person_id.in_(self.records))
        counted = Counter({(row.person_id, row.year): row.used for row in session.scalars(years)})
        expected = Counter((self.now(one), year) for one, had in self.paid.items() for year, _ in had)
        assert counted == expected
        rows = select(Entitlement.person_id, Entitlement.year).where(Entitlement.person_id.in_(self.records))
        assert Counter(tuple(row) for row in session.execute(rows)) == expected

    def teardown(self) -> None:
        for one in getattr(self, "records", []):
            assert chain_faults(db.session(), SubjectKind.PERSON, one) == []


def _enrolment(session: Any, person_id: str, run: ClassRun, evidence_id: str) -> str:
    at = clock.now()
    person = session.get_one(Person, person_id)
    row = Enrolment(
        id=new_id(),
        reference=new_reference("CQ", clock.today()),
        person=person,
        person_id=person_id,
        class_id=run.id,
        district=run.district,
        channel=Channel.COUNTER,
        status=EnrolmentStatus.VERIFYING,
        group=Group.MIGRANT,
        group_source=GroupSource.DECLARED,
        self_pay=True,
        notice="",
        name_typed="周小满",
        number_kind="number18",
        evidence_id=evidence_id,
        actor=MAKER.id,
        idempotency_key=new_id(),
        created_by=MAKER.id,
        received_at=at,
        changed_at=at,
    )
    row.number = "510202198503120000"
    session.add(row)
    return row.id


def _paid(session: Any, person_id: str, year: int, trade: str) -> None:
    session.add(
        Entitlement(
            person_id=person_id,
            family=Family.TUITION,
            occupation=trade,
            level="5",
            year=year,
            state=EntitlementState.USED,
            source=Source.IMPORTED,
            on_date=date(year, 6, 1),
            district=DISTRICT,
            changed_at=clock.now(),
        )
    )
    counter = session.get(EntitlementYear, (person_id, Family.TUITION, year))
    if counter is None:
        counter = EntitlementYear(person_id=person_id, family=Family.TUITION, year=year, held=0, used=0)
        session.add(counter)
    counter.used += 1


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_duplicates_in_any_order(engine: str, anew: Callable[[str], AbstractContextManager[Any]]) -> None:
    with anew(engine):
        machine = type("Machine", (Duplicates,), {"town": Town()})
        run_machine(machine, settings=settings(stateful_step_count=30))
