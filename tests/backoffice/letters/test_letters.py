"""Letters to people without a phone: one for each message, printed and handed over in the district."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.errands import do_errand
from tests.backoffice.cases import World
from tests.backoffice.staff import ELSEWHERE, arrive
from tests.training.enrolments.people import registered
from tests.visitor import Visitor
from training.audit import EventName
from training.database import db, transaction
from training.outbox import OutboxRow, OutboxState, take_due
from training.people.models import Letter
from training.staff.models import Role

DESK = "/office/counter/letters"


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def pu(office: Flask, world: World) -> Visitor:
    return arrive(office, "pu", Role.COUNSELLOR)


def send_all(world: World) -> None:
    """What the worker does with everything that waits."""
    with world.office.app_context():
        while ids := transaction(lambda session: [row.id for row in take_due(session)]):
            for row_id in ids:
                do_errand(world.office, row_id)


def letters(world: World) -> list[Letter]:
    with world.office.app_context():
        return list(db.session.scalars(select(Letter).order_by(Letter.written_at, Letter.id)))


def test_who_has_no_phone_gets_a_letter_for_each_message(pu: Visitor, world: World) -> None:
    case = world.walk_in("pu", phone=None)
    send_all(world)
    found = letters(world)
    assert sorted(letter.message for letter in found) == ["enrolled_at_counter", "verifying"]
    with world.office.app_context():
        texts = [db.session.merge(letter).text or "" for letter in found]
    assert all(case.reference in text for text in texts)
    assert {letter.district for letter in found} == {case.district}
    with world.office.app_context():
        assert not db.session.scalars(select(OutboxRow).where(OutboxRow.state == OutboxState.DEAD)).all()


def test_who_has_a_phone_gets_none(pu: Visitor, world: World) -> None:
    world.walk_in("pu")
    send_all(world)
    assert letters(world) == []


def test_the_same_errand_twice_is_one_letter(pu: Visitor, world: World) -> None:
    world.walk_in("pu", phone=None)
    with world.office.app_context():
        rows = {row.id: row.payload_sealed for row in db.session.scalars(select(OutboxRow))}
    send_all(world)
    before = len(letters(world))

    def again(session: Any) -> None:
        for row in session.scalars(select(OutboxRow)):
            row.state, row.payload_sealed = OutboxState.WAITING, rows[row.id]

    with world.office.app_context():
        transaction(again)
    send_all(world)
    assert len(letters(world)) == before


def test_a_letter_is_printed_and_handed_over_once(pu: Visitor, world: World) -> None:
    case = world.walk_in("pu", phone=None)
    send_all(world)
    page = pu.open(DESK)
    assert len(page.marks("data-letter")) == 2
    name = case.name_typed
    assert name not in page.text
    one = page.marks("data-letter")[0]
    page = pu.open(f"{DESK}/{one}")
    assert name in page.text
    assert case.reference in page.text
    pu.post(f"{DESK}/{one}", way="posted")
    assert len(pu.page.marks("data-letter")) == 1
    page = pu.open(f"{DESK}?tab=handed")
    assert page.marks("data-letter") == [one]
    assert "Posted" in page.text
    pu.open(f"{DESK}/{one}")
    pu.post(f"{DESK}/{one}", way="handed", csrf_token=token(pu))
    assert pu.status == 409
    assert len(world.events(name=EventName.LETTER_HANDED)) == 2
    assert [event.facts["way"] for event in world.events(name=EventName.LETTER_HANDED, outcome="done")] == [
        "posted"
    ]


def token(visitor: Visitor) -> str:
    visitor.open("/office/counter")
    return visitor.page.all("input", name="csrf_token")[0].attrs["value"]


def test_A16_another_districts_letters_are_not_there(pu: Visitor, world: World, office: Flask) -> None:
    world.walk_in("pu", phone=None)
    send_all(world)
    stranger = arrive(office, "else", Role.COUNSELLOR, district=ELSEWHERE)
    assert stranger.open(DESK).marks("data-letter") == []
    one = letters(world)[0].id
    stranger.open(f"{DESK}/{one}")
    assert stranger.status == 404
    stranger.post(f"{DESK}/{one}", way="handed", csrf_token=token(stranger))
    assert stranger.status == 404
    verifier = arrive(office, "ver", Role.VERIFIER)
    verifier.open(DESK)
    assert verifier.status == 403


def test_what_somebody_was_not_told_is_read_out_when_they_come(
    pu: Visitor, world: World, office: Flask
) -> None:
    """Also at a counter of another district."""
    who = registered(phone=None)
    world.know(who)
    case = world.walk_in("pu", number=who.number, name=who.name, cards=who.cards, phone=None)
    send_all(world)
    other = arrive(office, "else", Role.COUNSELLOR, district=ELSEWHERE)
    other.open("/office/counter")
    form = next(form for form in other.page.all("form") if form.first("input", id="number"))
    page = other.send(form, number=who.number)
    assert case.reference in page.text
    ids = [node.attrs["value"] for node in page.all("input", name="letter")]
    assert len(ids) == 2
    other.post("/office/counter", action="hand_over", letter=ids)
    assert other.path == "/office/counter/person"
    assert other.page.all("input", name="letter") == []
    assert all(letter.handed_at for letter in letters(world))
