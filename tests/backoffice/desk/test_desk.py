"""The desk of one's own, and one's settings."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from tests.backoffice.staff import arrive
from training.audit import AuditEvent, EventName
from training.database import db
from training.staff.models import Role


def test_an_empty_desk_says_that_all_is_done(office: Flask) -> None:
    page = arrive(office, "s1", Role.VERIFIER).page
    assert page.one("h1").text == "All done"


def test_a_desk_that_is_not_built_yet_says_so(office: Flask) -> None:
    page = arrive(office, "s1", Role.PLANNER).page
    assert "being built" in page.text
    assert [link.attrs["href"] for link in page.one("nav", class_="side").all("a")] == ["/office/"]


def test_shortcuts_can_be_turned_off_and_on(office: Flask) -> None:
    visitor = arrive(office, "s1", Role.VERIFIER)
    page = visitor.open("/office/me")
    assert page.one("html").attrs.get("data-keys") is None
    visitor.post("/office/me")
    assert visitor.page.one("html").attrs["data-keys"] == "off"
    assert visitor.page.one("input", name="shortcuts").attrs.get("checked") is None
    visitor.post("/office/me", shortcuts="yes")
    assert visitor.page.one("html").attrs.get("data-keys") is None
    with office.app_context():
        names = db.session.scalars(select(AuditEvent.name).order_by(AuditEvent.id)).all()
    assert list(names).count(EventName.STAFF_SETTINGS_CHANGED) == 2


def test_my_page_shows_who_i_am(office: Flask) -> None:
    page = arrive(office, "s1", Role.VERIFIER).open("/office/me")
    assert "s1" in page.text
    assert "Identity verifier · Yuzhong" in page.text
