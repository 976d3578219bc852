"""What is not answered in time: whoever waits hears, once, that it takes longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests import make
from tests.training.objections.refusals import PACK, appealed, decided, refused_enrolment
from training import audit
from training.audit import Actor, SubjectKind
from training.clock import today
from training.database import db, transaction
from training.objections.models import Matter, MatterKind
from training.objections.operations import mark_late, open_matter
from training.objections.operations.decide import tell_matter
from training.outbox import OutboxRow


def late_messages() -> list[dict[str, Any]]:
    payloads = [row.payload for row in db.session().scalars(select(OutboxRow)).all()]
    return [payload for payload in payloads if payload["message"] == "matter_late"]


def test_the_person_is_told_once(database, clock) -> None:
    matter = appealed(refused_enrolment())
    clock.shift(matter.due_on - today())
    assert mark_late() == 0, "its last day is not over"
    clock.shift(timedelta(days=1))
    assert (mark_late(), mark_late()) == (1, 0)
    [told] = late_messages()
    assert told["person"] == matter.person_id
    assert told["values"]["reference"] == matter.reference
    names = [event.name for event in audit.history(db.session(), SubjectKind.MATTER, matter.id)]
    assert names == ["matter_opened", "matter_late"]


def test_a_stranger_without_a_phone_is_told_nothing_and_it_still_counts_as_told(database, clock) -> None:
    def work(session):
        actor = Actor.system("feedback")
        return open_matter(session, MatterKind.MESSAGE, actor=actor, pack=PACK, district=make.DISTRICT)

    transaction(work)
    clock.shift(timedelta(days=30))
    assert (mark_late(), mark_late(), late_messages()) == (1, 0, [])


def test_what_was_answered_is_not_late(database, clock) -> None:
    decided(appealed(refused_enrolment()), make.staff("reviewer_district"), "dismiss")
    clock.shift(timedelta(days=60))
    assert mark_late() == 0


def test_one_that_cannot_be_told_holds_up_no_other(database, clock, monkeypatch) -> None:
    first, second = (appealed(refused_enrolment()) for _ in range(2))
    clock.shift(timedelta(days=60))

    def fail(session, matter, message):
        if matter.id == first.id:
            raise RuntimeError("no words for it")
        tell_matter(session, matter, message)

    monkeypatch.setattr("training.objections.operations.late.tell_matter", fail)
    assert mark_late() == 1
    told = {row.id: row.told_late_at for row in db.session().scalars(select(Matter)).all()}
    assert (told[first.id], told[second.id] is None) == (None, False)
