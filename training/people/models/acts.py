"""One act by one tap: the secret link of a message, hashed, for one use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.database import Model, Moment, new_id, words
from training.people.models.records import Person
from training.people.models.words import ActKind


class Act(Model):
    """What the holder of a message may do with one tap until `until`.

    `about` is the id of what it is about: an enrolment, an alert, a lesson. `answer` is what was tapped.
    """

    __tablename__ = "act"
    __table_args__ = (Index(None, "kind", "about"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[ActKind] = mapped_column(words(ActKind, "kind"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    about: Mapped[str] = mapped_column(String(26))
    until: Mapped[datetime] = mapped_column(Moment, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str | None] = mapped_column(String(10))

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
