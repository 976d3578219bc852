"""Nothing is kept for ever (A49): told first, emptied after, kept by name where something stands in the way."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from jobs import retention
from jobs.retention import keep_periods, run_now
from jobs.worker_app import create_app
from tests import make
from tests.training.privacy.lives import PACK, close_matters, paid, readable, sums, with_a_life, work_off
from tests.training.privacy.test_deletion import delete
from training import clock as day
from training import seals
from training.audit import Actor, AuditEvent, EventName
from training.database import db, transaction
from training.errors import Refused
from training.objections.models import MatterKind
from training.objections.operations import open_matter
from training.people.models import BankAccount, Message, Person, VisitorSession
from training.privacy.models import RetentionNotice, RetentionRun
from training.privacy.operations import empty_record, place_hold
from training.privacy.operations import retention as steps
from training.privacy.queries import last_runs
from web.settings import Settings

pytestmark = pytest.mark.usefixtures("clock")
DAY = timedelta(days=1)


@pytest.fixture
def jobs(settings: Settings, registries: Any) -> Iterator[Flask]:
    """The clock's door on the test's database."""
    app = create_app(settings)
    app.extensions["ports"] = registries.ports
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def person_named(person_id: str) -> Person:
    db.session().expire_all()
    return db.session().get_one(Person, person_id)


def notices() -> list[tuple[str, date, str]]:
    rows = db.session().scalars(select(RetentionNotice).execution_options(populate_existing=True))
    return [(row.why, row.due_on, row.stopped) for row in rows]


def test_A49_whoever_came_to_nothing_is_told_a_month_before_and_then_forgotten(
    jobs: Flask, registries: Any, clock: Any
) -> None:
    known, person = with_a_life(registries)
    person_id = person.id
    close_matters(person)
    work_off(jobs)
    assert run_now(jobs)["told"] == 0
    clock.shift(timedelta(days=2 * 365 - 31))
    assert run_now(jobs)["told"] == 0
    clock.shift(2 * DAY)
    assert run_now(jobs)["told"] == 1
    assert run_now(jobs)["told"] == 0, "told once"
    work_off(jobs)
    due = day.today() + timedelta(days=30)
    assert notices() == [("closed", due, "")]
    text = registries.messages(known.phone)[0]["text"]
    assert "删除" in text
    assert f"{due.month} 月 {due.day} 日" in text
    clock.shift(timedelta(days=29))
    assert run_now(jobs)["emptied"] == 0
    before = sums()
    clock.shift(DAY)
    assert run_now(jobs)["emptied"] == 1
    assert person_named(person_id).name == ""
    said = readable()
    assert [value for value in (known.name, known.number, known.phone) if str(value) in said] == []
    assert sums() == before
    assert seals.verify(db.session()) == []
    names = db.session().scalars(select(AuditEvent.name).where(AuditEvent.subject == person_id)).all()
    assert names[-2:] == [EventName.DELETION_ANNOUNCED, EventName.PERSON_EMPTIED]


def test_whoever_signs_in_after_the_notice_is_kept(jobs: Flask, registries: Any, clock: Any) -> None:
    person = make.make_person()
    clock.shift(timedelta(days=160))
    run_now(jobs)
    assert len(notices()) == 1
    at = day.real_now()
    visit = VisitorSession(
        id_hash="v" * 64, person_id=person.id, how="code", proved_at=at, seen_at=at, expires_at=at + DAY
    )
    transaction(lambda session: session.add(visit))
    clock.shift(timedelta(days=31))
    assert run_now(jobs)["came_back"] == 1
    assert notices() == []
    assert person_named(person.id).name


def test_A49_what_was_merged_away_after_the_notice_is_kept_with_the_record_it_went_into(
    jobs: Flask, clock: Any
) -> None:
    old = make.make_person()
    clock.shift(timedelta(days=160))
    run_now(jobs)
    assert len(notices()) == 1
    keeper = make.make_person()
    merged = update(Person).where(Person.id == old.id).values(merged_into=keeper.id)
    transaction(lambda session: session.execute(merged))
    clock.shift(timedelta(days=31))
    report = run_now(jobs)
    assert (report["emptied"], report.get("failed", 0)) == (0, 0)
    assert person_named(old.id).own_key() is not None


def test_money_is_kept_ten_years_a_finished_class_five(jobs: Flask, clock: Any) -> None:
    claim = make.make_claim(status="approved", name="诸葛云帆")
    finished = make.make_passed(self_pay=True, name="钟离若水")
    paid(claim, day.today())
    ends = {claim.enrolment.person_id: 10, finished.person_id: 5}
    clock.shift(timedelta(days=365 * 5))
    run_now(jobs)
    clock.shift(timedelta(days=32))
    run_now(jobs)
    names = {person_id: person_named(person_id).name for person_id in ends}
    assert sorted(names.values()) == ["", "诸葛云帆"]
    clock.shift(timedelta(days=365 * 5))
    run_now(jobs)
    clock.shift(timedelta(days=32))
    assert run_now(jobs)["emptied"] == 1
    assert person_named(claim.enrolment.person_id).name == ""


@pytest.mark.parametrize(
    ("what", "code"),
    [("hold", "legal_hold"), ("frozen", "record_frozen"), ("matter", "matter_open")],
)
def test_what_is_live_or_held_stops_it_by_name(
    jobs: Flask, registries: Any, clock: Any, what: str, code: str
) -> None:
    _, person = with_a_life(registries)
    person_id = person.id
    close_matters(person)
    clock.shift(timedelta(days=800))
    run_now(jobs)
    assert len(notices()) == 1

    def stop(session: Any) -> None:
        row = session.get_one(Person, person_id)
        if what == "hold":
            place_hold(session, row, "audit", Actor.system("tests"))
        elif what == "frozen":
            row.frozen_at = day.now()
        else:
            me = Actor.system("tests")
            open_matter(session, MatterKind.COMPLAINT, actor=me, pack=PACK, district="", person=row)

    transaction(stop)
    clock.shift(timedelta(days=31))
    said = run_now(jobs)
    assert (said["emptied"], said[f"stopped:{code}"]) == (0, 1)
    assert notices()[0][2] == code
    assert person_named(person_id).name


def test_a_run_is_safe_twice_and_one_failure_holds_up_no_other(
    jobs: Flask, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [make.make_person(name=f"公冶{n}") for n in "甲乙丙"]
    clock.shift(timedelta(days=400))
    run_now(jobs)
    clock.shift(timedelta(days=31))
    real, broken = empty_record, people[1].id

    def breaks(session: Any, person: Person, *rest: Any) -> None:
        real(session, person, *rest)
        if person.id == broken:
            raise RuntimeError("the power is gone")

    monkeypatch.setattr(steps, "empty_record", breaks)
    said = run_now(jobs)
    assert (said["emptied"], said["failed"]) == (2, 1)
    assert person_named(broken).name == "公冶乙", "half of it is nothing of it"
    monkeypatch.undo()
    assert run_now(jobs)["emptied"] == 1
    assert run_now(jobs)["emptied"] == 0
    assert "公冶" not in readable()


def test_rows_that_are_over_go_by_themselves(jobs: Flask, registries: Any, clock: Any) -> None:
    """Messages, ended accounts, old visits, and the names in enrolments that came to nothing long ago."""
    _, person = with_a_life(registries)
    make.make_enrolment(person=person_named(person.id))
    work_off(jobs)

    def ended(session: Any) -> None:
        for account in session.scalars(select(BankAccount)):
            account.ended_at, account.ended_why = day.now(), "changed"

    transaction(ended)
    assert db.session().scalars(select(Message)).all()
    clock.shift(timedelta(days=735))
    said = run_now(jobs)
    assert said["bank_account"] == 1
    assert said["message"] > 0
    assert said["enrolment"] == 1
    assert db.session().scalars(select(Message)).all() == []
    assert person_named(person.id).name, "an enrolment is under way"
    assert run_now(jobs).keys() <= {"told", "emptied"}


def test_it_runs_once_a_night_and_reports(jobs: Flask, clock: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert keep_periods(jobs) == {}, "it is ten in the morning"
    clock.move_to(day.now().astimezone(day.SHANGHAI).replace(hour=retention.HOUR, minute=10) + DAY)
    with caplog.at_level(logging.INFO):
        keep_periods(jobs)
    assert "retention: told=0 emptied=0" in caplog.text
    keep_periods(jobs)
    runs = last_runs(db.session())
    assert len(runs) == 1
    assert all(isinstance(run, RetentionRun) and run.ended_at for run in runs)


def test_nobody_who_is_enrolled_is_ever_told(jobs: Flask, clock: Any) -> None:
    make.make_enrolment()
    clock.shift(timedelta(days=365 * 20))
    assert run_now(jobs) == {"told": 0, "emptied": 0}
    with pytest.raises(Refused, match="enrolment_live"):
        delete(db.session().scalars(select(Person)).one())
