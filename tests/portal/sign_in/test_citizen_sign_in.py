"""Signing in at the citizens' door: a code to the phone on file, or once the code of a slip."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import make
from tests.portal.phone import ask, button, code_on, prove
from tests.training.enrolments.people import enrolled, registered
from tests.visitor import Visitor
from training.audit import Actor, ActorKind
from training.database import db, transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations import print_slip
from training.people.models import Person
from training.policy.queries import load_pack
from training.ports import RegisteredPerson

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def person(registries: Any) -> RegisteredPerson:
    found = registered()
    registries.know(found)
    return found


def test_a_code_signs_in(citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson) -> None:
    page = ask(citizen, portal, "/sign-in", person)
    assert page.mark("data-number-kind") == "number18"
    page = citizen.press(button(page, "next"), code=code_on(registries, person.phone or ""))
    assert citizen.path == "/mine"
    assert person.name not in page.text
    assert "No matters yet" in page.text
    citizen.open("/sign-in")
    assert citizen.path == "/mine"


def test_A01_the_number_alone_opens_nothing(
    citizen: Visitor, portal: Flask, person: RegisteredPerson
) -> None:
    for path in ("/mine", "/mine/CQ-26-7F3KM-Q9XWS", "/mine/CQ-26-7F3KM-Q9XWS/withdraw"):
        citizen.open(path)
        assert citizen.path.startswith("/sign-in?next=")
    page = ask(citizen, portal, "/sign-in", person)
    page = citizen.press(button(page, "next"), code="")
    assert (citizen.status, page.mark("data-error")) == (422, "code")
    page = citizen.post("/sign-in", action="next", name=person.name, number=person.number)
    assert (citizen.status, page.mark("data-error")) == (422, "code")
    citizen.open("/mine")
    assert citizen.path.startswith("/sign-in")


def test_A12_signing_in_makes_a_fresh_id(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson
) -> None:
    citizen.open("/sign-in")
    before = citizen.client.get_cookie("portal")
    prove(citizen, portal, registries, "/sign-in", person)
    after = citizen.client.get_cookie("portal")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    old = portal.test_client()
    old.set_cookie("portal", before.value)
    assert old.get("/mine").status_code == 303


def test_A13_a_cookie_is_worth_nothing_after_signing_out(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson
) -> None:
    prove(citizen, portal, registries, "/sign-in", person)
    kept = citizen.client.get_cookie("portal")
    assert kept is not None
    answer = citizen.client.post("/sign-out", data={"csrf_token": _token(citizen)})
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    replay = portal.test_client()
    replay.set_cookie("portal", kept.value)
    assert replay.get("/mine").status_code == 303
    assert citizen.client.get("/mine").status_code == 303


def _token(citizen: Visitor) -> str:
    return citizen.page.one("input", name="csrf_token").attrs["value"]


@pytest.mark.parametrize(
    ("pauses", "stays"), [([29, 29, 29], True), ([31], False), ([29] * 24, True), ([29] * 25, False)]
)
def test_A14_thirty_minutes_idle_and_twelve_hours_in_all(
    citizen: Visitor,
    portal: Flask,
    registries: Any,
    person: RegisteredPerson,
    clock: Any,
    pauses: list[int],
    stays: bool,
) -> None:
    prove(citizen, portal, registries, "/sign-in", person)
    for minutes in pauses:
        clock.shift(timedelta(minutes=minutes))
        citizen.open("/mine")
    assert (citizen.path == "/mine") is stays


def test_A14_A65_pages_of_a_person_leave_nothing_behind(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson
) -> None:
    page = prove(citizen, portal, registries, "/sign-in", person)
    assert citizen.response.headers["Cache-Control"] == "no-store"
    assert page.all(None, hx_history="false")
    for path in ("/sign-in", "/mine"):
        assert Visitor(portal.test_client()).client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "next_",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "\t//evil.example", "javascript:alert(1)"],
)
def test_A55_next_stays_on_this_site(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson, next_: str
) -> None:
    citizen.open("/sign-in", next=next_)
    citizen.press(button(citizen.page, "send_code"), name=person.name, number=person.number)
    assert "evil" not in citizen.response.get_data(as_text=True)
    ask(Visitor(portal.test_client()), portal, "/sign-in", registered())
    code = code_on(registries, person.phone or "")
    citizen.press(button(citizen.page, "next"), code=code)
    assert citizen.path == "/mine"


def test_next_leads_back_to_what_was_wanted(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson
) -> None:
    with portal.app_context():
        reference = enrolled(registries, person, make.make_class().id).reference
    citizen.open(f"/mine/{reference}")
    assert citizen.path.startswith("/sign-in?next=")
    page = prove(citizen, portal, registries, citizen.path, person)
    assert citizen.path == f"/mine/{reference}"
    assert page.mark("data-reference") == reference


def slip(portal: Flask, registries: Any, person: RegisteredPerson) -> str:
    """The code on the slip of an enrolment of this person."""
    with portal.app_context():
        clerk = make.staff("counsellor")
        enrolled_id = enrolled(registries, person, make.make_class().id).id

        def at_the_counter(session: Session) -> None:
            session.get_one(Enrolment, enrolled_id).created_by = clerk.id

        transaction(at_the_counter)
        return print_slip(enrolled_id, Actor(ActorKind.STAFF, clerk.id), load_pack(make.PACK)).code


def test_a_slip_code_signs_in_once_with_the_number(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson
) -> None:
    code = slip(portal, registries, person)
    citizen.open("/sign-in")
    page = citizen.post("/sign-in", action="next", number=registered().number, code=code)
    assert (citizen.status, page.mark("data-error")) == (422, "code")
    written = f"{code[:5]}-{code[5:10]}-{code[10:]}".lower()
    page = citizen.post("/sign-in", action="next", number=person.number, code=written)
    assert citizen.path == "/mine"
    assert page.all(None, data_reference=True)
    again = Visitor(portal.test_client())
    again.open("/sign-in")
    page = again.post("/sign-in", action="next", number=person.number, code=code)
    assert (again.status, page.mark("data-error")) == (422, "code")


def test_enter_in_the_field_of_the_slip_signs_in(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson
) -> None:
    code = slip(portal, registries, person)
    page = citizen.open("/sign-in")
    citizen.press(button(page, "send_code"), number=person.number, code=code)
    assert citizen.path == "/mine"


def test_the_code_field_stands_there_from_the_start(citizen: Visitor) -> None:
    page = citizen.open("/sign-in")
    assert page.one("input", name="code")
    assert page.one("input", name="name")


def test_the_language_of_the_page_is_the_language_of_the_person(
    portal: Flask, registries: Any, person: RegisteredPerson
) -> None:
    prove(Visitor(portal.test_client(), "en"), portal, registries, "/sign-in", person)
    with portal.app_context():
        assert db.session().scalars(select(Person.language)).one() == "en"


def test_A13_what_was_proved_is_worth_nothing_after_signing_out(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson
) -> None:
    with portal.app_context():
        run = make.make_class()
    prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    citizen.post(f"/enrol/{run.id}/check", declaration="yes")
    kept = citizen.client.get_cookie("portal")
    citizen.open("/mine")
    citizen.client.post("/sign-out", data={"csrf_token": _token(citizen)})
    assert kept is not None
    replay = portal.test_client()
    replay.set_cookie("portal", kept.value)
    answer = replay.get(f"/enrol/{run.id}/check")
    assert answer.headers["Location"].endswith("?over=1")
    assert replay.get("/mine").status_code == 303


def test_a_slip_code_runs_out(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson, clock: Any
) -> None:
    code = slip(portal, registries, person)
    clock.shift(timedelta(days=91))
    citizen.open("/sign-in")
    page = citizen.press(button(citizen.page, "next"), number=person.number, code=code)
    assert (citizen.status, page.mark("data-error")) == (422, "code")
