"""The privacy notice is dated: each person has accepted one, and is asked when a newer one is in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.make import PACK
from tests.portal.phone import prove
from tests.training.enrolments.people import registered
from tests.visitor import Visitor
from training import clock as the_clock
from training.database import db
from training.people import notices
from training.people.models import Consent, Person
from training.policy.privacy import in_force
from training.policy.queries import load_pack
from training.ports import RegisteredPerson

pack = load_pack(PACK)
NEXT = pack.privacy[-1].model_copy(
    update={"version": "2026-07", "valid_from": date(2026, 7, 1)},
)


@pytest.fixture
def person(registries: Any, clock: Any) -> RegisteredPerson:
    found = registered()
    registries.know(found)
    return found


@pytest.fixture
def newer(portal: Flask, clock: Any) -> Iterator[None]:
    """A newer text comes into force on 1 July, two weeks from now."""
    texts = (*pack.privacy, NEXT)
    portal.extensions["pack"] = pack.model_copy(update={"privacy": texts})
    notices.use(texts)
    yield
    notices.use(pack.privacy)


def test_the_newest_text_that_has_begun_is_in_force() -> None:
    texts = (*pack.privacy, NEXT)
    assert in_force(texts, date(2026, 6, 30)).version == "2026-01"
    assert in_force(texts, date(2026, 7, 1)).version == "2026-07"
    assert in_force(texts, date(2020, 1, 1)).version == "2025-03"


def test_I20_I26_a_newer_text_is_asked_for_once_at_the_next_sign_in_and_the_record_keeps_both(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson, newer: None, clock: Any
) -> None:
    prove(citizen, portal, registries, "/sign-in", person)
    assert citizen.path == "/mine", "the text in force was shown with the record"
    citizen.post("/sign-out", csrf_token=token(citizen))
    clock.shift(timedelta(days=20))
    page = prove(citizen, portal, registries, "/sign-in?next=/mine/messages", person)
    assert citizen.path.startswith("/mine/notice")
    page = citizen.send(notice_form(citizen))
    assert (citizen.status, page.mark("data-error")) == (422, "accept")
    citizen.send(notice_form(citizen), accept="yes")
    assert citizen.path == "/mine/messages"
    with portal.app_context():
        row = db.session.scalars(select(Person)).one()
        [consent] = db.session.scalars(select(Consent)).all()
        assert row.consent_version == "2026-07"
        assert (consent.text_version, consent.how, consent.identity_seen) == ("2026-07", "tick", "code")
    citizen.open("/mine")
    citizen.post("/sign-out", csrf_token=token(citizen))
    clock.shift(timedelta(hours=1))
    prove(citizen, portal, registries, "/sign-in", person)
    assert citizen.path == "/mine"


def test_A29_the_same_tick_sent_twice_is_one_consent(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson, newer: None, clock: Any
) -> None:
    prove(citizen, portal, registries, "/sign-in", person)
    citizen.open("/mine/notice?next=/mine/messages")
    form = notice_form(citizen)
    for _ in range(2):
        citizen.path = "/mine/notice?next=/mine/messages"
        citizen.send(form, accept="yes")
        assert citizen.path == "/mine/messages"
    with portal.app_context():
        assert len(db.session.scalars(select(Consent)).all()) == 1


def test_not_now_goes_on_and_asks_again_next_time(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson, newer: None, clock: Any
) -> None:
    prove(citizen, portal, registries, "/sign-in", person)
    citizen.post("/sign-out", csrf_token=token(citizen))
    clock.shift(timedelta(days=20))
    prove(citizen, portal, registries, "/sign-in", person)
    later = next(link for link in citizen.page.all("a") if "Not now" in link.text)
    citizen.open(later.attrs["href"])
    assert (citizen.status, citizen.path) == (200, "/mine")
    with portal.app_context():
        assert db.session.scalars(select(Person)).one().consent_version == "2026-01"


def test_who_comes_in_by_keeping_a_search_is_asked_too(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson, newer: None, clock: Any
) -> None:
    """A code proves the person there as it does at the sign-in, so the same follows."""
    prove(citizen, portal, registries, "/sign-in", person)
    citizen.post("/sign-out", csrf_token=token(citizen))
    clock.shift(timedelta(days=20))
    prove(citizen, portal, registries, "/courses/alerts?q=diangong", person)
    assert citizen.path.startswith("/mine/notice")
    page = citizen.send(notice_form(citizen), accept="yes")
    assert citizen.path == "/courses/alerts?saved=1"
    assert page.marks("data-alert"), "the search was kept all the same"


def test_A55_after_the_tick_one_stays_here(
    citizen: Visitor, portal: Flask, registries: Any, person: RegisteredPerson
) -> None:
    prove(citizen, portal, registries, "/sign-in", person)
    citizen.open("/mine/notice?next=//elsewhere.example")
    citizen.send(notice_form(citizen), accept="yes")
    assert citizen.path == "/mine"


def test_older_texts_can_still_be_read(citizen: Visitor, clock: Any) -> None:
    page = citizen.open("/privacy")
    assert "1 year after it is changed" in page.text
    assert "Text of 2025-03" in page.text
    assert page.first(None, data_old=True) is None
    page = citizen.open("/privacy?version=2025-03")
    assert page.first(None, data_old=True)
    assert "1 year after it is changed" not in page.text.split("The texts and their days")[0]
    assert citizen.open("/privacy?version=2099-01").first(None, data_old=True) is None


def notice_form(citizen: Visitor) -> Any:
    return next(form for form in citizen.page.all("form") if form.first("input", name="accept"))


def token(citizen: Visitor) -> str:
    citizen.open("/mine")
    return citizen.page.all("input", name="csrf_token")[0].attrs["value"]


def test_the_texts_of_the_pack_are_in_order() -> None:
    assert [text.version for text in pack.privacy] == ["2025-03", "2026-01"]
    assert in_force(pack.privacy, the_clock.today()) == pack.privacy[-1]
