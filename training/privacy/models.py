"""How long what is known of people is kept: what was announced, what holds it back, what was done."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from training.database import Model, Moment, new_id


class RetentionNotice(Model):
    """A person was told that the record will be emptied, from which day on, and why it is no longer needed."""

    __tablename__ = "retention_notice"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    why: Mapped[str] = mapped_column(String(30))
    due_on: Mapped[date] = mapped_column(Date, index=True)
    told_at: Mapped[datetime] = mapped_column(Moment)
    stopped: Mapped[str] = mapped_column(String(80), default="")


class LegalHold(Model):
    """Nothing of this person is removed while a hold stands: a court, an audit, an investigation asked for it.

    `reason` is a word of the office, never a story about the person.
    """

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index(
            "uq_legal_hold_standing",
            "person_id",
            "reason",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(String(40))
    placed_by: Mapped[str] = mapped_column(String(40))
    placed_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class RetentionRun(Model):
    """What one run of the job did. `counts` are by kind of thing: numbers, no person."""

    __tablename__ = "retention_run"

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    began_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    told: Mapped[int] = mapped_column(Integer, default=0)
    emptied: Mapped[int] = mapped_column(Integer, default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
