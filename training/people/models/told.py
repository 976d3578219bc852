"""What was told to a person, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.database import Model, Moment
from training.people.models.records import Person
from training.sealed import Sealed


class Message(Model):
    """One message, written when it goes out; its id is that of the errand, so that sending twice keeps one.

    `code` names the sentence, `values` (JSON, sealed) what stands in it, without the secret of a link. `by` is
    phone, or paper for whoever has none.
    """

    __tablename__ = "message"
    __table_args__ = (Index(None, "person_id", "at"), Index(None, "at"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    code: Mapped[str] = mapped_column(String(40))
    values_sealed: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    by: Mapped[str] = mapped_column("sent_by", String(10))
    at: Mapped[datetime] = mapped_column(Moment)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    values = Sealed("values")

    def own_key(self) -> bytes | None:
        return self.person.own_key()
