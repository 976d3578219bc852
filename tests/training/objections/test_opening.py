"""A matter is opened: its reference, the day of the answer, who may not decide it, and what is sealed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from tests import make
from training import audit
from training.audit import Actor, ActorKind, SubjectKind
from training.database import db, transaction
from training.errors import NotAllowedNow
from training.objections.models import Matter, MatterKind
from training.objections.operations import open_matter
from training.policy.queries import load_pack
from training.references import parse_reference

PACK = load_pack(make.PACK)
STRANGER = Actor(ActorKind.SYSTEM, "feedback")


def opened(kind=MatterKind.COMPLAINT, *, actor=STRANGER, **changes) -> Matter:
    fields: dict[str, Any] = {"pack": PACK, "district": make.DISTRICT} | changes
    return transaction(lambda session: open_matter(session, kind, actor=actor, **fields))


def test_a_matter_has_its_own_reference_and_a_day_for_the_answer(database, clock) -> None:
    matter = opened(text="改了上课地点没说")
    assert parse_reference(matter.reference) == matter.reference
    assert matter.reference.startswith("OB-26-")
    assert matter.due_on == date(
        2026, 6, 24
    )  # 5 working days after 16 June: 19 June is the dragon boat festival


def test_the_working_days_are_those_of_its_kind(database, clock) -> None:
    person = make.make_person()
    assert opened(MatterKind.APPEAL, person=person).due_on == date(2026, 7, 1)
    assert opened(MatterKind.DELETION, person=person).due_on == date(2026, 7, 8)


def test_A66_what_was_written_does_not_stand_in_clear(database) -> None:
    matter = opened(text="收了我 300 块", contact="13800000000", person=make.make_person())
    rows = database.session.execute(text("select * from matter")).all()
    assert "300" not in str(rows)
    assert "13800000000" not in str(rows)
    assert (matter.text, matter.contact) == ("收了我 300 块", "13800000000")
    assert str(matter.text_sealed).split(".")[1] == "own"


def test_opening_stands_in_the_trail(database) -> None:
    matter = opened()
    [event] = audit.history(db.session(), SubjectKind.MATTER, matter.id)
    assert event.name == "matter_opened"
    assert event.facts["kind"] == "complaint"


def test_one_appeal_at_a_time_and_the_second_is_led_to_the_first(database) -> None:
    first = opened(MatterKind.APPEAL, about="an-enrolment")
    with pytest.raises(NotAllowedNow) as refusal:
        opened(MatterKind.APPEAL, about="an-enrolment")
    assert refusal.value.reasons == ("already_open",)
    assert refusal.value.reference == first.reference


def test_complaints_of_one_thing_may_be_many(database) -> None:
    assert opened(about="a-school").reference != opened(about="a-school").reference


def test_I14_whoever_opened_it_at_a_desk_does_not_decide_it(database) -> None:
    clerk = make.staff("counsellor")
    matter = opened(MatterKind.NOT_ME, actor=make.actor_of(clerk), not_by=("another",))
    assert set(matter.not_by) == {clerk.id, "another"}
