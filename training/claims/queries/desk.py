"""What lies at a reviewer's desk, always within the reviewer's own scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from training import clock
from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.claims.lifecycle import FINAL, REVIEWS, ClaimStatus
from training.claims.models import Claim
from training.claims.queries.accounts import account_tasks
from training.claims.queries.evidence import DECISIONS
from training.claims.reasons import InBatch, reasons_apart
from training.claims.rules import Finding
from training.clock import SHANGHAI
from training.courses.models import ClassRun, Course
from training.enrolments.models import Enrolment
from training.enrolments.shares import Decisions, shares_above
from training.errors import NotThere
from training.policy.service import Sharing
from training.slices import Slice, slice_of
from training.staff.models import Role, StaffAccount
from training.staff.queries import Pile, Scope, in_scope, scope_of
from training.staff.rules import Share, Waiting, next_in_turn

PAGE = 20
S = ClaimStatus
TABS: dict[str, tuple[ClaimStatus, ...]] = {
    "district": (S.SUBMITTED, S.DISTRICT_REVIEW),
    "municipal": (S.MUNICIPAL_REVIEW,),
    "returned": (S.PROPOSED, S.RETURNED, S.OBJECTION, S.HELD, S.BOUNCED),
    "agreed": (S.PUBLICITY, S.APPROVED, S.IN_BATCH, S.SENT, S.PAID, S.RECOVERING),
    "ended": tuple(sorted(FINAL)),
}


@dataclass(frozen=True)
class Batch:
    """The claims of one class of one month. `key` is `<class>.<year>-<month>`; `open` are still in review."""

    key: str
    month: date
    course: Course
    count: int
    total_fen: int
    open: int
    looks: int


def scope_of_reviewer(account: StaffAccount) -> Scope:
    """What an account may see of claims: municipal reviewers all, district reviewers their district."""
    role = Role.REVIEWER_MUNICIPAL if account.sits_at(Role.REVIEWER_MUNICIPAL) else Role.REVIEWER_DISTRICT
    return scope_of(account, role)


def claim_in_scope(session: Session, reference: str, scope: Scope) -> Claim:
    """The claim with this reference (its own, or that of its enrolment). Not yours is not there: NotThere."""
    query = select(Claim).join(Enrolment, Claim.enrolment_id == Enrolment.id)
    named = or_(Claim.reference == reference, Enrolment.reference == reference)
    query = in_scope(query.where(named), Claim.district, scope).order_by(Claim.proposed_at.desc())
    claim = session.scalars(query.limit(1)).first()
    if claim is None:
        raise NotThere(reference)
    return claim


def claims_in_scope(session: Session, reference: str, scope: Scope) -> Sequence[Claim]:
    """The claim with this reference, for a list: empty where it is not there or not yours (A16)."""
    query = in_scope(select(Claim).where(Claim.reference == reference), Claim.district, scope)
    return session.scalars(query).all()


def queue(session: Session, scope: Scope, tab: str, page: int = 1) -> Slice[Claim]:
    """A page of the claims of `tab`, those that have waited longest first."""
    wanted = Claim.status.in_(TABS[tab])
    query = in_scope(select(Claim).where(wanted), Claim.district, scope)
    return slice_of(session, query.order_by(Claim.changed_at, Claim.id), page, PAGE)


def count_by_tab(session: Session, scope: Scope) -> Counter[str]:
    """How many claims stand in each tab."""
    query = in_scope(select(Claim.status, func.count(Claim.id)), Claim.district, scope).group_by(Claim.status)
    counted = {row[0]: row[1] for row in session.execute(query)}
    return Counter(
        {tab: sum(counted.get(status, 0) for status in statuses) for tab, statuses in TABS.items()}
    )


def lies(session: Session, scope: Scope) -> Pile:
    """What waits to be decided at this desk: how many, how many overdue, since when the oldest."""
    level = _level(scope)
    late = func.count(Claim.id).filter(Claim.due_at < clock.now())
    query = select(func.count(Claim.id), late, func.min(Claim.changed_at)).where(Claim.status == level)
    cases, overdue, oldest = session.execute(in_scope(query, Claim.district, scope)).one()
    return Pile(cases, overdue, oldest)


@dataclass(frozen=True)
class NextClaim:
    """The claim to be decided next; `instead_of` is why it is not the one that has waited longest."""

    reference: str
    instead_of: Share | None


def next_to_decide(session: Session, scope: Scope, account_id: str, terms: Sharing) -> NextClaim | None:
    """The claim that has waited longest and that this person neither enrolled, verified nor reviewed. Of a school
    most of whose claims they decided lately, somebody else's turn comes first."""
    level = _level(scope)
    touched = [Claim.enrolled_by, Claim.verified_by, Claim.municipal_by]
    touched += [Claim.district_by] if scope.is_municipal else []
    untouched = [or_(column.is_(None), column != account_id) for column in touched]
    untouched.append(Claim.enrolment_id.not_in(_had_a_hand(account_id)))
    oldest = (
        select(Claim.reference, Course.institution_id)
        .join(Enrolment, Enrolment.id == Claim.enrolment_id)
        .join(ClassRun, ClassRun.id == Enrolment.class_id)
        .join(Course, Course.id == ClassRun.course_id)
        .where(Claim.status == level, *untouched)
        .order_by(Claim.changed_at, Claim.id)
        .limit(terms.among_oldest)
    )
    waiting = [Waiting(*row) for row in session.execute(in_scope(oldest, Claim.district, scope))]
    turn = next_in_turn(waiting, claims_above(session, scope, account_id, terms))
    return NextClaim(turn.case, turn.instead_of) if turn else None


def claims_above(session: Session, scope: Scope, account_id: str, terms: Sharing) -> Mapping[str, Share]:
    """The schools, by their ids, most of whose claims this person decided lately at this desk."""
    role = Role.REVIEWER_MUNICIPAL if scope.is_municipal else Role.REVIEWER_DISTRICT
    at_this_desk = AuditEvent.facts["from"].as_string() == _level(scope).value
    events = (AuditEvent.kind == SubjectKind.CLAIM, AuditEvent.name.in_(DECISIONS), at_this_desk)
    cases = select(Claim.id.label("subject"), Claim.enrolment_id.label("enrolment_id"))
    return shares_above(session, account_id, Decisions(role, events, cases), scope, terms)


def _level(scope: Scope) -> ClaimStatus:
    return S.MUNICIPAL_REVIEW if scope.is_municipal else S.DISTRICT_REVIEW


def _had_a_hand(account_id: str) -> Select[str]:
    """The enrolments of which this person refused a claim, or let one be made by an appeal: others review the next."""
    earlier, names = aliased(Claim), (EventName.CLAIM_REFUSED, EventName.CLAIM_PROPOSED)
    theirs = (AuditEvent.actor_id == account_id, AuditEvent.outcome == Outcome.DONE)
    named = (AuditEvent.kind == SubjectKind.CLAIM, AuditEvent.name.in_(names))
    return (
        select(earlier.enrolment_id).join(AuditEvent, AuditEvent.subject == earlier.id).where(*theirs, *named)
    )


def batches(session: Session, scope: Scope, terms: Sharing) -> list[Batch]:
    """The batches that have something in review, those with most to look at first."""
    query = in_scope(select(Claim).where(Claim.status.in_(REVIEWS)), Claim.district, scope)
    groups: dict[str, list[Claim]] = {}
    for claim in session.scalars(query.order_by(Claim.changed_at)):
        groups.setdefault(batch_key(claim), []).append(claim)
    whose = in_scope(select(Claim.person_id).where(Claim.status.in_(REVIEWS)), Claim.district, scope)
    accounts = account_tasks(session, [one for claims in groups.values() for one in claims], whose)
    found = [_batch(key, claims, accounts, terms) for key, claims in groups.items()]
    return sorted(found, key=lambda batch: (-batch.looks, batch.month, batch.key))


def batch_of(session: Session, scope: Scope, key: str) -> list[Claim]:
    """Every claim of one batch, the longest waiting first. Raises NotThere."""
    class_id, _, month = key.partition(".")
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise NotThere(key) from None
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    start, end = (datetime.combine(day, time(), SHANGHAI) for day in (first, after))
    query = select(Claim).join(Enrolment, Claim.enrolment_id == Enrolment.id)
    query = query.where(Enrolment.class_id == class_id, Claim.proposed_at >= start, Claim.proposed_at < end)
    claims = session.scalars(in_scope(query, Claim.district, scope).order_by(Claim.changed_at)).all()
    if not claims:
        raise NotThere(key)
    return list(claims)


def outliers_of(session: Session, claims: Sequence[Claim], terms: Sharing) -> Mapping[str, list[str]]:
    """What sets each claim of a batch apart, by their ids; the account as it stands now."""
    return _outliers(claims, account_tasks(session, claims), terms)


def open_tasks(session: Session, claims: Sequence[Claim]) -> Mapping[str, list[str]]:
    """The tasks of each claim that are not simply passed, by their ids; the account as it stands now."""
    accounts = account_tasks(session, claims)
    return {claim.id: _laid(claim, accounts.get(claim.id)).not_passed for claim in claims}


def _outliers(
    claims: Sequence[Claim], accounts: Mapping[str, Finding], terms: Sharing
) -> Mapping[str, list[str]]:
    laid = [_laid(claim, accounts.get(claim.id)) for claim in claims]
    return {claim.id: reasons_apart(own, laid, terms) for claim, own in zip(claims, laid, strict=True)}


def _laid(claim: Claim, account: Finding | None) -> InBatch:
    tasks = {task.task: task.outcome for task in claim.tasks}
    percent = next((task.values.get("percent") for task in claim.tasks if task.task == "attendance"), None)
    return InBatch(claim.amount_fen, percent, tasks | ({"account": account.outcome} if account else {}))


def month_of(moment: datetime) -> date:
    """The first day of the month in Chongqing in which `moment` falls."""
    return clock.on_date(moment).replace(day=1)


def batch_key(claim: Claim) -> str:
    """The batch to which a claim belongs."""
    return f"{claim.enrolment.class_id}.{month_of(claim.proposed_at):%Y-%m}"


def _batch(key: str, claims: Sequence[Claim], accounts: Mapping[str, Finding], terms: Sharing) -> Batch:
    return Batch(
        key=key,
        month=month_of(claims[0].proposed_at),
        course=claims[0].enrolment.class_run.course,
        count=len(claims),
        total_fen=sum(claim.amount_fen for claim in claims),
        open=sum(claim.status in REVIEWS for claim in claims),
        looks=sum(bool(reasons) for reasons in _outliers(claims, accounts, terms).values()),
    )


def decided_of(claims: Iterable[Claim]) -> Counter[str]:
    """How a batch stands: `agreed`, `returned`, `open`."""
    words = {S.RETURNED: "returned", S.REFUSED: "returned", **dict.fromkeys(REVIEWS, "open")}
    return Counter(words.get(claim.status, "agreed") for claim in claims)
