"""Who comes in at the staff door, who does not, and how one leaves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.backoffice.staff import Staff, come_in, hire
from tests.visitor import Visitor
from training.audit import Actor, ActorKind, AuditEvent, EventName, Outcome
from training.database import db
from training.staff.models import Role, StaffAccount, StaffSession
from training.staff.operations import disable_account

SAME_FOR_ALL = "That did not open the desk"


@pytest.fixture
def luo(office: Flask) -> Staff:
    return hire(office, "s2041", Role.VERIFIER)


def test_password_and_code_open_the_desk(clerk: Visitor, luo: Staff) -> None:
    page = come_in(clerk, luo)
    assert (clerk.status, clerk.path) == (200, "/office/")
    assert luo.account.name in page.text


def test_an_account_is_found_in_any_case_and_width(clerk: Visitor, luo: Staff) -> None:
    come_in(clerk, luo, username=" Ｓ2041 ")
    assert clerk.path == "/office/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "wrong"},
        {"code": "000000"},
        {"username": "nobody"},
        {"username": ""},
        {"code": ""},
        {"username": "s2041\x00"[:-1] + "\u202e\u0000", "password": "\x00"},
        {"code": "١٢٣٤٥٦"},
    ],
)
def test_one_sentence_for_every_failure(clerk: Visitor, luo: Staff, wrong: dict[str, str]) -> None:
    page = come_in(clerk, luo, **wrong)
    assert clerk.status == 422
    assert page.mark("data-error") == "sign_in"
    assert SAME_FOR_ALL in page.text
    assert page.one("input", name="password").attrs.get("value", "") == ""


def test_A11_the_password_alone_does_not_open(clerk: Visitor, luo: Staff) -> None:
    come_in(clerk, luo, code="")
    assert clerk.status == 422
    assert clerk.open("/office/").first("input", name="password")


def test_A11_known_and_unknown_accounts_cannot_be_told_apart(clerk: Visitor, luo: Staff) -> None:
    known = come_in(clerk, luo, password="wrong")
    unknown = come_in(clerk, luo, username="s2042")
    bare = [_without_token(page).replace("s2042", "s2041") for page in (known, unknown)]
    assert bare[0] == bare[1]


def _without_token(page: Any) -> str:
    token = page.one("input", name="csrf_token").attrs["value"]
    return str(page.one("main").html().replace(token, ""))


def test_A06_totp_code_opens_once(office: Flask, luo: Staff) -> None:
    first, second = Visitor(office.test_client()), Visitor(office.test_client())
    code = luo.code()
    come_in(first, luo, code=code)
    assert first.path == "/office/"
    come_in(second, luo, code=code)
    assert second.status == 422


def test_A06_totp_of_a_neighbouring_step_counts_and_no_older_one_after_it(
    office: Flask, luo: Staff, clock: Any
) -> None:
    early, late, next_one = (Visitor(office.test_client()) for _ in range(3))
    come_in(early, luo, code=luo.code(ahead=2))
    assert early.status == 422
    come_in(late, luo, code=luo.code(ahead=1))
    assert late.path == "/office/"
    come_in(next_one, luo, code=luo.code())
    assert next_one.status == 422
    clock.shift(timedelta(seconds=60))
    come_in(next_one, luo)
    assert next_one.path == "/office/"


def test_A06_totp_code_used_by_two_at_once_opens_for_one(office: Flask, luo: Staff) -> None:
    visitors = [Visitor(office.test_client()) for _ in range(4)]
    code = luo.code()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda visitor: come_in(visitor, luo, code=code), visitors))
    assert sorted(visitor.status for visitor in visitors) == [200, 422, 422, 422]


def test_A11_five_wrong_tries_lock_the_account_for_this_network_only(
    office: Flask, luo: Staff, clock: Any
) -> None:
    visitor = Visitor(office.test_client())
    for _ in range(5):
        come_in(visitor, luo, password="wrong")
        assert visitor.status == 422
    page = come_in(visitor, luo)
    assert visitor.status == 429
    assert 0 < int(visitor.response.headers["Retry-After"]) <= 900
    assert page.first("input", name="username")
    client = office.test_client()
    client.environ_base["REMOTE_ADDR"] = "127.0.0.9"
    elsewhere = Visitor(client)
    come_in(elsewhere, luo)
    assert elsewhere.path == "/office/"
    clock.shift(timedelta(minutes=15))
    come_in(visitor, luo)
    assert visitor.path == "/office/"


def test_A07_wrong_tries_for_one_account_leave_the_network_open_for_others(office: Flask, luo: Staff) -> None:
    visitor = Visitor(office.test_client())
    for _ in range(6):
        come_in(visitor, luo, username="s9999")
    assert visitor.status == 429
    come_in(visitor, luo)
    assert visitor.path == "/office/"


def test_A11_a_burst_in_parallel_gets_five_tries_too(office: Flask, luo: Staff) -> None:
    visitors = [Visitor(office.test_client()) for _ in range(9)]
    with ThreadPoolExecutor(9) as pool:
        list(pool.map(lambda visitor: come_in(visitor, luo, password="wrong"), visitors))
    assert sorted(visitor.status for visitor in visitors) == [422] * 5 + [429] * 4


def test_a_right_sign_in_forgets_the_wrong_ones_before(office: Flask, luo: Staff, clock: Any) -> None:
    visitor = Visitor(office.test_client())
    for _ in range(2):
        for _ in range(4):
            come_in(visitor, luo, password="wrong")
        come_in(visitor, luo)
        assert visitor.path == "/office/"
        visitor.send(visitor.form("/sign-out"))
        clock.shift(timedelta(seconds=60))


def test_A12_the_browser_gets_a_fresh_id_when_it_signs_in(clerk: Visitor, luo: Staff) -> None:
    clerk.open("/office/sign-in")
    planted = clerk.client.get_cookie("office")
    come_in(clerk, luo)
    fresh = clerk.client.get_cookie("office")
    assert planted is not None
    assert fresh is not None
    assert planted.value != fresh.value
    clerk.client.set_cookie("office", planted.value)
    assert clerk.open("/office/").first("input", name="password")


def test_A13_a_cookie_is_worth_nothing_after_signing_out(clerk: Visitor, luo: Staff) -> None:
    come_in(clerk, luo)
    kept = clerk.client.get_cookie("office")
    assert kept is not None
    clerk.send(clerk.form("/sign-out"))
    assert clerk.path == "/office/sign-in"
    clerk.client.set_cookie("office", kept.value)
    assert clerk.open("/office/me").first("input", name="password")


def test_A13_disabling_and_losing_a_role_bite_at_the_next_request(
    office: Flask, clerk: Visitor, luo: Staff
) -> None:
    come_in(clerk, luo)
    with office.app_context():
        disable_account(luo.account.id, Actor.system("tests"))
    assert clerk.open("/office/me").first("input", name="password")


def test_A14_leaving_clears_what_the_browser_kept(clerk: Visitor, luo: Staff) -> None:
    come_in(clerk, luo)
    token = clerk.form("sign-out").one("input", name="csrf_token").attrs["value"]
    answer = clerk.client.post("/office/sign-out", data={"csrf_token": token})
    assert answer.status_code == 303
    assert '"storage"' in answer.headers["Clear-Site-Data"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_A14_thirty_idle_minutes_end_a_session_and_use_keeps_it(
    clerk: Visitor, luo: Staff, clock: Any
) -> None:
    come_in(clerk, luo)
    for _ in range(3):
        clock.shift(timedelta(minutes=29))
        assert clerk.open("/office/me").first("input", name="shortcuts")
    clock.shift(timedelta(minutes=31))
    assert clerk.open("/office/me").first("input", name="password")


def test_A14_twelve_hours_end_a_session_however_busy(clerk: Visitor, luo: Staff, clock: Any) -> None:
    come_in(clerk, luo)
    for _ in range(12 * 3 - 1):
        clock.shift(timedelta(minutes=20))
        assert clerk.open("/office/me").first("input", name="shortcuts")
    clock.shift(timedelta(minutes=20))
    assert clerk.open("/office/me").first("input", name="password")


def test_the_trail_tells_of_sign_ins_done_and_failed(office: Flask, clerk: Visitor, luo: Staff) -> None:
    come_in(clerk, luo, password="wrong")
    come_in(clerk, luo)
    with office.app_context():
        events = db.session.scalars(
            select(AuditEvent).where(AuditEvent.subject == luo.account.id).order_by(AuditEvent.n)
        ).all()
    assert [(event.name, event.outcome) for event in events[1:]] == [
        (EventName.STAFF_SIGN_IN_FAILED, Outcome.REFUSED),
        (EventName.STAFF_SIGNED_IN, Outcome.DONE),
    ]
    assert events[1].actor_kind is ActorKind.SYSTEM


def test_one_hash_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading
    import time

    from training.staff.operations import secrets

    inside, most = 0, 0
    lock = threading.Lock()

    class Slow:
        def verify(self, password_hash: str, password: str) -> bool:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with lock:
                inside -= 1
            return True

    monkeypatch.setattr(secrets, "_hasher", Slow())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: secrets.fits("hash", "password"), range(8)))
    assert most == 1


def test_the_password_is_kept_as_argon2id_with_19_mib(luo: Staff) -> None:
    assert luo.account.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_signing_in_leads_to_the_page_that_was_asked_for(clerk: Visitor, luo: Staff) -> None:
    clerk.open("/office/me")
    assert clerk.path.startswith("/office/sign-in?next=")
    clerk.send(username="s2041", password=luo.password, code=luo.code())
    assert clerk.path == "/office/me"


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org", "/mine", "/office\\..", "/officer"]
)
def test_A55_next_stays_inside_the_office(clerk: Visitor, luo: Staff, elsewhere: str) -> None:
    clerk.open("/office/sign-in", next=elsewhere)
    form = clerk.form()
    token = form.one("input", name="csrf_token").attrs["value"]
    data = {"username": "s2041", "password": luo.password, "code": luo.code(), "csrf_token": token}
    answer = clerk.client.post("/office/sign-in", query_string={"next": elsewhere}, data=data)
    assert answer.headers["Location"] == "/office/"


def test_sign_in_without_the_token_is_refused(clerk: Visitor, luo: Staff) -> None:
    clerk.open("/office/sign-in")
    clerk.post("/office/sign-in", username="s2041", password=luo.password, code=luo.code(), csrf_token="")
    assert clerk.status == 403


def test_sessions_are_kept_by_hash(office: Flask, clerk: Visitor, luo: Staff) -> None:
    come_in(clerk, luo)
    cookie = clerk.client.get_cookie("office")
    with office.app_context():
        [row] = db.session.scalars(select(StaffSession)).all()
    assert cookie is not None
    assert cookie.value not in row.id_hash
    assert len(row.id_hash) == 64


def test_totp_secrets_are_sealed(office: Flask, luo: Staff) -> None:
    with office.app_context():
        row = db.session.get_one(StaffAccount, luo.account.id)
        assert luo.secret not in row.totp_sealed
        assert row.totp == luo.secret
