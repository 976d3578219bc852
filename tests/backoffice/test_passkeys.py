"""Passkeys beside the token: with a software authenticator that can lie."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.authenticator import Passkey
from tests.backoffice.staff import Staff, come_in, hire
from tests.backoffice.test_me import errors, luo, me, names, with_field
from tests.visitor import Visitor
from training.audit import EventName
from training.database import db, transaction
from training.staff.models import Role, StaffChallenge, StaffPasskey

__all__ = ["luo", "me"]
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


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


def comewith_field(visitor: Visitor, who: Staff, said: str, **typed: Any) -> None:
    known: dict[str, Any] = {
        "username": who.account.username,
        "password": who.password,
        "code": "",
        "passkey": said,
    }
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
    comewith_field(stranger, luo, key.sign(challenge(stranger)))
    assert stranger.path == "/office/"
    assert names(office)[-1] == EventName.STAFF_SIGNED_IN
    with office.app_context():
        row = db.session().scalars(select(StaffPasskey)).one()
        assert row.sign_count == 1
        assert row.used_at is not None


def test_A29_the_same_form_again_is_the_same_passkey(office: Flask, me: Visitor) -> None:
    me.open("/office/me")
    options, form = ask(me, "/office/me/passkeys/new"), me.form("/passkeys")
    said = Passkey().make(options)
    for _ in range(2):
        me.send(form, passkey=said, name="办公电脑")
        assert me.path == "/office/me?saved=passkey"
    with office.app_context():
        assert len(db.session().scalars(select(StaffPasskey)).all()) == 1


def test_a_passkey_is_nothing_without_the_password(stranger: Visitor, luo: Staff, key: Passkey) -> None:
    comewith_field(stranger, luo, key.sign(challenge(stranger)), password="wrong")
    assert stranger.status == 422


def test_A02_the_challenge_says_nothing_of_accounts(stranger: Visitor, key: Passkey) -> None:
    options = challenge(stranger)
    assert options["allowCredentials"] == []
    assert options["rpId"] == "localhost"
    assert challenge(stranger)["challenge"] != options["challenge"]


def test_A06_a_used_challenge_is_refused(office: Flask, stranger: Visitor, luo: Staff, key: Passkey) -> None:
    options = challenge(stranger)
    said = key.sign(options)
    comewith_field(stranger, luo, said)
    other = Visitor(office.test_client())
    other.open("/office/sign-in")
    comewith_field(other, luo, said)
    assert other.status == 422
    comewith_field(other, luo, key.sign(options))
    assert other.status == 422


def test_A05_a_challenge_of_another_browser_is_refused(
    office: Flask, stranger: Visitor, luo: Staff, key: Passkey
) -> None:
    options = challenge(stranger)
    other = Visitor(office.test_client())
    challenge(other)
    comewith_field(other, luo, key.sign(options))
    assert other.status == 422


def test_a_wrong_answer_uses_the_challenge_up(stranger: Visitor, luo: Staff, key: Passkey) -> None:
    options = challenge(stranger)
    comewith_field(stranger, luo, "{}")
    assert stranger.status == 422
    comewith_field(stranger, luo, key.sign(options))
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
    comewith_field(stranger, luo, key.sign(challenge(stranger)))
    assert stranger.status == 422


def test_A06_a_counter_that_goes_back_is_a_copied_key(stranger: Visitor, luo: Staff, key: Passkey) -> None:
    comewith_field(stranger, luo, key.sign(challenge(stranger), count=7))
    assert stranger.path == "/office/"
    stranger.send(stranger.form("sign-out"))
    for count in (7, 3, 0):
        comewith_field(stranger, luo, key.sign(challenge(stranger), count=count))
        assert stranger.status == 422, count
    comewith_field(stranger, luo, key.sign(challenge(stranger), count=8))
    assert stranger.path == "/office/"


def test_a_key_that_never_counts_is_a_synced_one_and_works(
    stranger: Visitor, luo: Staff, key: Passkey
) -> None:
    for _ in range(2):
        comewith_field(stranger, luo, key.sign(challenge(stranger), count=0))
        assert stranger.path == "/office/"
        stranger.send(stranger.form("sign-out"))


def test_A11_the_key_of_somebody_else_opens_nothing(
    office: Flask, stranger: Visitor, luo: Staff, key: Passkey
) -> None:
    other = hire(office, "s2042", Role.VERIFIER)
    comewith_field(stranger, other, key.sign(challenge(stranger)))
    assert stranger.status == 422


@pytest.mark.parametrize("said", ["", "{}", "[]", "null", "{" * 500, '{"id": 1}', "\x00", "好" * 100])
def test_hostile_answers_are_wrong_answers(stranger: Visitor, luo: Staff, key: Passkey, said: str) -> None:
    challenge(stranger)
    comewith_field(stranger, luo, said)
    assert stranger.status == 422


def test_a_challenge_runs_out(stranger: Visitor, luo: Staff, key: Passkey, clock: Any, office: Flask) -> None:
    options = challenge(stranger)
    clock.shift(timedelta(minutes=6))
    comewith_field(stranger, luo, key.sign(options))
    assert stranger.status == 422
    challenge(stranger)
    with office.app_context():
        assert len(db.session().scalars(select(StaffChallenge)).all()) == 1


def test_a_key_taken_away_opens_nothing(me: Visitor, stranger: Visitor, luo: Staff, key: Passkey) -> None:
    me.open("/office/me")
    me.send(me.form("/remove"))
    assert me.path == "/office/me?saved=removed"
    comewith_field(stranger, luo, key.sign(challenge(stranger)))
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
    visitor.send(with_field(visitor, "reason"), reason="离岗")
    form = with_field(visitor, "again_passkey")
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
