"""Reads about matters: the desk's list, one matter, what was refused, who may decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from training import clock
from training.audit import ActorKind, AuditEvent, Outcome, SubjectKind
from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.errors import NotThere
from training.objections.lifecycle import WRITTEN, MatterKind, MatterStatus
from training.objections.models import Matter
from training.objections.rules import KINDS_OF, Decider, kinds_for, reasons_not_to_decide
from training.policy.pack import Pack
from training.slices import Slice, slice_of
from training.staff.models import Role, StaffAccount, StaffRole
from training.staff.queries import Pile, Scope, in_scope, is_away, who_works

PAGE = 20
K = MatterKind
TABS: dict[str, frozenset[MatterKind]] = {
    "all": frozenset(K),
    "objection": frozenset({K.OBJECTION}),
    "appeal": frozenset({K.APPEAL}),
    "complaint": WRITTEN,
    "not_me": frozenset({K.NOT_ME}),
    "data": frozenset({K.CORRECTION, K.DELETION}),
    "answered": frozenset(K),
}


@dataclass(frozen=True)
class Refusal:
    """What was refused, when, for which reasons; `hands` are the staff who had a part in it."""

    subject: SubjectKind
    about: str
    district: str
    at: datetime
    reasons: Sequence[str]
    note: str
    hands: frozenset[str]

    def last_day(self, pack: Pack) -> date:
        """The last day for an appeal: working days of the pack after the day of the refusal."""
        return pack.calendar.add_working_days(clock.on_date(self.at), pack.objections.appeal_within)


def matter_by_reference(session: Session, reference: str) -> Matter:
    """For the public steps page, which shows no person. Raises NotThere."""
    found = session.scalars(select(Matter).where(Matter.reference == reference)).first()
    if found is None:
        raise NotThere(reference)
    return found


def matter_in_scope(session: Session, reference: str, scope: Scope) -> Matter:
    """A matter of one's own district, or of the whole city. Not yours is not there: NotThere (A16)."""
    query = in_scope(select(Matter).where(Matter.reference == reference), Matter.district, scope)
    found = session.scalars(query).first()
    if found is None:
        raise NotThere(reference)
    return found


def matters_of(session: Session, person_id: str) -> Sequence[Matter]:
    """All matters of one person, newest first."""
    query = select(Matter).where(Matter.person_id == person_id).order_by(Matter.opened_at.desc())
    return session.scalars(query).all()


def open_not_me(session: Session, person_id: str) -> Matter | None:
    """The "this was not me" of this person that is to be answered first; None: none is open."""
    said = (Matter.person_id == person_id, Matter.kind == K.NOT_ME, Matter.status == MatterStatus.OPEN)
    return session.scalars(select(Matter).where(*said).order_by(Matter.due_on, Matter.id).limit(1)).first()


def matters_about(session: Session, about: str) -> Sequence[Matter]:
    """All matters about one thing, newest first."""
    return session.scalars(
        select(Matter).where(Matter.about == about).order_by(Matter.opened_at.desc())
    ).all()


def queue(
    session: Session, scope: Scope, kinds: Collection[MatterKind], tab: str, page: int = 1
) -> Slice[Matter]:
    """A page of what lies in `tab`: the first to be answered first; what is answered, newest first."""
    order = (Matter.decided_at.desc(),) if tab == "answered" else (Matter.due_on, Matter.opened_at)
    query = in_scope(select(Matter).where(_in_tab(tab, kinds)), Matter.district, scope)
    return slice_of(session, query.order_by(*order, Matter.id), page, PAGE)


def count_by_tab(session: Session, scope: Scope, kinds: Collection[MatterKind]) -> Counter[str]:
    """How many lie in each tab."""
    query = select(Matter.kind, Matter.status, func.count(Matter.id)).where(Matter.kind.in_(kinds))
    rows = session.execute(in_scope(query, Matter.district, scope).group_by(Matter.kind, Matter.status)).all()
    counted: Counter[str] = Counter()
    for kind, status, n in rows:
        if status is not MatterStatus.OPEN:
            counted["answered"] += n
            continue
        counted.update({tab: n for tab, held in TABS.items() if kind in held and tab != "answered"})
    return counted


def lies(session: Session, scope: Scope, kinds: Collection[MatterKind]) -> Pile:
    """What is open at this desk: how many, how many of them late, since when the oldest."""
    late = func.count(Matter.id).filter(Matter.due_on < clock.today())
    query = select(func.count(Matter.id), late, func.min(Matter.opened_at))
    query = query.where(Matter.status == MatterStatus.OPEN, Matter.kind.in_(kinds))
    cases, overdue, oldest = session.execute(in_scope(query, Matter.district, scope)).one()
    return Pile(cases, overdue, oldest)


def late_matters(session: Session, scope: Scope, kinds: Collection[MatterKind]) -> Sequence[Matter]:
    """What should have been answered already, the longest late first, at most five."""
    late = (Matter.status == MatterStatus.OPEN, Matter.kind.in_(kinds), Matter.due_on < clock.today())
    query = in_scope(select(Matter).where(*late), Matter.district, scope)
    return session.scalars(query.order_by(Matter.due_on, Matter.id).limit(5)).all()


def next_to_answer(session: Session, scope: Scope, account: StaffAccount) -> Matter | None:
    """Of the first due the one that this member of staff may decide; looks at a page of them."""
    due = queue(session, scope, kinds_of(account), "all").rows
    return next((matter for matter in due if not reasons_closed(session, matter, account)), None)


def is_late(matter: Matter) -> bool:
    """Open after the last day of its answer."""
    return matter.is_open and matter.due_on < clock.today()


def refusal_of(session: Session, enrolment: Enrolment) -> Refusal | None:
    """What was refused here: the enrolment, else its newest claim. None: nothing is refused now."""
    newest = select(Claim).where(Claim.enrolment_id == enrolment.id).order_by(Claim.proposed_at.desc())
    claim = session.scalars(newest.limit(1)).first()
    if claim is not None and claim.status is ClaimStatus.REFUSED:
        hands = _hands(session, (SubjectKind.CLAIM, claim.id), (SubjectKind.ENROLMENT, enrolment.id))
        at = _refused_at(session, SubjectKind.CLAIM, claim.id) or claim.changed_at
        return Refusal(SubjectKind.CLAIM, claim.id, claim.district, at, claim.reasons, claim.note, hands)
    if enrolment.status is EnrolmentStatus.REFUSED:
        hands = _hands(session, (SubjectKind.ENROLMENT, enrolment.id))
        at = _refused_at(session, SubjectKind.ENROLMENT, enrolment.id) or enrolment.changed_at
        said = (enrolment.reasons, enrolment.note)
        return Refusal(SubjectKind.ENROLMENT, enrolment.id, enrolment.district, at, *said, hands)
    return None


def appeals_of(session: Session, refusal: Refusal) -> Sequence[Matter]:
    """The appeals against this refusal, newest first; those against an earlier one are not among them."""
    same = (Matter.kind == K.APPEAL, Matter.about == refusal.about, Matter.opened_at >= refusal.at)
    return session.scalars(select(Matter).where(*same).order_by(Matter.opened_at.desc())).all()


def enrolment_behind(session: Session, matter: Matter) -> Enrolment | None:
    """The enrolment a matter is about, directly or through its claim."""
    if not matter.about:
        return None
    found = session.get(Enrolment, matter.about)
    if found is not None:
        return found
    claim = session.get(Claim, matter.about)
    return claim.enrolment if claim else None


def reasons_closed(session: Session, matter: Matter, account: StaffAccount) -> list[str]:
    """Why this member of staff may not decide the matter now; empty: they may."""
    barred = hands_in(session, matter)
    who = Decider(account.id, frozenset(held.role for held in account.roles))
    district_can = _somebody_can(session, matter, barred)
    late = is_late(matter)
    return reasons_not_to_decide(
        matter.kind, matter.status, who, barred, district_can=district_can, is_late=late
    )


def hands_in(session: Session, matter: Matter) -> frozenset[str]:
    """The staff who may not decide: those noted when it was opened, and whoever has a part in it by the trail."""
    barred = frozenset(matter.not_by)
    if matter.kind not in (K.APPEAL, K.NOT_ME):
        return barred
    enrolment = enrolment_behind(session, matter)
    if enrolment is None:
        return barred
    claims = [matter.about] if enrolment.id != matter.about else []
    if matter.kind is K.NOT_ME:
        claims = list(session.scalars(select(Claim.id).where(Claim.enrolment_id == enrolment.id)))
    subjects = [(SubjectKind.CLAIM, claim_id) for claim_id in claims]
    return barred | _hands(session, (SubjectKind.ENROLMENT, enrolment.id), *subjects)


def kinds_of(account: StaffAccount) -> frozenset[MatterKind]:
    """The kinds of matters this member of staff works on."""
    return kinds_for([held.role for held in account.roles])


def _in_tab(tab: str, kinds: Collection[MatterKind]) -> ColumnElement[bool]:
    is_open = Matter.status == MatterStatus.OPEN
    status = Matter.status != MatterStatus.OPEN if tab == "answered" else is_open
    return and_(Matter.kind.in_(TABS[tab] & frozenset(kinds)), status)


def _refused_at(session: Session, kind: SubjectKind, subject: str) -> datetime | None:
    wanted = (AuditEvent.kind == kind, AuditEvent.subject == subject, AuditEvent.outcome == Outcome.DONE)
    query = select(AuditEvent.at).where(*wanted, AuditEvent.status == "refused")
    return session.scalar(query.order_by(AuditEvent.n.desc()).limit(1))


def _hands(session: Session, *subjects: tuple[SubjectKind, str]) -> frozenset[str]:
    """The staff in the trail of these subjects: who enrolled, took, verified, corrected, reviewed or refused."""
    here = or_(
        false(), *(and_(AuditEvent.kind == kind, AuditEvent.subject == subject) for kind, subject in subjects)
    )
    done = (AuditEvent.outcome == Outcome.DONE, AuditEvent.actor_kind == ActorKind.STAFF)
    return frozenset(session.scalars(select(AuditEvent.actor_id).where(here, *done).distinct()))


def _somebody_can(session: Session, matter: Matter, barred: Collection[str]) -> bool:
    """Whether somebody works in the matter's district today, not on leave, who may decide it."""
    roles = [
        role
        for role, kinds in KINDS_OF.items()
        if matter.kind in kinds and role is not Role.REVIEWER_MUNICIPAL
    ]
    query = select(StaffRole.account_id).join(StaffAccount, StaffRole.account_id == StaffAccount.id)
    in_district = (StaffRole.district == matter.district, StaffRole.role.in_(roles))
    there = (*who_works(clock.today()), ~is_away(clock.today()), StaffAccount.id.not_in(barred))
    return session.scalar(query.where(*in_district, *there).limit(1)) is not None
