"""The auditor's desk: search, one subject's story, sealed values, a check of the trail, an export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.errands import do_errand
from jobs.worker_app import create_app
from tests.backoffice.cases import World
from tests.backoffice.staff import ELSEWHERE, HERE, arrive
from tests.jobs.test_tasks import behind_its_back
from tests.visitor import Visitor
from tests.web.test_sheets import read_csv
from training import outbox
from training.audit import AuditEvent, EventName, SubjectKind
from training.database import db, transaction
from training.oversight.models import TrailCheck
from training.people.queries import looks_at
from training.staff.models import Role
from web.event_words import EVENT


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def yin(office: Flask, clock: Any) -> Visitor:
    return arrive(office, "yin", Role.AUDITOR, district=None)


@pytest.fixture
def worker(office: Flask, registries: Any) -> Callable[[], None]:
    """The worker does what is due."""

    def work_off() -> None:
        jobs = create_app(office.extensions["settings"])
        jobs.extensions["ports"] = registries.ports
        with jobs.app_context():
            for row_id in transaction(lambda session: [row.id for row in outbox.take_due(session)]):
                do_errand(jobs, row_id)
            db.session.remove()
            db.engine.dispose()

    return work_off


def shown(visitor: Visitor, **query: Any) -> list[str]:
    """The names of the events that the filters find."""
    visitor.open("/office/audit", **query)
    return visitor.page.marks("data-event")


def test_events_are_found_by_subject_actor_name_day_and_district(
    office: Flask, world: World, yin: Visitor, clock: Any
) -> None:
    case, other = world.by_phone(), world.by_phone()
    luo = arrive(office, "luo", Role.VERIFIER)
    luo.open(f"/office/verify/{case.reference}")
    luo.press(luo.page.one("button", value="take"))
    assert shown(yin, subject=case.reference) == ["case_taken", "enrolled"]
    assert shown(yin, subject=case.reference.lower().replace("-", "")) == ["case_taken", "enrolled"]
    assert set(shown(yin, actor="luo")) == {"case_taken", "person_seen"}
    assert shown(yin, name="case_taken") == ["case_taken"]
    assert shown(yin, name="enrolled", subject=other.reference) == ["enrolled"]
    assert "case_taken" in shown(yin, district=HERE)
    assert shown(yin, district=ELSEWHERE) == []
    clock.shift(timedelta(minutes=20))
    today = "2026-06-16"
    assert "case_taken" in shown(yin, first=today, last=today)
    assert shown(yin, first="2026-06-17") == []
    assert shown(yin, last="2026-06-15") == []


def test_what_cannot_be_read_is_said_and_no_error(world: World, yin: Visitor) -> None:
    world.by_phone()
    assert shown(yin, subject="CQ-26-7F3KM-Q9XWS") == []
    assert yin.page.mark("data-unread") == "subject"
    assert shown(yin, name="nonsense", first="yesterday", district="999999") != []
    assert (yin.status, yin.page.mark("data-unread")) == (200, "name first district")
    assert shown(yin, before="x" * 30) != []


def test_I39_paging_loses_and_doubles_nothing(office: Flask, world: World, yin: Visitor) -> None:
    for _ in range(14):
        world.by_phone()
    with office.app_context():
        total = len(db.session.scalars(select(AuditEvent.id)).all())
    seen = shown(yin)
    while link := yin.page.first("a", rel="next"):
        yin.open(link.attrs["href"])
        seen += yin.page.marks("data-event")
    assert len(seen) == total


def test_the_statements_do_not_grow_with_the_events(world: World, yin: Visitor, statements: Any) -> None:
    world.by_phone()
    with statements() as first:
        shown(yin)
    for _ in range(6):
        world.by_phone()
    with statements() as second:
        shown(yin)
    assert len(second) <= len(first)


def test_one_subjects_story_in_sentences(office: Flask, world: World, yin: Visitor) -> None:
    case = world.by_phone()
    luo = arrive(office, "luo", Role.VERIFIER)
    luo.open(f"/office/verify/{case.reference}")
    luo.press(luo.page.one("button", value="take"))
    shown(yin, subject=case.reference)
    yin.open(yin.page.all("a", class_="mono small")[0].attrs["href"])
    assert yin.page.mark("data-faults") == "0"
    told = yin.page.one("table").all("tr", data_event="case_taken")[0].text
    assert "工作人员luo" in told
    assert "took the case" in told
    assert str(case.number) not in yin.page.text
    for address in ("/office/audit/enrolment/nothing", "/office/audit/planet/x"):
        assert (yin.open(address), yin.status)[1] == 404


def test_I26_values_of_a_person_stay_sealed_until_a_reason_is_given(
    office: Flask, world: World, yin: Visitor, clock: Any
) -> None:
    case = world.by_phone(typed_name="石小玉", name="石小王")
    address = f"/office/audit/person/{case.person_id}"
    page = yin.open(address)
    assert page.all(None, data_sealed=True)
    assert "石" not in page.text
    yin.send(yin.form(case.person_id), reason="", note="")
    assert (yin.status, yin.page.mark("data-error")) == (422, "reason")
    assert "石" not in yin.page.text
    with office.app_context():
        assert looks_at(db.session(), case.person_id) == []
    yin.send(yin.form(case.person_id), reason="complaint", note="信访件")
    assert yin.page.all("dl", data_opened=True)
    assert "石小王" in yin.page.text
    with office.app_context():
        [look] = looks_at(db.session(), case.person_id)
    assert (look.purpose, look.reason, look.note) == ("audit", "complaint", "信访件")
    clock.shift(timedelta(minutes=11))
    assert not yin.open(address).all("dl", data_opened=True)


def test_A67_a_changed_row_shows_in_the_story_and_in_the_check(
    office: Flask, world: World, yin: Visitor, worker: Callable[[], None]
) -> None:
    case = world.by_phone()
    worker()
    with office.app_context():
        behind_its_back(f"UPDATE audit_event SET office = 'x' WHERE subject = '{case.id}'")
    page = yin.open(f"/office/audit/enrolment/{case.id}")
    assert int(page.mark("data-faults")) == 1
    yin.open("/office/audit")
    yin.send(yin.form("/verify"))
    assert yin.page.mark("data-check")
    worker()
    found = yin.open("/office/audit").one("li", data_check=True)
    assert int(found.attrs["data-faults"]) >= 1
    assert case.id in found.text


def test_the_whole_trail_is_checked_with_one_press_and_no_request_waits(
    office: Flask, world: World, yin: Visitor, worker: Callable[[], None]
) -> None:
    world.by_phone()
    worker()
    yin.open("/office/audit")
    yin.send(yin.form("/verify"))
    assert yin.page.one("li", data_check=True).attrs["data-faults"] == ""
    yin.send(yin.form("/verify"))
    assert (yin.status, yin.page.mark("data-error")) == (409, "already_asked")
    worker()
    found = yin.open("/office/audit").one("li", data_check=True)
    assert found.attrs["data-faults"] == "0"
    assert "whole" in found.text
    with office.app_context():
        [check] = db.session.scalars(select(TrailCheck))
    assert check.events
    assert check.events > 0
    assert world.events(name=EventName.TRAIL_CHECKED)[0].facts["faults"] == 0


def test_A29_the_same_form_again_is_the_same_check(
    office: Flask, world: World, yin: Visitor, worker: Callable[[], None]
) -> None:
    yin.open("/office/audit")
    form = yin.form("/verify")
    for _ in range(2):
        yin.send(form)
        assert (yin.status, len(yin.page.all("li", data_check=True))) == (200, 1)
        worker()
    assert len(world.events(name=EventName.TRAIL_CHECK_ASKED)) == 1


def test_a_check_that_was_done_is_not_done_again(
    office: Flask, world: World, yin: Visitor, worker: Callable[[], None]
) -> None:
    from training.oversight.operations import StillRunning, check_trail

    yin.open("/office/audit")
    yin.send(yin.form("/verify"))
    heads = office.extensions["settings"].audit_heads
    with office.app_context():
        check = db.session.scalars(select(TrailCheck)).one()
        check_id = check.id

        def begin(session: Any) -> None:
            session.get_one(TrailCheck, check_id).began_at = check.asked_at

        transaction(begin)
        with pytest.raises(StillRunning):
            check_trail(check_id, heads)
    worker()
    assert yin.open("/office/audit").one("li", data_check=True).attrs["data-faults"] == ""


def test_events_are_exported_with_a_reason_and_without_people(
    office: Flask, world: World, yin: Visitor
) -> None:
    case = world.by_phone(typed_name="石小玉", name="石小王")
    yin.open("/office/audit/exports", subject=case.reference)
    yin.send(yin.form("/exports"), reason="", note="")
    assert (yin.status, yin.page.mark("data-error")) == (422, "reason")
    yin.send(yin.form("/exports"), reason="inspection", note="")
    assert yin.path == "/office/audit/exports"
    export = yin.page.mark("data-export")
    file = yin.page.one("button", formaction=f"/office/audit/exports/{export}/list.csv").attrs["formaction"]
    yin.post(file)
    content = yin.response.get_data()
    rows = read_csv(content)
    assert [row[6] for row in rows[3:-1]] == [case.reference]
    assert "石" not in content.decode()
    assert world.events(name=EventName.EXPORT_TAKEN, kind=SubjectKind.EXPORT)
    yin.open("/office/audit/exports", subject=case.reference, first="2031-01-01")
    yin.send(yin.form("/exports"), reason="inspection", note="")
    assert (yin.status, yin.page.mark("data-error")) == (422, "rows")
    other = arrive(office, "other", Role.AUDITOR, district=None)
    other.open("/office/audit/exports")
    other.post(f"/office/audit/exports/{export}/list.csv")
    assert other.status == 404


def test_A21_only_auditors_come_in_and_they_change_nothing(office: Flask, world: World, yin: Visitor) -> None:
    for role in (Role.SYSADMIN, Role.SECADMIN, Role.VERIFIER, Role.REVIEWER_MUNICIPAL):
        visitor = arrive(office, role.value, role)
        assert (visitor.open("/office/audit"), visitor.status)[1] == 403
    case = world.by_phone()
    yin.open("/office/audit")
    for path in (f"/office/verify/{case.reference}", "/office/search", "/office/exports"):
        yin.post(path, action="take", s=case.reference)
        assert yin.status == 403


@pytest.mark.parametrize("event", list(EventName))
def test_every_event_has_a_sentence(event: EventName) -> None:
    assert event.value in EVENT
