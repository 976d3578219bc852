"""The verifiers' queue: tabs with their counts, filters, pages, and what lies in it too long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from training import clock
from training.courses.rules import terms_of
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Channel, Enrolment, Flag, GroupSource
from training.enrolments.queries import QUEUE, in_queue
from training.enrolments.rules import NO_WAY_ROUND, Candidate, facts_of
from training.entitlements.queries import entitlements_of, history_of
from training.people.operations import answer_in
from training.policy.calendar import Calendar
from training.policy.pack import Pack
from training.policy.queries import notice_numbered
from training.policy.rules import Reason, findings, refusals
from training.staff.queries import Pile, Scope, in_scope

ROWS = 20
S = EnrolmentStatus


class Tab(StrEnum):
    WAITING = "waiting"
    MINE = "mine"
    DUPLICATES = "duplicates"
    RETURNED = "returned"
    DONE = "done"


@dataclass(frozen=True)
class Asked:
    """What a verifier wants to see. `no_code` picks those who got no code, whatever their flags."""

    tab: Tab = Tab.WAITING
    channel: Channel | None = None
    flag: Flag | None = None
    no_code: bool = False
    newest_first: bool = False
    page: int = 1


@dataclass(frozen=True)
class QueuePage:
    """One page; `first` is the place of its first row, counted from 1."""

    rows: Sequence[Enrolment]
    total: int
    page: int
    last: int
    counts: Mapping[Tab, int] = field(default_factory=dict)


def is_in_queue(case: Enrolment) -> bool:
    """The same of one row at hand."""
    unseen = case.status is S.WAITING and case.without_code and case.verified_by is None
    return case.status in QUEUE or unseen


def lies_here(case: Enrolment, staff_id: str, since: datetime) -> bool:
    """Whether a case stands in one of the desk's tabs today, or was decided by this verifier: then it is opened
    in the course of the work, and no reason is asked for (A23). `since` begins the day."""
    by_hand = case.verified_by not in (None, "system")
    ended_today = case.changed_at >= since and (by_hand or case.status is S.REFUSED)
    return is_in_queue(case) or case.status is S.RETURNED or ended_today or case.verified_by == staff_id


def queue_page(session: Session, scope: Scope, staff_id: str, asked: Asked, since: datetime) -> QueuePage:
    """The rows of one tab, twenty a page, and how many lie in each tab. `since` begins the day."""
    tabs = _tabs(staff_id, since)
    columns = [func.count().filter(tabs[tab]) for tab in Tab]
    counted = session.execute(in_scope(select(*columns), Enrolment.district, scope)).one()
    counts = {tab: int(number) for tab, number in zip(Tab, counted, strict=True)}
    wanted = (tabs[asked.tab], *_filters(asked))
    total = (
        session.scalar(in_scope(select(func.count(Enrolment.id)).where(*wanted), Enrolment.district, scope))
        or 0
    )
    last = max(1, -(-total // ROWS))
    page = min(max(1, asked.page), last)
    order = _order(asked)
    query = in_scope(select(Enrolment).where(*wanted), Enrolment.district, scope).order_by(*order)
    rows = session.scalars(query.limit(ROWS).offset((page - 1) * ROWS)).all()
    return QueuePage(rows, total, page, last, counts)


def pile(session: Session, scope: Scope, overdue_before: datetime) -> Pile:
    """How many cases wait, how many of them came before `overdue_before`, and since when the oldest waits."""
    late = func.count().filter(Enrolment.received_at < overdue_before)
    columns = select(func.count(Enrolment.id), late, func.min(Enrolment.received_at)).where(in_queue())
    cases, overdue, oldest = session.execute(in_scope(columns, Enrolment.district, scope)).one()
    return Pile(int(cases), int(overdue), oldest)


def overdue_cases(
    session: Session, scope: Scope, overdue_before: datetime, limit: int = 4
) -> Sequence[Enrolment]:
    """The cases that have waited longest beyond one working day."""
    late = select(Enrolment).where(in_queue(), Enrolment.received_at < overdue_before)
    return session.scalars(
        in_scope(late, Enrolment.district, scope).order_by(*_order(Asked())).limit(limit)
    ).all()


def place_of(session: Session, scope: Scope, case: Enrolment) -> int:
    """Where a case stands among those that wait, the longest waiting first."""
    ahead = or_(
        Enrolment.received_at < case.received_at,
        and_(Enrolment.received_at == case.received_at, Enrolment.id < case.id),
    )
    counted = select(func.count(Enrolment.id)).where(in_queue(), ahead)
    return (session.scalar(in_scope(counted, Enrolment.district, scope)) or 0) + 1


def overdue_before(calendar: Calendar, now: datetime) -> datetime:
    """Whatever came before this has waited for more than one working day."""
    today = clock.on_date(now)
    if not calendar.is_working_day(today):
        return clock.midnight(_working_day_before(calendar, today))
    same_time = now.astimezone(clock.SHANGHAI).timetz()
    return datetime.combine(_working_day_before(calendar, today), same_time)


def _working_day_before(calendar: Calendar, day: date) -> date:
    earlier = day - timedelta(days=1)
    while not calendar.is_working_day(earlier):
        earlier -= timedelta(days=1)
    return earlier


def _tabs(staff_id: str, since: datetime) -> Mapping[Tab, ColumnElement[bool]]:
    held = and_(Enrolment.locked_by == staff_id, Enrolment.locked_until > clock.real_now())
    decided = and_(Enrolment.verified_by.is_not(None), Enrolment.verified_by != "system")
    gone = or_(Enrolment.status.in_((S.RETURNED, S.REFUSED)), decided)
    return {
        Tab.WAITING: in_queue(),
        Tab.MINE: and_(in_queue(), held),
        Tab.DUPLICATES: and_(in_queue(), _has_flag(Flag.POSSIBLE_DUPLICATE)),
        Tab.RETURNED: Enrolment.status == S.RETURNED,
        Tab.DONE: and_(gone, Enrolment.changed_at >= since),
    }


def _filters(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.channel is not None:
        found.append(Enrolment.channel == asked.channel)
    if asked.flag is not None:
        found.append(_has_flag(asked.flag))
    if asked.no_code:
        found.append(Enrolment.without_code.is_(True))
    return found


def _has_flag(flag: Flag) -> ColumnElement[bool]:
    """Flags are words separated by spaces; none of them is part of another."""
    return Enrolment.flags.contains(flag.value, autoescape=True)


def _order(asked: Asked) -> tuple[Any, ...]:
    if asked.tab is Tab.DONE or asked.newest_first:
        at = Enrolment.changed_at if asked.tab is Tab.DONE else Enrolment.received_at
        return (at.desc(), Enrolment.id)
    return (Enrolment.received_at, Enrolment.id)


def reasons_against(session: Session, case: Enrolment, pack: Pack, today: date) -> list[Reason]:
    """What the notice of the case says against its subsidy today; for self-payers only what nothing cures."""
    answer = answer_in(case.evidence)
    declared = case.group if case.group_source is GroupSource.DECLARED else None
    by_hand = Flag.ENTERED_BY_HAND in case.flag_words
    known = Candidate(
        name=case.name_typed,
        is_card=case.number_kind == "card",
        number=case.number or "",
        answer=answer,
        declared=declared,
        by_hand=by_hand,
        born_on=case.person.birth_on,
    )
    past = history_of(entitlements_of(session, case.person_id), pack, without_enrolment=case.id)
    notice = notice_numbered(pack, case.notice)
    found = refusals(
        findings(facts_of(known, today), terms_of(case.class_run), past, notice, today), "tuition"
    )
    return [reason for reason in found if not case.self_pay or reason.code in NO_WAY_ROUND]
