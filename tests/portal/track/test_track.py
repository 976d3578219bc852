"""Following by reference: steps and dates, for whoever has it; no person, no amount."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.training.enrolments.people import enrolled, registered
from tests.visitor import Visitor
from training.audit import Actor
from training.database import transaction
from training.limits import Limit
from training.objections.models import Matter, MatterKind
from training.objections.operations import open_matter
from training.policy.queries import load_pack
from training.references import check_character

pytestmark = pytest.mark.usefixtures("clock")
PACK = load_pack(make.PACK)


def unknown(body: str = "7F3KMQ9XW") -> str:
    return f"CQ-26-{body[:5]}-{body[5:]}{check_character(body)}"


@pytest.fixture
def reference(portal: Flask, registries: Any) -> str:
    """Of somebody enrolled by phone, named 冉平安."""
    person = registered(name="冉平安")
    registries.know(person)
    with portal.app_context():
        return enrolled(registries, person, make.make_class().id).reference


@pytest.mark.parametrize("shape", [str, str.lower, lambda r: r.replace("-", ""), lambda r: f" {r} "])
def test_a_reference_in_any_shape_leads_to_its_steps(citizen: Visitor, reference: str, shape: Any) -> None:
    page = citizen.open("/track", reference=shape(reference))
    assert citizen.path == f"/t/{reference}"
    assert page.mark("data-status") == "enrolled"
    states = page.marks("data-state")
    assert set(states) == {"done", "now", "next"}
    assert states.count("now") == 1
    assert len(page.marks("data-step")) == len(states)


def test_the_steps_name_nobody_and_no_amount(citizen: Visitor, reference: str) -> None:
    page = citizen.open(f"/t/{reference}")
    assert "冉" not in page.text
    assert "¥" not in page.text
    assert not page.all(None, data_amount_fen=True)
    assert "Yuzhong District" in page.text or "identity" in page.text.lower()


def test_what_names_nobody_is_asked_for_again_like_every_public_page(
    citizen: Visitor, reference: str
) -> None:
    for address in ("/track", f"/t/{reference}"):
        citizen.open(address)
        headers = citizen.response.headers
        assert (headers["Cache-Control"], "Cookie" in headers["Vary"]) == ("no-cache", True)
        again = citizen.client.get(address, headers={"If-None-Match": headers["ETag"]})
        assert again.status_code == 304


def test_a_mistyped_reference_is_a_field_to_correct(citizen: Visitor, reference: str) -> None:
    wrong = reference[:-1] + ("2" if reference[-1] != "2" else "3")
    page = citizen.open("/track", reference=wrong)
    assert (citizen.status, page.mark("data-error")) == (422, "reference")
    assert page.one("input", name="reference").attrs["value"] == wrong
    for other in ("", "   ", "\x00", "CQ", "1" * 5000, "CL-26-7F3KM-Q9XWS", "<b>"):
        page = citizen.open("/track", reference=other)
        assert citizen.status in (400, 404, 422), other
        assert not page.all("b")


def test_an_unknown_reference_is_not_there(citizen: Visitor) -> None:
    page = citizen.open("/track", reference=unknown())
    assert (citizen.status, page.mark("data-error")) == (404, "reference")
    assert "12333" in page.text
    for address in (unknown(), "nonsense", "%00", "CL-26-7F3KM-Q9XWS"):
        citizen.open(f"/t/{address}")
        assert citizen.status == 404, address


def test_the_page_without_a_reference_asks_for_one(citizen: Visitor) -> None:
    page = citizen.open("/track")
    assert citizen.status == 200
    assert page.one("input", name="reference")
    assert not page.all("input", name="csrf_token")


def test_wrong_references_are_throttled_by_network(citizen: Visitor, portal: Flask, reference: str) -> None:
    settings = portal.extensions["settings"]
    few = Limit("references-network", 3, timedelta(minutes=15))
    limits = dataclasses.replace(settings.limits, references_network=few)
    portal.extensions["settings"] = dataclasses.replace(settings, limits=limits)
    for _ in range(5):
        citizen.open("/track", reference=reference)
        assert citizen.status == 200
    for body in ("7F3KMQ9XW", "7F3KMQ9XX", "7F3KMQ9XY"):
        citizen.open(f"/t/{unknown(body)}")
        assert citizen.status == 404
    page = citizen.open("/track", reference=reference)
    assert citizen.status == 429
    assert int(citizen.response.headers["Retry-After"]) > 0
    assert page.one("input", name="reference").attrs["value"] == reference
    citizen.open(f"/t/{reference}")
    assert citizen.status == 429


def test_I38_both_languages_show_the_same_marks(portal: Flask, reference: str) -> None:
    pages = [Visitor(portal.test_client(), language).open(f"/t/{reference}") for language in ("en", "zh")]
    for mark in ("data-reference", "data-status", "data-step", "data-state"):
        assert pages[0].marks(mark) == pages[1].marks(mark)
    assert pages[0].text != pages[1].text


@pytest.fixture
def matter(portal: Flask) -> Matter:
    """A complaint of a stranger who names himself in it."""
    with portal.app_context():
        return transaction(
            lambda session: open_matter(
                session,
                MatterKind.COMPLAINT,
                actor=Actor.system("feedback"),
                pack=PACK,
                district=make.DISTRICT,
                text="我叫冉平安",
            )
        )


@pytest.mark.parametrize("shape", [str, str.lower, lambda r: r.replace("-", "")])
def test_a_matters_reference_leads_to_its_steps_and_names_nobody(
    citizen: Visitor, matter: Matter, shape: Any
) -> None:
    page = citizen.open("/track", reference=shape(matter.reference))
    assert citizen.path == f"/t/{matter.reference}"
    assert (page.mark("data-status"), page.mark("data-until")) == ("open", "2026-06-24")
    assert page.marks("data-state") == ["done", "now", "next"]
    assert "Yuzhong District Bureau, complaints" in page.text
    assert "冉平安" not in page.text


def test_a_matter_that_is_late_says_so(citizen: Visitor, matter: Matter, clock: Any) -> None:
    clock.shift(timedelta(days=20))
    page = citizen.open(f"/t/{matter.reference}")
    assert "Slower than usual; we have reminded the desk" in page.text


def test_a_matters_reference_that_was_never_given_is_not_there(citizen: Visitor) -> None:
    citizen.open("/track", reference=unknown().replace("CQ", "OB"))
    assert citizen.status == 404
    citizen.open(f"/t/{unknown().replace('CQ', 'OB')}")
    assert citizen.status == 404
    page = citizen.open("/track", reference="OB-26-7F3KM-Q9XWT")
    assert (citizen.status, page.marks("data-error")) == (422, ["reference"])


def test_a_claims_reference_is_for_staff_and_not_there(citizen: Visitor) -> None:
    citizen.open("/track", reference=unknown().replace("CQ", "CL"))
    assert citizen.status == 404
