"""Courses, classes, their seats and timetable, results of past classes, saved searches, the catalogue's version."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training import clock
from training.database import Model, Moment, new_id, whole, words
from training.institutions.models import Institution
from training.people.models import Person


class Level(StrEnum):
    """Skill levels; a lower number is higher (五级 … 一级), `special` is 专项职业能力. Sort by `rank`."""

    FIVE = "5"
    FOUR = "4"
    THREE = "3"
    TWO = "2"
    ONE = "1"
    SPECIAL = "special"

    @property
    def rank(self) -> int:
        return 0 if self is Level.SPECIAL else 6 - int(self.value)


class Rhythm(StrEnum):
    DAYTIME = "daytime"
    EVENINGS = "evenings"
    WEEKENDS = "weekends"


class ClassStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    ENROLLING = "enrolling"
    FULL = "full"
    RUNNING = "running"
    SUSPENDED = "suspended"
    FINISHED = "finished"
    EXAM_DONE = "exam_done"
    CERTIFIED = "certified"
    CLAIMED = "claimed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Course(Model):
    """What an institution teaches: an occupation at a level, with hours and a fee."""

    __tablename__ = "course"

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(160), default="")
    occupation: Mapped[str] = mapped_column(String(20), index=True)
    level: Mapped[Level] = mapped_column(words(Level, "level"))
    hours: Mapped[int] = mapped_column(Integer)
    fee_fen: Mapped[int] = mapped_column()
    learn: Mapped[str] = mapped_column(Text, default="")
    learn_en: Mapped[str] = mapped_column(Text, default="")
    bring: Mapped[str] = mapped_column(Text, default="")
    bring_en: Mapped[str] = mapped_column(Text, default="")

    institution: Mapped[Institution] = relationship(lazy="joined", innerjoin=True)
    classes: Mapped[list[ClassRun]] = relationship(back_populates="course", order_by="ClassRun.starts_on")

    __table_args__ = (whole("fee_fen"), whole("hours", 1))


class ClassRun(Model):
    """One run of a course. Seats are taken by one conditional update, never below zero.

    `seats_left` counts free seats, `waiting` who stands in line, `last_place` the last number given in it,
    `held_without_code` the seats held for people whose identity nobody has seen yet, `seats_freed` how often a
    seat came free again. `cancelled_on` and `cancel_reason` stand where the class will not be held.
    """

    __tablename__ = "class_run"
    __table_args__ = (
        whole("seats", 1),
        whole("seats_left"),
        whole("waiting"),
        whole("last_place"),
        whole("held_without_code"),
        CheckConstraint("seats_left <= seats", name="seats_left_within"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        Index("ix_class_run_open", "status", "starts_on", "id"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), index=True)
    district: Mapped[str] = mapped_column(String(6), index=True)
    status: Mapped[ClassStatus] = mapped_column(words(ClassStatus, "status"))
    opens_on: Mapped[date] = mapped_column(Date)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    rhythm: Mapped[Rhythm] = mapped_column(words(Rhythm, "rhythm"))
    timetable: Mapped[str] = mapped_column(String(200), default="")
    timetable_en: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(200))
    seats: Mapped[int] = mapped_column(Integer)
    seats_left: Mapped[int] = mapped_column(Integer)
    waiting: Mapped[int] = mapped_column(Integer, default=0)
    last_place: Mapped[int] = mapped_column(Integer, default=0)
    held_without_code: Mapped[int] = mapped_column(Integer, default=0)
    seats_freed: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    takes_waiting: Mapped[bool] = mapped_column(default=True)
    cancelled_on: Mapped[date | None] = mapped_column(Date)
    cancel_reason: Mapped[str | None] = mapped_column(String(200))
    open_to_self_payers: Mapped[bool] = mapped_column(default=False)
    subsidy_fen: Mapped[int] = mapped_column(default=0)
    pass_rate: Mapped[int | None] = mapped_column(Integer)
    search_words: Mapped[str] = mapped_column(Text, default="")
    listed_at: Mapped[datetime | None] = mapped_column(Moment, default=clock.now)

    course: Mapped[Course] = relationship(back_populates="classes", lazy="joined", innerjoin=True)
    sessions: Mapped[list[ClassSession]] = relationship(order_by="ClassSession.starts_at")


class ClassSession(Model):
    """One lesson of a class."""

    __tablename__ = "class_session"

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    class_id: Mapped[str] = mapped_column(ForeignKey("class_run.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    room: Mapped[str] = mapped_column(String(60), default="")
    teacher: Mapped[str] = mapped_column(String(60), default="")


class PastClass(Model):
    """How a class of the past went; pass rates are counted from these rows and from nothing else."""

    __tablename__ = "past_class"
    __table_args__ = (
        CheckConstraint("passed <= examined AND examined <= enrolled", name="counts"),
        Index(None, "institution_id", "occupation", "level"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"))
    occupation: Mapped[str] = mapped_column(String(20))
    level: Mapped[Level] = mapped_column(words(Level, "level"))
    ended_on: Mapped[date] = mapped_column(Date)
    enrolled: Mapped[int] = mapped_column(Integer)
    examined: Mapped[int] = mapped_column(Integer)
    passed: Mapped[int] = mapped_column(Integer)
    placed: Mapped[int | None] = mapped_column(Integer)


class Alert(Model):
    """A saved search: whoever asked is told when there is a class like this, at most once a day.

    `wanted` are the filters as JSON with its names in order, so that the same search is the same text. `look_at` is
    when to look next, `looked_at` up to when classes are known.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("uq_alert_form", "person_id", "idempotency_key", unique=True),
        Index(
            "uq_alert_live",
            "person_id",
            "wanted",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_alert_due", "ended_at", "look_at"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    wanted: Mapped[str] = mapped_column(String(400))
    idempotency_key: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment)
    kept_until: Mapped[datetime] = mapped_column(Moment)
    looked_at: Mapped[datetime] = mapped_column(Moment)
    look_at: Mapped[datetime] = mapped_column(Moment)
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class CatalogueVersion(Model):
    """The catalogue's version is the sum of these rows: many, so that enrolments do not queue for one."""

    __tablename__ = "catalogue_version"

    shard: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(default=0)
