"""Signed in: to another class of the same course."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.training.enrolments.people import again, enrolled, full_class, registered
from tests.visitor import Visitor
from training import clock as clocks
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.models import Enrolment
from training.people.models import Person

pytestmark = pytest.mark.usefixtures("clock")


def town(portal: Flask, registries: Any, citizen: Visitor, *, seats: int = 5) -> tuple[Enrolment, ClassRun]:
    """Somebody who is enrolled and signed in, and another class of the course."""
    with portal.app_context():
        course = make.make_course()
        [mine], _ = full_class(registries, line=0, course=course)
        later = clocks.today() + timedelta(days=60)
        other = make.make_class(course=course, seats=seats, starts_on=later)
        make.citizen_browser(citizen.client, db.session().get_one(Person, mine.person_id))
        return mine, other


def test_the_matter_leads_to_the_other_classes_and_one_press_changes(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    mine, other = town(portal, registries, citizen)
    page = citizen.open(f"/mine/{mine.reference}")
    assert page.first("a", href=f"/mine/{mine.reference}/change") is not None
    citizen.open(f"/mine/{mine.reference}/change")
    citizen.post(f"/mine/{mine.reference}/change", **{"class": other.id})
    assert (citizen.status, citizen.path) == (200, f"/mine/{mine.reference}")
    with portal.app_context():
        assert again(mine)[0].class_id == other.id


def test_a_full_class_keeps_the_seat_one_has_and_says_so(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    mine, other = town(portal, registries, citizen, seats=1)
    with portal.app_context():
        somebody = registered()
        registries.know(somebody)
        enrolled(registries, somebody, other.id)
    page = citizen.open(f"/mine/{mine.reference}/change")
    radio = page.first("input", name="class")
    assert radio is not None
    assert "disabled" in radio.attrs
    citizen.post(f"/mine/{mine.reference}/change", **{"class": other.id})
    assert citizen.status == 409
    assert citizen.page.mark("data-reason") == "no_seat_there"
    with portal.app_context():
        assert again(mine)[0].class_id == mine.class_id


@pytest.mark.parametrize("wanted", ["", "nowhere", "../x"])
def test_a_class_that_is_none_is_422_at_its_field(
    portal: Flask, registries: Any, citizen: Visitor, wanted: str
) -> None:
    mine, _ = town(portal, registries, citizen)
    citizen.open(f"/mine/{mine.reference}/change")
    citizen.post(f"/mine/{mine.reference}/change", **{"class": wanted})
    assert citizen.status == 422
    assert citizen.page.mark("data-error") == "class"


def test_A15_anothers_enrolment_is_not_there(portal: Flask, registries: Any, citizen: Visitor) -> None:
    _, other = town(portal, registries, citizen)
    with portal.app_context():
        stranger = registered()
        registries.know(stranger)
        theirs = enrolled(registries, stranger, other.id)
    citizen.open(f"/mine/{theirs.reference}/change")
    assert citizen.status == 404
    citizen.open("/mine")
    citizen.post(f"/mine/{theirs.reference}/change", **{"class": other.id})
    assert citizen.status == 404


def test_without_another_class_it_says_so(portal: Flask, registries: Any, citizen: Visitor) -> None:
    with portal.app_context():
        [mine], _ = full_class(registries, line=0)
        make.citizen_browser(citizen.client, db.session().get_one(Person, mine.person_id))
    page = citizen.open(f"/mine/{mine.reference}/change")
    assert page.mark("data-reason") == "no_other_class"
