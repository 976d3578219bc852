"""What the card system says about each case makes the outcome of contract §5's table, on every day of the year."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from jobs.demo import cases, words
from jobs.demo.catalogue import Planner
from jobs.demo.chance import SEED, Chance
from jobs.demo.people import Invented, People
from registries.fake import Fake
from registries.sandbox.records import record_of
from tests.conftest import KEYRING
from training import keys
from training.clock import SHANGHAI
from training.courses.models import ClassRun
from training.enrolments import rules
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.rules import Assessment, Candidate, assess, status_after
from training.numbers import recognise
from training.people.models import Group
from training.policy.facts import PastSubsidy
from training.policy.queries import load_pack, notice_for
from web.settings import ROOT

PACK = ROOT / "packs" / "chongqing"
DAYS = [
    date(2026, 1, 1),
    date(2026, 1, 20),
    date(2026, 2, 16),
    date(2026, 6, 16),
    date(2026, 9, 30),
    date(2026, 12, 14),
    date(2026, 12, 31),
    date(2027, 3, 1),
]
CLEAN = [
    "plain",
    "unemployed",
    "migrant",
    "graduate",
    "school_leaver",
    "hard_to_place",
    "registry_slow",
    "old_number_15",
    "hmt",
]
FLAGGED = {"lost_card": "card_lost", "name_variant": "name_differs"}
REFUSED = {
    "pensioner": "draws_pension",
    "full_time_student": "full_time_student",
    "under_16": "under_age",
    "deceased": "deceased",
    "paid_this_year": "cap_reached",
    "paid_same_occupation_level": "already_paid_same_level",
}


class Day:
    """The people and the class cases of a demo loaded on `on`."""

    def __init__(self, on: date) -> None:
        keys.use(KEYRING)
        self.on, self.pack, names = on, load_pack(PACK), words.names(PACK)
        chance = Chance(SEED, names.old_areas, names.new_areas)
        planner = Planner(chance, self.pack, words.courses(PACK), on)
        self.classes = planner.catalogue(words.schools(PACK)).cases
        people = People(chance, names, on, self.classes["open"].starts_on)
        self.people = cases.everybody(people)
        self.registry = Fake()
        self.registry.put_records(
            [record_of(person.registered) for person in self.people if person.registered is not None]
        )

    def of(self, case: str) -> list[Invented]:
        return [person for person in self.people if person.case == case]

    def judged(
        self, person: Invented, case: str = "open", *, self_pay: bool = False, others_with_phone: int = 0
    ) -> Assessment:
        """As step 2 judges somebody who typed the card (or the old number) and, if need be, declares the group."""
        run, number = self.classes[case], recognise(person.number15 or person.card, self.on)
        answer = self.registry.social_card.look_up(number, timeout_s=3)
        bare = self._candidate(person, number.is_card, number.value, answer, None, others_with_phone)
        first = self._assess(bare, run, person, self_pay)
        if not first.asks_group or self_pay:
            return first
        said = self._candidate(
            person, number.is_card, number.value, answer, Group(person.group), others_with_phone
        )
        return self._assess(said, run, person, self_pay)

    def _candidate(self, person, is_card, number, answer, declared, owners) -> Candidate:
        return Candidate(person.name, is_card, number, answer, declared, phone_owners=owners)

    def _assess(self, candidate: Candidate, run: ClassRun, person: Invented, self_pay: bool) -> Assessment:
        past = tuple(
            PastSubsidy("tuition", paid.occupation, paid.level, paid.on, office=paid.district)  # type: ignore[arg-type]
            for paid in person.paid
        )
        notice = notice_for(self.pack, run.district, run.starts_on)
        return assess(candidate, run, past, [], notice, self.on, self_pay=self_pay)

    def status(self, judged: Assessment, *, at_counter: bool = False) -> EnrolmentStatus:
        run = self.classes["open"]
        notice = notice_for(self.pack, run.district, run.starts_on)
        return status_after(judged, notice, is_drawn=False, at_counter=at_counter)


@pytest.fixture(scope="module", params=DAYS, ids=str)
def day(request: pytest.FixtureRequest) -> Day:
    return Day(request.param)


@pytest.mark.parametrize("case", CLEAN)
def test_clean_people_are_enrolled_by_phone_and_seen_by_a_second_person_at_the_counter(
    day: Day, case: str
) -> None:
    for person in day.of(case):
        judged = day.judged(person)
        assert not judged.is_refused, (person, judged.refusal_codes)
        assert not judged.flags
        assert day.status(judged) is EnrolmentStatus.ENROLLED
        assert day.status(judged, at_counter=True) is EnrolmentStatus.VERIFYING


def test_a_proven_group_is_the_one_that_is_told(day: Day) -> None:
    for case in ("unemployed", "migrant", "graduate", "school_leaver", "hard_to_place"):
        assert {day.judged(person).group for person in day.of(case)} == {Group(case)}


@pytest.mark.parametrize(("case", "flag"), FLAGGED.items())
def test_what_differs_is_flagged_and_nothing_else(day: Day, case: str, flag: str) -> None:
    for person in day.of(case):
        judged = day.judged(person)
        assert not judged.is_refused
        assert [one.value for one in judged.flags] == [flag]


def test_the_employed_who_declare_unemployed_are_looked_at(day: Day) -> None:
    for person in day.of("employed_as_unemployed"):
        judged = day.judged(person)
        assert not judged.is_refused
        assert "employed" in [one.value for one in judged.flags]
        assert day.status(judged) is EnrolmentStatus.VERIFYING


@pytest.mark.parametrize(("case", "code"), REFUSED.items())
def test_who_may_not_is_refused_with_that_reason_alone(day: Day, case: str, code: str) -> None:
    for person in day.of(case):
        assert day.judged(person).refusal_codes == (code,)


def test_who_was_paid_this_year_may_pay_alone(day: Day) -> None:
    for person in day.of("paid_this_year"):
        assert not day.judged(person).self_pay_helps
        judged = day.judged(person, "self_pay", self_pay=True)
        assert not judged.is_refused
        assert day.status(judged) is EnrolmentStatus.ENROLLED


def test_a_phone_of_eleven_others_is_flagged(day: Day) -> None:
    for person in day.of("shared_phone"):
        judged = day.judged(person, others_with_phone=11)
        assert [one.value for one in judged.flags] == ["phone_shared"]
        assert not day.judged(person, others_with_phone=9).flags


def test_the_registry_knows_no_phone_or_nobody_where_the_table_says_so(day: Day) -> None:
    for person in day.of("no_phone") + day.of("deceased"):
        assert person.registered is not None
        assert person.registered.phone is None
    for person in day.of("not_in_registry"):
        found = day.registry.social_card.look_up(recognise(person.number, day.on), timeout_s=3)
        assert found.outcome == "not_found"


def test_slow_people_carry_their_slowness(day: Day) -> None:
    assert {str(person.behaviour) for person in day.of("registry_slow")} == {
        "{'mode': 'slow', 'seconds': 10}"
    }


def test_what_the_registry_answers_is_what_was_invented(day: Day) -> None:
    """Nothing is lost on the way through the card system's own words."""
    for person in day.people:
        if person.registered is not None:
            answer = day.registry.social_card.look_up(recognise(person.number, day.on), timeout_s=3)
            assert answer.person == person.registered, person.case


def test_class_cases_are_what_the_rules_take_them_for(day: Day) -> None:
    reasons = {case: rules.reasons_of_class(run, day.on) for case, run in day.classes.items()}
    assert reasons == {
        "open": [],
        "self_pay": [],
        "one_seat": [],
        "full": [],
        "not_yet_open": ["class_not_open"],
        "started": ["class_started"],
        "suspended_school": ["school_suspended"],
    }


def test_classes_meet_on_working_days(day: Day) -> None:
    for run in day.classes.values():
        assert day.pack.calendar.is_working_day(run.starts_on)
        assert run.starts_on <= run.ends_on


def test_moments_of_the_past_are_in_the_past(day: Day) -> None:
    """A set loaded in the small hours does not tell of the day to come."""
    from jobs.demo.book import Book

    now = datetime.combine(day.on, time(0, 20), SHANGHAI)
    names = words.names(PACK)
    book = Book(None, day.pack, Chance(1, names.old_areas, names.new_areas), now, {})  # type: ignore[arg-type]
    for ago in range(5):
        assert book.days_ago(ago) < now
