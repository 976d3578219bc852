"""A course, a class and a school: what they say before anybody gives a name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.make import make_class, make_course, make_institution, make_past_class
from tests.visitor import Visitor
from training import clock as time

pytestmark = [pytest.mark.parametrize("engine", ["sqlite"], indirect=True), pytest.mark.usefixtures("clock")]
ELIGIBLE = {"birth_year": "1985", "situation": "migrant", "had_subsidy_this_year": "no"}


@pytest.fixture
def open_class(portal: Flask) -> Any:
    """A class with seats, and another of the same occupation."""
    with portal.app_context():
        make_class()
        return make_class(open_to_self_payers=False)


def test_a_class_says_state_grade_cost_and_how_to_join(citizen: Visitor, open_class: Any) -> None:
    page = citizen.open(f"/classes/{open_class.id}")
    assert page.mark("data-status") == "enrolling"
    assert page.mark("data-grade") == "A"
    assert {node.attrs["href"] for node in page.all("a") if "Join this class" in node.text} == {
        f"/enrol/{open_class.id}"
    }
    assert "120 class hours; at least 96 must be attended" in page.text
    assert "Enrolments without a code hold at most" in page.text
    assert "No figure yet" in page.text
    papers = [node for node in page.all("a") if node.attrs.get("href", "").startswith("/rules/")]
    assert papers
    assert all(node.attrs["href"].removeprefix("/rules/") not in node.text for node in papers)
    tuition = page.one(data_family="tuition").attrs
    assert (tuition["data-outcome"], tuition["data-amount-fen"].isdigit()) == ("maybe", True)


@pytest.mark.parametrize(
    ("answers", "outcome", "reason", "met"),
    [
        (ELIGIBLE, "yes", "group_not_eligible", "yes"),
        (ELIGIBLE | {"had_subsidy_this_year": "yes"}, "no", "cap_reached", "no"),
        (ELIGIBLE | {"had_subsidy_this_year": "unknown"}, "maybe", "cap_reached", "unknown"),
        (ELIGIBLE | {"birth_year": "2012"}, "no", "under_age", "no"),
    ],
)
def test_will_it_be_paid_for_me(
    citizen: Visitor, open_class: Any, answers: dict[str, str], outcome: str, reason: str, met: str
) -> None:
    page = citizen.open(f"/classes/{open_class.id}", **answers)
    assert page.one(data_family="tuition").attrs["data-outcome"] == outcome
    assert page.one("li", data_reason=reason).attrs["data-met"] == met
    assert page.one("option", value=answers["birth_year"], selected=True)


def test_answers_are_read_or_left_out(citizen: Visitor, open_class: Any) -> None:
    page = citizen.open(f"/classes/{open_class.id}", birth_year="<b>", situation="rich")
    assert citizen.status == 200
    assert page.one(data_family="tuition").attrs["data-outcome"] == "maybe"
    assert not page.all("li", data_reason="group_not_eligible")


def test_a_full_class_offers_the_line_and_other_classes(
    portal: Flask, citizen: Visitor, open_class: Any
) -> None:
    with portal.app_context():
        full = make_class(status="full", seats_left=0, waiting=5)
        closed = make_class(status="full", seats_left=0, takes_waiting=False)
    page = citizen.open(f"/classes/{full.id}")
    assert page.mark("data-status") == "full"
    assert "you are number 6" in page.text
    assert open_class.id in page.marks("data-class")
    assert any("Join as number 6" in node.text for node in page.all("a"))
    page = citizen.open(f"/classes/{closed.id}")
    assert "waiting list is closed" in page.text
    assert not [node for node in page.all("a") if node.attrs["href"].startswith("/enrol/")]


@pytest.mark.parametrize(
    ("changes", "school", "status", "reason", "said"),
    [
        ({"status": "running", "starts_on": -3}, {}, "running", "class_started", "It began on 13 June."),
        ({"starts_on": 0}, {}, "running", "class_started", "It began on 16 June."),
        (
            {"status": "published", "opens_on": 5},
            {},
            "published",
            "class_not_open",
            "Enrolment opens on 21 June",
        ),
        ({"status": "cancelled"}, {}, "cancelled", "class_not_open", "Nobody can join"),
        ({"status": "suspended"}, {}, "suspended", "class_not_open", "Nobody can join"),
        ({}, {"status": "suspended", "status_reason": "整改"}, "enrolling", "school_suspended", "整改"),
    ],
)
def test_a_class_nobody_can_join_says_why_and_what_else(
    portal: Flask,
    citizen: Visitor,
    open_class: Any,
    changes: dict[str, Any],
    school: dict[str, Any],
    status: str,
    reason: str,
    said: str,
) -> None:
    days = {
        name: time.today() + timedelta(days=value) if isinstance(value, int) else value
        for name, value in changes.items()
    }
    with portal.app_context():
        run = make_class(course=make_course(institution=make_institution(**school)), **days)
    page = citizen.open(f"/classes/{run.id}")
    assert citizen.status == 200
    assert page.mark("data-status") == status
    assert page.one("li", data_reason=reason).attrs["data-met"] == "no"
    assert said in page.text
    assert open_class.id in page.marks("data-class")
    assert not [node for node in page.all("a") if node.attrs["href"].startswith("/enrol/")]


@pytest.mark.parametrize("status", ["draft", "submitted", "returned", "approved"])
def test_a_class_not_yet_public_is_not_there(portal: Flask, citizen: Visitor, status: str) -> None:
    with portal.app_context():
        run = make_class(status=status)
    citizen.open(f"/classes/{run.id}")
    assert citizen.status == 404


@pytest.mark.parametrize(
    "path", ["/courses/none", "/classes/none", "/schools/none", "/classes/a%00b", "/schools/%F0%9F%92%A9"]
)
def test_what_is_not_there_is_404(citizen: Visitor, path: str) -> None:
    citizen.open(path)
    assert citizen.status == 404


def test_a_course_lets_one_choose_a_class(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        course = make_course()
        full = make_class(
            course=course, status="full", seats_left=0, waiting=1, starts_on=time.today() + timedelta(days=2)
        )
        free = make_class(course=course)
        make_past_class(course.institution, enrolled=412, examined=412, passed=379, placed=None)
    page = citizen.open(f"/courses/{course.id}")
    assert page.marks("data-class") == [full.id, free.id]
    assert page.one("input", type="radio", checked=True).attrs["value"] == free.id
    for words in ("Wiring lights", "379 of 412 people", "92%", "89%–94%", "¥1,500"):
        assert words in page.text
    citizen.open(f"/courses/{course.id}", **{"class": free.id})
    assert citizen.path == f"/classes/{free.id}"


def test_a_course_without_a_class_leads_to_its_occupation(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        course = make_course()
    page = citizen.open(f"/courses/{course.id}")
    assert "No class of this course takes people now." in page.text
    assert any(node.attrs["href"] == "/courses?occupation=6-31-01-03" for node in page.all("a"))


def test_a_school_shows_licence_grade_results_and_classes(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        school = make_institution(grade="B", licence_until=time.today() + timedelta(days=3))
        run = make_class(course=make_course(institution=school))
        make_past_class(school, enrolled=40, examined=40, passed=36)
        make_past_class(school, occupation="4-03-02-01", enrolled=9, examined=9, passed=1, placed=None)
    page = citizen.open(f"/schools/{school.id}")
    assert page.mark("data-grade") == "B"
    assert page.one(data_status="listed")
    assert page.marks("data-class") == [run.id]
    assert "valid to 19 June" in page.text
    assert "36 of 40" in page.text
    assert "1 of 9" not in page.text


def test_a_suspended_school_says_since_when_and_why(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        school = make_institution(status="suspended", status_reason="消防检查没有通过", grade=None)
        make_class(course=make_course(institution=school))
    page = citizen.open(f"/schools/{school.id}")
    assert page.mark("data-grade") == "none"
    assert page.one(data_status="suspended")
    assert "消防检查没有通过" in page.text
    assert "nobody loses a subsidy" in page.text
    assert page.marks("data-class") == []


@pytest.mark.parametrize("path", ["/courses", "/courses/{course}", "/classes/{run}", "/schools/{school}"])
def test_I38_both_languages_say_the_same(portal: Flask, open_class: Any, path: str) -> None:
    with portal.app_context():
        course = open_class.course
        address = path.format(course=course.id, run=open_class.id, school=course.institution.id)
    pages = [Visitor(portal.test_client(), language).open(address) for language in ("zh", "en")]
    for mark in ("data-class", "data-seats-left", "data-status", "data-grade", "data-reason", "data-total"):
        assert pages[0].marks(mark) == pages[1].marks(mark)
    assert pages[0].text != pages[1].text
