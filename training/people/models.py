"""Real-name persons, their cards and phones, and how each identity was shown."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training import keys
from training.database import Model, Moment, new_id, words
from training.sealed import Sealed


class Group(StrEnum):
    """Groups of people; a notice says which are eligible, from when to when."""

    UNEMPLOYED = "unemployed"
    MIGRANT = "migrant"
    GRADUATE = "graduate"
    SCHOOL_LEAVER = "school_leaver"
    HARD_TO_PLACE = "hard_to_place"
    POVERTY_MONITORED = "poverty_monitored"
    DISABLED = "disabled"
    VETERAN = "veteran"
    EMPLOYEE = "employee"
    OTHER = "other"


class CardState(StrEnum):
    NORMAL = "normal"
    LOST = "lost"
    CANCELLED = "cancelled"
    REPLACED = "replaced"


class PhoneSource(StrEnum):
    """Codes go only to a phone of the card registry, or one registered at a counter by two people."""

    REGISTER = "register"
    COUNTER = "counter"


class Purpose(StrEnum):
    """What something was typed for; a code serves no other purpose. `counter`: a number looked up at a desk."""

    ENROL = "enrol"
    SIGN_IN = "sign_in"
    COUNTER = "counter"


class AnswerOutcome(StrEnum):
    FOUND = "found"
    NOT_FOUND = "not_found"
    UNREACHABLE = "unreachable"


class DuplicateAnswer(StrEnum):
    """A possible duplicate is open until somebody says same, different or ask."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"
    ASK = "ask"


class Person(Model):
    """One real-name record. The number is unique; names stand in clear, because staff must search them."""

    __tablename__ = "person"
    __table_args__ = (Index(None, "name_birth_index"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    number_sealed: Mapped[str | None] = mapped_column(String)
    number_index: Mapped[str | None] = mapped_column(String(40), unique=True)
    birth_sealed: Mapped[str | None] = mapped_column(String)
    name: Mapped[str] = mapped_column(String(80))
    name_normal: Mapped[str] = mapped_column(String(80), index=True)
    name_birth_index: Mapped[str | None] = mapped_column(String(40))
    certified_at: Mapped[datetime | None] = mapped_column(Moment)
    certified_by: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2), default="zh")
    consent_version: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(Moment)
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("person.id"))

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
    """A phone a code may be sent to. `ended_at` is set when another takes its place."""

    __tablename__ = "phone"
    __table_args__ = (UniqueConstraint("person_id", "number_index"), Index(None, "number_index"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    number_sealed: Mapped[str] = mapped_column(String)
    number_index: Mapped[str] = mapped_column(String(40))
    source: Mapped[PhoneSource] = mapped_column(words(PhoneSource, "source"))
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    person: Mapped[Person] = relationship(back_populates="phones")
    number = Sealed("number", index="phone")

    def own_key(self) -> bytes | None:
        return self.person.own_key()


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
    browser's id until then: the second half of a double click still arrives with it.
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


class Consent(Model):
    """What a person agreed to: which text, how it was given, before whom, where and when."""

    __tablename__ = "consent"

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    text_version: Mapped[str] = mapped_column(String(20))
    how: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(26), default="")
    staff_id: Mapped[str | None] = mapped_column(String(26))
    place: Mapped[str] = mapped_column(String(120), default="")
    at: Mapped[datetime] = mapped_column(Moment)

    person: Mapped[Person] = relationship()


class PossibleDuplicate(Model):
    """Two records that may be one person, with the evidence: number, card, or name and birth date."""

    __tablename__ = "possible_duplicate"
    __table_args__ = (
        UniqueConstraint("person_a", "person_b"),
        CheckConstraint("person_a < person_b", name="ordered"),
        Index(None, "person_b"),
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
