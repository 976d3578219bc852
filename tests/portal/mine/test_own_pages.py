"""The person's own pages: subsidies, looks, data, account, messages, certificate."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests import make
from tests.page import Node
from tests.portal.mine.people import come_in, signed_in
from tests.portal.phone import work_off
from tests.visitor import Visitor
from training.audit import Actor, ActorKind
from training.database import db, transaction
from training.entitlements import operations as entitlements
from training.objections.models import Matter
from training.people.models import Person, VisitorSession
from training.people.operations import Look, look_at
from training.people.queries import looks_at
from web.browser import browser_hash

pytestmark = pytest.mark.usefixtures("clock")
PAGES = (
    "/mine",
    "/mine/ledger",
    "/mine/access",
    "/mine/data",
    "/mine/account",
    "/mine/consents",
    "/mine/messages",
)


@pytest.mark.parametrize("path", [*PAGES, "/mine/data.json", "/mine/access.csv"])
def test_A15_I28_a_stranger_is_sent_to_sign_in_and_learns_nothing(portal: Flask, path: str) -> None:
    answer = portal.test_client().get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")
    posted = portal.test_client().post(path)
    assert posted.status_code in (303, 403, 405)


@pytest.mark.parametrize("path", PAGES)
def test_each_page_stands_in_both_languages_and_is_kept_nowhere(
    portal: Flask, registries: Any, citizen: Visitor, path: str
) -> None:
    signed_in(portal, registries, citizen)
    citizen.open(path)
    assert (citizen.status, citizen.response.headers["Cache-Control"]) == (200, "no-store")
    english = citizen.page.text
    citizen.client.set_cookie("display", "zh.standard")
    citizen.open(path)
    assert citizen.status == 200
    assert citizen.page.text != english


def test_the_ledger_holds_what_is_held_and_links_each_line_to_its_rule(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    _, _, reference = signed_in(portal, registries, citizen)
    page = citizen.open("/mine/ledger")
    card = page.one("article", **{"data-entitlement": "tuition"})
    assert [card.attrs[f"data-{word}"] for word in ("used", "held", "free")] == ["0", "1", "0"]
    assert reference in card.text
    assert [a.attrs["href"] for a in card.all("a")] == ["/rules/cq-2026-18#cap"]
    assert page.one("article", **{"data-entitlement": "assessment"}).attrs["data-free"] == "3"
    assert "Electrician" in page.text
    assert page.all("a", href="/mine/data?line=1#correct")
    asked = citizen.open("/mine/data?line=1")
    assert "Electrician" in asked.one("textarea", name="text").text


def test_the_ledger_counts_as_the_rules_do(portal: Flask, registries: Any, citizen: Visitor) -> None:
    """What the check page refuses, the ledger shows as used up; what was given back is free again."""
    with portal.app_context():
        enrolment = make.make_enrolment()
        come_in(citizen, enrolment.person)
        transaction(lambda session: entitlements.use(session, enrolment.id, 150_000))
    card = citizen.open("/mine/ledger").one("article", **{"data-entitlement": "tuition"})
    assert [card.attrs[f"data-{word}"] for word in ("used", "held", "free")] == ["1", "0", "0"]
    assert "¥1,500" in citizen.page.text
    assert "again from 1 January 2027" in card.text


def test_A23_the_person_reads_who_looked_by_office_never_by_name(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    _, person_id, _ = signed_in(portal, registries, citizen)
    assert "Nobody yet" in citizen.open("/mine/access").text
    with portal.app_context():
        account = make.staff("verifier")
        name, clerk = account.name, make.actor_of(account)
        look_at(person_id, clerk, Look("verify", "identity_check"))
        look_at(person_id, clerk, Look("verify", "identity_check", reason="same_name", full_number=True))
    page = citizen.open("/mine/access")
    assert page.marks("data-full-number") == ["yes", "no"]
    assert clerk.office in page.text
    assert name not in page.text
    assert clerk.id not in citizen.response.get_data(as_text=True)
    lines = citizen.client.get("/mine/access.csv").get_data(as_text=True).strip().splitlines()
    assert len(lines) == 3


def test_A57_an_office_that_looks_like_a_formula_stays_text(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    _, person_id, _ = signed_in(portal, registries, citizen)
    with portal.app_context():
        look_at(person_id, Actor(ActorKind.STAFF, "x", "=1+1"), Look("verify", "identity_check"))
    assert ",'=1+1," in citizen.client.get("/mine/access.csv").get_data(as_text=True).replace('"', "")


def test_asking_about_a_look_opens_a_matter_that_whoever_looked_may_not_answer(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    _, person_id, _ = signed_in(portal, registries, citizen)
    with portal.app_context():
        clerk = make.actor_of(make.staff("verifier"))
        look_at(person_id, clerk, Look("verify", "identity_check"))
    page = citizen.open("/mine/access")
    choice = page.one("select", name="look").all("option")[1].attrs["value"]
    assert citizen.send(citizen.form("/mine/access"), look="", text="").mark("data-error") == "look"
    assert citizen.status == 422
    page = citizen.send(citizen.form("/mine/access"), look=choice, text="Why?")
    assert page.mark("data-reference").startswith("OB-26-")
    with portal.app_context():
        matter = db.session().scalars(select(Matter)).one()
        assert clerk.id in matter.not_by
        assert matter.due_on.isoformat() == page.mark("data-until")


def test_A29_asked_again_after_a_fault_with_the_same_key_it_is_one_question(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    _, person_id, _ = signed_in(portal, registries, citizen)
    with portal.app_context():
        look_at(person_id, make.actor_of(make.staff("verifier")), Look("verify", "identity_check"))
    page = citizen.open("/mine/access")
    choice = page.one("select", name="look").all("option")[1].attrs["value"]
    first = citizen.form("/mine/access")
    key = _key(first)
    citizen.send(first, look="", text="")
    again = citizen.form("/mine/access")
    assert (citizen.status, _key(again)) == (422, key)
    for _ in range(2):
        citizen.send(again, look=choice, text="Why?")
    with portal.app_context():
        assert db.session().scalars(select(Matter.idempotency_key)).all() == [key]


def test_A29_a_request_with_a_fault_keeps_its_key_and_lends_it_to_no_other(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    signed_in(portal, registries, citizen)
    page = citizen.open("/mine/data")
    correct, delete = (page.one("section", id=name).one("form") for name in ("correct", "delete"))
    again = citizen.press(correct.one("button"), text="")
    kept, other = (_key(again.one("section", id=name).one("form")) for name in ("correct", "delete"))
    assert citizen.status == 422
    assert kept == _key(correct)
    assert other not in (kept, _key(delete))


def _key(form: Node) -> str:
    return str(form.one("input", name="idempotency_key").attrs["value"])


def test_I30_A48_the_file_holds_all_rows_about_me_and_none_about_others(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    known, person_id, reference = signed_in(portal, registries, citizen)
    other, other_id, theirs = signed_in(portal, registries, Visitor(portal.test_client()))
    work_off(portal)
    with portal.app_context():
        own = db.session().get_one(Person, person_id)
        come_in(citizen, own)
    answer = citizen.client.get("/mine/data.json")
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    found = json.loads(text)
    assert found["rows"]["person"][0]["number"] == known.number
    assert [row["reference"] for row in found["rows"]["enrolment"]] == [reference]
    assert found["rows"]["phone"][0]["number"] == known.phone
    assert {"evidence", "consent", "message", "entitlement", "visitor_session"} <= set(found["rows"])
    assert [
        value for value in (other.name, other.number, f"{other.phone}", other_id, theirs) if value in text
    ] == []
    assert "data_taken" in citizen.client.get("/mine/data.json").get_data(as_text=True)


def test_the_page_says_what_the_file_says(portal: Flask, registries: Any, citizen: Visitor) -> None:
    known, _, reference = signed_in(portal, registries, citizen)
    page = citizen.open("/mine/data")
    for value in (known.name, known.number, known.phone, reference):
        assert str(value) in page.text


@pytest.mark.parametrize("how", ["slip", "stale"])
def test_A48_without_a_fresh_code_nothing_is_shown_taken_or_deleted(
    portal: Flask, registries: Any, citizen: Visitor, how: str
) -> None:
    known, _, _ = signed_in(portal, registries, citizen, how="slip" if how == "slip" else "code")
    if how == "stale":
        grow_stale(portal, citizen)
    page = citizen.open("/mine/data")
    assert citizen.status == 200
    assert known.number not in page.text
    assert page.all("a", href="/sign-in?next=/mine/data&again=1")
    assert citizen.client.get("/mine/data.json").status_code == 409
    citizen.press(page.one("button", value="delete"))
    assert citizen.status == 409
    with portal.app_context():
        assert db.session().scalars(select(Matter)).all() == []


def grow_stale(portal: Flask, citizen: Visitor) -> None:
    """The sign-in was a quarter of an hour ago."""
    cookie = citizen.client.get_cookie("portal")
    assert cookie is not None

    def earlier(session: Any) -> None:
        session.get_one(VisitorSession, browser_hash(cookie.value)).proved_at -= timedelta(minutes=15)

    with portal.app_context():
        transaction(earlier)
        db.session.remove()


def test_A48_a_request_has_a_reference_and_a_day_and_is_one_at_a_time(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    _, person_id, _ = signed_in(portal, registries, citizen)
    page = citizen.open("/mine/data")
    correct = page.one("button", value="correct")
    assert citizen.press(correct, text=" ").mark("data-error") == "text"
    assert citizen.status == 422
    page = citizen.press(page.one("button", value="correct"), text="My name has another character")
    reference, until = page.mark("data-reference"), page.mark("data-until")
    assert reference.startswith("OB-26-")
    with portal.app_context():
        matter = db.session().scalars(select(Matter).where(Matter.person_id == person_id)).one()
        assert (matter.kind.value, matter.due_on.isoformat(), matter.reference) == (
            "correction",
            until,
            reference,
        )
    citizen.post("/mine/data", action="correct", text="again", idempotency_key="another")
    assert citizen.status == 409
    assert citizen.page.mark("data-reference") == reference
    page = citizen.press(citizen.open("/mine/data").one("button", value="delete"))
    assert sorted(page.marks("data-kind")) == ["correction", "deletion"]
    with portal.app_context():
        assert len(db.session().scalars(select(Matter)).all()) == 2


def test_I18_the_same_form_sent_twice_is_one_request(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    signed_in(portal, registries, citizen)
    citizen.open("/mine/data")
    for _ in range(2):
        citizen.post("/mine/data", action="correct", text="x y", idempotency_key="one-and-the-same")
        assert citizen.status == 200
    with portal.app_context():
        assert len(db.session().scalars(select(Matter)).all()) == 1


def test_messages_stand_on_the_page_without_the_secret_of_their_link(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    _, _, reference = signed_in(portal, registries, citizen)
    assert "No messages yet" in citizen.open("/mine/messages").text
    work_off(portal)
    page = citizen.open("/mine/messages")
    assert reference in page.text
    assert "your code" not in page.text
    assert reference in citizen.open("/mine").text


def test_the_certificate_prints_for_whoever_is_enrolled_and_for_nobody_else(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    known, _, reference = signed_in(portal, registries, citizen)
    page = citizen.open(f"/mine/{reference}/certificate")
    assert page.mark("data-reference") == reference
    assert known.name in page.text
    assert known.number not in page.text
    assert page.all("svg", class_="qr") or "qr" in citizen.response.get_data(as_text=True)
    citizen.open(f"/mine/{reference}/withdraw")
    citizen.send(confirm="yes")
    citizen.open(f"/mine/{reference}/certificate")
    assert citizen.status == 409
    thief = Visitor(portal.test_client())
    signed_in(portal, registries, thief)
    assert thief.client.get(f"/mine/{reference}/certificate").status_code == 404


def test_the_list_leads_to_everything_that_is_mine(portal: Flask, registries: Any, citizen: Visitor) -> None:
    _, _, reference = signed_in(portal, registries, citizen)
    page = citizen.open("/mine")
    links = {a.attrs.get("href") for a in page.all("a")}
    assert {*PAGES[1:-1], f"/mine/{reference}/certificate"} <= links


@pytest.mark.parametrize("tail", ["", "/certificate", "/correct", "/withdraw", "/appeal"])
def test_I28_without_signing_in_a_matter_that_exists_and_one_that_does_not_look_alike(
    portal: Flask, registries: Any, tail: str
) -> None:
    """Two worlds: with the person and without; the strange requests are answered alike, forms included."""
    _, _, reference = signed_in(portal, registries, Visitor(portal.test_client()))
    answers = []
    for one in (reference, "CQ-26-7F3KM-Q9XWS"):
        stranger = Visitor(portal.test_client())
        stranger.open("/sign-in")
        token = stranger.page.one("input", name="csrf_token").attrs["value"]
        for method in ("get", "post"):
            sent = {"data": {"csrf_token": token, "action": "delete"}} if method == "post" else {}
            answer = getattr(stranger.client, method)(f"/mine/{one}{tail}", **sent)
            headers = {
                name: said
                for name, said in answer.headers.items()
                if name not in ("Set-Cookie", "X-Request-Id")
            }
            told = json.dumps([answer.status_code, headers, answer.get_data(as_text=True)])
            answers.append((method, told.replace(one, "R").replace(answer.headers["X-Request-Id"], "N")))
    assert answers[0] == answers[2]
    assert answers[1] == answers[3]


def test_I28_signed_in_another_persons_matter_and_one_that_does_not_exist_look_alike(
    portal: Flask, registries: Any, citizen: Visitor
) -> None:
    _, _, theirs = signed_in(portal, registries, Visitor(portal.test_client()))
    signed_in(portal, registries, citizen)
    for one in (theirs, "CQ-26-7F3KM-Q9XWS", "x"):
        assert citizen.client.get(f"/mine/{one}/certificate").status_code == 404


def test_A15_a_look_at_somebody_else_cannot_be_asked_about(
    portal: Flask, registries: Any, citizen: Visitor, clock: Any
) -> None:
    _, other_id, _ = signed_in(portal, registries, Visitor(portal.test_client()))
    _, person_id, _ = signed_in(portal, registries, citizen)
    with portal.app_context():
        clerk = make.actor_of(make.staff("verifier"))
        look_at(person_id, clerk, Look("verify", "identity_check"))
        clock.shift(timedelta(minutes=1))
        look_at(other_id, clerk, Look("verify", "identity_check"))
        theirs = looks_at(db.session(), other_id)[0].at.isoformat()
    citizen.open("/mine/access")
    citizen.post("/mine/access", look=theirs, text="", idempotency_key="one-key-of-mine")
    assert (citizen.status, citizen.page.mark("data-error")) == (422, "look")
    with portal.app_context():
        assert db.session().scalars(select(Matter)).all() == []


@given(
    sent=st.dictionaries(
        st.sampled_from(["action", "text", "look", "account", "account_holder", "code"]), st.text()
    )
)
@pytest.mark.parametrize("path", ["/mine/data", "/mine/access", "/mine/account"])
def test_no_form_of_mine_makes_it_fail_whatever_is_sent(
    portal: Flask, registries: Any, citizen: Visitor, path: str, sent: dict[str, str]
) -> None:
    if not hasattr(citizen, "response"):
        signed_in(portal, registries, citizen)
    citizen.open("/mine")
    citizen.post(path, **sent)
    assert citizen.status in (200, 409, 422, 429), citizen.status
