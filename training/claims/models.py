"""A request for money: who, for what, how much and why, and which tasks stand before it is agreed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.claims.lifecycle import ClaimStatus, TaskOutcome
from training.database import Model, Moment, new_id, words
from training.enrolments.models import Enrolment
from training.entitlements.models import Family
from training.sealed import Sealed

_LIVE_OR_PAID = "status NOT IN ('refused','withdrawn','expired','recovered','reversed')"


class PayeeKind(StrEnum):
    INSTITUTION = "institution"
    PERSON = "person"
    ENTERPRISE = "enterprise"


class Claim(Model):
    """One subsidy for one enrolment. At most one is alive or paid for a person, family, occupation and level."""

    __tablename__ = "claim"
    __table_args__ = (
        Index(
            "uq_claim_live",
            "person_id",
            "family",
            "occupation",
            "level",
            unique=True,
            sqlite_where=text(_LIVE_OR_PAID),
            postgresql_where=text(_LIVE_OR_PAID),
        ),
        Index("ix_claim_queue", "district", "status", "changed_at"),
        CheckConstraint("amount_fen > 0 AND amount_fen = CAST(amount_fen AS BIGINT)", name="amount"),
        CheckConstraint(
            "status NOT IN ('municipal_review','publicity','approved','in_batch','sent','paid')"
            " OR district_by IS NOT NULL",
            name="district_decided",
        ),
        CheckConstraint(
            "status NOT IN ('approved','in_batch','sent','paid') OR municipal_by IS NOT NULL",
            name="municipal_decided",
        ),
        CheckConstraint(
            "district_by IS NULL OR municipal_by IS NULL OR district_by <> municipal_by", name="two_reviewers"
        ),
        CheckConstraint(
            "district_by IS NULL OR enrolled_by IS NULL OR district_by <> enrolled_by",
            name="district_not_enroller",
        ),
        CheckConstraint(
            "district_by IS NULL OR verified_by IS NULL OR district_by <> verified_by",
            name="district_not_verifier",
        ),
        CheckConstraint(
            "municipal_by IS NULL OR enrolled_by IS NULL OR municipal_by <> enrolled_by",
            name="municipal_not_enroller",
        ),
        CheckConstraint(
            "municipal_by IS NULL OR verified_by IS NULL OR municipal_by <> verified_by",
            name="municipal_not_verifier",
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(17), unique=True)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    family: Mapped[Family] = mapped_column(words(Family, "family"))
    occupation: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(8))
    year: Mapped[int] = mapped_column(Integer)
    district: Mapped[str] = mapped_column(String(6))
    status: Mapped[ClaimStatus] = mapped_column(words(ClaimStatus, "status"))
    held_from: Mapped[ClaimStatus | None] = mapped_column(words(ClaimStatus, "held_from"))
    notice: Mapped[str] = mapped_column(String(80))
    amount_fen: Mapped[int] = mapped_column()
    factors: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    payee: Mapped[PayeeKind] = mapped_column(words(PayeeKind, "payee"))
    payee_name: Mapped[str] = mapped_column(String(120))
    facts_sealed: Mapped[str] = mapped_column(Text)
    submit_by: Mapped[date | None] = mapped_column(Date)
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    enrolled_by: Mapped[str | None] = mapped_column(String(26))
    verified_by: Mapped[str | None] = mapped_column(String(40))
    district_by: Mapped[str | None] = mapped_column(String(26))
    district_at: Mapped[datetime | None] = mapped_column(Moment)
    municipal_by: Mapped[str | None] = mapped_column(String(26))
    municipal_at: Mapped[datetime | None] = mapped_column(Moment)
    paid_on: Mapped[date | None] = mapped_column(Date)
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=1)

    enrolment: Mapped[Enrolment] = relationship(lazy="joined", innerjoin=True)
    tasks: Mapped[list[ClaimTask]] = relationship(lazy="selectin", order_by="ClaimTask.position")
    facts = Sealed("facts")

    def own_key(self) -> bytes | None:
        return self.enrolment.person.own_key()

    @property
    def approved_fields(self) -> dict[str, Any]:
        """What an approval freezes, as its hash is taken over it (A33)."""
        return {
            "reference": self.reference,
            "family": self.family.value,
            "amount_fen": self.amount_fen,
            "factors": self.factors,
            "payee": self.payee.value,
            "payee_name": self.payee_name,
            "notice": self.notice,
        }


class ClaimTask(Model):
    """One thing to be checked about a claim, by the system or a person, with what it rests on."""

    __tablename__ = "claim_task"
    __table_args__ = (UniqueConstraint("claim_id", "task"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    claim_id: Mapped[str] = mapped_column(ForeignKey("claim.id"))
    task: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[TaskOutcome] = mapped_column(words(TaskOutcome, "outcome"))
    by: Mapped[str] = mapped_column("done_by", String(26), default="system")
    values: Mapped[dict[str, Any]] = mapped_column("basis", JSON, default=dict)
    at: Mapped[datetime] = mapped_column(Moment)
