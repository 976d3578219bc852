"""demo.json as contract §5 wants it, and rows behind each line."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select

from jobs.demo.cases import CASES
from tests.conftest import MORNING
from training import keys
from training.claims.lifecycle import public_status
from training.claims.queries import statuses_of
from training.courses.models import ClassRun, ClassStatus, Course, PastClass
from training.courses.search import Filters, course_list
from training.enrolments.lifecycle import HOLDS_SEAT, EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.queries import enrolment_by_reference
from training.institutions.models import Institution, InstitutionStatus, Nature
from training.numbers import recognise
from training.people.models import Person
from training.policy.queries import districts_on, load_pack
from training.references import parse_reference
from training.staff.models import Role

TODAY = MORNING.date()
DECIDE = {
    "counsellor",
    "verifier",
    "reviewer_district",
    "reviewer_municipal",
    "publicity",
    "finance",
    "finance_release",
    "inspector",
    "policy_editor",
    "policy_approver",
    "sysadmin",
    "secadmin",
}
CASE_WORDS = (
    "plain unemployed migrant graduate school_leaver hard_to_place no_phone lost_card name_variant not_in_registry"
    " deceased employed_as_unemployed pensioner full_time_student under_16 paid_this_year"
    " paid_same_occupation_level shared_phone registry_slow old_number_15 hmt"
)
CONTRACT_CASES = set(CASE_WORDS.split())
PUBLIC_WORDS = (
    "verifying returned waiting enrolled attending passed claimed district_review municipal_review paying paid"
    " refused withdrawn"
)
PUBLIC = PUBLIC_WORDS.split()


def test_it_has_the_shape_of_the_contract(demo) -> None:
    assert list(demo.told) == ["base_url", "registries_url", "staff", "people", "classes", "tracks"]
    assert {tuple(line) for line in demo.told["staff"]} == {
        ("role", "username", "password", "totp_secret", "district", "name")
    }
    shapes = {tuple(line) for line in demo.told["people"]}
    assert shapes == {
        ("case", "name", "number", "card", "phone", "group"),
        ("case", "name", "number", "card", "number15", "phone", "group"),
    }
    assert {tuple(line) for line in demo.told["classes"]} == {("ref", "case", "district", "seats_left")}
    assert {tuple(line) for line in demo.told["tracks"]} == {("status", "person", "reference")}


def test_every_desk_has_its_people(demo) -> None:
    count = Counter(line["role"] for line in demo.told["staff"])
    assert set(count) == {role.value for role in Role}
    assert not [role for role in DECIDE if count[role] < 2]
    assert len({line["username"] for line in demo.told["staff"]}) == len(demo.told["staff"])


def test_all_district_desks_serve_the_district_of_the_class_cases_but_one_verifier(demo) -> None:
    (home,) = {one["district"] for one in demo.told["classes"]}
    away = [line for line in demo.told["staff"] if line["district"] not in (None, home)]
    assert [line["role"] for line in away] == ["verifier"]


def test_institutions_sign_in_for_a_school_and_an_enterprise(demo, demo_database) -> None:
    names = [line["username"] for line in demo.told["staff"] if line["role"] == "institution"]
    from training.staff.models import StaffAccount, StaffRole

    query = (
        select(Institution.nature)
        .join(StaffRole, StaffRole.institution_id == Institution.id)
        .join(StaffAccount, StaffAccount.id == StaffRole.account_id)
        .where(StaffAccount.username.in_(names))
    )
    assert set(demo_database.session.scalars(query)) == {Nature.SCHOOL, Nature.ENTERPRISE}


def test_staff_sign_in_with_what_is_told(demo, demo_database) -> None:
    import pyotp

    from training.staff.operations import SignInLimits, sign_in

    limits = demo.settings.limits
    allowed = SignInLimits(pair=limits.staff_pair, networks=limits.staff_networks)
    line = demo.told["staff"][0]
    code = pyotp.TOTP(line["totp_secret"]).at(MORNING)
    account = sign_in(
        line["username"],
        line["password"],
        code,
        network="127.0.0.1",
        allowed=allowed,
        renew=lambda: ("a" * 64, "b" * 64),
    )
    assert account.name == line["name"]


# People ------------------------------------------------------------------------------------------


def test_there_are_people_for_every_case(demo) -> None:
    count = Counter(person["case"] for person in demo.told["people"])
    assert count["plain"] >= 100
    assert not [case for case in CONTRACT_CASES if count[case] < 2]
    assert set(count) == CONTRACT_CASES | {"history"}
    assert set(CASES) == CONTRACT_CASES - {"plain"}


def test_numbers_and_cards_are_recognised(demo) -> None:
    for person in demo.told["people"]:
        kind = "hmt" if person["case"] == "hmt" else "number18"
        assert recognise(person["number"], TODAY).kind == kind
        assert recognise(person["card"], TODAY) == recognise(person["card"].lower(), TODAY)
        assert recognise(person["card"], TODAY).kind == "card"
        assert len(person["card"]) == 9


def test_old_numbers_come_to_the_new_one(demo) -> None:
    for person in demo.people("old_number_15"):
        assert recognise(person["number15"], TODAY).value == person["number"]


def test_nobody_is_taken_for_somebody_else(demo) -> None:
    people = demo.told["people"]
    for what in ("name", "number", "card"):
        assert len({person[what] for person in people}) == len(people), what
    phones = [person["phone"] for person in people if person["phone"]]
    assert len(set(phones)) == len(phones)
    assert len({person["number"][:14] for person in people}) == len(people), "a limit would count two as one"
    assert len({(r["AAC003"], r["AAC006"]) for r in demo.records}) == len(demo.records) - 1, (
        "but for the twins"
    )


def test_old_and_new_area_codes_rare_names_and_dots_occur(demo) -> None:
    areas = {person["number"][:2] for person in demo.people("plain")}
    assert {"51", "50"} <= areas
    names = "".join(person["name"] for person in demo.people("plain"))
    assert "·" in names
    assert any(ord(letter) > 0x20000 for letter in names)


def test_the_sample_falls_only_on_plain_people(demo) -> None:
    keys.use(demo.settings.keys)
    drawn = [p["case"] for p in demo.told["people"] if keys.draw("sample", p["number"]) < 0.05]
    assert set(drawn) == {"plain"}
    assert len(drawn) == 8


def test_plain_people_are_not_known_to_us(demo, demo_database) -> None:
    keys.use(demo.settings.keys)
    indexes = [Person.number.index_of(person["number"]) for person in demo.people("plain")]
    query = select(func.count()).select_from(Person).where(Person.number_index.in_(indexes))
    assert demo_database.session.scalar(query) == 0


# Classes -----------------------------------------------------------------------------------------


def test_there_is_a_class_for_every_case(demo, demo_database) -> None:
    cases = {one["case"] for one in demo.told["classes"]}
    assert cases == {"open", "self_pay", "one_seat", "full", "not_yet_open", "started", "suspended_school"}
    for one in demo.told["classes"]:
        run = demo_database.session.get(ClassRun, one["ref"])
        assert (run.district, run.seats_left) == (one["district"], one["seats_left"])


def run_of(demo, demo_database, case: str) -> ClassRun:
    run: ClassRun = demo_database.session.get(ClassRun, demo.class_of(case))
    return run


def test_each_class_is_what_its_case_says(demo, demo_database) -> None:
    open_class, self_pay = (run_of(demo, demo_database, case) for case in ("open", "self_pay"))
    assert (open_class.course.occupation, open_class.course.level.value) == ("6-31-01-03", "5")
    assert open_class.seats_left >= 60
    assert open_class.subsidy_fen == open_class.course.fee_fen == 150000
    assert (open_class.open_to_self_payers, self_pay.open_to_self_payers) == (False, True)
    assert run_of(demo, demo_database, "one_seat").seats_left == 1
    full = run_of(demo, demo_database, "full")
    assert (full.seats_left, full.takes_waiting, full.waiting) == (0, True, 3)
    assert run_of(demo, demo_database, "not_yet_open").opens_on > TODAY
    started = run_of(demo, demo_database, "started")
    assert started.starts_on < TODAY <= started.ends_on
    assert started.status is ClassStatus.RUNNING
    school = run_of(demo, demo_database, "suspended_school").course.institution
    assert school.status is InstitutionStatus.SUSPENDED


@pytest.mark.parametrize("words", ["电工", "diangong", "dg"])
def test_searches_find_something(demo_database, words: str) -> None:
    pack = load_pack("packs/chongqing")
    found = course_list(demo_database.session, pack, Filters(text=words), TODAY)
    assert found.total > 0
    assert any("电工" in row.title for row in find_all(demo_database, pack, words))


def find_all(demo_database, pack, words: str):
    first = course_list(demo_database.session, pack, Filters(text=words), TODAY)
    pages = [
        course_list(demo_database.session, pack, Filters(text=words, page=n), TODAY)
        for n in range(1, first.last + 1)
    ]
    return [row for page in pages for row in page.rows]


def test_the_catalogue_is_large_and_everywhere(demo_database) -> None:
    session = demo_database.session
    ahead = session.scalars(select(ClassRun).where(ClassRun.starts_on > TODAY)).unique().all()
    assert session.scalar(select(func.count()).select_from(Institution)) >= 40
    assert session.scalar(select(func.count()).select_from(Course)) >= 150
    assert len(ahead) >= 600
    districts = {unit.code for unit in districts_on(load_pack("packs/chongqing"), TODAY)}
    assert {run.district for run in ahead} == districts
    assert max(run.starts_on for run in ahead) < date(TODAY.year, TODAY.month + 5, 1)


def test_some_schools_have_figures_and_some_have_none(demo_database) -> None:
    session = demo_database.session
    with_rows = set(session.scalars(select(PastClass.institution_id)))
    everybody = set(session.scalars(select(Institution.id)))
    assert with_rows
    assert everybody - with_rows
    rates = list(session.scalars(select(ClassRun.pass_rate)))
    assert None in rates
    assert any(rates)


def test_seats_left_are_the_seats_nobody_sits_on(demo_database) -> None:
    session = demo_database.session
    seated = (*HOLDS_SEAT, EnrolmentStatus.PASSED, EnrolmentStatus.FAILED)
    rows = session.scalars(select(Enrolment.class_id).where(Enrolment.status.in_(seated)))
    taken = Counter(rows)
    wrong = [
        run.id
        for run in session.scalars(select(ClassRun)).unique()
        if run.seats - run.seats_left != taken[run.id]
    ]
    assert not wrong


# Tracks ------------------------------------------------------------------------------------------


def test_there_is_a_track_of_every_public_status(demo, demo_database) -> None:
    count = Counter(track["status"] for track in demo.told["tracks"])
    assert set(count) == set(PUBLIC)
    assert count["district_review"] >= 2
    (home,) = {one["district"] for one in demo.told["classes"]}
    session = demo_database.session
    keys.use(demo.settings.keys)
    for track in demo.told["tracks"]:
        person = demo.told["people"][track["person"]]
        row = enrolment_by_reference(session, parse_reference(track["reference"]))
        claims = statuses_of(session, [row.id])[row.id]
        assert public_status(row.status, claims) == track["status"]
        assert row.district == home
        assert (person["case"], row.person.number) == ("history", person["number"])
