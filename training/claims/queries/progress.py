"""What a citizen follows. `progress_of` holds no amount, no name and no account: it may be shown to anybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Literal

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from training import clock
from training.audit import AuditEvent, Outcome, SubjectKind
from training.claims.lifecycle import PUBLIC, ClaimStatus
from training.claims.models import Claim
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.policy.calendar import Calendar
from training.policy.pack import Pack
from training.policy.queries import notice_numbered

S = ClaimStatus
STAGES: dict[str, tuple[ClaimStatus, ...]] = {
    "claimed": (S.PROPOSED, S.SUBMITTED, S.RETURNED),
    "district_review": (S.DISTRICT_REVIEW,),
    "municipal_review": (S.MUNICIPAL_REVIEW,),
    "publicity": (S.PUBLICITY, S.OBJECTION),
    "paying": (S.APPROVED, S.IN_BATCH, S.SENT, S.BOUNCED),
    "paid": (S.PAID, S.RECOVERING),
}
STAGE_OF = {status: stage for stage, statuses in STAGES.items() for status in statuses}
WINDOW = timedelta(days=90)
ENOUGH = 10
SAMPLE = 200


@dataclass(frozen=True)
class Stage:
    """A step of the road. `desk` is district, municipal or finance; `usual_days` are working days."""

    step: str
    state: Literal["done", "now", "next"]
    began_at: datetime | None
    ended_at: datetime | None
    working_days: int | None
    usual_days: int | None
    desk: str
    office: str


@dataclass(frozen=True)
class Progress:
    """How far one claim is: no amount, no person. `status` is the public word, `is_late` past its deadline."""

    claim_id: str
    family: str
    status: str
    claim_status: ClaimStatus
    district: str
    changed_at: datetime
    due_at: datetime | None
    is_late: bool
    reasons: tuple[str, ...]
    stages: tuple[Stage, ...]

    @property
    def now(self) -> Stage | None:
        return next((stage for stage in self.stages if stage.state == "now"), None)


DESK = {
    "claimed": "district",
    "district_review": "district",
    "municipal_review": "municipal",
    "publicity": "municipal",
    "paying": "finance",
    "paid": "finance",
}
_COLUMNS = (
    Claim.id,
    Claim.family,
    Claim.status,
    Claim.held_from,
    Claim.district,
    Claim.notice,
    Claim.changed_at,
    Claim.due_at,
    Claim.reasons,
)


def progress_of(session: Session, enrolment_id: str, pack: Pack) -> list[Progress]:
    """The claims of an enrolment as steps and dates, oldest first."""
    query = select(*_COLUMNS).where(Claim.enrolment_id == enrolment_id).order_by(Claim.proposed_at)
    rows = session.execute(query).all()
    usual = usual_days(session, rows[0].district, pack.calendar) if rows else {}
    return [_progress(row, _events(session, row.id), pack, usual) for row in rows]


def statuses_of(session: Session, enrolment_ids: Iterable[str]) -> dict[str, list[ClaimStatus]]:
    """The statuses of the claims of several enrolments, for lists and `public_status`."""
    wanted = list(enrolment_ids)
    found: dict[str, list[ClaimStatus]] = {enrolment_id: [] for enrolment_id in wanted}
    query = select(Claim.enrolment_id, Claim.status).where(Claim.enrolment_id.in_(wanted))
    for enrolment_id, status in session.execute(query):
        found[enrolment_id].append(status)
    return found


def claims_of_person(session: Session, person_id: str) -> Sequence[Claim]:
    """All claims of the signed-in person, newest first."""
    query = select(Claim).where(Claim.person_id == person_id)
    return session.scalars(query.order_by(Claim.proposed_at.desc())).all()


def claims_of_enrolment(session: Session, enrolment_id: str, person_id: str) -> Sequence[Claim]:
    """The claims of one enrolment of the signed-in person, oldest first: amount, factors, payee, reasons."""
    wanted = (Claim.enrolment_id == enrolment_id, Claim.person_id == person_id)
    return session.scalars(select(Claim).where(*wanted).order_by(Claim.proposed_at)).all()


def enrolments_to_claim(
    session: Session, *, after: str = "", limit: int = 100
) -> list[tuple[str, int | None]]:
    """Passed enrolments without a claim (None), or whose claim waits for its evidence (its version), by id."""
    own = Claim.enrolment_id == Enrolment.id
    passed = (Enrolment.status == EnrolmentStatus.PASSED, Enrolment.self_pay.is_(False), Enrolment.id > after)
    query = select(Enrolment.id, Claim.version).outerjoin(Claim, own)
    query = query.where(*passed, or_(Claim.id.is_(None), Claim.status == S.PROPOSED))
    return [(row[0], row[1]) for row in session.execute(query.order_by(Enrolment.id).limit(limit))]


def usual_days(session: Session, district: str, calendar: Calendar) -> dict[str, int | None]:
    """For each step the median of working days that claims of this district took in the last 90 days.

    None where fewer than ten have passed it.
    """
    recent = (Claim.district == district, Claim.changed_at >= clock.now() - WINDOW)
    query = select(Claim.id).where(*recent).order_by(Claim.changed_at.desc()).limit(SAMPLE)
    took: dict[str, list[int]] = {step: [] for step in STAGES}
    subjects = list(session.scalars(query))
    for step, began, ended in _passages(session, subjects):
        if ended >= clock.now() - WINDOW:
            took[step].append(_working_days(calendar, began, ended))
    return {step: round(median(days)) if len(days) >= ENOUGH else None for step, days in took.items()}


def _passages(session: Session, subjects: Sequence[str]) -> list[tuple[str, datetime, datetime]]:
    """Step, beginning and end of everything that the claims have passed through, from their trail."""
    done = (
        AuditEvent.kind == SubjectKind.CLAIM,
        AuditEvent.subject.in_(subjects),
        AuditEvent.outcome == Outcome.DONE,
    )
    columns = (AuditEvent.subject, AuditEvent.status, AuditEvent.at)
    rows = session.execute(select(*columns).where(*done).order_by(AuditEvent.subject, AuditEvent.n)).all()
    return [
        (STAGE_OF[S(before.status)], before.at, after.at)
        for before, after in pairwise(rows)
        if before.subject == after.subject and before.status in STAGE_OF and before.status != after.status
    ]


def _events(session: Session, claim_id: str) -> Sequence[Row[str | None, datetime, str]]:
    done = (
        AuditEvent.kind == SubjectKind.CLAIM,
        AuditEvent.subject == claim_id,
        AuditEvent.outcome == Outcome.DONE,
    )
    query = select(AuditEvent.status, AuditEvent.at, AuditEvent.office).where(*done)
    return session.execute(query.order_by(AuditEvent.n)).all()


def _progress(
    row: Any,
    events: Sequence[Row[str | None, datetime, str]],
    pack: Pack,
    usual: dict[str, int | None],
) -> Progress:
    now = STAGE_OF.get(row.held_from or row.status)
    steps = notice_numbered(pack, row.notice).steps
    stages, is_past = [], now is not None
    for step in _road(events):
        is_past = is_past and step != now
        began, ended, office = _visit(events, step)
        told = usual.get(step)
        if told is None and step in steps:
            told = steps[step].usual_working_days.value
        state: Literal["done", "now", "next"] = "next"
        if step == now:
            state, ended = "now", None
        elif is_past or (now is None and began is not None):
            state = "done"
        else:
            began = ended = None
        days = _working_days(pack.calendar, began, ended) if began and ended else None
        stages.append(Stage(step, state, began, ended, days, told, DESK[step], office))
    return Progress(
        claim_id=row.id,
        family=row.family.value,
        status=PUBLIC.get(row.status, row.status.value),
        claim_status=row.status,
        district=row.district,
        changed_at=row.changed_at,
        due_at=row.due_at,
        is_late=row.due_at is not None and row.due_at < clock.now(),
        reasons=tuple(row.reasons),
        stages=tuple(stages),
    )


def _road(events: Sequence[Row[str | None, datetime, str]]) -> list[str]:
    """The steps to show: a notice list only where one was published, since there are none yet."""
    seen = {STAGE_OF.get(S(event.status)) for event in events if event.status}
    return [step for step in STAGES if step != "publicity" or step in seen]


def _visit(
    events: Sequence[Row[str | None, datetime, str]], step: str
) -> tuple[datetime | None, datetime | None, str]:
    """When the claim last came to a step and left it, and the office that sent it on."""
    began = ended = None
    office = ""
    inside = False
    for event in events:
        if event.status and STAGE_OF.get(S(event.status)) == step:
            began, ended, inside = (event.at if not inside else began), None, True
        elif inside and event.status != S.HELD:
            ended, office, inside = event.at, event.office, False
    return began, ended, office


def _working_days(calendar: Calendar, began: datetime, ended: datetime) -> int:
    first, last = clock.on_date(began), clock.on_date(ended)
    return calendar.working_days_between(first, last)
