"""Whose record is due, and what decides it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from training import clock
from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim
from training.enrolments.lifecycle import LIVE, EnrolmentStatus
from training.enrolments.models import Enrolment
from training.entitlements.models import Entitlement, EntitlementState
from training.objections.lifecycle import MatterStatus
from training.objections.models import Matter
from training.people.models import Person, PersonKey, VisitorSession
from training.policy.service import Retention
from training.privacy.models import LegalHold, RetentionNotice, RetentionRun
from training.privacy.queries.rows import own_ids
from training.privacy.rules import Ended, Kept

MONEY = frozenset({ClaimStatus.PAID, ClaimStatus.RECOVERED, ClaimStatus.REVERSED})
SLACK = 5
CLAIM_OVER = MONEY | {ClaimStatus.REFUSED, ClaimStatus.WITHDRAWN, ClaimStatus.EXPIRED}
CAME_TO_NOTHING = frozenset({EnrolmentStatus.REFUSED, EnrolmentStatus.WITHDRAWN, EnrolmentStatus.EXPIRED})


def kept_of(session: Session, person: Person, *, besides: str = "") -> Kept:
    """What decides how long this record is kept, those included that were merged into it.

    `besides` is the id of a matter that does not count: the request that asks for the deletion.
    """
    ids = own_ids(session, person.id)
    enrolments = session.execute(
        select(Enrolment.status, Enrolment.changed_at).where(Enrolment.person_id.in_(ids))
    )
    claims = session.execute(
        select(Claim.status, Claim.changed_at, Claim.paid_on).where(Claim.person_id.in_(ids))
    )
    attended, claimed = list(enrolments), list(claims)
    return Kept(
        created_on=clock.on_date(person.created_at),
        seen_on=_seen_on(session, ids),
        ended=[
            *_ended_enrolments([(row.status, row.changed_at) for row in attended]),
            *_money(session, ids, [(row.status, row.paid_on, row.changed_at) for row in claimed]),
        ],
        has_live_enrolment=any(row.status in LIVE for row in attended),
        has_open_claim=any(row.status not in CLAIM_OVER for row in claimed) or _is_money_due(session, ids),
        has_open_matter=_has_open_matter(session, ids, besides),
        is_frozen=person.frozen_at is not None,
        holds=holds_of(session, ids),
    )


def holds_of(session: Session, ids: Sequence[str]) -> list[str]:
    """The words of the legal holds that stand for these records."""
    standing = (LegalHold.person_id.in_(ids), LegalHold.ended_at.is_(None))
    return list(session.scalars(select(LegalHold.reason).where(*standing).order_by(LegalHold.placed_at)))


def perhaps_due(session: Session, periods: Retention, today: date, after: str, limit: int) -> list[str]:
    """Ids of records that may be due within the time of the notice, in order of id: a page of those older than every
    short period, not emptied and not merged. What decides is `kept_of`."""
    edge = clock.midnight(today - timedelta(days=periods.nothing_days - periods.notice_days - SLACK))
    recent = select(Enrolment.id).where(
        Enrolment.person_id == Person.id,
        Enrolment.changed_at > clock.midnight(_before(today, periods.closed_years, periods.notice_days)),
    )
    live = select(Enrolment.id).where(Enrolment.person_id == Person.id, Enrolment.status.in_(LIVE))
    paid = select(Claim.id).where(
        Claim.person_id == Person.id,
        Claim.status.in_(MONEY),
        Claim.changed_at > clock.midnight(_before(today, periods.claim_years, periods.notice_days)),
    )
    query = select(Person.id).join(PersonKey).where(PersonKey.wrapped.is_not(None))
    query = query.where(Person.id > after, Person.created_at <= edge, Person.merged_into.is_(None))
    query = query.where(~recent.exists(), ~live.exists(), ~paid.exists())
    return list(session.scalars(query.order_by(Person.id).limit(limit)))


def notice_of(session: Session, person_id: str) -> RetentionNotice | None:
    """What was announced to this person."""
    return session.get(RetentionNotice, person_id)


def notices_due(session: Session, today: date, after: str, limit: int) -> list[str]:
    """Records whose announced day has come, a page in order of id. One that was merged away meanwhile is kept as long
    as the record that it went into."""
    due = (RetentionNotice.due_on <= today, RetentionNotice.person_id > after)
    stands = RetentionNotice.person_id == Person.id, Person.merged_into.is_(None)
    query = select(RetentionNotice.person_id).where(*due, *stands)
    return list(session.scalars(query.order_by(RetentionNotice.person_id).limit(limit)))


def last_runs(session: Session, limit: int = 30) -> Sequence[RetentionRun]:
    """What the job did, newest first."""
    return session.scalars(select(RetentionRun).order_by(RetentionRun.began_at.desc()).limit(limit)).all()


def _ended_enrolments(rows: list[tuple[EnrolmentStatus, datetime]]) -> list[Ended]:
    return [
        Ended("closed" if status in CAME_TO_NOTHING else "finished", clock.on_date(changed_at))
        for status, changed_at in rows
        if status not in LIVE
    ]


def _money(
    session: Session, ids: Sequence[str], claims: list[tuple[ClaimStatus, date | None, datetime]]
) -> list[Ended]:
    days = [paid_on or clock.on_date(changed_at) for status, paid_on, changed_at in claims if status in MONEY]
    used = (Entitlement.person_id.in_(ids), Entitlement.state == EntitlementState.USED)
    days += session.scalars(select(Entitlement.on_date).where(*used))
    return [Ended("paid", day) for day in days]


def _is_money_due(session: Session, ids: Sequence[str]) -> bool:
    """Whether a subsidy is still to come though no claim says so yet: one is held after the class, or a class that is
    not paid by oneself was passed and its claim has not come to an end."""
    own = Enrolment.person_id.in_(ids)
    live = select(Enrolment.id).where(own, Enrolment.status.in_(LIVE))
    after = or_(Entitlement.enrolment_id.is_(None), Entitlement.enrolment_id.not_in(live))
    mine = (Entitlement.person_id.in_(ids), Entitlement.state == EntitlementState.HELD)
    over = select(Claim.id).where(Claim.enrolment_id == Enrolment.id, Claim.status.in_(CLAIM_OVER))
    passed = (own, Enrolment.status == EnrolmentStatus.PASSED, Enrolment.self_pay.is_(False), ~over.exists())
    found = (select(Entitlement.id).where(*mine, after), select(Enrolment.id).where(*passed))
    return any(session.scalar(asked.limit(1)) is not None for asked in found)


def _seen_on(session: Session, ids: Sequence[str]) -> date | None:
    last = session.scalar(select(func.max(VisitorSession.seen_at)).where(VisitorSession.person_id.in_(ids)))
    return clock.on_date(last) if last else None


def _has_open_matter(session: Session, ids: Sequence[str], besides: str) -> bool:
    open_ones = (Matter.person_id.in_(ids), Matter.status == MatterStatus.OPEN, Matter.id != besides)
    return session.scalar(select(Matter.id).where(*open_ones).limit(1)) is not None


def _before(today: date, years: int, days: int) -> date:
    """Not earlier than `days` before the day `years` ago: a few days more are looked at than are due."""
    return date(today.year - years, today.month, min(today.day, 28)) + timedelta(days=days + SLACK)
