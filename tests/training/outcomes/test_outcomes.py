"""Attendance adds up, results close an enrolment, certificates stand once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests import make
from training import audit
from training import clock as clocks
from training.audit import SubjectKind
from training.clock import SHANGHAI
from training.courses.models import Level
from training.database import transaction
from training.entitlements.models import Entitlement, EntitlementState
from training.errors import NotAllowedNow, NotThere
from training.outcomes.models import Certificate
from training.outcomes.operations import Marks, enter_result, note_certificate
from training.outcomes.queries import certificate_for, lessons_of, result_of
from training.outcomes.rules import Lesson, attended

NINE = datetime(2026, 6, 1, 9, 0, tzinfo=SHANGHAI)
lessons = st.builds(
    lambda n, hours, present: Lesson(
        NINE + timedelta(days=n), NINE + timedelta(days=n, hours=hours), present
    ),
    st.integers(0, 40),
    st.integers(1, 8),
    st.sampled_from([True, False, None]),
)


@given(st.lists(lessons))
def test_I23_confirmed_hours_never_exceed_scheduled_hours(rows) -> None:
    found = attended(rows)
    assert 0 <= found.present <= found.scheduled
    assert 0 <= found.percent <= 100
    assert found.unrecorded <= found.lessons == len(rows)


def test_shares_are_rounded_down_and_no_record_is_not_attended() -> None:
    day = [Lesson(NINE + timedelta(days=n), NINE + timedelta(days=n, hours=3), n != 2) for n in range(3)]
    assert attended(day).percent == 66
    assert attended([]).percent == 0
    silent = attended([Lesson(NINE, NINE + timedelta(hours=3), None)])
    assert (silent.percent, silent.is_recorded) == (0, False)


def test_lessons_of_a_person_with_and_without_a_record(database, clock) -> None:
    enrolment = make.make_passed(present=7)
    rows = lessons_of(database.session, enrolment)
    assert [row.present for row in rows] == [True] * 7 + [False] * 3
    assert rows == sorted(rows, key=lambda row: row.starts_at)
    assert (attended(rows).percent, rows[0].minutes, rows[0].source) == (70, 240, "card")
    other = make.make_passed(class_run=enrolment.class_run, present=None)
    assert {row.present for row in lessons_of(database.session, other)} == {None}


@pytest.mark.parametrize(
    ("passed", "status", "state"), [(True, "passed", "held"), (False, "failed", "released")]
)
def test_a_result_closes_the_enrolment(database, clock, passed, status, state) -> None:
    enrolment = make.make_enrolment(status="completed")
    enter_result(enrolment.id, Marks(80, 55, passed), make.NOBODY)
    assert enrolment.status == status
    found = result_of(database.session, enrolment.id)
    assert found is not None
    assert (found.theory, found.practice, found.passed) == (80, 55, passed)
    assert database.session.scalars(select(Entitlement)).one().state is EntitlementState(state)
    [event] = audit.history(database.session, SubjectKind.ENROLMENT, enrolment.id)
    assert (event.name, event.status) == ("result_entered", status)
    with pytest.raises(NotAllowedNow):
        enter_result(enrolment.id, Marks(90, 90, True), make.NOBODY)


def test_no_result_before_the_class_is_over(database, clock) -> None:
    with pytest.raises(NotAllowedNow):
        enter_result(make.make_enrolment().id, Marks(80, 80, True), make.NOBODY)
    with pytest.raises(NotThere):
        enter_result("a" * 26, Marks(80, 80, True), make.NOBODY)


def test_a_certificate_stands_once_and_is_found_by_occupation_and_level(database, clock) -> None:
    person = make.make_person()

    def note(level: str, number: str, days: int) -> None:
        issued = clocks.today() - timedelta(days=days)
        transaction(
            lambda session: note_certificate(session, person.id, "6-31-01-03", Level(level), number, issued)
        )

    for level, number, days in (("5", "S1", 400), ("5", "S2", 4), ("5", "S2", 4), ("4", "S3", 1)):
        note(level, number, days)
    found = certificate_for(database.session, person.id, "6-31-01-03", Level.FIVE)
    assert found is not None
    assert found.number == "S2"
    assert certificate_for(database.session, person.id, "4-10-01-05", Level.FIVE) is None
    assert database.session.scalar(select(func.count()).select_from(Certificate)) == 3
