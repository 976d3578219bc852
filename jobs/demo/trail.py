"""Events of the past, gathered out of order and written in order of time, each chained to its subject's last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from training import clock, keys
from training.audit import Actor, AuditEvent, Entry, Outcome, SubjectKind, mac_of, personal_context

COLUMNS = (
    *("kind", "subject", "n", "name", "outcome", "status", "at"),
    *("actor_kind", "actor_id", "office", "facts", "personal", "mac"),
)


@contextmanager
def as_of(at: datetime) -> Iterator[None]:
    """Business time stands at `at` meanwhile."""
    before = clock.moved_by
    clock.moved_by = lambda: at - clock.real_now()
    try:
        yield
    finally:
        clock.moved_by = before


class Trail:
    """What happened, to be written once at the end: one INSERT of many rows."""

    def __init__(self) -> None:
        self._noted: list[tuple[datetime, Actor, Entry]] = []

    def note(self, at: datetime, actor: Actor, *entries: Entry) -> None:
        """Remember what `actor` did at `at`; of one moment, in the order noted."""
        self._noted += [(at, actor, entry) for entry in entries]

    def write(self, session: Session) -> None:
        """Add all events, oldest first. The subjects must have had none before."""
        rows: list[dict[str, Any]] = []
        last: dict[tuple[SubjectKind, str], tuple[int, str]] = {}
        for at, actor, entry in sorted(self._noted, key=lambda noted: noted[0]):
            place = (entry.kind, entry.subject)
            n, mac = last.get(place, (0, ""))
            event = _event(at, actor, entry, n + 1)
            event.mac = mac_of(event, mac)
            last[place] = (event.n, event.mac)
            rows.append({column: getattr(event, column) for column in COLUMNS})
        session.flush()
        session.execute(insert(AuditEvent).execution_options(render_nulls=True), rows)


def _event(at: datetime, actor: Actor, entry: Entry, n: int) -> AuditEvent:
    sealed = None
    if entry.personal:
        text = json.dumps(dict(entry.personal), ensure_ascii=False, sort_keys=True)
        sealed = keys.seal(text, personal_context(entry.kind, entry.subject, n), entry.key)
    return AuditEvent(
        kind=entry.kind,
        subject=entry.subject,
        n=n,
        name=entry.name,
        outcome=Outcome.DONE,
        status=entry.status,
        at=at.astimezone(UTC),
        actor_kind=actor.kind,
        actor_id=actor.id,
        office=actor.office,
        facts=dict(entry.facts or {}),
        personal=sealed,
    )
