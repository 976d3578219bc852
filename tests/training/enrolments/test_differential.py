"""I37: the same acts, by the same people at the same time, on SQLite and on PostgreSQL: the same answers."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests import make
from tests.conftest import MORNING
from tests.training.enrolments import people
from tests.training.enrolments.test_stateful import Town, step
from training import database, references, seals
from training.audit import AuditEvent
from training.courses.models import ClassRun
from training.database import db, transaction
from training.enrolments.models import Enrolment
from training.entitlements.models import Entitlement, EntitlementYear
from training.outbox import OutboxRow

Acts = list[tuple[str, int, int, int]]


@given(acts=st.lists(step, min_size=15, max_size=30))
@settings(max_examples=settings().max_examples // 6, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_I37_both_databases_answer_alike(anew: Any, registries: Any, acts: Acts) -> None:
    with anew("sqlite"):
        lite = lived_through(registries, acts)
    with anew("postgres"):
        large = lived_through(registries, acts)
    for act, here, there in zip(["the beginning", *acts, "the seals"], lite, large, strict=True):
        assert here == there, (act, different(here, there))


def lived_through(registries: Any, acts: Acts) -> list[Any]:
    """What was to be seen at the beginning and after each act, in a town made anew; and the faults of its trail."""
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(MORNING, tick=False) as time:
        chance = Random(37)
        for module in (database, references):
            patch.setattr(
                module, "secrets", SimpleNamespace(token_bytes=chance.randbytes, choice=chance.choice)
            )
        patch.setattr(make, "_numbers", count(1))
        patch.setattr(people, "_serial", count(1))
        town = Town(type(registries)())
        seen: list[Any] = [("", observed())]
        for act in acts:
            time.shift(timedelta(seconds=1))
            seen.append((town.do(*act), observed()))
        transaction(seals.seal_new_rows)
        return [*seen, ("", {"faults": seals.verify(db.session())})]


def different(here: Any, there: Any) -> list[Any]:
    """Only what is not the same, of the two last things that were seen."""
    (said, one), (also, other) = here, there
    lines = [(set(one[name]) - set(other[name]), set(other[name]) - set(one[name])) for name in one]
    return [said, also, *(pair for pair in lines if any(pair))]


def observed() -> dict[str, Any]:
    """Seats, cases, subsidies, messages and the trail, by subject; ids are the same on both sides."""
    session = db.session()
    session.expire_all()
    events = defaultdict(list)
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.n)):
        told = (event.n, event.name, event.outcome, event.status, event.actor_id, event.facts)
        events[event.kind, event.subject].append(told)
    return {
        "classes": rows(ClassRun, "id", "status", "seats_left", "waiting", "held_without_code"),
        "cases": rows(
            Enrolment, "id", "person_id", "class_id", "status", "place", "flags", "reasons", "version"
        ),
        "entitlements": rows(Entitlement, "person_id", "family", "year", "state", "enrolment_id"),
        "years": rows(EntitlementYear, "person_id", "family", "year", "held", "used"),
        "messages": rows(OutboxRow, "errand", "state"),
        "events": sorted(repr(item) for item in events.items()),
    }


def rows(model: Any, *columns: str) -> list[str]:
    """The columns of every row of a table, in an order that no database chooses."""
    found = db.session().scalars(select(model))
    return sorted(repr([getattr(row, column) for column in columns]) for row in found)
