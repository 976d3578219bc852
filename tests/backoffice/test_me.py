"""One's own account: settings, password, token, passkeys, where one is signed in."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from tests.authenticator import Passkey
from tests.backoffice.staff import PASSWORD, Staff, come_in, hire
from tests.visitor import Visitor
from training import clock as the_clock
from training.audit import AuditEvent, EventName, Outcome
from training.database import db, transaction
from training.outbox import OutboxRow
from training.staff.models import Role, StaffChallenge, StaffPasskey

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


def change(visitor: Visitor, who: Staff, **typed: str) -> None:
    known = {"current": PASSWORD, "password": CHOSEN, "again": CHOSEN, "code": who.code(1)}
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
    me.send(_with(me, "offered"), code="000000")
    assert errors(me) == {"code"}
    me.send(_with(me, "offered"), code=pyotp.TOTP(secret).at(the_clock.real_now().timestamp()))
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
    offered = _with(me, "offered").one("input", name="offered").attrs["value"]
    clock.shift(timedelta(minutes=1))
    other = Visitor(office.test_client())
    come_in(other, luo)
    other.open("/office/me/token")
    other.post("/office/me/token", offered=offered, code="000000")
    assert other.status == 422


def test_A11_keys_are_changed_only_with_a_fresh_proof(me: Visitor, luo: Staff, clock: Any) -> None:
    clock.shift(timedelta(minutes=11))
    me.open("/office/me/token")
    me.send(_with(me, "offered"), code="123456")
    assert _with(me, "again_code").one("input", name="code").attrs["value"] == "123456"
    for path in ("/office/me/passkeys", "/office/me/passkeys/new"):
        me.open("/office/me")
        me.post(path)
        assert me.status == 422
        assert _with(me, "again_code")


def _with(visitor: Visitor, name: str) -> Any:
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


# --- passkeys -------------------------------------------------------------------------------------------------


def ask(visitor: Visitor, path: str) -> dict[str, Any]:
    """What the page's script asks for."""
    token = visitor.page.all("input", name="csrf_token")[0].attrs["value"]
    reply = visitor.client.post(path, headers={"X-CSRF-Token": token})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.get_json()
    return found


def register(visitor: Visitor, key: Passkey, **more: str) -> None:
    visitor.open("/office/me")
    options = ask(visitor, "/office/me/passkeys/new")
    form = visitor.form("/passkeys")
    visitor.send(form, passkey=more.pop("said", "") or key.make(options), name=more.pop("name", "办公电脑"))


def come_with(visitor: Visitor, who: Staff, said: str, **typed: str) -> None:
    known = {"username": who.account.username, "password": who.password, "code": "", "passkey": said}
    visitor.send(visitor.form(""), **(known | typed))


@pytest.fixture
def key(me: Visitor) -> Passkey:
    found = Passkey()
    register(me, found)
    assert me.path == "/office/me?saved=passkey"
    return found


@pytest.fixture
def stranger(office: Flask) -> Visitor:
    visitor = Visitor(office.test_client())
    visitor.open("/office/sign-in")
    return visitor


def challenge(visitor: Visitor) -> dict[str, Any]:
    visitor.open("/office/sign-in")
    return ask(visitor, "/office/sign-in/passkey")


def test_h9_password_and_passkey_open_the_desk(
    office: Flask, stranger: Visitor, luo: Staff, key: Passkey
) -> None:
    come_with(stranger, luo, key.sign(challenge(stranger)))
    assert stranger.path == "/office/"
    assert names(office)[-1] == EventName.STAFF_SIGNED_IN
    with office.app_context():
        row = db.session().scalars(select(StaffPasskey)).one()
        assert row.sign_count == 1
        assert row.used_at is not None


def test_a_passkey_is_nothing_without_the_password(stranger: Visitor, luo: Staff, key: Passkey) -> None:
    come_with(stranger, luo, key.sign(challenge(stranger)), password="wrong")
    assert stranger.status == 422


def test_A02_the_challenge_says_nothing_of_accounts(stranger: Visitor, key: Passkey) -> None:
    options = challenge(stranger)
    assert options["allowCredentials"] == []
    assert options["rpId"] == "localhost"
    assert challenge(stranger)["challenge"] != options["challenge"]


def test_A06_a_used_challenge_is_refused(office: Flask, stranger: Visitor, luo: Staff, key: Passkey) -> None:
    options = challenge(stranger)
    said = key.sign(options)
    come_with(stranger, luo, said)
    other = Visitor(office.test_client())
    other.open("/office/sign-in")
    come_with(other, luo, said)
    assert other.status == 422
    come_with(other, luo, key.sign(options))
    assert other.status == 422


def test_A05_a_challenge_of_another_browser_is_refused(
    office: Flask, stranger: Visitor, luo: Staff, key: Passkey
) -> None:
    options = challenge(stranger)
    other = Visitor(office.test_client())
    challenge(other)
    come_with(other, luo, key.sign(options))
    assert other.status == 422


def test_a_wrong_answer_uses_the_challenge_up(stranger: Visitor, luo: Staff, key: Passkey) -> None:
    options = challenge(stranger)
    come_with(stranger, luo, "{}")
    assert stranger.status == 422
    come_with(stranger, luo, key.sign(options))
    assert stranger.status == 422


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:9999"},
        {"domain": "evil.example"},
    ],
)
def test_A11_a_passkey_used_on_another_site_is_refused(
    stranger: Visitor, luo: Staff, key: Passkey, lie: dict[str, str]
) -> None:
    vars(key).update(lie)
    come_with(stranger, luo, key.sign(challenge(stranger)))
    assert stranger.status == 422


def test_A06_a_counter_that_goes_back_is_a_copied_key(stranger: Visitor, luo: Staff, key: Passkey) -> None:
    come_with(stranger, luo, key.sign(challenge(stranger), count=7))
    assert stranger.path == "/office/"
    stranger.send(stranger.form("sign-out"))
    for count in (7, 3, 0):
        come_with(stranger, luo, key.sign(challenge(stranger), count=count))
        assert stranger.status == 422, count
    come_with(stranger, luo, key.sign(challenge(stranger), count=8))
    assert stranger.path == "/office/"


def test_a_key_that_never_counts_is_a_synced_one_and_works(
    stranger: Visitor, luo: Staff, key: Passkey
) -> None:
    for _ in range(2):
        come_with(stranger, luo, key.sign(challenge(stranger), count=0))
        assert stranger.path == "/office/"
        stranger.send(stranger.form("sign-out"))


def test_A11_the_key_of_somebody_else_opens_nothing(
    office: Flask, stranger: Visitor, luo: Staff, key: Passkey
) -> None:
    other = hire(office, "s2042", Role.VERIFIER)
    come_with(stranger, other, key.sign(challenge(stranger)))
    assert stranger.status == 422


@pytest.mark.parametrize("said", ["", "{}", "[]", "null", "{" * 500, '{"id": 1}', "\x00", "好" * 100])
def test_hostile_answers_are_wrong_answers(stranger: Visitor, luo: Staff, key: Passkey, said: str) -> None:
    challenge(stranger)
    come_with(stranger, luo, said)
    assert stranger.status == 422


def test_a_challenge_runs_out(stranger: Visitor, luo: Staff, key: Passkey, clock: Any, office: Flask) -> None:
    options = challenge(stranger)
    clock.shift(timedelta(minutes=6))
    come_with(stranger, luo, key.sign(options))
    assert stranger.status == 422
    challenge(stranger)
    with office.app_context():
        assert len(db.session().scalars(select(StaffChallenge)).all()) == 1


def test_a_key_taken_away_opens_nothing(me: Visitor, stranger: Visitor, luo: Staff, key: Passkey) -> None:
    me.open("/office/me")
    me.send(me.form("/remove"))
    assert me.path == "/office/me?saved=removed"
    come_with(stranger, luo, key.sign(challenge(stranger)))
    assert stranger.status == 422


def test_A15_nobody_takes_away_the_key_of_another(office: Flask, me: Visitor, key: Passkey) -> None:
    other = Visitor(office.test_client())
    come_in(other, hire(office, "s2042", Role.VERIFIER))
    with office.app_context():
        key_id = db.session().scalars(select(StaffPasskey.id)).one()
    other.open("/office/me")
    other.post(f"/office/me/passkeys/{key_id}/remove")
    assert other.status == 404
    with office.app_context():
        assert len(db.session().scalars(select(StaffPasskey)).all()) == 1


def test_registering_checks_origin_challenge_and_number(office: Flask, me: Visitor) -> None:
    elsewhere = Passkey(origin="https://evil.example")
    register(me, elsewhere)
    assert me.status == 422
    assert errors(me) == {"passkey"}
    good = Passkey()
    me.open("/office/me")
    options = ask(me, "/office/me/passkeys/new")
    said = good.make(options)
    me.send(me.form("/passkeys"), passkey=said, name="")
    assert me.path == "/office/me?saved=passkey"
    me.open("/office/me")
    me.send(me.form("/passkeys"), passkey=said, name="again")
    assert me.status == 422
    register(me, good)  # the same key under a fresh challenge
    assert me.status == 422
    for _ in range(4):
        register(me, Passkey())
    register(me, Passkey())
    assert me.status == 409
    assert 'data-reason="too_many_keys"' in me.response.text


def test_A11_a_passkey_proves_again_too(office: Flask, clock: Any) -> None:
    who = hire(office, "a0007", Role.SECADMIN, district=None)
    visitor, key = Visitor(office.test_client()), Passkey()
    come_in(visitor, who)
    register(visitor, key)
    clock.shift(timedelta(minutes=11))
    other = hire(office, "s2042", Role.VERIFIER)
    visitor.open(f"/office/staff/{other.account.id}/disable")
    visitor.send(_with(visitor, "reason"), reason="离岗")
    form = _with(visitor, "again_passkey")
    said = key.sign(ask(visitor, "/office/sign-in/passkey"))
    visitor.send(form, again_password=who.password, again_passkey=said)
    assert visitor.path.endswith("?said=done")


def test_two_equal_answers_at_once_open_once(office: Flask, luo: Staff, key: Passkey) -> None:
    """The counter is moved in the transaction: the second finds it moved."""
    from training.staff.operations.passkeys import Signed, use_key

    with office.app_context():
        row = db.session().scalars(select(StaffPasskey)).one()
        signed = Signed(row.id, 0, 1)
        assert transaction(lambda session: use_key(session, signed))
        assert not transaction(lambda session: use_key(session, signed))


def test_the_options_are_what_a_browser_understands(me: Visitor) -> None:
    options = ask(me, "/office/me/passkeys/new")
    assert options["rp"] == {"id": "localhost", "name": "Training desk"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert json.dumps(options)
