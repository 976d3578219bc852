"""Who looks at people: how often each member of staff does, for whoever watches over it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from training.database import Model, Moment, whole


class LookCount(Model):
    """How many people one member of staff has opened at one desk on one day of Chongqing, and how many full
    numbers among them. Each look itself stands in the trail of its person. `told_at`: it stood out, and was told.
    """

    __tablename__ = "look_count"
    __table_args__ = (whole("looks"), whole("full_numbers"), Index(None, "day"))

    staff_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    desk: Mapped[str] = mapped_column(String(20), primary_key=True)
    looks: Mapped[int] = mapped_column(Integer, default=0)
    full_numbers: Mapped[int] = mapped_column(Integer, default=0)
    told_at: Mapped[datetime | None] = mapped_column(Moment)
