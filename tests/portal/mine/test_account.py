"""Where the money goes: a code to the phone on file, a hold, a word to the phone; never another's name."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from stdnum import luhn

from tests import make
from tests.page import Node
from tests.portal.mine.people import come_in, signed_in
from tests.portal.mine.test_own_pages import grow_stale
from tests.portal.phone import button, code_on, work_off
from tests.visitor import Visitor
from training import clock as day
from training.audit import AuditEvent, EventName
from training.database import db, transaction
from training.objections.lifecycle import Action
from training.objections.models import Matter
from training.objections.operations import Answer, decide
from training.people.models import Act, ActKind, BankAccount, Draft, Person, Purpose
from training.people.operations import accept_code
from training.people.queries import usable_account
from training.staff.queries import Scope

pytestmark = pytest.mark.usefixtures("clock")
BODY = "622202000112345678"
NUMBER = BODY + luhn.calc_check_digit(BODY)
OTHER = "621700000000000001" + luhn.calc_check_digit("621700000000000001")


def state(page: Node) -> str:
    return page.mark("data-account-state")


def ask(citizen: Visitor, portal: Flask, holder: str, number: str = NUMBER) -> Node:
    citizen.open("/mine/account")
    page = citizen.press(button(citizen.page, "send_code"), account=number, account_holder=holder)
    work_off(portal)
    return page


def register(citizen: Visitor, portal: Flask, registries: Any, known: Any, number: str = NUMBER) -> Node:
    ask(citizen, portal, known.name, number)
    return citizen.press(button(citizen.page, "next"), code=code_on(registries, f"{known.phone}"))


def test_A10_a_new_account_is_held_and_the_phone_on_file_is_told(
    portal: Flask, registries: Any, citizen: Visitor, clock: Any
) -> None:
    known, person_id, _ = signed_in(portal, registries, citizen)
    assert state(citizen.open("/mine/account")) == "none"
    page = ask(citizen, portal, known.name)
    assert f"**{NUMBER[-2:]}" in page.text
    assert NUMBER not in citizen.response.get_data(as_text=True)
    page = citizen.press(button(page, "next"), code=code_on(registries, f"{known.phone}"))
    assert state(page) == "held"
    until = day.now() + timedelta(hours=72)
    assert page.mark("data-until") == until.isoformat()
    assert not page.all("button", name="action")
    with portal.app_context():
        assert usable_account(db.session(), person_id) is None
        act = db.session().scalars(select(Act).where(Act.kind == ActKind.NOT_ME)).one()
        assert act.until == until
    work_off(portal)
    said = [message["text"] for message in registries.messages(known.phone)]
    assert f"**{NUMBER[-2:]}" in said[0]
    assert "/a/" in said[0]
    clock.shift(timedelta(hours=71, minutes=59))
    with portal.app_context():
        assert usable_account(db.session(), person_id) is None
    clock.shift(timedelta(minutes=1))
    with portal.app_context():
        account = usable_account(db.session(), person_id)
        assert account is not None
        assert (account.number, account.holder) == (NUMBER, known.name)


def test_A10_while_it_is_held_it_cannot_be_changed_and_nothing_is(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    known, _, _ = signed_in(portal, registries, citizen)
    register(citizen, portal, registries, known)
    for action in ("send_code", "next"):
        citizen.open("/mine")  # its form has the token
        citizen.post("/mine/account", action=action, account=OTHER, account_holder=known.name, code="123456")
        assert citizen.status in (200, 409)
        assert state(citizen.page) == "held"
    with portal.app_context():
        assert [row.number for row in db.session().scalars(select(BankAccount))] == [NUMBER]


def test_a_change_ends_the_old_account_and_is_held_anew(
    portal: Flask, registries: Any, citizen: Visitor, clock: Any
) -> None:
    known, person_id, _ = signed_in(portal, registries, citizen)
    register(citizen, portal, registries, known)
    clock.shift(timedelta(hours=73))
    signed_in_again(portal, citizen, person_id)
    assert state(citizen.open("/mine/account")) == "usable"
    assert state(register(citizen, portal, registries, known, OTHER)) == "held"
    with portal.app_context():
        rows = db.session().scalars(select(BankAccount).order_by(BankAccount.registered_at)).all()
        assert [(row.number, row.ended_why) for row in rows] == [(NUMBER, "changed"), (OTHER, "")]


def signed_in_again(portal: Flask, citizen: Visitor, person_id: str) -> None:
    with portal.app_context():
        come_in(citizen, db.session().get_one(Person, person_id))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("", "Enter the bank account number"),
        ("622202", "16 to 19 digits"),
        (NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10), "looks wrong"),
        ("6222 0200 01AB 3456 789", "Use only digits"),
    ],
)
def test_what_is_no_account_number_is_said_and_everything_typed_stays(
    portal: Flask, registries: Any, citizen: Visitor, number: str, said: str
) -> None:
    known, _, _ = signed_in(portal, registries, citizen)
    page = ask(citizen, portal, known.name, number)
    assert citizen.status == 422
    assert page.mark("data-error") == "account"
    assert said in page.text
    assert page.one("input", name="account").attrs["value"] == number
    assert page.one("input", name="account_holder").attrs["value"] == known.name


def test_A10_an_account_in_another_name_is_never_taken(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    signed_in(portal, registries, citizen)
    page = ask(citizen, portal, "另一个人")
    assert (citizen.status, page.mark("data-error")) == (422, "account_holder")
    with portal.app_context():
        assert db.session().scalars(select(Draft).where(Draft.further_sealed.is_not(None))).all() == []


def test_A05_a_code_for_signing_in_registers_no_account(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    known, _, _ = signed_in(portal, registries, citizen)
    old = code_of_enrolment(registries, known, portal)
    page = ask(citizen, portal, known.name)
    page = citizen.press(button(page, "next"), code=old)
    assert (citizen.status, page.mark("data-error")) == (422, "code")
    with portal.app_context():
        assert db.session().scalars(select(BankAccount)).all() == []


def code_of_enrolment(registries: Any, known: Any, portal: Flask) -> str:
    """The code that enrolled: of another purpose, and not the one that comes now."""
    work_off(portal)
    return code_on_any(registries, known.phone)


def code_on_any(registries: Any, phone: str) -> str:
    texts = [str(message["text"]) for message in registries.messages(phone)]
    return next(found[0] for text in texts if (found := re.search(r"(?<!\d)\d{6}(?!\d)", text)))


def test_trust_level_two_a_slip_or_a_new_phone_changes_no_account(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    known, _, _ = signed_in(portal, registries, citizen, how="slip")
    page = citizen.open("/mine/account")
    assert not page.all("input", name="account")
    citizen.open("/mine")
    citizen.post("/mine/account", action="send_code", account=NUMBER, account_holder=known.name)
    assert citizen.status == 409


def test_an_older_sign_in_is_enough_because_the_code_is_fresh(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    known, _, _ = signed_in(portal, registries, citizen)
    grow_stale(portal, citizen)
    assert state(register(citizen, portal, registries, known)) == "held"


def test_a_frozen_record_takes_no_account_and_its_account_gets_no_money(
    portal: Flask, registries: Any, citizen: Visitor, clock: Any
) -> None:
    known, person_id, _ = signed_in(portal, registries, citizen)
    register(citizen, portal, registries, known)

    def freeze(session: Any) -> None:
        session.get_one(Person, person_id).frozen_at = day.now()

    with portal.app_context():
        transaction(freeze)
        clock.shift(timedelta(hours=80))
        assert usable_account(db.session(), person_id) is None


def test_A29_a_double_click_registers_one_account(portal: Flask, registries: Any, citizen: Visitor) -> None:
    known, _, _ = signed_in(portal, registries, citizen)
    ask(citizen, portal, known.name)
    code = code_on(registries, f"{known.phone}")
    for _ in range(2):
        citizen.open("/mine")
        citizen.post("/mine/account", action="next", code=code)
        assert citizen.status == 200
    with portal.app_context():
        assert len(db.session().scalars(select(BankAccount)).all()) == 1
        names = [row.name for row in db.session().scalars(select(AuditEvent))]
        assert names.count(EventName.ACCOUNT_REGISTERED) == 1


def test_A29_the_same_form_registers_once_also_after_the_hold(
    portal: Flask, registries: Any, citizen: Visitor, clock: Any
) -> None:
    known, _, _ = signed_in(portal, registries, citizen)
    page = ask(citizen, portal, known.name)
    save, code = button(page, "next"), code_on(registries, f"{known.phone}")
    assert state(citizen.press(save, code=code)) == "held"
    assert state(citizen.press(save, code=code)) == "held"
    with portal.app_context():
        account = db.session().scalars(select(BankAccount)).one()
        transaction(
            lambda session: setattr(session.get_one(BankAccount, account.id), "usable_from", day.now())
        )
    page = citizen.press(save, code=code)
    assert (citizen.status, citizen.path, state(page)) == (200, "/mine/account", "usable")
    with portal.app_context():
        assert len(db.session().scalars(select(BankAccount)).all()) == 1


def test_A29_the_slower_half_of_a_double_click_waits_for_the_other(
    portal: Flask, registries: Any, citizen: Visitor, clock: Any
) -> None:
    known, _, _ = signed_in(portal, registries, citizen)
    page = ask(citizen, portal, known.name)
    code = code_on(registries, f"{known.phone}")
    with portal.app_context():
        draft = db.session().scalars(select(Draft).where(Draft.purpose == Purpose.ACCOUNT)).one()
        accept_code(draft, code, draft.session_hash)
    page = citizen.press(button(page, "next"), code=code)
    assert (citizen.status, citizen.path) == (200, "/mine/account")
    assert not page.all(None, data_error=True)
    clock.shift(timedelta(seconds=11))
    page = citizen.press(button(page, "next"), code=code)
    assert (citizen.status, page.mark("data-error")) == (422, "code")


def test_not_me_forgets_what_was_typed(portal: Flask, registries: Any, citizen: Visitor) -> None:
    known, _, _ = signed_in(portal, registries, citizen)
    page = ask(citizen, portal, known.name)
    page = citizen.press(button(page, "clear"))
    assert page.one("input", name="account")
    assert f"**{NUMBER[-2:]}" not in page.text


def link_in(registries: Any, phone: str) -> str:
    """The link for one act in the newest message to this phone."""
    text = str(registries.messages(phone)[0]["text"])
    return "/a/" + text.split("/a/")[1][:14]


def test_A10_one_tap_from_the_message_stops_the_account_and_freezes_the_record(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    known, person_id, _ = signed_in(portal, registries, citizen)
    register(citizen, portal, registries, known)
    work_off(portal)
    path, owner = link_in(registries, f"{known.phone}"), Visitor(portal.test_client())
    page = owner.open(path)
    assert f"**{NUMBER[-2:]}" in page.text
    assert known.name not in page.text
    page = owner.press(button_named(page, "answer"))
    assert page.mark("data-reference").startswith("OB-26-")
    assert portal.test_client().get(path).status_code in (200, 410)
    with portal.app_context():
        assert db.session().get_one(Person, person_id).frozen_at is not None
        account = db.session().scalars(select(BankAccount)).one()
        assert account.ended_why == "not_me"
    page = citizen.open("/mine/account")
    assert state(page) == "none"
    assert not page.all("input", name="account")


def button_named(page: Node, name: str) -> Node:
    return page.one("button", name=name)


@pytest.mark.parametrize(("decision", "ends"), [("uphold", "none"), ("dismiss", "held")])
def test_A10_what_the_desk_says_decides_whether_the_account_comes_back(
    portal: Flask, registries: Any, citizen: Visitor, decision: str, ends: str
) -> None:
    known, person_id, _ = signed_in(portal, registries, citizen)
    register(citizen, portal, registries, known)
    work_off(portal)
    owner = Visitor(portal.test_client())
    owner.press(button_named(owner.open(link_in(registries, f"{known.phone}")), "answer"))
    with portal.app_context():
        matter = db.session().scalars(select(Matter)).one()
        account = make.staff("reviewer_district", district=matter.district)
        answer = Answer(Action(decision), "看过记录。")
        desk = Scope(matter.district)
        decide(matter.reference, desk, make.actor_of(account), answer, portal.extensions["pack"])
        assert db.session().get_one(Person, person_id).frozen_at is None
        db.session.remove()
    assert state(citizen.open("/mine/account")) == ends
