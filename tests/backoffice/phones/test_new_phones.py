"""The desk of new phones: one asks, another confirms, and neither sees more than needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.backoffice.cases import World
from tests.backoffice.staff import ELSEWHERE, arrive
from tests.page import Node
from tests.training.enrolments.people import registered
from tests.visitor import Visitor
from training.audit import EventName
from training.database import db
from training.people import piles
from training.people.models import PhoneChange
from training.people.queries import person_with_number, phone_in_use
from training.ports import RegisteredPerson
from training.staff.models import Role

DESK, NEW = "/office/counter/phone", "18700002245"


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def pu(office: Flask, world: World) -> Visitor:
    """The first person."""
    return arrive(office, "pu", Role.COUNSELLOR)


@pytest.fixture
def long(office: Flask, world: World) -> Visitor:
    """The second person."""
    return arrive(office, "long", Role.COUNSELLOR)


def ask(visitor: Visitor, who: RegisteredPerson, **more: str) -> Node:
    """The first person registers; the page of the request follows."""
    visitor.open(DESK)
    said = {"number": who.number, "phone": NEW, "reason": "lost", "identity_seen": "yes"} | more
    return visitor.post(DESK, **said)


def confirm(visitor: Visitor, path: str, **more: str) -> Node:
    visitor.open(path)
    return visitor.post(path, **({"phone": NEW, "identity_seen": "yes", "decision": "agree"} | more))


def in_use(world: World, who: RegisteredPerson) -> str | None:
    with world.office.app_context():
        person = person_with_number(db.session(), who.number)
        phone = phone_in_use(db.session(), person.id) if person else None
        return phone.number if phone else None


def changes(world: World) -> int:
    with world.office.app_context():
        return len(db.session.scalars(select(PhoneChange)).all())


def test_A08_two_people_register_a_phone(pu: Visitor, long: Visitor, world: World) -> None:
    who = world.know(registered(sex="female"))
    pu.open(DESK)
    form = next(form for form in pu.page.all("form") if form.first("input", id="number"))
    page = pu.send(form, number=who.number)
    assert f"{who.name[0]}**{who.name[-1]}" in page.text
    for secret in (who.name, str(who.phone), "1985-03-12"):
        assert secret not in page.text
    form = next(form for form in page.all("form") if form.first("input", id="phone"))
    page = pu.send(form, phone="187 0000 2245", reason="lost", identity_seen="yes")
    path = pu.path
    assert path.startswith(f"{DESK}/")
    assert page.mark("data-status") == "pending"
    long.open(DESK)
    assert any(link.attrs.get("href") == path for link in long.page.all("a"))
    page = long.open(path)
    assert NEW not in long.response.get_data(as_text=True)
    form = next(form for form in page.all("form") if form.first("input", id="phone"))
    button = next(node for node in form.all("button") if node.attrs.get("value") == "agree")
    page = long.press(button, phone="187-0000-2245", identity_seen="yes")
    assert (long.status, page.mark("data-status")) == (200, "agreed")
    assert in_use(world, who) == NEW


def test_A08_the_same_person_gets_403_and_another_district_404(
    pu: Visitor, world: World, office: Flask
) -> None:
    who = world.know(registered())
    ask(pu, who)
    path = pu.path
    for decision in ("agree", "refuse"):
        confirm(pu, path, decision=decision)
        assert pu.status == 403
    stranger = arrive(office, "elsewhere", Role.COUNSELLOR, district=ELSEWHERE)
    stranger.open(path)
    assert stranger.status == 404
    stranger.open("/office/counter")
    stranger.post(path, phone=NEW, identity_seen="yes", decision="agree")
    assert stranger.status == 404
    assert in_use(world, who) == who.phone


def test_A18_only_a_counsellor_asks_a_verifier_confirms(pu: Visitor, world: World, office: Flask) -> None:
    who, ran = world.know(registered()), arrive(office, "ran", Role.VERIFIER)
    ask(ran, who)
    assert ran.status == 403
    ask(pu, who)
    confirm(ran, pu.path)
    assert ran.status == 200
    assert in_use(world, who) == NEW
    other = arrive(office, "fin", Role.FINANCE)
    other.open(DESK)
    assert other.status == 403


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"identity_seen": ""}, "identity_seen"),
        ({"identity_seen": "on"}, "identity_seen"),
        ({"reason": "curiosity"}, "reason"),
        ({"number": "12345"}, "number"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_kept(
    pu: Visitor, world: World, said: dict[str, str], field: str
) -> None:
    who = world.know(registered())
    page = ask(pu, who, **said)
    assert pu.status == 422
    assert page.marks("data-error") == [field]
    if field != "number":
        assert page.one("input", id="phone").attrs.get("value", "") == said.get("phone", NEW)
    assert changes(world) == 0


def test_a_second_typing_that_differs_is_422_and_changes_nothing(
    pu: Visitor, long: Visitor, world: World
) -> None:
    who = world.know(registered())
    ask(pu, who)
    path = pu.path
    for tries in (1, 2, 3):
        page = confirm(long, path, phone="18700002246")
        assert (long.status, page.marks("data-error")) == (422, ["phone"]), tries
    assert page.mark("data-status") == "closed"
    page = confirm(long, path)
    assert (long.status, page.marks("data-reason")) == (409, ["decided"])
    assert in_use(world, who) == who.phone


def test_the_second_person_must_have_seen_the_cards(pu: Visitor, long: Visitor, world: World) -> None:
    ask(pu, world.know(registered()))
    page = confirm(long, pu.path, identity_seen="")
    assert (long.status, page.marks("data-error")) == (422, ["identity_seen"])
    page = confirm(long, pu.path, decision="")
    assert long.status == 422


def test_refused_nothing_changes(pu: Visitor, long: Visitor, world: World) -> None:
    who = world.know(registered())
    ask(pu, who)
    page = confirm(long, pu.path, decision="refuse", phone="", identity_seen="")
    assert (long.status, page.mark("data-status")) == (200, "refused")
    assert in_use(world, who) == who.phone


def test_an_open_request_can_be_confirmed_however_many_newer_ones_wait(
    pu: Visitor, long: Visitor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(piles, "SHOWN", 1)
    who = world.know(registered())
    ask(pu, who)
    path = pu.path
    world.clock.shift(timedelta(minutes=1))
    ask(pu, world.know(registered()), phone="18700002246")
    assert pu.path != path
    page = long.open(path)
    assert page.first("input", id="phone")
    page = confirm(long, path)
    assert (long.status, page.mark("data-status")) == (200, "agreed")
    assert in_use(world, who) == NEW


def test_a_request_that_waited_too_long_is_over(pu: Visitor, long: Visitor, world: World) -> None:
    ask(pu, world.know(registered()))
    path, hours = pu.path, world.office.extensions["pack"].phones.request_hours
    world.clock.shift(timedelta(hours=hours) - timedelta(seconds=1))
    late = arrive(world.office, "late", Role.COUNSELLOR)
    assert late.open(path).first("input", id="phone")
    world.clock.shift(timedelta(seconds=1))
    assert not late.open(path).first("input", id="phone")


def test_a_refusal_is_named_and_writes_nothing(pu: Visitor, world: World, office: Flask) -> None:
    who = world.know(registered())
    page = ask(pu, who, phone=str(who.phone))
    assert (pu.status, page.marks("data-reason")) == (409, ["same_phone"])
    page = ask(pu, registered(), phone=NEW)
    assert (pu.status, page.marks("data-reason")) == (409, ["no_record"])
    arrive(office, "staffed", Role.VERIFIER, phone="13900001111")
    page = ask(pu, who, phone="13900001111")
    assert (pu.status, page.marks("data-reason")) == (409, ["staff_phone"])
    assert changes(world) == 0


def test_looking_at_a_request_leaves_a_trace(pu: Visitor, long: Visitor, world: World) -> None:
    ask(pu, world.know(registered()))
    long.open(pu.path)
    looks = world.events(name=EventName.PERSON_SEEN, actor_id=world.account("long").id)
    assert [event.facts["desk"] for event in looks] == ["phones"]


def test_A29_the_same_form_leads_to_the_same_request_also_when_it_was_decided(
    pu: Visitor, long: Visitor, world: World
) -> None:
    who = world.know(registered())
    ask(pu, who, idempotency_key="a-form-of-today")
    path = pu.path
    confirm(long, path)
    ask(pu, who, idempotency_key="a-form-of-today")
    assert (pu.path, pu.page.mark("data-status"), changes(world)) == (path, "agreed", 1)
    assert len(world.events(name=EventName.PHONE_ASKED)) == 1
    ask(pu, who, idempotency_key="another-form-of-today")
    assert pu.status == 409
    assert changes(world) == 1
