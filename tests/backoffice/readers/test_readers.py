"""Who opens how many people: counted, and told to the security administrator when it stands out (A23)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from jobs.tasks import watch_readers
from tests.backoffice.cases import World
from tests.backoffice.staff import arrive
from tests.visitor import Visitor
from training import clock as times
from training.audit import EventName
from training.database import transaction
from training.people.models import LookCount
from training.staff.models import Role


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def bai(office: Flask, clock: Any) -> Visitor:
    return arrive(office, "bai", Role.SECADMIN, district=None)


def busy(
    office: Flask, username: str, world: World, *, looks: int, full_numbers: int = 0, days: int = 1
) -> None:
    """A clerk who has opened so many people on each of the last days."""
    account = world.account(username)

    def work(session: Any) -> None:
        for n in range(days):
            day = times.today() - timedelta(days=n)
            row = {"staff_id": account.id, "day": day, "desk": "search"}
            session.add(LookCount(**row, looks=looks, full_numbers=full_numbers))

    with office.app_context():
        transaction(work)


def test_A23_a_day_that_stands_out_is_shown_and_told_once(office: Flask, world: World, bai: Visitor) -> None:
    for username in ("qin", "luo", "du"):
        arrive(office, username, Role.VERIFIER)
    busy(office, "qin", world, looks=12, days=8)
    busy(office, "luo", world, looks=14, days=8)
    busy(office, "du", world, looks=90, full_numbers=2)
    page = bai.open("/office/readers")
    assert [row.attrs["data-outlier"] for row in page.all("tr", data_outlier=True)] == ["unlike_the_desk"]
    assert page.one("tr", data_outlier=True).attrs["data-looks"] == "90"
    assert len(page.all("tr", data_reader=True)) == 17
    with office.app_context():
        assert (watch_readers(office), watch_readers(office)) == (1, 0)
    [event] = world.events(name=EventName.LOOKS_STOOD_OUT)
    assert event.subject == world.account("du").id
    assert (event.facts["looks"], event.facts["reasons"]) == (90, ["unlike_the_desk"])
    menu = bai.open("/office/").one("nav", aria_label="Desks")
    assert next(link for link in menu.all("a") if "Who opens people" in link.text).one("span", class_="n hot")


def test_looking_through_the_pages_is_counted_by_clerk_and_desk(
    office: Flask, world: World, bai: Visitor
) -> None:
    cases = [world.by_phone() for _ in range(3)]
    luo = arrive(office, "luo", Role.VERIFIER)
    for case in cases:
        luo.open(f"/office/verify/{case.reference}")
        luo.open(f"/office/verify/{case.reference}")
    [row] = bai.open("/office/readers").all("tr", data_reader=True)
    assert (row.attrs["data-reader"], row.attrs["data-looks"]) == (world.account("luo").id, "3")
    assert all(case.reference not in bai.page.text for case in cases)


def test_only_the_security_administrator_reads_it(office: Flask, clock: Any) -> None:
    for role in (Role.SYSADMIN, Role.AUDITOR, Role.VERIFIER):
        visitor = arrive(office, role.value, role)
        assert (visitor.open("/office/readers"), visitor.status)[1] == 403


def test_a_quiet_month_says_so(bai: Visitor) -> None:
    assert "Nobody has opened anybody yet" in bai.open("/office/readers").text
