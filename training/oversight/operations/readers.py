"""Whoever opens far more people than is usual is reported to the security administrator: once a day and desk."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.oversight.queries.readers import outliers
from training.people.models import LookCount
from training.policy.service import Looks

WATCH = Actor.system("watch_readers")


def report_outliers(terms: Looks, today: date) -> int:
    """Write an event into the trail of each clerk whose day stands out and was not told yet. Returns how many."""

    def work(session: Session) -> int:
        found = [day for day in outliers(session, terms, today) if day.told_at is None]
        for day in found:
            row = session.get_one(LookCount, (day.staff_id, day.day, day.desk), with_for_update=True)
            row.told_at = clock.now()
            facts = {"day": day.day.isoformat(), "desk": day.desk, "looks": day.looks}
            facts |= {"full_numbers": day.full_numbers, "reasons": list(day.reasons)}
            entry = Entry(EventName.LOOKS_STOOD_OUT, SubjectKind.STAFF, day.staff_id, facts=facts)
            audit.record(session, WATCH, entry)
        return len(found)

    return transaction(work)
