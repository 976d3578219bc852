"""Requests about one's own data, from the person's page to the desk and what the decision does (A48)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.portal.mine.people import come_in
from tests.portal.phone import work_off
from tests.training.privacy.lives import close_matters, readable, with_a_life
from tests.visitor import Visitor
from training import clock as day
from training.database import db
from training.objections.models import Matter, MatterKind
from training.people.models import Person

pytestmark = pytest.mark.usefixtures("clock")
SAID = "按您的申请办了。"


def asked(portal: Flask, citizen: Visitor, registries: Any) -> tuple[Any, str, Matter]:
    """Somebody asked for deletion. Returns the person, the record's id, and the matter."""
    with portal.app_context():
        known, person = with_a_life(registries)
        close_matters(person)
        come_in(citizen, person)
        person_id = person.id
        db.session.remove()
    page = citizen.open("/mine/data")
    citizen.press(page.one("button", value="delete"))
    assert citizen.status == 200
    with portal.app_context():
        matter = db.session().scalars(select(Matter).where(Matter.kind == MatterKind.DELETION)).one()
        db.session.remove()
    return known, person_id, matter


def decide(office: Flask, matter: Matter, decision: str) -> Visitor:
    with office.app_context():
        account = make.staff("reviewer_district", district=matter.district)
        clerk = Visitor(office.test_client())
        make.staff_browser(clerk.client, account)
    clerk.open(f"/office/objections/{matter.reference}")
    clerk.send(clerk.form(f"/office/objections/{matter.reference}"), decision=decision, note=SAID)
    return clerk


def test_A48_A49_an_upheld_request_deletes_and_says_so_for_the_last_time(
    portal: Flask, office: Flask, citizen: Visitor, registries: Any
) -> None:
    known, person_id, matter = asked(portal, citizen, registries)
    assert decide(office, matter, "uphold").status == 200
    work_off(portal)
    texts = [str(message["text"]) for message in registries.messages(known.phone)]
    assert any(matter.reference in text and "已删除" in text for text in texts)
    with portal.app_context():
        assert db.session().get_one(Person, person_id).name == ""
        said = readable()
        assert [value for value in (known.name, known.number, known.phone) if str(value) in said] == []
    assert citizen.client.get("/mine").status_code == 303, "the session is gone"
    assert portal.test_client().get(f"/t/{matter.reference}").status_code == 200


def test_A48_what_is_open_meanwhile_stops_it_by_name_and_decides_nothing(
    portal: Flask, office: Flask, citizen: Visitor, registries: Any
) -> None:
    _, person_id, matter = asked(portal, citizen, registries)
    with portal.app_context():
        make.make_enrolment(person=db.session().get_one(Person, person_id))
        db.session.remove()
    assert decide(office, matter, "uphold").status == 409
    with portal.app_context():
        assert db.session().get_one(Matter, matter.id).is_open
        assert db.session().get_one(Person, person_id).name
    assert decide(office, matter, "dismiss").status == 200


def test_A48_the_deadline_is_counted_in_working_days_of_the_pack(
    portal: Flask, office: Flask, citizen: Visitor, registries: Any, clock: Any
) -> None:
    _, _, matter = asked(portal, citizen, registries)
    pack = portal.extensions["pack"]
    days = pack.objections.answer["deletion"]
    assert pack.calendar.working_days_between(day.today(), matter.due_on) == days
    clock.shift(timedelta(days=40))
    with office.app_context():
        account = make.staff("reviewer_district", district=matter.district)
        clerk = Visitor(office.test_client())
        make.staff_browser(clerk.client, account)
    assert matter.reference in clerk.open("/office/objections").text
