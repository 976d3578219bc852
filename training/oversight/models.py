"""What is taken out of the system, and checks of the trail that were asked for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from training.database import Model, Moment, new_id, whole, words
from training.sealed import Sealed


class ExportStatus(StrEnum):
    """`asked` waits for a second person; `approved` may be downloaded until its end."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class ExportKind(StrEnum):
    """What is listed: enrolments of the own district, or events of the trail."""

    ENROLMENTS = "enrolments"
    EVENTS = "events"


class Export(Model):
    """A list that somebody wants to take out: why, which columns, how many rows, who agreed, until when.

    `rows` are the ids that were counted when it was asked for: what is taken is what was agreed to.
    """

    __tablename__ = "export"
    __table_args__ = (
        UniqueConstraint("asked_by", "idempotency_key"),
        Index(None, "district", "status"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="four_eyes"),
        whole("row_count"),
        whole("downloads"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    kind: Mapped[ExportKind] = mapped_column(words(ExportKind, "kind"))
    district: Mapped[str | None] = mapped_column(String(6))
    columns: Mapped[list[str]] = mapped_column(JSON)
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(String(20))
    note_sealed: Mapped[str | None] = mapped_column(String)
    rows: Mapped[list[Any]] = mapped_column(JSON)
    row_count: Mapped[int] = mapped_column(Integer)
    status: Mapped[ExportStatus] = mapped_column(words(ExportStatus, "status"))
    asked_by: Mapped[str] = mapped_column(String(26))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    idempotency_key: Mapped[str] = mapped_column(String(40))
    decided_by: Mapped[str | None] = mapped_column(String(26))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    downloads: Mapped[int] = mapped_column(Integer, default=0)

    note = Sealed("note")


class TrailCheck(Model):
    """A check of the whole trail that an auditor asked for; the worker does it. `faults` as the verifier names them."""

    __tablename__ = "trail_check"
    __table_args__ = (Index("uq_trail_check_form", "asked_by", "idempotency_key", unique=True),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    asked_by: Mapped[str] = mapped_column(String(26))
    idempotency_key: Mapped[str | None] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(Moment, index=True)
    began_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    events: Mapped[int | None] = mapped_column(Integer)
    faults: Mapped[list[Any]] = mapped_column(JSON, default=list)
