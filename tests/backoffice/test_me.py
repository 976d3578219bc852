"""One's own account: settings, password, token, passkeys, where one is signed in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from tests.backoffice.staff import PASSWORD, Staff, come_in, hire
from tests.visitor import Visitor
from training import clock as the_clock
from training.audit import AuditEvent, Outcome
from training.database import db
from training.outbox import OutboxRow
from training.staff.models import Role

CHOSEN = "一句自己记得住的话不要太短"


@pytest.fixture
def luo(office: Flask, clock: Any) -> Staff:
    return hire(office, "s2041", Role.VERIFIER, phone="19900000001")


@pytest.fixture
def me(office: Flask, luo: Staff) -> Visitor:
    visitor = Visitor(office.test_client())
    come_in(visitor, luo)
    visitor.open("/office/me")
    return visitor


def errors(visitor: Visitor) -> set[str]:
    return set(re.findall(r'data-error="(\w+)"', visitor.response.text))


def names(office: Flask, outcome: Outcome = Outcome.DONE) -> list[str]:
    with office.app_context():
        found = select(AuditEvent).where(AuditEvent.outcome == outcome).order_by(AuditEvent.id)
        return [event.name for event in db.session().scalars(found)]


# --- password -------------------------------------------------------------------------------------------------


def change(visitor: Visitor, who: Staff, **typed: Any) -> None:
    known: dict[str, Any] = {"current": PASSWORD, "password": CHOSEN, "again": CHOSEN, "code": who.code(1)}
    visitor.open("/office/me")
    visitor.send(visitor.form("/password"), **(known | typed))


def test_h9_a_new_password_ends_every_other_session(
    office: Flask, me: Visitor, luo: Staff, clock: Any
) -> None:
    clock.shift(timedelta(minutes=1))
    other = Visitor(office.test_client())
    come_in(other, luo)
    clock.shift(timedelta(minutes=1))
    change(me, luo, code=luo.code())
    assert me.path == "/office/me?saved=password"
    other.open("/office/me")
    assert other.path.startswith("/office/sign-in")
    clock.shift(timedelta(minutes=1))
    come_in(other, luo)
    assert other.status == 422
    come_in(other, luo, password=CHOSEN)
    assert other.path == "/office/"
    with office.app_context():
        assert len(db.session().scalars(select(OutboxRow)).all()) == 1


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"password": "short", "again": "short"}, {"password"}),
        ({"password": "my s2041 number", "again": "my s2041 number"}, {"password"}),
        ({"password": "aaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaa"}, {"password"}),
        ({"again": "something else"}, {"again"}),
        ({"current": "wrong"}, {"current"}),
        ({"code": "000000"}, {"current"}),
        ({"current": "", "code": ""}, {"current", "code"}),
    ],
)
def test_A11_a_password_changes_only_with_the_old_one_and_a_code(
    office: Flask, me: Visitor, luo: Staff, typed: dict[str, str], wrong: set[str]
) -> None:
    change(me, luo, **typed)
    assert me.status == 422
    assert errors(me) == wrong
    assert "staff_password_changed" not in names(office)


def test_A11_trying_passwords_at_the_form_locks(me: Visitor, luo: Staff) -> None:
    for _ in range(6):
        change(me, luo, current="wrong")
    assert me.status == 429
    assert me.response.headers["Retry-After"]


# --- token ----------------------------------------------------------------------------------------------------


def test_h9_a_new_token_counts_once_it_is_proved(office: Flask, me: Visitor, luo: Staff, clock: Any) -> None:
    me.open("/office/me/token")
    secret = next(n.attrs["data-totp-secret"] for n in me.page.walk() if "data-totp-secret" in n.attrs)
    me.send(with_field(me, "offered"), code="000000")
    assert errors(me) == {"code"}
    me.send(with_field(me, "offered"), code=pyotp.TOTP(secret).at(the_clock.real_now().timestamp()))
    assert me.path == "/office/me?saved=token"
    clock.shift(timedelta(minutes=1))
    other = Visitor(office.test_client())
    come_in(other, luo)
    assert other.status == 422
    luo.secret = secret
    come_in(other, luo)
    assert other.path == "/office/"


def test_a_token_offered_to_another_session_is_refused(
    office: Flask, me: Visitor, luo: Staff, clock: Any
) -> None:
    me.open("/office/me/token")
    offered = with_field(me, "offered").one("input", name="offered").attrs["value"]
    clock.shift(timedelta(minutes=1))
    other = Visitor(office.test_client())
    come_in(other, luo)
    other.open("/office/me/token")
    other.post("/office/me/token", offered=offered, code="000000")
    assert other.status == 422


def test_A11_keys_are_changed_only_with_a_fresh_proof(me: Visitor, luo: Staff, clock: Any) -> None:
    clock.shift(timedelta(minutes=11))
    me.open("/office/me/token")
    me.send(with_field(me, "offered"), code="123456")
    assert with_field(me, "again_code").one("input", name="code").attrs["value"] == "123456"
    for path in ("/office/me/passkeys", "/office/me/passkeys/new"):
        me.open("/office/me")
        me.post(path)
        assert me.status == 422
        assert with_field(me, "again_code")


def with_field(visitor: Visitor, name: str) -> Any:
    return next(form for form in visitor.page.all("form") if form.first("input", name=name))


# --- sessions -------------------------------------------------------------------------------------------------


def test_signing_out_everywhere_else(office: Flask, me: Visitor, luo: Staff, clock: Any) -> None:
    assert [f for f in me.page.all("form") if f.attrs.get("action", "").endswith("/elsewhere")] == []
    clock.shift(timedelta(minutes=1))
    other = Visitor(office.test_client())
    come_in(other, luo)
    me.open("/office/me")
    me.send(me.form("/elsewhere"))
    assert me.path == "/office/me?saved=elsewhere"
    other.open("/office/me")
    assert other.path.startswith("/office/sign-in")
