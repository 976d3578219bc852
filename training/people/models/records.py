"""Real-name persons, their cards and phones, what they agreed to, and who may be who."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training import keys
from training.database import Model, Moment, new_id, words
from training.people.models.words import CardState, DuplicateAnswer, PhoneSource
from training.sealed import Sealed


class Person(Model):
    """One real-name record. The number is unique; names stand in clear, because staff must search them.

    `merged_into` is set on a record that turned out to be another's; `frozen_at` while a "this was not me" is open;
    `registered_at` says since when the register tells this number; `sound_index` finds names that sound alike.
    """

    __tablename__ = "person"
    __table_args__ = (Index(None, "name_birth_index"), Index(None, "sound_index"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    number_sealed: Mapped[str | None] = mapped_column(String)
    number_index: Mapped[str | None] = mapped_column(String(40), unique=True)
    birth_sealed: Mapped[str | None] = mapped_column(String)
    name: Mapped[str] = mapped_column(String(80))
    name_normal: Mapped[str] = mapped_column(String(80), index=True)
    name_birth_index: Mapped[str | None] = mapped_column(String(40))
    sound_index: Mapped[str | None] = mapped_column(String(40))
    certified_at: Mapped[datetime | None] = mapped_column(Moment)
    certified_by: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2), default="zh")
    consent_version: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(Moment)
    registered_at: Mapped[datetime | None] = mapped_column(Moment)
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    frozen_at: Mapped[datetime | None] = mapped_column(Moment)

    key: Mapped[PersonKey] = relationship(lazy="joined", innerjoin=True, cascade="all")
    cards: Mapped[list[Card]] = relationship(back_populates="person", order_by="Card.seen_at")
    phones: Mapped[list[Phone]] = relationship(back_populates="person", order_by="Phone.seen_at")

    number = Sealed("number", index="identity_number")
    birth = Sealed("birth")

    def own_key(self) -> bytes | None:
        """The person's own key; None once it has been destroyed."""
        return self.key.open()

    @property
    def birth_on(self) -> date | None:
        return date.fromisoformat(self.birth) if self.birth else None


class PersonKey(Model):
    """One person's key, itself sealed. Destroying it makes the person's values unreadable."""

    __tablename__ = "person_key"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    wrapped: Mapped[str | None] = mapped_column(String)
    destroyed_at: Mapped[datetime | None] = mapped_column(Moment)

    def open(self) -> bytes | None:
        """The key itself, unsealed once for each object; None once it has been destroyed."""
        if self.wrapped is None:
            return None
        opened: tuple[str, bytes] | None = getattr(self, "_opened", None)
        if opened is None or opened[0] != self.wrapped:
            opened = (self.wrapped, keys.unwrap(self.wrapped, f"person_key:{self.person_id}"))
            self._opened = opened
        return opened[1]


class Card(Model):
    """A social security card as the registry knew it, dated; several to a person."""

    __tablename__ = "card"
    __table_args__ = (UniqueConstraint("person_id", "number_index"), Index(None, "number_index"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    number_sealed: Mapped[str] = mapped_column(String)
    number_index: Mapped[str] = mapped_column(String(40))
    last4_index: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[CardState] = mapped_column(words(CardState, "state"))
    issued_on: Mapped[date | None] = mapped_column(Date)
    seen_at: Mapped[datetime] = mapped_column(Moment)

    person: Mapped[Person] = relationship(back_populates="cards")
    number = Sealed("number", index="card_number")

    def own_key(self) -> bytes | None:
        return self.person.own_key()


class Phone(Model):
    """A phone a code may be sent to. `ended_at` is set when another takes its place.

    One registered at a counter opens level 2 from `level_two_from` on, and no money goes to an account changed with
    it before `money_from`.
    """

    __tablename__ = "phone"
    __table_args__ = (UniqueConstraint("person_id", "number_index"), Index(None, "number_index"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    number_sealed: Mapped[str] = mapped_column(String)
    number_index: Mapped[str] = mapped_column(String(40))
    source: Mapped[PhoneSource] = mapped_column(words(PhoneSource, "source"))
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    level_two_from: Mapped[datetime | None] = mapped_column(Moment)
    money_from: Mapped[datetime | None] = mapped_column(Moment)

    person: Mapped[Person] = relationship(back_populates="phones")
    number = Sealed("number", index="phone")

    def own_key(self) -> bytes | None:
        return self.person.own_key()


class Consent(Model):
    """What a person agreed to: which text, how it was given, before whom, where and when.

    `how` is the signature: on paper, by a code to the phone, or by a tick of a signed-in person; `identity_seen` is
    how it was seen who agrees: card and face at a counter, a code, or the code of a slip.
    """

    __tablename__ = "consent"
    __table_args__ = (Index("uq_consent_form", "person_id", "idempotency_key", unique=True),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    text_version: Mapped[str] = mapped_column(String(20))
    how: Mapped[str] = mapped_column(String(20))
    identity_seen: Mapped[str | None] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(26), default="")
    staff_id: Mapped[str | None] = mapped_column(String(26))
    place: Mapped[str] = mapped_column(String(120), default="")
    idempotency_key: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Moment)

    person: Mapped[Person] = relationship()


class PossibleDuplicate(Model):
    """Two records that may be one person. `evidence` are the words for what they share, separated by spaces.

    One pair, one row, for ever: what was answered is not asked again. `locked_by` has it on the desk now.
    """

    __tablename__ = "possible_duplicate"
    __table_args__ = (
        UniqueConstraint("person_a", "person_b"),
        CheckConstraint("person_a < person_b", name="ordered"),
        Index(None, "person_b"),
        Index(None, "answer"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_a: Mapped[str] = mapped_column(ForeignKey("person.id"))
    person_b: Mapped[str] = mapped_column(ForeignKey("person.id"))
    evidence: Mapped[str] = mapped_column(String(40))
    answer: Mapped[DuplicateAnswer] = mapped_column(
        words(DuplicateAnswer, "answer"), default=DuplicateAnswer.OPEN
    )
    answered_by: Mapped[str | None] = mapped_column(String(26))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    raised_at: Mapped[datetime] = mapped_column(Moment)
    locked_by: Mapped[str | None] = mapped_column(String(26))
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
