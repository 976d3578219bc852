"""Training institutions and the grade in force."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.database import Model, new_id, words


class Nature(StrEnum):
    SCHOOL = "school"
    PUBLIC = "public"
    ENTERPRISE = "enterprise"


class InstitutionStatus(StrEnum):
    FILED = "filed"
    LISTED = "listed"
    RECTIFYING = "rectifying"
    SUSPENDED = "suspended"
    DELISTED = "delisted"
    BLACKLISTED = "blacklisted"


class GradeLetter(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    NONE = "none"


class Institution(Model):
    """A school, a public body or an enterprise that trains."""

    __tablename__ = "institution"

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    nature: Mapped[Nature] = mapped_column(words(Nature, "nature"))
    status: Mapped[InstitutionStatus] = mapped_column(words(InstitutionStatus, "status"))
    status_since: Mapped[date] = mapped_column(Date)
    status_reason: Mapped[str] = mapped_column(Text, default="")
    district: Mapped[str] = mapped_column(String(6), index=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    licence: Mapped[str] = mapped_column(String(40))
    licence_until: Mapped[date] = mapped_column(Date)
    address: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(20))
    grade: Mapped[GradeLetter] = mapped_column(words(GradeLetter, "grade"), default=GradeLetter.NONE)

    grades: Mapped[list[Grade]] = relationship(order_by="Grade.from_on.desc()")

    @property
    def takes_new_classes(self) -> bool:
        return self.status in (
            InstitutionStatus.FILED,
            InstitutionStatus.LISTED,
            InstitutionStatus.RECTIFYING,
        )


class Grade(Model):
    """A quality grade with its period and what it rests on."""

    __tablename__ = "grade"
    __table_args__ = (CheckConstraint("score >= 0 AND score <= 120", name="score"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"), index=True)
    letter: Mapped[GradeLetter] = mapped_column(words(GradeLetter, "letter"))
    score: Mapped[int] = mapped_column(Integer)
    from_on: Mapped[date] = mapped_column(Date)
    basis: Mapped[str] = mapped_column(Text, default="")
