"""How many people each member of staff opens in a day, beside what is usual at the desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from training.oversight.rules import reasons_that_stand_out, usual_at_most
from training.people.models import LookCount
from training.policy.service import Looks
from training.staff.models import StaffAccount


@dataclass(frozen=True)
class ReaderDay:
    """One clerk's day at one desk. `usual` is the most that is usual there; `reasons` say why it stands out."""

    staff_id: str
    name: str
    office: str
    day: date
    desk: str
    looks: int
    full_numbers: int
    usual: int | None
    reasons: Sequence[str]
    told_at: datetime | None


def reader_days(session: Session, terms: Looks, today: date) -> list[ReaderDay]:
    """The days of the last `terms.days` days, newest first, those that stand out before the others."""
    since = today - timedelta(days=terms.days - 1)
    columns = (LookCount, StaffAccount.name, StaffAccount.office)
    query = select(*columns).outerjoin(StaffAccount, StaffAccount.id == LookCount.staff_id)
    rows = session.execute(query.where(LookCount.day >= since)).all()
    at_desk: dict[str, list[int]] = defaultdict(list)
    for count, _, _ in rows:
        at_desk[count.desk].append(count.looks)
    days = [_day(count, name or "", office or "", at_desk[count.desk], terms) for count, name, office in rows]
    return sorted(days, key=lambda day: (not day.reasons, -day.day.toordinal(), -day.looks, day.staff_id))


def outliers(session: Session, terms: Looks, today: date) -> list[ReaderDay]:
    """Of these only the days that stand out."""
    return [day for day in reader_days(session, terms, today) if day.reasons]


def told_since(session: Session, since: date) -> int:
    """How many days that stand out were reported since then."""
    told = (LookCount.told_at.is_not(None), LookCount.day >= since)
    return session.scalar(select(func.count()).select_from(LookCount).where(*told)) or 0


def _day(count: LookCount, name: str, office: str, desk_days: Sequence[int], terms: Looks) -> ReaderDay:
    return ReaderDay(
        staff_id=count.staff_id,
        name=name,
        office=office,
        day=count.day,
        desk=count.desk,
        looks=count.looks,
        full_numbers=count.full_numbers,
        usual=usual_at_most(desk_days, terms.deviations),
        reasons=reasons_that_stand_out(count.looks, count.full_numbers, desk_days, terms),
        told_at=count.told_at,
    )
