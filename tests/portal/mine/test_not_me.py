"""`/a/<code>`: "this was not me", by one tap from a message, without signing in (A46)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.backoffice.cases import World
from tests.backoffice.staff import arrive
from tests.portal.phone import work_off
from tests.training.enrolments.people import registered
from tests.visitor import Visitor
from training.database import db
from training.enrolments.models import Enrolment
from training.objections.models import Matter
from training.people.models import Person
from training.ports import RegisteredPerson
from training.staff.models import Role


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def who(world: World) -> RegisteredPerson:
    return world.know(registered())


@pytest.fixture
def case(world: World, office: Flask, who: RegisteredPerson) -> Enrolment:
    arrive(office, "pu", Role.COUNSELLOR)
    return world.walk_in("pu", number=who.number, name=who.name, phone=who.phone, cards=who.cards)


def link(portal: Flask, registries: Any, who: RegisteredPerson) -> str:
    """The link in the message on the phone."""
    work_off(portal)
    texts = [str(message["text"]) for message in registries.messages(who.phone)]
    text = next(text for text in texts if "/a/" in text)
    return "/a/" + text.split("/a/", 1)[1][:14]


def test_A46_one_tap_stops_it_and_tells_reference_desk_and_day(
    citizen: Visitor, portal: Flask, registries: Any, who: RegisteredPerson, case: Enrolment
) -> None:
    path = link(portal, registries, who)
    page = citizen.open(path)
    assert citizen.status == 200
    assert page.marks("data-until")
    assert case.reference in page.text
    for secret in (who.name, who.number, str(who.phone)):
        assert secret not in page.text
    with portal.app_context():
        assert db.session.scalars(select(Matter)).all() == [], "opening it changes nothing"
    page = citizen.press(page.one("button", name="answer", value="not_me"))
    assert citizen.status == 200
    reference = page.mark("data-reference")
    assert reference.startswith("OB-")
    with portal.app_context():
        matter = db.session.scalars(select(Matter)).one()
        assert (matter.reference, matter.due_on.isoformat()) == (reference, page.mark("data-until"))
        assert db.session.get_one(Person, case.person_id).frozen_at is not None
    citizen.open(f"/track?reference={reference}")
    assert citizen.status == 200
    work_off(portal)
    assert reference in str(registries.messages(who.phone)[0]["text"])


def test_A46_used_or_wrong_the_link_says_so_and_changes_nothing(
    citizen: Visitor, portal: Flask, registries: Any, who: RegisteredPerson, case: Enrolment
) -> None:
    path = link(portal, registries, who)
    page = citizen.open(path)
    citizen.post(path, answer="accept")
    assert citizen.status == 422
    token = page.all("input", name="csrf_token")[0].attrs["value"]
    citizen.post(path, answer="not_me", csrf_token=token)
    citizen.open(path)
    assert citizen.status == 410
    citizen.post(path, answer="not_me", csrf_token=token)
    assert citizen.status == 410
    citizen.open("/a/22222222222222")
    assert citizen.status == 404


def test_A46_the_slip_prints_the_link_and_the_desk_takes_calls(
    world: World, office: Flask, who: RegisteredPerson
) -> None:
    pu = arrive(office, "pu2", Role.COUNSELLOR)
    pu.open("/office/counter")
    form = next(form for form in pu.page.all("form") if form.first("input", id="number"))
    page = pu.send(form, number=who.number)
    walk_in = page.one("form", id="walk-in")
    filled: dict[str, Any] = {"class": world.class_id, "declaration": "yes"}
    page = pu.send(walk_in, **filled)
    reference = page.mark("data-reference")
    assert "/a/" in page.one(None, data_deny=True).text
    pu.open("/office/counter")
    form = next(form for form in pu.page.all("form") if form.first("input", id="denied"))
    page = pu.send(form, reference="CQ-26-22222-2222J", note="")
    assert (pu.status, page.mark("data-error")) == (422, "denied")
    form = next(form for form in page.all("form") if form.first("input", id="denied"))
    page = pu.send(form, reference=reference.lower(), note="她说没去过。")
    assert pu.status == 200
    assert page.mark("data-stopped").startswith("OB-")
    form = next(form for form in page.all("form") if form.first("input", id="number"))
    page = pu.send(form, number=who.number)
    assert "record_frozen" in page.marks("data-reason")
    assert page.first("form", id="walk-in") is None
