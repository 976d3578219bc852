"""Accounts, passwords and codes, without a door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from tests.make import PASSWORD, make_class, staff
from training import audit, clock, keys
from training.audit import Actor, ActorKind, AuditEvent, EventName, Outcome, SubjectKind
from training.courses.models import ClassRun
from training.database import db, new_id
from training.errors import BadInput, TooMany
from training.limits import Limit
from training.staff.models import Role, StaffAccount, StaffSession
from training.staff.operations import (
    SignInLimits,
    choose_shortcuts,
    disable_account,
    hash_password,
    sign_in,
    sign_out,
)
from training.staff.queries import (
    Scope,
    done_since,
    in_scope,
    live_staff_session,
    names_of,
    phone_belongs_to_staff,
    scope_of,
)

SECRET = pyotp.random_base32()
QUARTER = timedelta(minutes=15)
ALLOWED = SignInLimits(Limit("pair", 5, QUARTER), Limit("networks", 12, QUARTER))


def fresh(old: str = "old") -> Callable[[], tuple[str, str]]:
    return lambda: (old, keys.secret_hash("browser", new_id()))


def come(
    username: str = "luo", password: str = PASSWORD, code: str = "", network: str = "10.0.0.1"
) -> StaffAccount:
    now = pyotp.TOTP(SECRET).at(clock.real_now().timestamp())
    return sign_in(username, password, code or now, network=network, allowed=ALLOWED, renew=fresh())


@pytest.fixture
def luo(database: Any) -> StaffAccount:
    return staff("verifier", username="luo", totp_secret=SECRET, phone="19900000001")


def test_I31_a_sign_in_leaves_one_event_done_or_refused(luo: StaffAccount) -> None:
    with pytest.raises(BadInput):
        come(password="wrong")
    come()
    events = db.session.scalars(
        select(AuditEvent).where(AuditEvent.subject == luo.id).order_by(AuditEvent.n)
    ).all()
    assert [(event.name, event.outcome) for event in events] == [
        (EventName.STAFF_CREATED, Outcome.DONE),
        (EventName.STAFF_SIGN_IN_FAILED, Outcome.REFUSED),
        (EventName.STAFF_SIGNED_IN, Outcome.DONE),
    ]


def test_an_unknown_account_leaves_a_line_too(luo: StaffAccount) -> None:
    with pytest.raises(BadInput):
        come(username="nobody")
    [event] = db.session.scalars(
        select(AuditEvent).where(AuditEvent.name == EventName.STAFF_SIGN_IN_FAILED)
    ).all()
    assert event.subject != luo.id
    assert "nobody" not in event.subject


def test_A11_an_unknown_account_costs_a_hash_as_well(
    luo: StaffAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.staff.operations import secrets

    hashes = []

    class Counting:
        def verify(self, password_hash: str, password: str) -> bool:
            hashes.append(password_hash[:30])
            return False

    monkeypatch.setattr(secrets, "_hasher", Counting())
    for username in ("luo", "nobody", ""):
        with pytest.raises(BadInput):
            come(username=username)
    assert hashes == ["$argon2id$v=19$m=19456,t=2,p=1"] * 3


def test_A07_many_networks_together_lock_the_account_a_while(luo: StaffAccount) -> None:
    for n in range(12):
        with pytest.raises(BadInput):
            come(password="wrong", network=f"10.0.{n}.1")
    with pytest.raises(TooMany):
        come(network="10.0.99.1")


def test_an_account_out_of_force_does_not_open(luo: StaffAccount) -> None:
    disable_account(luo.id, Actor.system("tests"))
    with pytest.raises(BadInput):
        come()
    assert not phone_belongs_to_staff(db.session(), "19900000001")


def test_signing_in_ends_the_session_before(luo: StaffAccount, clock: Any) -> None:
    come()
    [first] = db.session.scalars(select(StaffSession)).all()
    clock.shift(timedelta(seconds=60))
    now = pyotp.TOTP(SECRET).now()
    sign_in("luo", PASSWORD, now, network="n", allowed=ALLOWED, renew=fresh(first.id_hash))
    assert live_staff_session(db.session(), first.id_hash) is None


def test_A13_a_session_that_was_left_is_dead(luo: StaffAccount) -> None:
    come()
    [row] = db.session.scalars(select(StaffSession)).all()
    sign_out(row, Actor(ActorKind.STAFF, luo.id))
    assert live_staff_session(db.session(), row.id_hash) is None


def test_A66_passwords_totp_and_phones_are_not_kept_in_clear(luo: StaffAccount) -> None:
    row = db.session.get_one(StaffAccount, luo.id)
    kept = " ".join(str(getattr(row, column.name)) for column in StaffAccount.__table__.columns)
    for secret in (PASSWORD, SECRET, "19900000001"):
        assert secret not in kept
    assert phone_belongs_to_staff(db.session(), "19900000001")
    assert not phone_belongs_to_staff(db.session(), "19900000002")


def test_the_same_password_hashes_differently_each_time() -> None:
    assert hash_password("one") != hash_password("one")


def test_what_was_done_today_is_counted_from_the_trail(luo: StaffAccount) -> None:
    actor = Actor(ActorKind.STAFF, luo.id)
    choose_shortcuts(luo.id, False, actor)
    choose_shortcuts(luo.id, True, actor)
    done = done_since(db.session(), luo.id, clock.now() - timedelta(hours=1))
    assert done[EventName.STAFF_SETTINGS_CHANGED] == 2
    assert done[EventName.IDENTITY_PASSED] == 0
    assert len(audit.history(db.session(), SubjectKind.STAFF, luo.id)) == 3
    assert names_of(db.session(), [luo.id]) == {luo.id: luo.name}
    assert names_of(db.session(), []) == {}


def test_A16_a_scope_without_a_district_holds_nothing(luo: StaffAccount) -> None:
    here, there = make_class(district="500103"), make_class(district="500112")

    def seen(scope: Scope) -> set[str]:
        return set(db.session.scalars(in_scope(select(ClassRun.id), ClassRun.district, scope)))

    assert seen(Scope(None)) == set()
    assert seen(Scope("500103")) == {here.id}
    assert seen(Scope(None, is_municipal=True)) == {here.id, there.id}
    assert scope_of(luo, Role.VERIFIER) == Scope("500103")
    assert scope_of(luo, Role.REVIEWER_MUNICIPAL) == Scope(None)
    reviewer = staff("reviewer_municipal", district=None)
    assert scope_of(reviewer, Role.REVIEWER_MUNICIPAL) == Scope(None, is_municipal=True)
