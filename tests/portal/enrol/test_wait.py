"""The waiting list before one joins it: place, chance, other classes, how it works."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.training.enrolments.people import full_class, leave
from tests.visitor import Visitor
from training import clock as clocks
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.queries import line_history
from training.people.models import Person
from training.policy.queries import load_pack

pytestmark = pytest.mark.usefixtures("clock")
TERMS = load_pack(make.PACK).offers


def full(portal: Flask, registries: Any, line: int = 2, **changes: Any) -> Any:
    with portal.app_context():
        seated, waiting = full_class(registries, line=line, **changes)
        return seated, waiting


def begun(course: Any, *freed: int) -> None:
    """Classes of the course that have begun, in which so many seats came free."""
    for n, seats in enumerate(freed):
        make.make_class(
            course=course,
            starts_on=clocks.today() - timedelta(days=20 + n),
            status="running",
            seats_freed=seats,
        )


def test_place_and_that_nobody_knows_yet(portal: Flask, registries: Any, citizen: Visitor) -> None:
    _, waiting = full(portal, registries)
    page = citizen.open(f"/enrol/{waiting[0].class_id}/wait")
    assert citizen.status == 200
    assert page.mark("data-place") == "3"
    assert "We do not know yet" in page.text
    assert page.first("a", href=f"/enrol/{waiting[0].class_id}") is not None


def test_the_chance_is_told_from_classes_that_have_begun(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    with portal.app_context():
        course = make.make_course()
        begun(course, 4, 3, 1, 0)
    _, waiting = full(portal, registries, course=course)
    page = citizen.open(f"/enrol/{waiting[0].class_id}/wait")
    assert "Of the last 4 classes like this, 2 had so many seats come free. Your chance is good." in page.text
    with portal.app_context():
        run = db.session().get_one(ClassRun, waiting[0].class_id)
        history = line_history(db.session(), run, clocks.today(), TERMS)
        assert history is not None
        assert (history.classes, history.average, history.reaching(1)) == (4, 2, 3)


def test_history_counts_each_freed_seat_once(portal: Flask, registries: Any) -> None:
    [seated], [first, _] = full(portal, registries)
    with portal.app_context():
        leave(seated)
        leave(first)
        run = db.session().get_one(ClassRun, seated.class_id, populate_existing=True)
        assert run.seats_freed == 1, "left once, offered twice"


def test_a_class_with_a_seat_leads_to_the_seat(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        run = make.make_class()
    citizen.open(f"/enrol/{run.id}/wait")
    assert (citizen.status, citizen.path) == (200, f"/enrol/{run.id}")


def test_a_class_without_a_line_and_one_that_began_say_why(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    [seated], _ = full(portal, registries, line=0, takes_waiting=False)
    page = citizen.open(f"/enrol/{seated.class_id}/wait")
    assert page.mark("data-reason") == "class_full"
    with portal.app_context():
        began = make.make_class(starts_on=clocks.today())
    assert citizen.open(f"/enrol/{began.id}/wait").mark("data-reason") == "class_started"
    citizen.open("/enrol/nowhere/wait")
    assert citizen.status == 404


def test_who_stands_there_already_sees_it(portal: Flask, registries: Any, citizen: Visitor) -> None:
    _, [first, _] = full(portal, registries)
    with portal.app_context():
        make.citizen_browser(citizen.client, db.session().get_one(Person, first.person_id))
    page = citizen.open(f"/enrol/{first.class_id}/wait")
    assert page.first("a", href=f"/mine/{first.reference}") is not None
