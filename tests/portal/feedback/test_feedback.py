"""Write to us: without a name, under a reference that leads to the answer."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.training.objections.refusals import decided
from tests.visitor import Visitor
from training.database import db
from training.limits import Limit
from training.objections.models import Matter
from training.outbox import OutboxRow

pytestmark = pytest.mark.usefixtures("clock")


def written(citizen: Visitor, **typed: Any) -> Any:
    said = {"kind": "complaint", "text": "改了上课地点没说", "contact": ""} | typed
    citizen.open("/feedback")
    return citizen.send(None, **said)


def test_what_is_written_gets_a_reference_a_desk_and_a_day(citizen: Visitor) -> None:
    page = written(citizen)
    assert citizen.path.startswith("/feedback/done")
    assert page.mark("data-reference").startswith("OB-26-")
    assert page.mark("data-until") == "2026-06-24"
    assert "Shapingba District Bureau, complaints" in page.text


@pytest.mark.parametrize("kind", ["message", "complaint", "fee_report"])
def test_each_kind_of_the_contract_is_taken(portal: Flask, citizen: Visitor, kind: str) -> None:
    reference = written(citizen, kind=kind).mark("data-reference")
    with portal.app_context():
        assert db.session.scalar(select(Matter.kind).where(Matter.reference == reference)) == kind


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(citizen: Visitor) -> None:
    citizen.open("/feedback")
    page = citizen.send(None, text="", contact="13800000000")
    assert citizen.status == 422
    assert set(page.marks("data-error")) == {"kind", "text"}
    assert page.one("input", name="contact").attrs["value"] == "13800000000"
    assert page.one("title").text.startswith("Error:")


def test_a_kind_that_is_not_of_the_list_is_an_error_of_the_field(citizen: Visitor) -> None:
    citizen.open("/feedback")
    page = citizen.post("/feedback", kind="appeal", text="不是这一种", contact="")
    assert (citizen.status, page.marks("data-error")) == (422, ["kind"])


def test_A29_the_form_sent_twice_is_one_matter(portal: Flask, citizen: Visitor) -> None:
    citizen.open("/feedback")
    form = citizen.form()
    first = citizen.send(form, kind="message", text="看不懂第二步").mark("data-reference")
    citizen.open("/feedback")
    second = citizen.send(form, kind="message", text="看不懂第二步").mark("data-reference")
    assert first == second
    with portal.app_context():
        assert db.session.scalar(select(func.count(Matter.id))) == 1


def test_from_the_page_of_a_school_it_knows_which_and_goes_to_its_district(
    portal: Flask, citizen: Visitor
) -> None:
    with portal.app_context():
        school = make.make_institution(district="500112")
    page = citizen.open(f"/schools/{school.id}")
    link = next(a.attrs["href"] for a in page.all("a", href=True) if "/feedback?" in a.attrs["href"])
    page = citizen.open(link)
    assert school.name_en in page.text
    done = citizen.send(None, kind="fee_report", text="收了 300 元证书费")
    assert "Yubei District Bureau" in done.text
    with portal.app_context():
        matter = db.session.scalars(select(Matter)).one()
        assert (matter.about, matter.district) == (school.id, "500112")


def test_a_school_that_does_not_exist_is_left_out(portal: Flask, citizen: Visitor) -> None:
    citizen.open("/feedback", school="nowhere")
    citizen.send(None, kind="fee_report", text="收了 300 元证书费")
    with portal.app_context():
        assert db.session.scalars(select(Matter)).one().about == ""


def test_the_answer_is_found_by_the_reference_alone(portal: Flask, citizen: Visitor) -> None:
    reference = written(citizen, text="有人向我收 300 元，我叫冉平安").mark("data-reference")
    page = citizen.open("/track", reference=reference.lower().replace("-", ""))
    assert citizen.path == f"/t/{reference}"
    assert page.mark("data-status") == "open"
    assert "冉平安" not in page.text, "what was written is not shown"
    with portal.app_context():
        matter = db.session.scalars(select(Matter)).one()
        clerk = make.staff("reviewer_district", district=matter.district)
        decided(matter, clerk, note="学校已经退了钱。")
    page = citizen.open(f"/t/{reference}")
    assert (page.mark("data-status"), "学校已经退了钱。" in page.text) == ("upheld", True)
    assert clerk.name not in page.text


def test_a_mobile_phone_that_was_left_is_told_of_the_answer_and_an_address_is_not(
    portal: Flask, citizen: Visitor
) -> None:
    written(citizen, contact="138-0000 0000")
    written(citizen, contact="me@example.org")
    with portal.app_context():
        for matter in db.session.scalars(select(Matter)).all():
            decided(matter, make.staff("reviewer_district", district=matter.district))
        payloads = [row.payload for row in db.session.scalars(select(OutboxRow)).all()]
        assert [payload["phone"] for payload in payloads] == ["13800000000"]


def test_too_many_from_one_network_are_told_to_wait_and_lose_nothing(portal: Flask, citizen: Visitor) -> None:
    settings = portal.extensions["settings"]
    tight = dataclasses.replace(
        settings.limits, feedback_network=Limit("feedback-network", 1, timedelta(hours=1))
    )
    portal.extensions["settings"] = dataclasses.replace(settings, limits=tight)
    written(citizen)
    page = written(citizen, text="还有一件事")
    assert citizen.status == 429
    assert int(citizen.response.headers["Retry-After"]) > 0
    assert page.one("textarea", name="text").text == "还有一件事"


def test_A50_markup_in_what_was_written_is_text_and_never_comes_back_as_markup(citizen: Visitor) -> None:
    citizen.open("/feedback")
    hostile = "<img src=x onerror=alert(1)><b hx-get='/office'>"
    page = citizen.send(None, text=hostile, contact=hostile)
    assert citizen.status == 422
    assert not page.all("img")
    assert not page.all("b", hx_get=True)
    assert page.one("textarea", name="text").text == hostile


@pytest.mark.parametrize("typed", ["", "OB-26-7F3KM-Q9XWS", "CQ-26-7F3KM-Q9XWS", "../x"])
def test_the_receipt_of_nothing_is_not_there(citizen: Visitor, typed: str) -> None:
    citizen.open("/feedback/done", reference=typed)
    assert citizen.status == 404


def test_A53_without_the_pages_token_nothing_is_taken(portal: Flask, citizen: Visitor) -> None:
    citizen.open("/feedback")
    citizen.post("/feedback", csrf_token="", kind="message", text="没有令牌")
    assert citizen.status == 403
    with portal.app_context():
        assert db.session.scalar(select(func.count(Matter.id))) == 0
