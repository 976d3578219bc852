"""Enrolling in three steps, as a person meets it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.page import Node
from tests.portal.phone import ask, button, code_on, prove
from tests.training.enrolments.people import registered
from tests.visitor import Visitor
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.models import Enrolment
from training.people.models import Draft
from training.ports import Period, RegisteredCard

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def run(portal: Flask) -> ClassRun:
    with portal.app_context():
        return make.make_class()


def made(portal: Flask) -> int:
    with portal.app_context():
        return db.session().scalar(select(func.count()).select_from(Enrolment)) or 0


def met(page: Node, code: str) -> str:
    return page.one(None, data_reason=code).attrs["data-met"]


def test_a_person_enrols_by_phone(citizen: Visitor, portal: Flask, registries: Any, run: ClassRun) -> None:
    person = registered()
    registries.know(person)
    page = prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    assert citizen.path.endswith("/check")
    assert "no" not in page.marks("data-met")
    assert person.phone
    assert person.phone not in page.text
    assert person.number not in page.text
    page = citizen.send(declaration="yes")
    assert citizen.path == f"/enrol/{run.id}/done"
    assert page.mark("data-status") == "enrolled"
    assert page.one("svg", class_="qr")
    assert person.name not in page.text
    reference = page.mark("data-reference")
    assert citizen.open(citizen.path).mark("data-reference") == reference
    assert citizen.open(f"/mine/{reference}").mark("data-status") == "enrolled"


def test_the_declaration_must_be_ticked(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered()
    registries.know(person)
    prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    page = citizen.send()
    assert citizen.status == 422
    assert page.mark("data-error") == "declaration"
    page = citizen.send(declaration="no")
    assert citizen.status == 422
    assert made(portal) == 0


def test_a_group_is_asked_only_where_nothing_proves_one(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered(groups=())
    registries.know(person)
    page = prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    assert page.one("select", name="group")
    page = citizen.send(declaration="yes")
    assert (citizen.status, page.mark("data-error")) == (422, "group")
    page = citizen.send(declaration="yes", group="unemployed")
    assert page.mark("data-status") == "verifying"


def test_a_group_that_gets_nothing_is_refused_with_its_reason(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered(groups=())
    registries.know(person)
    prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    page = citizen.send(declaration="yes", group="other")
    assert citizen.status == 422
    assert met(page, "group_not_eligible") == "no"
    assert not page.first("input", name="declaration")
    assert made(portal) == 0


def test_who_is_refused_sees_why_and_no_declaration(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered(full_time_study=(Period(date(2025, 9, 1), date(2028, 6, 30)),))
    registries.know(person)
    page = prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    assert citizen.status == 200
    assert met(page, "full_time_student") == "no"
    assert not page.first("input", name="declaration")
    page = citizen.post(f"/enrol/{run.id}/check", declaration="yes")
    assert citizen.status == 422
    assert met(page, "full_time_student") == "no"
    assert made(portal) == 0


def test_who_is_refused_can_clear_what_was_typed(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered(pension_from=date(2025, 1, 1))
    registries.know(person)
    page = prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    page = citizen.send(page.one("form", method="post"), action="clear")
    assert citizen.path == f"/enrol/{run.id}"
    assert person.name not in page.text


def test_a_self_payer_gets_the_declaration_back(citizen: Visitor, portal: Flask, registries: Any) -> None:
    with portal.app_context():
        run = make.make_class(open_to_self_payers=True)
    person = registered(pension_from=date(2025, 1, 1))
    registries.know(person)
    page = prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    assert met(page, "draws_pension") == "no"
    assert page.one("input", name="self_pay")
    page = citizen.open(f"/enrol/{run.id}/check", self_pay="yes")
    assert page.one("input", name="declaration")
    page = citizen.send(declaration="yes")
    assert page.mark("data-status") == "enrolled"
    with portal.app_context():
        assert db.session().scalars(select(Enrolment)).one().self_pay


def test_a_lost_card_and_another_spelling_are_said_beforehand(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered(cards=(RegisteredCard("A19000009", "lost", date(2020, 1, 1)),))
    registries.know(person)
    page = prove(citizen, portal, registries, f"/enrol/{run.id}", person, number="A19000009", name="周晓满")
    assert "reported lost" in page.text
    assert "written differently" in page.text
    assert citizen.send(declaration="yes").mark("data-status") == "verifying"


def test_a_full_class_says_so_before_and_gives_a_place(
    citizen: Visitor, portal: Flask, registries: Any
) -> None:
    with portal.app_context():
        run = make.make_class(seats_left=0)
        make.make_class(course=run.course, seats=12)
    person = registered()
    registries.know(person)
    page = prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    assert "This class is full" in page.text
    page = citizen.send(declaration="yes")
    assert page.mark("data-status") == "waiting"
    assert "number 1 on the waiting list" in page.text


def test_somebody_already_in_the_class_finds_that_enrolment(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered()
    registries.know(person)
    prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    reference = citizen.send(declaration="yes").mark("data-reference")
    other = Visitor(portal.test_client())
    page = prove(other, portal, registries, f"/enrol/{run.id}", person)
    assert met(page, "already_in_class") == "no"
    assert page.one("a", href=f"/mine/{reference}")
    other.open(f"/enrol/{run.id}")
    page = other.post(f"/enrol/{run.id}/check", declaration="yes", idempotency_key="another-key-1")
    assert other.status == 422
    assert page.one("a", href=f"/mine/{reference}")
    assert made(portal) == 1


def test_A29_double_click_back_reload_and_retry_land_on_one_receipt(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered()
    registries.know(person)
    check = prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    form = citizen.form()
    first = citizen.send(form, declaration="yes").mark("data-reference")
    assert check
    again = citizen.send(form, declaration="yes")
    assert (citizen.status, again.mark("data-reference")) == (200, first)
    assert citizen.open(f"/enrol/{run.id}/check").mark("data-reference") == first
    assert made(portal) == 1


def test_A29_a_form_sent_again_after_withdrawing_changes_nothing(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered()
    registries.know(person)
    prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    form = citizen.form()
    reference = citizen.send(form, declaration="yes").mark("data-reference")
    citizen.open(f"/mine/{reference}/withdraw")
    citizen.send(citizen.form("/withdraw"), confirm="yes")
    assert citizen.page.mark("data-status") == "withdrawn"
    citizen.send(form, declaration="yes")
    assert citizen.status == 200
    assert made(portal) == 1


def test_A29_a_double_click_on_the_code_goes_on(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    """The second click still arrives with the cookie from before the first one's answer."""
    person = registered()
    registries.know(person)
    path = f"/enrol/{run.id}"
    ask(citizen, portal, path, person)
    old, page = citizen.client.get_cookie("portal"), citizen.page
    assert old is not None
    data = {"csrf_token": page.all("input", name="csrf_token")[0].attrs["value"], "action": "next"}
    data["code"] = code_on(registries, person.phone or "")
    citizen.client.post(path, data=data)
    fresh = citizen.client.get_cookie("portal")
    assert fresh is not None
    assert fresh.value != old.value
    citizen.client.set_cookie("portal", old.value)
    second = citizen.client.post(path, data=data)
    assert (second.status_code, second.headers["Location"]) == (303, f"{path}/check")
    assert "Set-Cookie" not in second.headers


def test_A29_both_clicks_at_once_on_the_code_go_on(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second click has read what was typed before the first one's code was taken."""
    person, path = registered(), f"/enrol/{run.id}"
    registries.know(person)
    ask(citizen, portal, path, person)
    cookie, token = citizen.client.get_cookie("portal"), citizen.page.one("input", name="idempotency_key")
    data = {"csrf_token": citizen.page.all("input", name="csrf_token")[0].attrs["value"], "action": "next"}
    data |= {"code": code_on(registries, person.phone or ""), "idempotency_key": token.attrs["value"]}
    citizen.client.post(path, data=data)
    assert cookie is not None
    citizen.client.set_cookie("portal", cookie.value)
    monkeypatch.setattr("portal.identity.draft_of", lambda session, *_: session.scalars(select(Draft)).one())
    answer = citizen.client.post(path, data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}/check")


def test_A12_the_browser_gets_a_fresh_id_when_the_code_is_right(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered()
    registries.know(person)
    ask(citizen, portal, f"/enrol/{run.id}", person)
    planted = citizen.client.get_cookie("portal")
    code = code_on(registries, person.phone or "")
    citizen.press(button(citizen.page, "next"), code=code)
    citizen.send(declaration="yes")
    mine = citizen.client.get_cookie("portal")
    assert planted is not None
    assert mine is not None
    assert planted.value != mine.value
    thief = Visitor(portal.test_client())
    thief.client.set_cookie("portal", planted.value)
    thief.open("/mine")
    assert thief.path.startswith("/sign-in")


def test_the_check_page_without_a_proved_code_leads_back(citizen: Visitor, run: ClassRun) -> None:
    page = citizen.open(f"/enrol/{run.id}/check")
    assert citizen.path == f"/enrol/{run.id}?over=1"
    assert "30 minutes" in page.text


def test_a_draft_of_more_than_30_minutes_is_gone(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun, clock: Any
) -> None:
    person = registered()
    registries.know(person)
    prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    clock.shift(timedelta(minutes=31))
    page = citizen.send(declaration="yes")
    assert "over=1" in citizen.path
    assert page.one("input", name="name").attrs.get("value", "") == ""
    assert made(portal) == 0


def test_no_receipt_for_whoever_enrolled_nowhere(citizen: Visitor, run: ClassRun) -> None:
    page = citizen.open(f"/enrol/{run.id}/done")
    assert citizen.status == 404
    assert page.one("a", href="/track", class_="btn")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "published", "opens_on": date(2026, 7, 1)}, "class_not_open"),
        ({"status": "cancelled"}, "class_not_open"),
        ({"starts_on": date(2026, 6, 10)}, "class_started"),
    ],
)
def test_a_class_that_is_not_open_says_why_and_has_no_form(
    citizen: Visitor, portal: Flask, change: dict[str, Any], reason: str
) -> None:
    with portal.app_context():
        run = make.make_class(**change)
        make.make_class(course=run.course)
    page = citizen.open(f"/enrol/{run.id}")
    assert citizen.status == 200
    assert met(page, reason) == "no"
    assert not page.all("form")
    assert page.all("li", class_="course")


def test_a_class_of_a_suspended_school_is_closed(citizen: Visitor, portal: Flask) -> None:
    with portal.app_context():
        course = make.make_course(institution=make.make_institution(status="suspended"))
        run = make.make_class(course=course)
    page = citizen.open(f"/enrol/{run.id}")
    assert (citizen.status, met(page, "school_suspended")) == (200, "no")


@pytest.mark.parametrize("path", ["nowhere", "a" * 26, "x" * 300, "%00", "%E7%94%B5", "..%2f..%2fetc"])
def test_an_unknown_class_is_not_there(citizen: Visitor, path: str) -> None:
    for tail in ("", "/check", "/done"):
        answer = citizen.client.get(f"/enrol/{path}{tail}")
        assert answer.status_code in (303, 404), (path, tail)
        assert answer.status_code == 404 or tail == "/check"
