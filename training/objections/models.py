"""What people object to, appeal against, complain of or ask for, each under a reference of its own."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.database import Model, Moment, new_id, words
from training.objections.lifecycle import MatterKind, MatterStatus
from training.people.models import Person
from training.sealed import Sealed

__all__ = ["Matter", "MatterKind"]
_ONE_OPEN = "status = 'open' AND kind IN ('appeal', 'not_me', 'deletion')"


class Matter(Model):
    """One matter of the objections desk. The reference is public and opens steps, dates and the answer.

    `about` is the id of what it is about: an enrolment, a claim, a class, a school, a person. `district` is empty
    where no district is named: the municipal desk has it. `not_by` are the staff who may not decide it, because
    they had a part in what it is about; `led_to` is the id of what an upheld one made. `actor` and `idempotency_key` tell a form that was sent twice.
    What was written, how to answer, and the answer are sealed: by the person's key where there is a person.
    """

    __tablename__ = "matter"
    __table_args__ = (
        UniqueConstraint("actor", "idempotency_key"),
        Index(
            "uq_matter_open",
            "kind",
            "about",
            unique=True,
            sqlite_where=text(_ONE_OPEN),
            postgresql_where=text(_ONE_OPEN),
        ),
        Index(None, "district", "status", "due_on"),
        Index(None, "status", "due_on"),
        Index(None, "about"),
        CheckConstraint("(status = 'open') = (decided_by IS NULL)", name="decided_by_somebody"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(17), unique=True)
    kind: Mapped[MatterKind] = mapped_column(words(MatterKind, "kind"))
    status: Mapped[MatterStatus] = mapped_column(words(MatterStatus, "status"), default=MatterStatus.OPEN)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    about: Mapped[str] = mapped_column(String(26), default="")
    district: Mapped[str] = mapped_column(String(6), default="")
    reason: Mapped[str] = mapped_column(String(40), default="")
    text_sealed: Mapped[str | None] = mapped_column(String)
    contact_sealed: Mapped[str | None] = mapped_column(String)
    answer_sealed: Mapped[str | None] = mapped_column(String)
    language: Mapped[str] = mapped_column(String(2), default="zh")
    actor: Mapped[str] = mapped_column(String(64))
    idempotency_key: Mapped[str | None] = mapped_column(String(40))
    not_by: Mapped[list[str]] = mapped_column(JSON, default=list)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_on: Mapped[date] = mapped_column(Date)
    told_late_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(26))
    led_to: Mapped[str] = mapped_column(String(26), default="")
    version: Mapped[int] = mapped_column(Integer, default=1)

    person: Mapped[Person | None] = relationship(lazy="joined")
    text = Sealed("text")
    contact = Sealed("contact")
    answer = Sealed("answer")

    def own_key(self) -> bytes | None:
        return self.person.own_key() if self.person else None

    @property
    def is_open(self) -> bool:
        return self.status is MatterStatus.OPEN
