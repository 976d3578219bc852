"""Corrections of number and name: proposed with a proof by one person, decided by another."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.database import Model, Moment, new_id, words
from training.people.models import Person
from training.sealed import Sealed

_OPEN = "status = 'open'"


class ChangeKind(StrEnum):
    """`taken`: "this number is mine, somebody else has it"."""

    NAME = "name"
    NUMBER = "number"
    TAKEN = "taken"


class ChangeStatus(StrEnum):
    OPEN = "open"
    AGREED = "agreed"
    REFUSED = "refused"


class Proof(StrEnum):
    """What was seen. Only the register's own answer leaves a certification standing."""

    ID_CARD = "id_card"
    HOUSEHOLD_REGISTER = "household_register"
    POLICE_LETTER = "police_letter"
    REGISTER = "register"


class IdentityChange(Model):
    """One correction of a record, or the claim to a number that stands in another's record (`holder`).

    One of a kind is open for a person at a time. What was and what shall be are sealed by the person's own key;
    `new_index` finds who has the number now. `matter` is the reference of the matter it came from.
    """

    __tablename__ = "identity_change"
    __table_args__ = (
        UniqueConstraint("actor", "idempotency_key"),
        Index(
            "uq_identity_change_open",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(None, "district", "status", "proposed_at"),
        CheckConstraint("(status = 'open') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    kind: Mapped[ChangeKind] = mapped_column(words(ChangeKind, "kind"))
    status: Mapped[ChangeStatus] = mapped_column(words(ChangeStatus, "status"), default=ChangeStatus.OPEN)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    holder_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    district: Mapped[str] = mapped_column(String(6))
    old_sealed: Mapped[str | None] = mapped_column(String)
    new_sealed: Mapped[str] = mapped_column(String)
    new_index: Mapped[str] = mapped_column(String(40))
    proof: Mapped[Proof] = mapped_column(words(Proof, "proof"))
    note_sealed: Mapped[str | None] = mapped_column(String)
    answer_sealed: Mapped[str | None] = mapped_column(String)
    matter: Mapped[str] = mapped_column(String(17), default="")
    actor: Mapped[str] = mapped_column(String(64))
    idempotency_key: Mapped[str] = mapped_column(String(40))
    proposed_by: Mapped[str] = mapped_column(String(26))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(26))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="joined", innerjoin=True)
    holder: Mapped[Person | None] = relationship(foreign_keys=[holder_id], lazy="joined")
    old = Sealed("old")
    new = Sealed("new", index="identity_number")
    note = Sealed("note")
    answer = Sealed("answer")

    def own_key(self) -> bytes | None:
        return self.person.own_key()

    @property
    def is_open(self) -> bool:
        return self.status is ChangeStatus.OPEN
