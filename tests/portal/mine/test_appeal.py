"""Appeal against a refusal of one's own: from the page of the enrolment to the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.training.objections.refusals import appealed, decided, refused_claim, refused_enrolment
from tests.visitor import Visitor
from training.database import db
from training.enrolments.models import Enrolment
from training.objections.models import Matter

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def refused(portal: Flask, citizen: Visitor) -> Enrolment:
    """A refused enrolment; its person is signed in."""
    with portal.app_context():
        enrolment = refused_enrolment()
        make.citizen_browser(citizen.client, enrolment.person)
        return enrolment


def address(enrolment: Enrolment) -> str:
    return f"/mine/{enrolment.reference}/appeal"


def matters(portal: Flask) -> int:
    with portal.app_context():
        return db.session.scalar(select(func.count(Matter.id))) or 0


def test_the_page_of_a_refusal_leads_to_the_appeal_and_says_until_when(
    citizen: Visitor, refused: Enrolment
) -> None:
    page = citizen.open(f"/mine/{refused.reference}")
    assert page.first("a", href=address(refused)) is not None
    assert "appeal by 1 July" in page.text
    assert page.one(None, data_step="appeal").attrs["data-state"] == "next"
    assert page.one("li", data_reason="already_paid_same_level").attrs["data-met"] == "no"


def test_an_appeal_shows_its_reference_and_the_day_of_the_answer(
    portal: Flask, citizen: Visitor, refused: Enrolment
) -> None:
    citizen.open(address(refused))
    page = citizen.send(None, reason="not_me", text="我 2024 年一直在福建打工")
    assert (citizen.status, citizen.path) == (200, address(refused))
    assert page.mark("data-reference").startswith("OB-26-")
    assert page.mark("data-until") == "2026-07-01"
    assert "我 2024 年一直在福建打工" in page.text
    assert citizen.open(f"/t/{page.mark('data-reference')}").mark("data-status") == "open"


@pytest.mark.parametrize("reason", ["not_me", "facts_wrong", "new_proof", "rule_wrong"])
def test_each_reason_of_the_contract_is_taken(
    portal: Flask, citizen: Visitor, refused: Enrolment, reason: str
) -> None:
    citizen.open(address(refused))
    citizen.send(None, reason=reason, text="请再看一次")
    with portal.app_context():
        assert db.session.scalars(select(Matter)).one().reason == reason


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"text": "有证明"}, "reason"),
        ({"reason": "not_me", "text": " "}, "text"),
        ({"reason": "no", "text": "有证明"}, "reason"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    portal: Flask, citizen: Visitor, refused: Enrolment, typed: dict[str, Any], field: str
) -> None:
    citizen.open(address(refused))
    page = citizen.send(None, **typed)
    assert (citizen.status, page.marks("data-error")) == (422, [field])
    assert page.one("textarea", name="text").text == typed["text"].strip()
    assert matters(portal) == 0


def test_a_second_appeal_finds_the_first(portal: Flask, citizen: Visitor, refused: Enrolment) -> None:
    citizen.open(address(refused))
    token = citizen.page.one("input", name="csrf_token").attrs["value"]
    first = citizen.send(None, reason="not_me", text="不是我").mark("data-reference")
    page = citizen.post(address(refused), csrf_token=token, reason="facts_wrong", text="记错了")
    assert (citizen.status, page.mark("data-reference")) == (409, first)
    assert matters(portal) == 1


def test_A29_the_same_form_twice_is_one_appeal(portal: Flask, citizen: Visitor, refused: Enrolment) -> None:
    citizen.open(address(refused))
    form = citizen.form()
    first = citizen.send(form, reason="not_me", text="不是我").mark("data-reference")
    assert citizen.send(form, reason="not_me", text="不是我").mark("data-reference") == first
    assert citizen.status == 200


def test_too_late_says_since_when_and_what_else(
    portal: Flask, citizen: Visitor, refused: Enrolment, clock: Any
) -> None:
    clock.shift(timedelta(days=16))
    with portal.app_context():
        make.citizen_browser(citizen.client, refused.person)
    page = citizen.open(address(refused))
    assert "An appeal was possible until 1 July" in page.text
    assert not page.all("textarea")
    assert page.first("a", href="/feedback") is not None
    citizen.open("/feedback")
    citizen.post(address(refused), reason="not_me", text="不是我")
    assert (citizen.status, matters(portal)) == (409, 0)
    steps = citizen.open(f"/mine/{refused.reference}").marks("data-step")
    assert "appeal" not in steps


def test_what_is_not_refused_has_nothing_to_appeal(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        enrolment = make.make_enrolment()
        make.citizen_browser(citizen.client, enrolment.person)
    page = citizen.open(address(enrolment))
    assert (citizen.status, page.all("textarea")) == (200, [])
    page = citizen.open("/feedback")
    citizen.post(address(enrolment), reason="not_me", text="请再看一次")
    assert citizen.status == 409
    assert matters(portal) == 0


def test_A15_another_persons_refusal_is_not_there(
    portal: Flask, citizen: Visitor, refused: Enrolment
) -> None:
    with portal.app_context():
        make.citizen_browser(citizen.client, make.make_person())
    citizen.open(address(refused))
    assert citizen.status == 404
    citizen.open("/feedback")
    citizen.post(address(refused), reason="not_me", text="不是我的")
    assert citizen.status == 404
    assert matters(portal) == 0


def test_a_stranger_is_asked_to_sign_in(portal: Flask, refused: Enrolment) -> None:
    stranger = Visitor(portal.test_client())
    stranger.open(address(refused))
    assert stranger.path.startswith("/sign-in")


def test_a_refused_claim_is_appealed_from_the_same_page(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        claim = refused_claim()
        enrolment = claim.enrolment
        make.citizen_browser(citizen.client, enrolment.person)
    assert citizen.open(f"/mine/{enrolment.reference}").first("a", href=address(enrolment)) is not None
    citizen.open(address(enrolment))
    citizen.send(None, reason="facts_wrong", text="出勤记错了")
    with portal.app_context():
        assert db.session.scalars(select(Matter)).one().about == claim.id


def test_the_answer_is_read_on_the_page_and_markup_in_it_is_text(
    portal: Flask, citizen: Visitor, refused: Enrolment
) -> None:
    hostile = "<b hx-get='/office'>记录没有错</b>"
    with portal.app_context():
        enrolment = db.session.get_one(Enrolment, refused.id)
        decided(appealed(enrolment, text=hostile), make.staff("reviewer_district"), "dismiss", note=hostile)
    page = citizen.open(address(refused))
    assert page.mark("data-status") == "dismissed"
    said = page.all("p", hx_disable=True)
    assert [one.text for one in said] == [hostile, hostile]
    assert not page.all("b", hx_get=True)
    assert "See my appeal" in citizen.open(f"/mine/{refused.reference}").text
