"""Staff and rights at the desk: found, proposed, agreed, ended; with a fresh proof; nobody for oneself."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from tests.backoffice.staff import arrive, come_in, hire
from tests.make import DISTRICT, make_institution, staff, staff_browser
from tests.visitor import Visitor
from training import audit
from training import clock as the_clock
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.database import db, transaction
from training.staff.models import ProposalKind, Role, StaffAccount, StaffProposal, StaffRole
from training.staff.rights import RIGHTS, Reach

NUMBER = "500103198501010012"


def account(office: Flask, username: str) -> StaffAccount:
    with office.app_context():
        return db.session().scalars(select(StaffAccount).where(StaffAccount.username == username)).one()


def roles(office: Flask, username: str) -> set[str]:
    with office.app_context():
        found = db.session().scalars(select(StaffAccount).where(StaffAccount.username == username)).one()
        return {right.role.value for right in found.roles}


@pytest.fixture
def du(office: Flask, clock: Any) -> str:
    """The address of Du, who publishes lists in Yuzhong."""
    with office.app_context():
        return f"/office/staff/{staff('publicity', username='s1187', name='杜一衡').id}"


@pytest.fixture
def ning(office: Flask, clock: Any) -> Visitor:
    return arrive(office, "a0001", Role.SECADMIN, district=None, name="骆宁")


@pytest.fixture
def lang(office: Flask, clock: Any) -> Visitor:
    return arrive(office, "a0002", Role.SECADMIN, district=None, name="白朗")


@pytest.fixture
def root(office: Flask, clock: Any) -> Visitor:
    return arrive(office, "a0003", Role.SYSADMIN, district=None)


def propose(visitor: Visitor, du: str, role: str = "verifier", **typed: Any) -> None:
    visitor.open(du)
    form = next(one for one in visitor.page.all("form") if one.first("select", name="role"))
    known: dict[str, Any] = {"role": role, "district": DISTRICT, "reason": "调岗"}
    visitor.send(form, **(known | typed))


# --- looking --------------------------------------------------------------------------------------------------


def test_everybody_is_found_by_name_number_and_district(ning: Visitor, du: str, office: Flask) -> None:
    with office.app_context():
        staff("verifier", username="s2041", name="罗思远", district="500101")

    def shown(**query: str) -> set[str]:
        page = ning.open("/office/staff", **query)
        return {row.attrs["data-account"] for row in page.all("tr") if "data-account" in row.attrs}

    assert shown() == {"a0001", "s1187", "s2041"}
    assert shown(q="罗思") == {"s2041"}
    assert shown(q="S11") == {"s1187"}
    assert shown(q="%") == set()
    assert shown(district="500101") == {"s2041"}
    assert shown(tab="disabled") == set()
    assert shown(page="99", tab="nonsense") == {"a0001", "s1187", "s2041"}


def test_a_long_list_has_pages_and_loses_nobody(ning: Visitor, office: Flask) -> None:
    with office.app_context():
        made = {staff("verifier").username for _ in range(24)}
    seen: list[str] = []
    for page in ("1", "2"):
        shown = ning.open("/office/staff", page=page)
        seen += [row.attrs["data-account"] for row in shown.all("tr") if "data-account" in row.attrs]
    assert len(seen) == len(set(seen)) == 25
    assert made < set(seen)


def _one_more(office: Flask, school: str, about: str) -> None:
    """Somebody of a school, deputy of somebody, with a leave and a right proposed; who also changed `about`."""
    with office.app_context():
        who, away = staff("institution", institution=school), staff("publicity")
        deputy = StaffRole(account_id=who.id, role=Role.PUBLICITY, district=DISTRICT, deputy_for=away.id)
        today = the_clock.today().isoformat()
        leave = {"from": today, "until": today, "deputy": away.id}
        right = {"role": "institution", "district": None, "institution": school, "until": None}
        told = {
            "account_id": who.id,
            "reason": "调岗",
            "proposed_by": away.id,
            "proposed_at": the_clock.now(),
        }
        rows = [
            StaffProposal(kind=ProposalKind.LEAVE, content=leave, **told),
            StaffProposal(kind=ProposalKind.RIGHT, content=right, **told),
        ]
        transaction(lambda session: session.add_all([deputy, *rows]))
        changed = Entry(EventName.STAFF_PROPOSED, SubjectKind.STAFF, about, facts={"kind": "right"})
        actor = Actor(ActorKind.STAFF, who.id, "office")
        transaction(lambda session: audit.record(session, actor, changed))


def test_a_page_asks_the_database_as_often_however_many_lines_it_has(
    office: Flask, ning: Visitor, du: str, statements: Any
) -> None:
    def asked(path: str, **query: str) -> int:
        with statements() as sent:
            ning.open(path, **query)
        assert ning.status == 200
        return len(sent)

    def all_pages() -> list[int]:
        return [asked("/office/staff"), asked("/office/staff", tab="waiting"), asked(du)]

    with office.app_context():
        school = make_institution().id
    _one_more(office, school, du.rsplit("/", 1)[1])
    all_pages()
    before = all_pages()
    for _ in range(4):
        _one_more(office, school, du.rsplit("/", 1)[1])
    assert all_pages() == before
    assert len([row for row in ning.open(du).all("ol")[-1].all("li") if "职员" in row.text]) == 5


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_of_rights_stands_on_a_page(office: Flask, language: str) -> None:
    visitor = arrive(office, "a0009", Role.SYSADMIN, district=None, language=language)
    page = visitor.open("/office/staff/rights")
    shown = {row.attrs["data-right"] for row in page.all("tr") if "data-right" in row.attrs}
    assert all(cell.text.strip() for row in page.all("tr") for cell in row.all("td"))
    assert shown == {
        f"{right.role} {right.desk} {right.action} {right.scope}"
        for right in RIGHTS
        if right.scope is not Reach.SELF
    }


# --- a right, by two ------------------------------------------------------------------------------------------


def test_A22_proposed_by_one_agreed_by_another(office: Flask, ning: Visitor, lang: Visitor, du: str) -> None:
    propose(ning, du)
    assert ning.path.startswith("/office/staff/proposals/")
    assert roles(office, "s1187") == {"publicity"}
    lang.open(ning.path)
    lang.press(lang.page.one("button", value="agree"))
    assert lang.status == 200
    assert roles(office, "s1187") == {"publicity", "verifier"}


def test_A22_the_proposer_cannot_agree(office: Flask, ning: Visitor, du: str) -> None:
    propose(ning, du)
    assert ning.page.first("button", value="agree") is None
    ning.post(ning.path, decision="agree")
    assert ning.status == 403
    assert 'data-reason="same_person"' in ning.response.text
    assert roles(office, "s1187") == {"publicity"}
    ning.open(ning.path)
    ning.press(ning.page.one("button", value="withdraw"))
    assert ning.status == 200


def test_A22_nobody_changes_the_own_rights(office: Flask, ning: Visitor) -> None:
    own = f"/office/staff/{account(office, 'a0001').id}"
    page = ning.open(own)
    assert page.first("select", name="role") is None
    ning.post(own, role="planner", reason="x", seen_version="1", district="", institution="", until="")
    assert ning.status == 403
    assert "for_oneself" in ning.response.text
    assert roles(office, "a0001") == {"secadmin"}


def test_a_right_that_contradicts_is_refused_by_name(ning: Visitor, du: str) -> None:
    propose(ning, du, "finance", district="")
    assert ning.status == 409
    assert 'data-reason="contradicts_publicity"' in ning.response.text


def test_what_is_missing_is_said_and_what_was_typed_is_kept(ning: Visitor, du: str) -> None:
    propose(ning, du, district="", until="soon", reason="")
    assert ning.status == 422
    shown = set(re.findall(r'data-error="(\w+)"', ning.response.text))
    assert shown == {"district", "until", "reason"}
    assert ning.page.one("input", name="until").attrs["value"] == "soon"


def test_a_stale_page_answers_409(office: Flask, ning: Visitor, lang: Visitor, du: str) -> None:
    ning.open(du)
    stale = next(one for one in ning.page.all("form") if one.first("select", name="role"))
    propose(lang, du)
    with office.app_context():
        [proposal] = db.session().scalars(select(StaffProposal)).all()
    root = arrive(office, "a0008", Role.SYSADMIN, district=None)
    root.open(f"/office/staff/proposals/{proposal.id}")
    root.press(root.page.one("button", value="agree"))
    ning.send(stale, role="planner", reason="调岗")
    assert ning.status == 409
    assert 'data-reason="changed"' in ning.response.text


def test_A29_a_double_click_proposes_once(office: Flask, ning: Visitor, du: str) -> None:
    ning.open(du)
    form = next(one for one in ning.page.all("form") if one.first("select", name="role"))
    paths = set()
    for _ in range(2):
        ning.send(form, role="verifier", district=DISTRICT, reason="调岗")
        paths.add(ning.path)
    assert len(paths) == 1


def test_A19_what_the_form_does_not_have_is_left_aside(
    office: Flask, ning: Visitor, lang: Visitor, du: str
) -> None:
    """Mass assignment: a district for a municipal role, other columns, another account."""
    ning.open(du)
    form = next(one for one in ning.page.all("form") if one.first("select", name="role"))
    token = form.one("input", name="csrf_token").attrs["value"]
    version = form.one("input", name="seen_version").attrs["value"]
    typed = {"role": "planner", "district": "500101", "institution": "", "until": "", "reason": "x"}
    more = {"account_id": "z" * 26, "deputy_for": "z" * 26, "state": "confirmed", "disabled_at": "2020-01-01"}
    ning.post(du, csrf_token=token, seen_version=version, **typed, **more)
    with office.app_context():
        [proposal] = db.session().scalars(select(StaffProposal)).all()
        assert proposal.state == "open"
        assert proposal.content == {
            "role": "planner",
            "district": None,
            "institution": None,
            "until": None,
        }


# --- what one does alone --------------------------------------------------------------------------------------


def test_A13_out_of_force_and_the_next_request_is_closed(office: Flask, root: Visitor, du: str) -> None:
    visitor = Visitor(office.test_client())
    with office.app_context():
        staff_browser(visitor.client, db.session().get_one(StaffAccount, du.rsplit("/", 1)[1]))
    visitor.open("/office/me")
    assert visitor.path == "/office/me"
    root.open(f"{du}/disable")
    root.send(_errand(root), reason="长期不在岗")
    assert root.status == 200
    visitor.open("/office/me")
    assert visitor.path.startswith("/office/sign-in")


def _errand(visitor: Visitor) -> Any:
    return next(one for one in visitor.page.all("form") if one.first("input", name="reason"))


def test_A13_a_changed_right_ends_the_session_at_the_next_request(
    office: Flask, root: Visitor, du: str
) -> None:
    visitor = Visitor(office.test_client())
    with office.app_context():
        staff_browser(visitor.client, db.session().get_one(StaffAccount, du.rsplit("/", 1)[1]))
    root.open(f"{du}/end")
    root.send(_errand(root), role="publicity", reason="离岗")
    assert roles(office, "s1187") == set()
    visitor.open("/office/me")
    assert visitor.path.startswith("/office/sign-in")


def test_h10_the_last_administrator_cannot_be_removed(office: Flask, root: Visitor, ning: Visitor) -> None:
    last = f"/office/staff/{account(office, 'a0001').id}"
    errands: list[tuple[str, dict[str, Any]]] = [("end", {"role": "secadmin"}), ("disable", {})]
    for errand, typed in errands:
        root.open(f"{last}/{errand}")
        root.send(_errand(root), reason="x", **typed)
        assert root.status == 409
        assert 'data-reason="last_administrator"' in root.response.text
    assert roles(office, "a0001") == {"secadmin"}


def test_leave_with_a_deputy_and_back(office: Flask, ning: Visitor, lang: Visitor, du: str) -> None:
    with office.app_context():
        luo = f"/office/staff/{staff('verifier', username='s2041').id}"
    today = the_clock.today()
    ning.open(f"{luo}/leave")
    days: dict[str, Any] = {"from": today.isoformat(), "until": (today + timedelta(days=5)).isoformat()}
    ning.send(_errand(ning), deputy=du.rsplit("/", 1)[1], reason="年休", **days)
    with office.app_context():
        [proposal] = db.session().scalars(select(StaffProposal)).all()
    lang.open(f"/office/staff/proposals/{proposal.id}")
    lang.press(lang.page.one("button", value="agree"))
    assert roles(office, "s1187") == {"publicity", "verifier"}
    shown = lang.open("/office/staff", tab="leave")
    assert {row.attrs["data-account"] for row in shown.all("tr") if "data-account" in row.attrs} == {"s2041"}
    lang.open(f"{luo}/back")
    lang.send(_errand(lang), reason="提前回来")
    assert roles(office, "s1187") == {"publicity"}


def test_days_that_cannot_be_are_said_at_their_fields(ning: Visitor, du: str) -> None:
    ning.open(f"{du}/leave")
    ning.send(_errand(ning), until="31.12.2026", reason="年休")
    assert ning.status == 422
    assert set(re.findall(r'data-error="(\w+)"', ning.response.text)) == {"from", "until"}


def test_an_errand_nobody_knows_is_not_there(ning: Visitor, du: str) -> None:
    for path in (
        f"{du}/promote",
        "/office/staff/" + "x" * 26,
        "/office/staff/%00",
        "/office/staff/proposals/x",
    ):
        assert ning.client.get(path).status_code == 404, path


# --- a fresh proof --------------------------------------------------------------------------------------------


def test_A11_rights_need_a_proof_of_the_last_ten_minutes_and_nothing_typed_is_lost(
    office: Flask, du: str, clock: Any
) -> None:
    who = hire(office, "a0007", Role.SECADMIN, district=None)
    visitor = Visitor(office.test_client())
    come_in(visitor, who)
    clock.shift(timedelta(minutes=11))
    propose(visitor, du)
    assert visitor.status == 422
    assert visitor.page.one("input", name="reason").attrs["value"] == "调岗"
    form = next(one for one in visitor.page.all("form") if one.first("input", name="again_code"))
    visitor.send(form, again_password=who.password, again_code="000000")
    assert visitor.status == 422
    assert 'data-error="again_code"' in visitor.response.text
    form = next(one for one in visitor.page.all("form") if one.first("input", name="again_code"))
    visitor.send(form, again_password=who.password, again_code=who.code())
    assert visitor.path.startswith("/office/staff/proposals/")
    assert "调岗" in visitor.response.text
    clock.shift(timedelta(minutes=9))
    propose(visitor, du, "planner", district="")
    assert visitor.path.startswith("/office/staff/proposals/")


def test_A11_wrong_proofs_lock_as_wrong_sign_ins_do(office: Flask, du: str, clock: Any) -> None:
    who = hire(office, "a0007", Role.SECADMIN, district=None)
    visitor = Visitor(office.test_client())
    come_in(visitor, who)
    clock.shift(timedelta(minutes=11))
    propose(visitor, du)
    for _ in range(5):
        form = next(one for one in visitor.page.all("form") if one.first("input", name="again_code"))
        visitor.send(form, again_password="wrong", again_code="000000")
    form = next(one for one in visitor.page.all("form") if one.first("input", name="again_code"))
    visitor.send(form, again_password=who.password, again_code=who.code())
    assert visitor.status == 429
    assert int(visitor.response.headers["Retry-After"]) > 0


# --- new, and lost --------------------------------------------------------------------------------------------


def test_h9_from_the_form_to_the_first_sign_in(office: Flask, root: Visitor, ning: Visitor) -> None:
    with office.app_context():
        make_institution()
    root.open("/office/staff/new")
    typed: dict[str, Any] = {
        "name": "罗思远",
        "username": "s4711",
        "number": NUMBER,
        "office": "渝中区人力社保局",
    }
    root.send(_errand(root), role="verifier", district=DISTRICT, reason="新到岗", **typed)
    assert root.path.startswith("/office/staff/proposals/")
    assert NUMBER not in root.response.text
    ning.open(root.path)
    ning.press(ning.page.one("button", value="agree"))
    assert ning.path.endswith("/code")
    second = ning.page.mark("data-start-code")
    assert ning.page.mark("data-half") == "second"
    root.open(root.path)
    root.open(next(a.attrs["href"] for a in root.page.all("a") if a.attrs["href"].endswith("/code")))
    first = root.page.mark("data-start-code")
    assert root.page.mark("data-half") == "first"
    assert second not in root.response.text
    person = Visitor(office.test_client())
    person.open("/office/sign-in/first")
    person.send(person.form(), username="s4711", number="500103198501010020", first=first, second=second)
    assert person.status == 422
    person.send(person.form(), username="s4711", number=NUMBER, first=first, second=first)
    assert 'data-error="start"' in person.response.text
    person.send(person.form(), username="s4711", number=NUMBER, first=first, second=second)
    assert person.path == "/office/sign-in/first/choose"
    secret = next(n.attrs["data-totp-secret"] for n in person.page.walk() if "data-totp-secret" in n.attrs)
    token, chosen = pyotp.TOTP(secret), "一句自己记得住的话不要太短"
    now = the_clock.real_now().timestamp()
    person.send(person.form(), password=chosen, again="other", code=token.at(now))
    assert person.status == 422
    assert 'data-error="again"' in person.response.text
    person.send(person.form(), password=chosen, again=chosen, code=token.at(now))
    assert person.path == "/office/sign-in?started=1"
    person.send(None, username="s4711", password=chosen, code=token.at(now + 30))
    assert person.path == "/office/"


def test_the_first_sign_in_is_tried_a_few_times_only(office: Flask) -> None:
    person = Visitor(office.test_client())
    person.open("/office/sign-in/first")
    for _ in range(6):
        form = {"username": "s4711", "number": NUMBER, "first": "2222-222", "second": "2222-222"}
        person.post("/office/sign-in/first", **form)
    assert person.status == 429


def test_without_a_paper_there_is_nothing_to_choose(office: Flask) -> None:
    assert office.test_client().get("/office/sign-in/first/choose").status_code == 410


def test_A11_a_loss_is_mended_by_two_and_opens_nothing_before(
    office: Flask, root: Visitor, ning: Visitor, clock: Any
) -> None:
    who = hire(office, "s2041", Role.VERIFIER)
    page = f"/office/staff/{who.account.id}/recover"
    root.open(page)
    root.send(_errand(root), number="MADEUP", reason="手机丢了")
    assert root.status == 422
    root.send(_errand(root), number=NUMBER, reason="手机丢了")
    with office.app_context():
        [proposal] = db.session().scalars(select(StaffProposal)).all()
    ning.open(f"/office/staff/proposals/{proposal.id}")
    ning.press(ning.page.one("button", value="agree"))
    assert ning.path.endswith("/code")
    visitor = Visitor(office.test_client())
    come_in(visitor, who)
    assert visitor.status == 422
    clock.shift(timedelta(minutes=11))
    ning.open(ning.path)
    assert "data-start-code" not in ning.response.text


# --- a right that rests on a school ---------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "answer"), [("listed", 200), ("suspended", 200), ("delisted", 403)])
def test_b12_the_staff_of_a_school_that_was_struck_off_act_no_longer(
    office: Flask, clock: Any, status: str, answer: int
) -> None:
    with office.app_context():
        school = make_institution(status=status).id
    visitor = arrive(office, "x1", Role.INSTITUTION, district=None, institution=school)
    visitor.open("/office/seats")
    assert visitor.status == answer
