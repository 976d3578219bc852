"""The state of the system as one page shows it: each line with a colour and a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from backoffice.status.words import SYSTEM, TASK
from training.outbox import Errand
from training.oversight.queries import Standing, standing
from training.oversight.queries.running import Waiting
from training.pulse import SystemPulse
from web.labels import word
from web.settings import Settings
from web.written import at

SILENT_AFTER = timedelta(minutes=5)
LATE_ERRAND = timedelta(minutes=2)
LATE_SEAL = timedelta(minutes=1)


@dataclass(frozen=True)
class Line:
    """A system or a job. `kind` is ok, warn or stop, `state` its word."""

    row: SystemPulse
    name: str
    kind: str
    state: str


@dataclass(frozen=True)
class StatusPage:
    """What the template needs. `troubles` counts what an administrator should look at."""

    now: Standing
    systems: Sequence[Line]
    tasks: Sequence[Line]
    messages: Waiting
    registry: Waiting
    troubles: int
    heads_at: datetime | None

    def is_late(self, waiting: Waiting) -> bool:
        """Errands go out within seconds: what has waited for minutes is late."""
        return waiting.oldest_at is not None and self.now.at - waiting.oldest_at > LATE_ERRAND

    @property
    def seal_is_late(self) -> bool:
        since = self.now.seal.unsealed_since
        return since is not None and self.now.at - since > LATE_SEAL


def status_page(session: Session) -> StatusPage:
    """Everything as it stands now."""
    now = standing(session)
    systems = [_system(row) for row in now.systems]
    tasks = [_task(row, now.at) for row in now.tasks]
    waiting = now.waiting
    return StatusPage(
        now=now,
        systems=systems,
        tasks=tasks,
        messages=_sum(waiting[Errand.SEND_MESSAGE], waiting[Errand.SEND_CODE]),
        registry=waiting[Errand.ASK_REGISTRY],
        troubles=sum(line.kind == "stop" for line in (*systems, *tasks)) + now.dead_count,
        heads_at=_heads_at(),
    )


def _system(row: SystemPulse) -> Line:
    name = word(SYSTEM, row.name)
    if row.is_resting or row.failing_since is not None:
        return Line(row, name, "stop", _("No answer since %(time)s", time=at(row.failing_since or row.at)))
    if row.failed:
        failed = ngettext("%(num)d failure this hour", "%(num)d failures this hour", row.failed)
        return Line(row, name, "warn", failed)
    return Line(row, name, "ok", _("Normal"))


def _task(row: SystemPulse, now: datetime) -> Line:
    name = word(TASK, row.name)
    if row.asked_at is not None:
        return Line(row, name, "warn", _("Will run at once"))
    if row.failing_since is not None:
        failed = _("Fails since %(time)s: %(error)s", time=at(row.failing_since), error=row.last_error)
        return Line(row, name, "stop", failed)
    if row.next_at is not None and now - row.next_at > SILENT_AFTER:
        return Line(row, name, "stop", _("Has not run since %(time)s", time=at(row.at)))
    return Line(row, name, "ok", _("Normal"))


def _sum(one: Waiting, other: Waiting) -> Waiting:
    oldest = min(filter(None, (one.oldest_at, other.oldest_at)), default=None)
    return Waiting(one.number + other.number, oldest)


def _heads_at() -> datetime | None:
    """When the head of the seals was last written outside the database."""
    settings: Settings = current_app.extensions["settings"]
    path = settings.audit_heads
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None
