"""What a browser brings: what was typed, the code that proves it, who is signed in; and the register's answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.database import Model, Moment, new_id, words
from training.people.models.records import Person
from training.people.models.words import AnswerOutcome, Purpose
from training.sealed import Sealed


class Evidence(Model):
    """What the card registry answered, when, and to which question; never overwritten."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "number_index"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    number_index: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[AnswerOutcome] = mapped_column(words(AnswerOutcome, "outcome"))
    cause: Mapped[str | None] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(40))
    answer_sealed: Mapped[str | None] = mapped_column(String)
    asked_at: Mapped[datetime] = mapped_column(Moment)

    answer = Sealed("answer")


class Draft(Model):
    """Step 1 of an enrolment or a sign-in: what was typed, kept for 30 minutes under a random id.

    `session_hash` binds it to one browser; `proved_at` is set when the code was right. `came_from` is the
    browser's id until then: the second half of a double click still arrives with it. `further` is what else was
    typed and must not stand in clear: a bank account.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("session_hash", "purpose", "about"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    session_hash: Mapped[str] = mapped_column(String(64))
    came_from: Mapped[str | None] = mapped_column(String(64), index=True)
    purpose: Mapped[Purpose] = mapped_column(words(Purpose, "purpose"))
    about: Mapped[str] = mapped_column(String(26), default="")
    name_sealed: Mapped[str] = mapped_column(String)
    number_sealed: Mapped[str] = mapped_column(String)
    number_index: Mapped[str] = mapped_column(String(40))
    number_kind: Mapped[str] = mapped_column(String(10))
    remarks: Mapped[str] = mapped_column(String(80), default="")
    carried: Mapped[str] = mapped_column(String(80), default="")
    further_sealed: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2), default="zh")
    evidence_id: Mapped[str | None] = mapped_column(ForeignKey("evidence.id"))
    idempotency_key: Mapped[str] = mapped_column(String(26), default=new_id)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    proved_at: Mapped[datetime | None] = mapped_column(Moment)
    reference: Mapped[str | None] = mapped_column(String(17))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)

    evidence: Mapped[Evidence | None] = relationship()
    name = Sealed("name")
    number = Sealed("number", index="typed_number")
    further = Sealed("further")


class OneTimeCode(Model):
    """A code sent to a phone, hashed; bound to a draft, and through it to session, purpose and person."""

    __tablename__ = "one_time_code"
    __table_args__ = (CheckConstraint("tries >= 0 AND tries <= 5", name="tries"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class VisitorSession(Model):
    """A signed-in browser of the citizen's door: idle 30 minutes, at most 12 hours."""

    __tablename__ = "visitor_session"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    how: Mapped[str] = mapped_column(String(10))
    proved_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
