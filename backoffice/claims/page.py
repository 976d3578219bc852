"""One claim as the reviewer sees it: everything on one page, gathered before the template begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import AuditEvent, SubjectKind
from training.claims.lifecycle import REVIEWS, ClaimStatus
from training.claims.models import Claim
from training.claims.operations import REVIEWER
from training.claims.queries import (
    Progress,
    batch_key,
    batch_of,
    decided_of,
    findings_now,
    hands_of,
    is_as_approved,
    progress_of,
)
from training.claims.rules import Finding, four_eyes
from training.entitlements.models import Entitlement, EntitlementState
from training.entitlements.queries import entitlements_of
from training.numbers import masked_name
from training.objections.models import Matter
from training.objections.queries import open_not_me
from training.outcomes.queries import lessons_of
from training.outcomes.rules import Lesson
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import notice_numbered
from training.staff.models import StaffAccount
from training.staff.queries import Scope, names_of

FRESH = (*REVIEWS, ClaimStatus.PROPOSED, ClaimStatus.RETURNED)
STRIP_WIDTH, BAR_HEIGHT = 752, 56


@dataclass(frozen=True)
class Task:
    """A task with what it rests on. `by` is `system` or `person`."""

    task: str
    outcome: str
    by: str
    values: dict[str, object]


@dataclass(frozen=True)
class Bar:
    """A lesson in the strip: where it stands, how high, in which colour."""

    x: float
    y: int
    width: float
    height: int
    colour: str


@dataclass(frozen=True)
class ClaimPage:
    claim: Claim
    notice: Notice
    progress: Progress
    tasks: Sequence[Task]
    closed: Sequence[str]
    may_submit_again: bool
    lessons: Sequence[Lesson]
    bars: Sequence[Bar]
    earlier: Sequence[Entitlement]
    batch: Sequence[Claim]
    batch_key: str
    batch_state: Counter[str]
    history: Sequence[AuditEvent]
    names: Mapping[str, str]
    waited: int
    limit: int | None
    is_as_approved: bool
    not_me: Matter | None

    def decider(self, step: str) -> str:
        """The masked name of who decided a step; empty where nobody did."""
        by = {"district_review": self.claim.district_by, "municipal_review": self.claim.municipal_by}.get(
            step
        )
        return masked_name(self.names.get(by or "", ""))

    @property
    def eyes(self) -> str | None:
        """Which four-eyes rule closes this claim to the reader, empty: none; None where it is not their step."""
        code = self.closed[0] if self.closed else ""
        return None if code in ("not_in_review", "other_desk") else code

    @property
    def needs_a_note(self) -> bool:
        return any(task.outcome == "look" for task in self.tasks)

    @property
    def cannot_be_agreed(self) -> bool:
        return self.not_me is not None or any(task.outcome == "failed" for task in self.tasks)


def claim_page(
    session: Session, claim: Claim, account: StaffAccount, scope: Scope, pack: Pack, today: date
) -> ClaimPage:
    """Everything about one claim that this member of staff may see."""
    notice = notice_numbered(pack, claim.notice)
    history = audit.history(session, SubjectKind.CLAIM, claim.id)
    names = names_of(session, {event.actor_id for event in history} | {claim.verified_by or ""})
    lessons = lessons_of(session, claim.enrolment)
    batch = batch_of(session, scope, batch_key(claim))
    step = notice.steps.get(claim.status.value)
    progress = progress_of(session, claim.enrolment_id, pack)
    return ClaimPage(
        claim=claim,
        notice=notice,
        progress=next(one for one in progress if one.claim_id == claim.id),
        tasks=_tasks(session, claim, pack, today, names),
        closed=reasons_closed(session, claim, account),
        may_submit_again=claim.status is ClaimStatus.RETURNED and account.sits_at(REVIEWER[claim.status]),
        lessons=lessons,
        bars=_bars(lessons),
        earlier=_earlier(session, claim),
        batch=batch,
        batch_key=batch_key(claim),
        batch_state=decided_of(batch),
        history=list(reversed(history)),
        names=names,
        waited=pack.calendar.working_days_between(clock.on_date(claim.changed_at), today),
        limit=step.at_most_working_days.value if step else None,
        is_as_approved=is_as_approved(session, claim),
        not_me=open_not_me(session, claim.person_id) if claim.status in FRESH else None,
    )


def reasons_closed(session: Session, claim: Claim, account: StaffAccount) -> list[str]:
    """Why this person has no decision form here; empty: there is one."""
    if claim.status not in REVIEWS:
        return ["not_in_review"]
    if not account.sits_at(REVIEWER[claim.status]):
        return ["other_desk"]
    return four_eyes(claim.status, account.id, hands_of(session, claim))


def _tasks(session: Session, claim: Claim, pack: Pack, today: date, names: Mapping[str, str]) -> list[Task]:
    """As they stand now while something is open, else as they stood when it was decided."""
    stored = {task.task: task for task in claim.tasks}
    if claim.status in FRESH:
        found = findings_now(session, claim, pack, today)
    else:
        found = [Finding(task.task, task.outcome, task.values) for task in claim.tasks]
    return [
        Task(
            one.task,
            one.outcome.value,
            "person" if one.task in stored and stored[one.task].by != "system" else "system",
            {**one.values, "who": names.get(str(one.values.get("by")), "")},
        )
        for one in found
    ]


def _earlier(session: Session, claim: Claim) -> list[Entitlement]:
    rows = entitlements_of(session, claim.person_id)
    return [
        row for row in rows if row.state is EntitlementState.USED and row.enrolment_id != claim.enrolment_id
    ]


def _bars(lessons: Sequence[Lesson]) -> list[Bar]:
    if not lessons:
        return []
    step = STRIP_WIDTH / len(lessons)
    width = round(max(2.0, min(24.0, step - 4)), 1)
    looks = {True: (12, BAR_HEIGHT, "#14633a"), False: (52, 16, "#a61e2d"), None: (44, 24, "#76878b")}
    return [
        Bar(round(4 + n * step, 1), looks[lesson.present][0], width, *looks[lesson.present][1:])
        for n, lesson in enumerate(lessons)
    ]
