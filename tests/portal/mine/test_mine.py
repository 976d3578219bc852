"""Signed in: my enrolments, and what I can do about each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.page import Node
from tests.training.enrolments.people import enrolled, registered
from tests.visitor import Visitor
from training import clock as clocks
from training.database import db, transaction
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.people.models import Group
from training.ports import RegisteredPerson

Statements = Callable[[], AbstractContextManager[list[str]]]
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def matter(portal: Flask, registries: Any, citizen: Visitor) -> str:
    """The reference of an enrolment of the person who is signed in as `citizen`."""
    return enrol_and_sign_in(portal, registries, citizen)


def enrol_and_sign_in(portal: Flask, registries: Any, visitor: Visitor, **changes: Any) -> str:
    person = registered(**changes)
    registries.know(person)
    with portal.app_context():
        made = enrolled(registries, person, make.make_class().id)
        make.citizen_browser(visitor.client, made.person)
        return made.reference


def change(portal: Flask, reference: str, do: Callable[[Enrolment], None]) -> None:
    """As if a verifier had decided."""

    def work(session: Any) -> None:
        do(session.scalars(select(Enrolment).where(Enrolment.reference == reference)).one())

    with portal.app_context():
        transaction(work)
        db.session.remove()


def returned(enrolment: Enrolment) -> None:
    enrolment.status = EnrolmentStatus.RETURNED
    enrolment.returned_fields, enrolment.note = "name", "“和”和登记的“禾”不同 <b>"
    enrolment.reasons = ["group_not_eligible"]
    enrolment.answer_by = clocks.now() + timedelta(days=5)


def test_the_list_and_the_matter_say_the_same(citizen: Visitor, matter: str) -> None:
    page = citizen.open("/mine")
    assert page.mark("data-reference") == matter
    assert page.mark("data-status") == "enrolled"
    page = citizen.open(f"/mine/{matter}")
    assert page.mark("data-status") == "enrolled"
    assert "You do not have to do anything now" in page.text
    assert page.one("a", href=f"/mine/{matter}/withdraw")
    assert not page.all("a", href=f"/mine/{matter}/correct")
    assert page.marks("data-state").count("now") == 1


def test_A15_another_persons_matter_is_not_there(
    citizen: Visitor, portal: Flask, registries: Any, matter: str, clock: Any
) -> None:
    clock.shift(timedelta(minutes=1))
    thief = Visitor(portal.test_client())
    own = enrol_and_sign_in(portal, registries, thief)
    unknown = "CQ-26-7F3KM-Q9XWS"
    for tail in ("", "/withdraw", "/correct"):
        answers = [thief.client.get(f"/mine/{reference}{tail}") for reference in (matter, unknown, "x")]
        assert [answer.status_code for answer in answers] == [404] * 3
        assert "Electrician" not in answers[0].get_data(as_text=True)
    thief.open(f"/mine/{own}/withdraw")
    for tail in ("/withdraw", "/correct"):
        thief.post(f"/mine/{matter}{tail}", csrf_token=_token(thief, own), confirm="yes", name="贼")
        assert thief.status == 404
    assert citizen.open(f"/mine/{matter}").mark("data-status") == "enrolled"


def _token(visitor: Visitor, own: str) -> str:
    return visitor.open(f"/mine/{own}/withdraw").one("input", name="csrf_token").attrs["value"]


def test_withdrawing_says_what_it_means_and_needs_a_tick(citizen: Visitor, matter: str) -> None:
    page = citizen.open(f"/mine/{matter}/withdraw")
    assert "cannot be had back" in page.text
    page = citizen.send()
    assert (citizen.status, page.mark("data-error")) == (422, "confirm")
    page = citizen.send(confirm="yes", reason="work")
    assert citizen.path == f"/mine/{matter}"
    assert page.mark("data-status") == "withdrawn"


def test_A29_withdrawing_twice_is_done_once(citizen: Visitor, matter: str) -> None:
    citizen.open(f"/mine/{matter}/withdraw")
    form = citizen.form()
    for _ in range(2):
        page = citizen.send(form, confirm="yes")
        assert (citizen.status, page.mark("data-status")) == (200, "withdrawn")
    page = citizen.open(f"/mine/{matter}/withdraw")
    assert "withdrawn already" in page.text
    assert not page.all("input", name="confirm")


def test_withdrawing_after_the_start_is_not_offered_and_not_done(
    citizen: Visitor, portal: Flask, matter: str
) -> None:
    citizen.open(f"/mine/{matter}/withdraw")
    form = citizen.form()

    def begun(enrolment: Enrolment) -> None:
        enrolment.class_run.starts_on = clocks.today()

    change(portal, matter, begun)
    page = citizen.send(form, confirm="yes")
    assert citizen.status == 409
    page = citizen.open(f"/mine/{matter}")
    assert page.mark("data-status") == "enrolled"
    assert not page.all("a", href=f"/mine/{matter}/withdraw")
    page = citizen.open(f"/mine/{matter}/withdraw")
    assert "when the class began" in page.text
    assert not page.all("input", name="confirm")


def test_only_the_returned_field_is_corrected(citizen: Visitor, portal: Flask, matter: str) -> None:
    citizen.open(f"/mine/{matter}/correct")
    assert citizen.status == 409
    change(portal, matter, returned)
    page = citizen.open("/mine")
    assert "1 thing needs you" in page.text
    page = citizen.open(f"/mine/{matter}/correct")
    assert page.marks("data-field") == ["name"]
    assert "禾" in page.text
    assert "<b>" in page.text
    assert not page.all("input", name="number")
    page = citizen.post(f"/mine/{matter}/correct")
    assert (citizen.status, page.mark("data-error")) == (422, "name")
    page = citizen.send(name="周\u202e满")
    assert (citizen.status, page.mark("data-error")) == (422, "name")
    page = citizen.send(name="周小禾")
    assert citizen.path == f"/mine/{matter}"
    assert page.mark("data-status") == "verifying"
    with portal.app_context():
        assert db.session().query(Enrolment).one().name_typed == "周小禾"
    citizen.post(f"/mine/{matter}/correct", name="周大禾", csrf_token=_token(citizen, matter))
    assert citizen.status == 409


def test_a_refusal_shows_its_reason(citizen: Visitor, portal: Flask, matter: str) -> None:
    def refused(enrolment: Enrolment) -> None:
        enrolment.status, enrolment.reasons = EnrolmentStatus.REFUSED, ["draws_pension"]

    change(portal, matter, refused)
    page = citizen.open(f"/mine/{matter}")
    assert page.mark("data-status") == "refused"
    assert page.one(None, data_reason="draws_pension").attrs["data-met"] == "no"
    assert not page.all("a", href=f"/mine/{matter}/withdraw")


def test_A65_every_page_of_a_person_is_no_store(citizen: Visitor, portal: Flask, matter: str) -> None:
    change(portal, matter, returned)
    for tail in ("", f"/{matter}", f"/{matter}/correct", f"/{matter}/withdraw"):
        page = citizen.open(f"/mine{tail}")
        assert citizen.response.headers["Cache-Control"] == "no-store"
        assert page.all(None, hx_history="false")


def test_I38_both_languages_show_the_same_marks(citizen: Visitor, matter: str) -> None:
    pages = []
    for language in ("en", "zh"):
        citizen.client.set_cookie("display", f"{language}.large")
        pages.append(citizen.open(f"/mine/{matter}"))
    for mark in ("data-reference", "data-status", "data-step", "data-state", "href"):
        assert [m for m in pages[0].marks(mark) if "display" not in m] == [
            m for m in pages[1].marks(mark) if "display" not in m
        ]


def test_forged_references_are_never_an_error_of_ours(citizen: Visitor, matter: str) -> None:
    for forged in ("%00", "..%2f", "CQ-26-00000-00000", matter.lower(), "%F0%9F%98%80", "x" * 3000):
        answer = citizen.client.get(f"/mine/{forged}")
        assert answer.status_code in (200, 404), forged


def amounts(page: Node) -> list[str]:
    return page.marks("data-amount-fen")


@pytest.mark.parametrize("status", ["verifying", "returned", "offered", "enrolled", "attending"])
def test_what_is_held_for_a_matter_is_said_before_there_is_a_claim(
    citizen: Visitor, portal: Flask, matter: str, status: str
) -> None:
    """The listed standard of level 5, as the check page says it and as the claim will come to."""

    def moved(enrolment: Enrolment) -> None:
        enrolment.status = EnrolmentStatus(status)
        enrolment.held_until = clocks.now() + timedelta(hours=20) if status == "offered" else None

    change(portal, matter, moved)
    for address in ("/mine", f"/mine/{matter}"):
        page = citizen.open(address)
        assert page.mark("data-status") == status
        assert amounts(page) == ["150000"], address
        assert "if you pass" in page.text
    citizen.open(f"/t/{matter}")
    assert "data-amount-fen" not in citizen.response.get_data(as_text=True)


@pytest.mark.parametrize("status", ["refused", "withdrawn", "failed", "expired", "dropped_out"])
def test_nothing_is_promised_for_a_matter_that_is_over(
    citizen: Visitor, portal: Flask, matter: str, status: str
) -> None:
    def ended(enrolment: Enrolment) -> None:
        enrolment.status = EnrolmentStatus(status)

    change(portal, matter, ended)
    for address in ("/mine", f"/mine/{matter}"):
        assert amounts(citizen.open(address)) == []


def test_nothing_is_promised_to_who_pays_or_to_a_group_that_gets_nothing(
    citizen: Visitor, portal: Flask, matter: str
) -> None:
    def pays(enrolment: Enrolment) -> None:
        enrolment.self_pay = True

    def other(enrolment: Enrolment) -> None:
        enrolment.self_pay, enrolment.group = False, Group.OTHER

    for do in (pays, other):
        change(portal, matter, do)
        assert amounts(citizen.open("/mine")) == []
        assert amounts(citizen.open(f"/mine/{matter}")) == []


def test_a_place_in_line_promises_nothing_while_another_class_holds_the_year(
    citizen: Visitor, portal: Flask, registries: Any, clock: Any
) -> None:
    """The one subsidy of the year lies with the class that is certain; given back, the other may have it."""
    person = registered()
    registries.know(person)
    with portal.app_context():
        waiting = in_line(registries, person).reference
        clock.shift(timedelta(minutes=1))
        sure = enrolled(registries, person, make.make_class().id)
        make.citizen_browser(citizen.client, sure.person)
        held = sure.reference
    page = citizen.open("/mine")
    assert amounts(page.one("li", data_reference=held)) == ["150000"]
    assert amounts(page.one("li", data_reference=waiting)) == []
    citizen.open(f"/mine/{held}/withdraw")
    citizen.send(confirm="yes")
    page = citizen.open("/mine")
    assert amounts(page.one("li", data_reference=held)) == []
    assert len(amounts(page.one("li", data_reference=waiting))) == 1


def in_line(registries: Any, person: RegisteredPerson) -> Enrolment:
    """In line of a class that is full, which holds nothing."""
    course = make.make_course(occupation="4-03-02-01", title="中式烹调师", title_en="Cook")
    full = make.make_class(course=course, starts_on=clocks.today() + timedelta(days=90), seats_left=0)
    return enrolled(registries, person, full.id)


def test_the_list_costs_no_statement_more_for_each_matter(
    citizen: Visitor, portal: Flask, registries: Any, statements: Statements, clock: Any
) -> None:
    def seated(enrolment: Enrolment) -> None:
        enrolment.status, enrolment.place, enrolment.verified_by = EnrolmentStatus.ENROLLED, None, "system"

    person, counts = registered(), []
    registries.know(person)
    for matters in (1, 2, 3):
        clock.shift(timedelta(minutes=1))
        with portal.app_context():
            made = in_line(registries, person)
            make.citizen_browser(citizen.client, made.person)
            reference = made.reference
        change(portal, reference, seated)
        with statements() as seen:
            page = citizen.open("/mine")
        assert len(amounts(page)) == matters
        counts.append(len(seen))
    assert len(set(counts)) == 1
