"""Used, held and free: what each person has had of each subsidy, ours or paid before us; and saved checks."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from training.database import Model, Moment, new_id, whole, words


class Family(StrEnum):
    TUITION = "tuition"
    ON_THE_JOB = "on_the_job"
    LABOUR_RESERVE = "labour_reserve"
    STARTUP = "startup"
    JOB_READINESS = "job_readiness"
    APPRENTICESHIP = "apprenticeship"
    PROJECT = "project"
    ASSESSMENT = "assessment"
    LIVING_ALLOWANCE = "living_allowance"
    UNEMPLOYMENT_INSURANCE_SKILL = "unemployment_insurance_skill"


class EntitlementState(StrEnum):
    """A seat holds it, only payment uses it, leaving or failing releases it."""

    HELD = "held"
    USED = "used"
    RELEASED = "released"


class Source(StrEnum):
    ENROLMENT = "enrolment"
    IMPORTED = "imported"


class Entitlement(Model):
    """One subsidised course of one person. At most one is held for the same occupation and level."""

    __tablename__ = "entitlement"
    __table_args__ = (
        Index(
            "uq_entitlement_held",
            "person_id",
            "family",
            "occupation",
            "level",
            unique=True,
            sqlite_where=text("state = 'held'"),
            postgresql_where=text("state = 'held'"),
        ),
        Index(None, "person_id", "year"),
        Index(None, "enrolment_id"),
        Index(None, "batch_id"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    family: Mapped[Family] = mapped_column(words(Family, "family"))
    occupation: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(8))
    year: Mapped[int] = mapped_column(Integer)
    state: Mapped[EntitlementState] = mapped_column(words(EntitlementState, "state"))
    source: Mapped[Source] = mapped_column(words(Source, "source"))
    enrolment_id: Mapped[str | None] = mapped_column(String(26))
    on_date: Mapped[date] = mapped_column(Date)
    district: Mapped[str] = mapped_column(String(6))
    amount_fen: Mapped[int | None] = mapped_column()
    changed_at: Mapped[datetime] = mapped_column(Moment)
    batch_id: Mapped[str | None] = mapped_column(String(26))


class PastBatch(Model):
    """Payments of the past that came in together: all of them count, or none, by this one switch.

    The counters of a year (EntitlementYear) do not hold them: they are counted beside, where the switch is on.
    """

    __tablename__ = "past_batch"

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    counts: Mapped[bool] = mapped_column(Boolean, default=False)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class EntitlementYear(Model):
    """The counter that two offices meet at: held and used of one person, family and year."""

    __tablename__ = "entitlement_year"
    __table_args__ = (
        whole("held"),
        whole("used"),
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year"),
    )

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    family: Mapped[Family] = mapped_column(words(Family, "family"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    held: Mapped[int] = mapped_column(Integer, default=0)
    used: Mapped[int] = mapped_column(Integer, default=0)


class SavedCheck(Model):
    """The answers of a check under a code. No name, number or phone is in it: whoever has the code may read it.

    `answers` is the query of the check's pages; the result is computed from it, by the rules of `saved_on` or of today.
    """

    __tablename__ = "saved_check"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    saved_on: Mapped[date] = mapped_column(Date)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    idempotency_key: Mapped[str] = mapped_column(String(40), unique=True)
