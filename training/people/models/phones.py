"""Phones that two people register at a counter, and letters to people without one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.database import Model, Moment, new_id, words
from training.people.models.records import Person
from training.people.models.words import LetterWay, PhoneChangeStatus, PhoneReason
from training.sealed import Sealed

_PENDING = "status = 'pending'"


class PhoneChange(Model):
    """One asks, another confirms by typing the phone again; the first typing is never shown.

    `owners` counts the other people who had this phone when it was asked for; `shown` is the masked number of the
    card or identity that lay on the desk; `old_phone_id` the phone that was in use.
    """

    __tablename__ = "phone_change"
    __table_args__ = (
        Index("uq_phone_change_form", "asked_by", "idempotency_key", unique=True),
        Index(
            "uq_phone_change_pending",
            "person_id",
            unique=True,
            sqlite_where=text(_PENDING),
            postgresql_where=text(_PENDING),
        ),
        Index(None, "district", "status"),
        Index(None, "person_id"),
        CheckConstraint("tries >= 0 AND tries <= 3", name="tries"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="four_eyes"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    phone_sealed: Mapped[str] = mapped_column(String)
    phone_index: Mapped[str] = mapped_column(String(40))
    old_phone_id: Mapped[str | None] = mapped_column(ForeignKey("phone.id"))
    reason: Mapped[PhoneReason] = mapped_column(words(PhoneReason, "reason"))
    status: Mapped[PhoneChangeStatus] = mapped_column(
        words(PhoneChangeStatus, "status"), default=PhoneChangeStatus.PENDING
    )
    shown: Mapped[str] = mapped_column(String(24), default="")
    owners: Mapped[int] = mapped_column(Integer, default=0)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    district: Mapped[str] = mapped_column(String(6))
    place: Mapped[str] = mapped_column(String(120), default="")
    asked_by: Mapped[str] = mapped_column(String(26))
    idempotency_key: Mapped[str | None] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(26))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    phone = Sealed("phone", index="phone")

    def own_key(self) -> bytes | None:
        return self.person.own_key()


class Letter(Model):
    """What a message would have said to a person without a phone: printed, and handed over or posted.

    `message_id` is the outbox row it came from, so that a row done twice makes one letter. `district` is where it
    is printed; None: only where the person stands at a counter.
    """

    __tablename__ = "letter"
    __table_args__ = (Index(None, "district", "handed_at"), Index(None, "person_id"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(String(26), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    district: Mapped[str | None] = mapped_column(String(6))
    message: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    text_sealed: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(Moment)
    handed_at: Mapped[datetime | None] = mapped_column(Moment)
    handed_by: Mapped[str | None] = mapped_column(String(26))
    way: Mapped[LetterWay | None] = mapped_column(words(LetterWay, "way"))

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    text = Sealed("text")

    def own_key(self) -> bytes | None:
        return self.person.own_key()
