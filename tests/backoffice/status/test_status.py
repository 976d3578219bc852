"""The state of the system: what waits, what failed, what an administrator does about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.backoffice.cases import World
from tests.backoffice.staff import arrive
from tests.visitor import Visitor
from training import outbox, pulse
from training.audit import AuditEvent, EventName, Outcome
from training.database import db, transaction
from training.outbox import Errand, OutboxRow, OutboxState
from training.staff.models import Role

TEXT = "您的验证码是 482913"


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def bai(office: Flask, clock: Any) -> Visitor:
    return arrive(office, "bai", Role.SYSADMIN, district=None)


def dead_errand(office: Flask) -> str:
    """A message that was tried to the end."""

    def work(session: Any) -> str:
        values = {"reference": "CQ-26-7F3KM-Q9XWS", "said": TEXT}
        payload = {"phone": "19900000077", "message": "enrolled", "language": "zh", "values": values}
        row = outbox.put(session, Errand.SEND_MESSAGE, payload)
        row.state, row.attempts, row.last_error = OutboxState.DEAD, 12, "refused"
        return row.id

    with office.app_context():
        return transaction(work)


def row_of(office: Flask, row_id: str) -> OutboxRow:
    with office.app_context():
        return db.session.scalars(select(OutboxRow).where(OutboxRow.id == row_id)).one()


def test_it_shows_what_waits_what_failed_and_how_old_the_seal_is(
    office: Flask, bai: Visitor, world: World, clock: Any
) -> None:
    from training import seals

    world.clean()
    with office.app_context():
        transaction(seals.seal_new_rows)
    dead_errand(office)
    page = bai.open("/office/status")
    assert (page.mark("data-outbox-dead"), page.mark("data-seal")) == ("1", "1")
    assert int(page.mark("data-outbox-waiting")) >= 1
    assert "overdue" not in page.one("ul", class_="kpis").text
    clock.shift(timedelta(minutes=5))
    world.clean()
    page = bai.open("/office/status")
    assert page.one("li", data_outbox_waiting=True).first("span", class_="small late")
    clock.shift(timedelta(minutes=5))
    late = bai.open("/office/status").one("li", data_seal=True)
    assert late.first("b", class_="late")
    assert "overdue" in late.text


def test_a_system_and_a_job_that_fail_are_red_and_said_in_words(office: Flask, bai: Visitor) -> None:
    from training import clock as times

    def work(session: Any) -> None:
        for name, failed, error in (("social_card", 3, "timeout"), ("phone_messages", 0, None)):
            pulse.tell_system(session, name, asked=3, failed=failed, error=error, is_resting=False)
        pulse.tell_task(session, "seal_trail", took_ms=4, next_at=times.now(), error=None)
        pulse.tell_task(session, "propose_claims", took_ms=9, next_at=times.now(), error="OperationalError")

    with office.app_context():
        transaction(work)
    page = bai.open("/office/status")
    states = {row.attrs["data-system"]: row.attrs["data-state"] for row in page.all("tr", data_system=True)}
    assert states == {"social_card": "stop", "phone_messages": "ok"}
    jobs = {row.attrs["data-job"]: row.attrs["data-state"] for row in page.all("tr", data_job=True)}
    assert jobs == {"propose_claims": "stop", "seal_trail": "ok"}
    assert "No answer since" in page.text
    assert "2 things to look at" in page.text
    assert bai.open("/office/").first("span", class_="n hot")


def test_a_dead_errand_is_tried_again_with_one_press(office: Flask, bai: Visitor, world: World) -> None:
    row_id = dead_errand(office)
    assert "Today first" in bai.open("/office/").one("h1").text
    page = bai.open("/office/status")
    item = page.one("li", data_errand=row_id)
    assert "CQ-26-7F3KM-Q9XWS" in item.text
    assert TEXT not in page.text
    assert "19900000077" not in page.text
    bai.press(item.one("button", value="retry"))
    assert (bai.status, bai.page.mark("data-outbox-dead")) == (200, "0")
    row = row_of(office, row_id)
    assert (row.state, row.attempts) == (OutboxState.WAITING, 0)
    [event] = world.events(name=EventName.OUTBOX_RETRIED)
    assert (event.subject, event.facts["row"]) == (world.account("bai").id, row_id)


def test_it_is_dropped_only_with_a_reason(office: Flask, bai: Visitor, world: World) -> None:
    row_id = dead_errand(office)
    item = bai.open("/office/status").one("li", data_errand=row_id)
    bai.press(item.one("button", value="drop"), reason=" ")
    assert (bai.status, bai.page.mark("data-error")) == (422, "reason")
    assert row_of(office, row_id).state is OutboxState.DEAD
    item = bai.page.one("li", data_errand=row_id)
    bai.press(item.one("button", value="drop"), reason="号码停机，本人已到柜台")
    row = row_of(office, row_id)
    assert (row.state, row.payload_sealed) == (OutboxState.DROPPED, "")
    assert world.events(name=EventName.OUTBOX_DROPPED)[0].facts["reason"] == "号码停机，本人已到柜台"


def test_I17_an_errand_that_is_not_dead_stays_as_it_is(office: Flask, bai: Visitor, world: World) -> None:
    row_id = dead_errand(office)
    bai.open("/office/status")
    item = bai.page.one("li", data_errand=row_id)
    bai.press(item.one("button", value="retry"))
    bai.post(f"/office/status/errands/{row_id}", action="retry")
    assert (bai.status, bai.page.mark("data-error")) == (409, "changed")
    refused = world.events(outcome=Outcome.REFUSED)
    assert [event.facts["reasons"] for event in refused] == [["not_dead"]]
    bai.post("/office/status/errands/nothing", action="retry")
    assert bai.status == 404


def test_a_job_is_asked_for_and_run_once(office: Flask, bai: Visitor, monkeypatch: Any) -> None:
    from jobs.tasks import Task
    from jobs.watch import Watch

    ran: list[str] = []
    watch, task = Watch(), Task("propose_claims", 20, lambda _: ran.append("run"))
    with office.app_context():
        watch.run(office, task)
        assert watch.wishes() == []
    page = bai.open("/office/status")
    [job] = page.all("tr", data_job=True)
    bai.send(job.one("form"))
    assert "Will run at once" in bai.page.text
    with office.app_context():
        assert watch.wishes() == ["propose_claims"]
        watch.run(office, task)
        assert watch.wishes() == []
        assert db.session.scalars(select(AuditEvent.name).where(AuditEvent.name == "task_asked_for")).one()
    bai.open("/office/status")
    bai.post("/office/status/jobs/nothing")
    assert bai.status == 404


def test_a_job_that_raises_is_told_at_once_and_once(office: Flask, clock: Any) -> None:
    from jobs.tasks import Task
    from jobs.watch import Watch

    def fail(_: Flask) -> None:
        raise ValueError("身份证")

    watch, task = Watch(), Task("propose_claims", 20, fail)
    with office.app_context():
        for _ in range(2):
            with pytest.raises(ValueError, match="身份证"):
                watch.run(office, task)
        [row] = pulse.all_pulses(db.session(), pulse.PulseKind.TASK)
    assert (row.last_error, row.last_ok_at) == ("ValueError", None)


def test_only_administrators_come_in(office: Flask, clock: Any) -> None:
    for role in (Role.VERIFIER, Role.AUDITOR, Role.FINANCE):
        visitor = arrive(office, role.value, role)
        assert (visitor.open("/office/status"), visitor.status)[1] == 403
    assert arrive(office, "sec", Role.SECADMIN, district=None).open("/office/status").mark("data-outbox-dead")


def test_every_job_system_errand_and_desk_has_a_word() -> None:
    from backoffice.roles import DESKS
    from backoffice.seeing import PURPOSE
    from backoffice.status import words
    from jobs.tasks import TASKS
    from training.ports import PHONE_MESSAGES, SOCIAL_CARD
    from web import look_words

    assert {task.name for task in TASKS} <= set(words.TASK)
    assert set(words.SYSTEM) == {SOCIAL_CARD, PHONE_MESSAGES}
    assert {errand.value for errand in Errand} == set(words.ERRAND)
    assert set(PURPOSE) <= set(DESKS)
    assert {purpose.value for purpose in PURPOSE.values()} == set(look_words.PURPOSE)
