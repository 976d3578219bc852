"""Lists that are taken out: a second person, a mark, a count, an end (A24)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.backoffice.cases import World
from tests.backoffice.staff import ELSEWHERE, HERE, arrive
from tests.make import staff_browser
from tests.page import Node
from tests.visitor import Visitor
from tests.web.test_sheets import read_csv, read_xlsx
from training.audit import Actor, ActorKind, EventName, Outcome, SubjectKind
from training.database import db
from training.errors import Gone, NotAllowedNow
from training.oversight.operations import decide_export, take_export
from training.people.queries import looks_at
from training.staff.models import Role
from training.staff.queries import Scope

WISH = {
    "which": "enrolled",
    "columns": ["reference", "name", "number"],
    "reason": "inspection",
    "note": "季度检查",
}


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def du(office: Flask, clock: Any) -> Visitor:
    return arrive(office, "du", Role.REVIEWER_DISTRICT)


@pytest.fixture
def qin(office: Flask, clock: Any) -> Visitor:
    return arrive(office, "qin", Role.REVIEWER_DISTRICT)


def ask(visitor: Visitor, **changes: Any) -> Node:
    visitor.open("/office/exports")
    key = visitor.page.one("input", name="idempotency_key").attrs["value"]
    return visitor.post("/office/exports", **({"idempotency_key": key} | WISH | changes))


def decide(visitor: Visitor, export: str, decision: str) -> Node:
    visitor.open("/office/exports")
    return visitor.post(f"/office/exports/{export}", decision=decision)


def download(visitor: Visitor, export: str, form: str = "csv") -> bytes:
    visitor.open("/office/exports")
    token = visitor.page.all("input", name="csrf_token")[0].attrs["value"]
    visitor.path = f"/office/exports/{export}/list.{form}"
    visitor.response = visitor.client.post(visitor.path, data={"csrf_token": token})
    return visitor.response.get_data()


def only(visitor: Visitor) -> str:
    return visitor.open("/office/exports").all("tr", data_export=True)[0].attrs["data-export"]


def test_A24_a_list_with_identifiers_needs_a_second_person(
    office: Flask, world: World, du: Visitor, qin: Visitor
) -> None:
    case = world.clean(name="石小玉")
    ask(du)
    export = only(du)
    download(du, export)
    assert (du.status, du.page.mark("data-error")) == (409, "not_approved")
    decide(du, export, "agree")
    assert (du.status, du.page.mark("data-error")) == (403, "own_export")
    decide(qin, export, "agree")
    assert qin.status == 200
    head, why, columns, row, foot = read_csv(download(du, export))
    assert du.response.headers["Content-Disposition"].startswith('attachment; filename="EX-')
    number = f"EX-{export[:8].upper()}"
    assert number in head[0]
    assert "工作人员du" in head[0]
    assert why == ["Reason: Inspection", "1 row"]
    assert row == [case.reference, "石小玉", str(case.number), f"{number} du 1"]
    assert (columns[-1], foot) == ("Mark", [f"End of export {number}, 1 rows"])
    with office.app_context():
        [look] = looks_at(db.session(), case.person_id)
    assert (look.purpose, look.reason, look.note, look.full_number) == (
        "export",
        "inspection",
        "季度检查",
        True,
    )
    names = [event.name for event in world.events(kind=SubjectKind.EXPORT, outcome=Outcome.DONE)]
    assert names == [EventName.EXPORT_ASKED, EventName.EXPORT_APPROVED, EventName.EXPORT_TAKEN]


def test_A08_a_list_names_the_phone_in_use(world: World, du: Visitor, qin: Visitor) -> None:
    case, other = world.clean(name="石小玉"), world.clean(phone="13900001234")
    world.new_phone(case, "18700002245")
    ask(du, columns=["reference", "phone"])
    export = only(du)
    decide(qin, export, "agree")
    rows = {row[0]: row[1] for row in read_csv(download(du, export))[3:-1]}
    assert rows == {case.reference: "18700002245", other.reference: "13900001234"}


def test_A24_it_ends_by_time_and_by_downloads(
    office: Flask, world: World, du: Visitor, qin: Visitor, clock: Any
) -> None:
    world.clean()
    ask(du)
    export = only(du)
    decide(qin, export, "agree")
    for _ in range(3):
        assert (download(du, export, "xlsx"), du.status)[1] == 200
    assert (download(du, export), du.status)[1] == 410
    ask(du)
    other = next(
        row.attrs["data-export"]
        for row in du.open("/office/exports").all("tr", data_export=True)
        if row.attrs["data-export"] != export
    )
    decide(qin, other, "agree")
    clock.shift(timedelta(hours=24))
    with office.app_context():
        staff_browser(du.client, world.account("du"))
    assert (download(du, other), du.status)[1] == 410
    taken = world.events(name=EventName.EXPORT_TAKEN, outcome=Outcome.DONE)
    assert len(taken) == 3


def test_A24_only_who_asked_downloads_and_only_the_own_district_is_in_it(
    office: Flask, world: World, du: Visitor, qin: Visitor
) -> None:
    case = world.clean()
    far = arrive(office, "far", Role.REVIEWER_DISTRICT, district=ELSEWHERE)
    ask(far)
    assert (far.status, far.page.mark("data-error")) == (422, "which")
    ask(du)
    export = only(du)
    decide(far, export, "agree")
    assert far.status == 404
    decide(qin, export, "agree")
    for visitor in (qin, far):
        assert (download(visitor, export), visitor.status)[1] == 404
    rows = read_xlsx(download(du, export, "xlsx"))
    assert [row[0] for row in rows[3:-1]] == [case.reference]


def test_without_identifiers_it_is_open_at_once_and_nobody_is_named(
    office: Flask, world: World, du: Visitor
) -> None:
    case = world.clean(name="石小玉")
    ask(du, columns=["reference", "course", "status"])
    text = download(du, only(du)).decode()
    assert case.reference in text
    assert "石小玉" not in text
    with office.app_context():
        assert looks_at(db.session(), case.person_id) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "curious"}, "reason"),
        ({"reason": "other", "note": ""}, "note"),
        ({"columns": []}, "columns"),
        ({"columns": ["name", "password_hash"]}, "columns"),
        ({"which": "everybody"}, "which"),
        ({"which": "paid"}, "which"),
    ],
)
def test_A19_what_is_not_on_the_list_is_not_exported(
    world: World, du: Visitor, changes: dict[str, Any], field: str
) -> None:
    world.clean()
    ask(du, **changes)
    assert (du.status, du.page.mark("data-error")) == (422, field)
    assert world.events(kind=SubjectKind.EXPORT) == []


def test_I18_the_same_form_twice_asks_once_and_a_decision_falls_once(
    world: World, du: Visitor, qin: Visitor
) -> None:
    world.clean()
    for _ in range(2):
        ask(du, idempotency_key="one-and-the-same")
    assert len(du.open("/office/exports").all("tr", data_export=True)) == 2  # in both tables of the page
    export = only(du)
    decide(qin, export, "maybe")
    assert (qin.status, qin.page.mark("data-error")) == (422, "decision")
    decide(qin, export, "refuse")
    decide(qin, export, "agree")
    assert (qin.status, qin.page.mark("data-error")) == (409, "decided_already")
    assert (download(du, export), du.status)[1] == 409


def test_more_rows_than_the_pack_allows_are_refused(office: Flask, world: World, du: Visitor) -> None:
    from training.policy.service import Exports

    world.clean()
    world.clean()
    pack = office.extensions["pack"]
    office.extensions["pack"] = pack.model_copy(
        update={"exports": Exports(max_rows=1, hours=24, downloads=3)}
    )
    ask(du)
    assert (du.status, du.page.mark("data-error")) == (422, "which")
    assert "1 rows" in du.page.text


def test_other_desks_stay_out(office: Flask, clock: Any) -> None:
    for role in (Role.VERIFIER, Role.COUNSELLOR, Role.AUDITOR, Role.SYSADMIN):
        visitor = arrive(office, role.value, role)
        assert (visitor.open("/office/exports"), visitor.status)[1] == 403


def test_A24_six_downloads_at_once_are_three(office: Flask, world: World, du: Visitor, qin: Visitor) -> None:
    world.clean()
    ask(du)
    export = only(du)
    decide(qin, export, "agree")
    actor = Actor(ActorKind.STAFF, world.account("du").id, "office")
    terms = office.extensions["pack"].exports

    def take(_: int) -> bool:
        with office.app_context():
            try:
                take_export(export, actor, terms)
            except Gone:
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(take, range(6)))
    assert sum(done) == 3
    assert len(world.events(name=EventName.EXPORT_TAKEN, outcome=Outcome.DONE)) == 3


def test_A24_one_of_two_decisions_at_once_counts(
    office: Flask, world: World, du: Visitor, qin: Visitor
) -> None:
    world.clean()
    ask(du)
    export = only(du)
    arrive(office, "third", Role.REVIEWER_DISTRICT)
    terms, scope = office.extensions["pack"].exports, Scope(HERE)

    def judge(username: str, agrees: bool) -> bool:
        actor = Actor(ActorKind.STAFF, world.account(username).id, "office")
        with office.app_context():
            try:
                decide_export(export, agrees, actor, scope, terms)
            except NotAllowedNow:
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(judge, ("qin", "third"), (True, False))) == [False, True]


def test_A53_a_link_from_elsewhere_takes_no_list_and_counts_no_download(
    office: Flask, world: World, du: Visitor, qin: Visitor
) -> None:
    world.clean(name="石小玉")
    ask(du)
    export = only(du)
    decide(qin, export, "agree")
    address = f"/office/exports/{export}/list.csv"
    assert du.client.get(address).status_code == 405
    assert du.client.post(address).status_code == 403
    assert "downloaded 0 of 3 times" in du.open("/office/exports").text
