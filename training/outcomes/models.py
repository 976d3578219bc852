"""Results of the completion exam and certificates."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from training.courses.models import Level
from training.database import Model, Moment, new_id, words


class Result(Model):
    """Marks of one enrolment's exam, of a hundred each."""

    __tablename__ = "result"
    __table_args__ = (
        CheckConstraint("theory BETWEEN 0 AND 100 AND practice BETWEEN 0 AND 100", name="marks"),
    )

    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    theory: Mapped[int] = mapped_column(Integer)
    practice: Mapped[int] = mapped_column(Integer)
    passed: Mapped[bool] = mapped_column()
    at: Mapped[datetime] = mapped_column(Moment)


class Certificate(Model):
    """A skill certificate of a person, as the certificate register or a school's record tells it."""

    __tablename__ = "certificate"
    __table_args__ = (Index(None, "person_id", "occupation"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    occupation: Mapped[str] = mapped_column(String(20))
    level: Mapped[Level] = mapped_column(words(Level, "level"))
    number: Mapped[str] = mapped_column(String(30), unique=True)
    issued_on: Mapped[date] = mapped_column(Date)
    assessor: Mapped[str] = mapped_column(String(120), default="")
