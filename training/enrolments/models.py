"""A person in a class: enrolment, place in line, attendance."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.courses.models import ClassRun
from training.database import Model, Moment, new_id, words
from training.enrolments.lifecycle import EnrolmentStatus
from training.people.models import Evidence, Group, Person
from training.sealed import Sealed

_UNSEEN = "without_code AND verified_by IS NULL AND status IN ('received','waiting')"
_LIVE = "status IN ('received','verifying','returned','waiting','offered','enrolled','attending','completed')"

_HELD = "held_until IS NOT NULL"


class Channel(StrEnum):
    PHONE = "phone"
    COUNTER = "counter"
    INSTITUTION = "institution"


class Flag(StrEnum):
    """Why a person looks at a case before it passes."""

    NAME_DIFFERS = "name_differs"
    CARD_LOST = "card_lost"
    CARD_CANCELLED = "card_cancelled"
    NOT_FOUND = "not_found"
    REGISTRY_UNREACHABLE = "registry_unreachable"
    GROUP_UNPROVEN = "group_unproven"
    EMPLOYED = "employed"
    PHONE_SHARED = "phone_shared"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    ENTERED_BY_HAND = "entered_by_hand"
    SAMPLE = "sample"


class GroupSource(StrEnum):
    """From registry evidence, or only what the person says."""

    REGISTER = "register"
    DECLARED = "declared"


class Enrolment(Model):
    """One person in one class. A person is at most once alive in a class; the reference is public.

    `place` is the place in line (order of acceptance), `place_before` the one left for an offer; `held_until` ends a seat held without a code, or an offer;
    `offers_missed` counts the offers that nobody answered; `moved_from` is the class it was in before; `facts` are what was known when it was written, sealed; `flags` are words separated by spaces.
    A number that nobody has proved is typed, no more: until such an enrolment is taken it belongs to a provisional
    person, `typed_index` finds it, and one of a number can be received or in line.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("actor", "idempotency_key"),
        Index(
            "uq_enrolment_live",
            "person_id",
            "class_id",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        Index(
            "uq_enrolment_received",
            "typed_index",
            unique=True,
            sqlite_where=text(_UNSEEN),
            postgresql_where=text(_UNSEEN),
        ),
        Index("ix_enrolment_queue", "district", "status", "received_at"),
        Index("ix_enrolment_line", "class_id", "status", "place"),
        Index("ix_enrolment_held", "held_until", sqlite_where=text(_HELD), postgresql_where=text(_HELD)),
        CheckConstraint("(status = 'waiting') = (place IS NOT NULL)", name="place_while_waiting"),
        CheckConstraint(
            "status NOT IN ('enrolled','attending','completed') OR verified_by IS NOT NULL",
            name="seen_by_somebody",
        ),
        CheckConstraint(
            "verified_by IS NULL OR created_by IS NULL OR verified_by <> created_by", name="four_eyes"
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(17), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    class_id: Mapped[str] = mapped_column(ForeignKey("class_run.id"))
    district: Mapped[str] = mapped_column(String(6))
    channel: Mapped[Channel] = mapped_column(words(Channel, "channel"))
    status: Mapped[EnrolmentStatus] = mapped_column(words(EnrolmentStatus, "status"))
    place: Mapped[int | None] = mapped_column(Integer)
    place_before: Mapped[int | None] = mapped_column(Integer)
    group: Mapped[Group | None] = mapped_column("group_word", words(Group, "group_word"))
    group_source: Mapped[GroupSource | None] = mapped_column(words(GroupSource, "group_source"))
    flags: Mapped[str] = mapped_column(String(200), default="")
    self_pay: Mapped[bool] = mapped_column(default=False)
    without_code: Mapped[bool] = mapped_column(default=False)
    notice: Mapped[str] = mapped_column(String(80))
    name_typed: Mapped[str] = mapped_column(String(80))
    number_sealed: Mapped[str] = mapped_column(String)
    typed_index: Mapped[str | None] = mapped_column(String(40))
    number_kind: Mapped[str] = mapped_column(String(10))
    evidence_id: Mapped[str | None] = mapped_column(ForeignKey("evidence.id"))
    facts_sealed: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(64))
    idempotency_key: Mapped[str] = mapped_column(String(40))
    created_by: Mapped[str | None] = mapped_column(String(26))
    verified_by: Mapped[str | None] = mapped_column(String(40))
    received_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    held_until: Mapped[datetime | None] = mapped_column(Moment)
    offers_missed: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    moved_from: Mapped[str | None] = mapped_column(String(26), index=True)
    returned_fields: Mapped[str] = mapped_column(String(80), default="")
    answer_by: Mapped[datetime | None] = mapped_column(Moment)
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    locked_by: Mapped[str | None] = mapped_column(String(26))
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
    draft_decision: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    slip_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    slip_used_at: Mapped[datetime | None] = mapped_column(Moment)
    slip_until: Mapped[datetime | None] = mapped_column(Moment)
    slip_key: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer, default=1)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    class_run: Mapped[ClassRun] = relationship(lazy="joined", innerjoin=True)
    evidence: Mapped[Evidence | None] = relationship(lazy="joined")
    facts = Sealed("facts")
    number = Sealed("number")

    def own_key(self) -> bytes | None:
        return self.person.own_key()

    @property
    def flag_words(self) -> list[Flag]:
        return [Flag(word) for word in self.flags.split()]

    @property
    def is_clean(self) -> bool:
        return not self.flags


class Attendance(Model):
    """Who was in a lesson, by which record."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("enrolment_id", "session_id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"))
    session_id: Mapped[str] = mapped_column(ForeignKey("class_session.id"), index=True)
    present: Mapped[bool] = mapped_column()
    source: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Moment)
