"""The list of classes: words, filters, counts, order, pages; the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event

from tests.make import PACK, make_class, make_course, make_institution, make_past_class
from training import clock as time
from training.courses.operations import publish_classes, recount_results
from training.courses.queries import catalogue_version, next_classes, next_classes_like
from training.courses.search import Filters, course_list
from training.courses.seats import touch_catalogue
from training.database import transaction
from training.policy.queries import load_pack

Database = Any
LISTS = load_pack(PACK)
HOSTILE = [
    '"',
    "'",
    '" OR 1=1 --',
    "NEAR(a b)",
    "a* AND (b",
    "电工*",
    "NOT",
    "-电工",
    "^a",
    "x:y",
    "&|!()<->",
    "\\",
    "%",
    "\x00电",
]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What the database is asked inside."""
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def found(database: Database, **wanted: Any) -> Any:
    return course_list(database.session(), LISTS, Filters(**wanted), time.today())


@pytest.fixture
def town(database: Database, clock: object) -> dict[str, str]:
    """Six classes in three districts; the ids by a short name."""
    near, far = (
        make_institution(name="单家焊接学校", district="500103"),
        make_institution(district="500101", grade="C"),
    )
    trades = {"electric": "6-31-01-03", "cook": "4-03-02-01"}
    electric = make_course(institution=near)
    senior = make_course(
        institution=far, title="电工（高级工）", title_en="Electrician, senior", level="3", fee_fen=900_000
    )
    cook = make_course(
        institution=near, title="中式烹调师", title_en="Cook", occupation=trades["cook"], fee_fen=90_000
    )
    today = time.today()
    make_past_class(near)
    return {
        "soon": make_class(course=electric, starts_on=today + timedelta(days=3)).id,
        "month": make_class(course=electric, starts_on=today + timedelta(days=20), rhythm="evenings", seats_left=0, waiting=2, status="full").id,
        "later": make_class(course=senior, starts_on=today + timedelta(days=60), rhythm="weekends").id,
        "cook": make_class(course=cook, starts_on=today + timedelta(days=14), district="500106").id,
        "not_yet": make_class(course=cook, starts_on=today + timedelta(days=90), opens_on=today + timedelta(days=9), status="published").id,
        "last": make_class(course=senior, starts_on=today + timedelta(days=30), ends_on=today + timedelta(days=40)).id,
    }  # fmt: skip


def names(town: dict[str, str], rows: Any) -> list[str]:
    known = {value: name for name, value in town.items()}
    return [known[row.id] for row in rows]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("电工", "soon month last later"),
        ("diangong", "soon month last later"),
        ("dg", "soon month last later"),
        ("焊", "soon cook month not_yet"),
        ("shanjia", "soon cook month not_yet"),
        ("高级工", "last later"),
        ("电工 高级", "last later"),
        ("senior", "last later"),
        ("厨师", "cook not_yet"),
        ("wanzhou", "last later"),
        ("沙坪坝", "cook"),
        ("没有这个", ""),
    ],
)
def test_I37_a_search_finds_the_same_on_both_databases(
    database: Database, town: dict[str, str], typed: str, expected: str
) -> None:
    assert names(town, found(database, text=typed).rows) == expected.split()


@pytest.mark.parametrize("typed", HOSTILE)
def test_A56_no_search_is_an_error(database: Database, town: dict[str, str], typed: str) -> None:
    assert found(database, text=typed).total <= len(town)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"district": "500101"}, "last later"),
        ({"occupation": "4-03-02-01"}, "cook not_yet"),
        ({"level": "3"}, "last later"),
        ({"starts": "two_weeks"}, "soon cook"),
        ({"starts": "month"}, "soon cook month last"),
        ({"starts": "later"}, "later not_yet"),
        ({"rhythm": "evenings"}, "month"),
        ({"seats": True}, "soon cook last later not_yet"),
        ({"free": True}, "soon cook month not_yet"),
        ({"sort": "start"}, "soon cook month last later not_yet"),
        ({"sort": "distance"}, "soon cook month last later not_yet"),
        ({"sort": "distance", "district": "500106"}, "cook soon month not_yet last later"),
        ({"sort": "pass_rate"}, "soon month cook last later not_yet"),
    ],
)
def test_filters_and_orders(
    database: Database, town: dict[str, str], wanted: dict[str, Any], expected: str
) -> None:
    assert names(town, found(database, **wanted).rows) == expected.split()


def test_the_highest_subsidy_comes_first(database: Database, town: dict[str, str]) -> None:
    amounts = [row.subsidy_fen for row in found(database, sort="subsidy").rows]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] > amounts[-1]


def test_counts_say_what_choosing_a_value_gives(database: Database, town: dict[str, str]) -> None:
    chosen: dict[str, Any] = {"level": "5", "text": "电工"}
    counts = found(database, **chosen).counts
    values = {
        "district": ["500101", "500103", "500106"],
        "level": ["5", "3"],
        "starts": ["two_weeks", "month", "later"],
        "rhythm": ["daytime", "evenings", "weekends"],
        "occupation": ["6-31-01-03", "4-03-02-01"],
    }
    for name, options in values.items():
        for value in options:
            assert counts[name].get(value, 0) == found(database, **(chosen | {name: value})).total, (
                name,
                value,
            )
    for name in ("free", "seats"):
        assert counts[name].get("1", 0) == found(database, **(chosen | {name: True})).total


def test_an_empty_list_names_the_filter_to_drop(database: Database, town: dict[str, str]) -> None:
    empty = found(database, text="电工", district="500106", rhythm="daytime")
    assert empty.total == 0
    assert empty.rows == ()
    assert empty.without == {"q": 1, "district": 2, "rhythm": 0}
    assert empty.best_to_drop == ("district", 2)
    assert found(database, text="没有这个").best_to_drop == ("q", 6)


def test_I39_every_class_stands_on_exactly_one_page(database: Database, clock: object) -> None:
    course, today = make_course(), time.today()
    made = {make_class(course=course, starts_on=today + timedelta(days=1 + n % 3)).id for n in range(47)}
    for sort, level in product(("start", "subsidy", "pass_rate", "distance"), (None, "5")):
        pages = [found(database, sort=sort, level=level, page=page) for page in (1, 2, 3)]
        ids = [row.id for page in pages for row in page.rows]
        assert {page.total for page in pages} == {47}
        assert pages[0].last == 3
        assert len(ids) == 47
        assert set(ids) == made
    assert found(database, page=99).page == 3


def test_the_list_needs_two_statements_however_long_it_is(database: Database, town: dict[str, str]) -> None:
    counts = []
    for more in (0, 15):
        for _ in range(more):
            make_class(course=make_course())
        database.session.remove()
        with statements(database) as asked:
            shown = found(database, text="电工", seats=True)
            assert [row.school for row in shown.rows]
        counts.append(len(asked))
    assert counts == [2, 2]


def test_only_classes_one_may_still_join_are_listed(database: Database, clock: object) -> None:
    today = time.today()
    for status in (
        "draft",
        "submitted",
        "returned",
        "approved",
        "running",
        "suspended",
        "finished",
        "cancelled",
        "closed",
    ):
        make_class(status=status)
    make_class(starts_on=today)
    make_class(course=make_course(institution=make_institution(status="suspended")))
    kept = make_class(starts_on=today + timedelta(days=1))
    assert [row.id for row in found(database).rows] == [kept.id]


def test_the_next_classes_have_seats_and_are_open(database: Database, town: dict[str, str]) -> None:
    rows = next_classes(database.session(), time.today(), 3)
    assert names(town, rows) == ["soon", "cook", "last"]


def test_other_classes_of_the_same_occupation_are_offered(database: Database, town: dict[str, str]) -> None:
    from training.courses.queries import class_run

    full = class_run(database.session(), town["month"])
    assert names(town, next_classes_like(database.session(), full, time.today())) == ["soon", "last", "later"]


def test_the_version_steps_with_every_change(database: Database, town: dict[str, str]) -> None:
    session = database.session()
    before = catalogue_version(session)
    transaction(lambda inside: touch_catalogue(inside, town["soon"]))
    assert catalogue_version(session) == before + 1
    transaction(lambda inside: publish_classes(inside, LISTS, []))
    assert catalogue_version(session) == before + 1


def test_pass_rates_are_counted_from_rows(database: Database, clock: object) -> None:
    school = make_institution()
    run = make_class(course=make_course(institution=school))
    assert run.pass_rate is None
    make_past_class(school, enrolled=9, examined=9, passed=9, placed=None)
    transaction(lambda inside: recount_results(inside, school.id))
    assert run.pass_rate is None
    make_past_class(school, enrolled=31, examined=31, passed=21)
    transaction(lambda inside: recount_results(inside, school.id))
    assert run.pass_rate == 75


@pytest.mark.parametrize("typed", ["电工", "diangong", "dg"])
def test_a_class_whose_title_says_it_comes_before_one_that_only_mentions_it(
    database: Any, typed: str
) -> None:
    soon, later = time.today() + timedelta(days=5), time.today() + timedelta(days=25)
    housework = make_course(
        title="家政服务员（初级工）", occupation="4-10-01-06"
    )  # 钟点工 is one of its names
    make_class(course=housework, starts_on=soon)
    wanted = make_class(course=make_course(title="电工（初级工）", occupation="6-31-01-03"), starts_on=later)
    pack = load_pack(PACK)
    found = course_list(database.session(), pack, Filters(text=typed, by_match=True), time.today())
    assert found.rows[0].id == wanted.id
    by_date = course_list(database.session(), pack, Filters(text=typed), time.today())
    assert {row.id for row in by_date.rows} == {row.id for row in found.rows}
