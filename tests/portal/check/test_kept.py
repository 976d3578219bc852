"""A check kept under a code: no person in it, thirty days, carried to the class and to the enrolment."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.portal.check.test_result import FIVE
from tests.portal.phone import prove
from tests.training.enrolments.people import registered
from tests.visitor import Visitor
from training.clock import SHANGHAI
from training.database import db, transaction
from training.entitlements.models import SavedCheck
from training.entitlements.operations import forget_checks
from training.limits import Limit
from training.policy.pack import Pack

pytestmark = pytest.mark.usefixtures("clock")
CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


def kept(portal: Flask) -> int:
    with portal.app_context():
        return db.session().scalar(select(func.count()).select_from(SavedCheck)) or 0


def save(citizen: Visitor, **changes: str) -> str:
    """Save a check and return its code as written."""
    citizen.open("/check/save", **{**FIVE, **changes})
    page = citizen.send()
    return page.one("p", data_check=True).text


def test_a_result_is_saved_under_a_code_and_read_on_another_phone(citizen: Visitor, portal: Flask) -> None:
    page = citizen.open("/check/result", **FIVE)
    outcomes = page.marks("data-outcome")
    code = save(citizen)
    assert CODE.fullmatch(code)
    assert citizen.path == f"/check/r/{code}"
    other = Visitor(portal.test_client())
    for typed in (code, code.lower().replace("-", "")):
        page = other.open(f"/check/r/{typed}")
        assert other.status == 200
        assert page.marks("data-outcome") == outcomes
    assert other.response.headers["Cache-Control"] == "no-cache"
    assert "ETag" in other.response.headers


def test_the_page_says_what_will_be_kept_and_keeps_nothing_by_itself(citizen: Visitor, portal: Flask) -> None:
    page = citizen.open("/check/save", **FIVE)
    assert "Born in 1985" in page.text
    assert "30 days" in page.text
    assert kept(portal) == 0
    citizen.open("/check/save", birth_year="1985")
    assert citizen.path.startswith("/check/2")


def test_A29_sent_twice_it_is_kept_once(citizen: Visitor, portal: Flask) -> None:
    citizen.open("/check/save", **FIVE)
    form = citizen.form()
    first = citizen.send(form).one("p", data_check=True).text
    citizen.open("/check/save", **FIVE)
    again = form.one("input", name="idempotency_key").attrs["value"]
    assert citizen.send(idempotency_key=again).one("p", data_check=True).text == first
    assert kept(portal) == 1


def test_it_holds_no_name_number_or_phone(citizen: Visitor, portal: Flask) -> None:
    """Whatever else stands in the address is not kept (A19)."""
    citizen.open("/check/save", **FIVE, name="周小满", number="500103198503120014", q="x")
    citizen.send()
    with portal.app_context():
        [row] = db.session().scalars(select(SavedCheck)).all()
        assert row.answers == FIVE


def test_after_thirty_days_it_has_run_out_and_is_deleted_later(
    citizen: Visitor, portal: Flask, clock: Any
) -> None:
    code = save(citizen)
    clock.shift(timedelta(days=30, minutes=1))
    citizen.open(f"/check/r/{code}")
    assert citizen.status == 410
    with portal.app_context():
        pack: Pack = portal.extensions["pack"]
        transaction(lambda session: forget_checks(session, pack.checks))
    assert kept(portal) == 1
    clock.shift(timedelta(days=31))
    with portal.app_context():
        transaction(lambda session: forget_checks(session, pack.checks))
    assert kept(portal) == 0
    citizen.open(f"/check/r/{code}")
    assert citizen.status == 404


@pytest.mark.parametrize("code", ["7KQ2-M9XD", "x", "AAAA-AAA0", "%00", "7KQ2M9XD7KQ2M9XD"])
def test_a_code_that_never_was_is_not_there(citizen: Visitor, code: str) -> None:
    citizen.open(f"/check/r/{code}")
    assert citizen.status == 404


def test_trying_out_codes_is_slowed_down(citizen: Visitor, portal: Flask) -> None:
    settings = portal.extensions["settings"]
    few = Limit("references-network", 3, timedelta(minutes=15))
    limits = dataclasses.replace(settings.limits, references_network=few)
    portal.extensions["settings"] = dataclasses.replace(settings, limits=limits)
    seen = [citizen.client.get("/check/r/7KQ2-M9XD").status_code for _ in range(4)]
    assert seen == [404, 404, 404, 429]


def test_when_the_rules_change_the_page_says_so_and_offers_to_check_again(
    citizen: Visitor, clock: Any
) -> None:
    """Saved under the notice of 2023, opened under that of 2026: what was saved stays as it was."""
    clock.move_to(datetime(2025, 12, 20, 10, tzinfo=SHANGHAI))
    code = save(citizen)
    page = citizen.open(f"/check/r/{code}")
    assert "rules have changed" not in page.text
    amounts = page.marks("data-amount-fen")
    clock.move_to(datetime(2026, 1, 5, 10, tzinfo=SHANGHAI))
    page = citizen.open(f"/check/r/{code}")
    assert "The rules have changed since 1 January" in page.text
    assert page.marks("data-amount-fen") == amounts
    again = next(link for link in page.all("a") if link.text == "Check again by the rules of today")
    citizen.open(again.attrs["href"])
    assert citizen.status == 200
    assert citizen.path.startswith("/check/result")


def test_the_counted_classes_lead_on_with_the_code_and_preset_the_group(
    citizen: Visitor, portal: Flask, registries: Any
) -> None:
    with portal.app_context():
        run = make.make_class()
    code = save(citizen, wants="undecided", situation="migrant")
    page = citizen.open(f"/classes/{run.id}", check=code)
    assert code in page.text
    assert page.one("div", data_family="tuition").attrs["data-outcome"] in {"yes", "maybe"}
    join = page.first("a", href=f"/enrol/{run.id}?check={code}")
    assert join is not None
    person = registered(groups=())
    registries.know(person)
    page = prove(citizen, portal, registries, f"/enrol/{run.id}?check={code}", person)
    assert citizen.path.endswith("/check")
    chosen = [o for o in page.one("select", name="group").all("option") if "selected" in o.attrs]
    assert [option.attrs["value"] for option in chosen] == ["migrant"]
    page = citizen.open(f"/enrol/{run.id}/check", check="7KQ2-M9XD")
    assert citizen.status == 200, "a code that is not there changes nothing"
