"""What an administrator proposes about an account, for another to confirm: it has no effect by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import new_id, transaction
from training.errors import FourEyes, NotAllowedNow
from training.staff import rules
from training.staff.models import ProposalKind, ProposalState, Role, StaffAccount, StaffProposal
from training.staff.operations.accounts import about_proposal, folded, lock_administrators, locked, roles_of
from training.staff.operations.judging import judge, judge_new


@dataclass(frozen=True)
class Sent:
    """How a proposal was sent: why, by whose form (the same key is the same proposal), and what was seen then."""

    reason: str
    key: str = ""
    seen_version: int | None = None


@dataclass(frozen=True)
class Place:
    """Where a right holds: its district or its institution, and its last day."""

    district: str | None = None
    institution: str | None = None
    until: date | None = None


@dataclass(frozen=True)
class NewPerson:
    """A new member of staff as proposed. `number_index`: the keyed index of the identity number."""

    username: str
    name: str
    office: str
    number_index: str
    rights: Sequence[tuple[Role, Place]]
    centre: str = ""


def propose_account(new: NewPerson, sent: Sent, actor: Actor) -> StaffProposal:
    """Propose a new account with its first rights.

    Raises NotAllowedNow (username_taken, person_has_account, or why a right may not be held) and FourEyes.
    """
    content: dict[str, Any] = {
        "id": new_id(),
        "name": new.name,
        "office": new.office,
        "centre": new.centre,
        "number_index": new.number_index,
        "rights": [right_content(role, place) for role, place in new.rights],
    }

    def write(session: Session) -> StaffProposal:
        if again := _sent_before(session, sent, actor):
            return again
        audit.attempt(session, actor, _entry(content["id"], ProposalKind.ACCOUNT, folded(new.username)))
        _may_propose(session, ProposalKind.ACCOUNT, actor, None)
        judge_new(session, folded(new.username), content)
        return _put(session, ProposalKind.ACCOUNT, None, folded(new.username), content, sent, actor)

    return transaction(write)


def propose_right(account_id: str, role: Role, place: Place, sent: Sent, actor: Actor) -> StaffProposal:
    """Propose that somebody gets a right, or holds it at another place or until another day.

    Raises FourEyes (for_oneself, not_this_administrator) and NotAllowedNow (contradicts_<role>, already_held,
    changed, disabled, already_proposed, …).
    """
    return _propose(ProposalKind.RIGHT, account_id, role.value, right_content(role, place), sent, actor)


def propose_leave(
    account_id: str,
    days: tuple[date, date],
    deputy_id: str | None,
    sent: Sent,
    actor: Actor,
) -> StaffProposal:
    """Propose a leave, first and last day, with a deputy who then has the absent person's rights, or none.

    Raises as `propose_right`; a deputy who may not stand in is named (deputy_elsewhere, contradicts_<role>, …).
    """
    content = {"from": days[0].isoformat(), "until": days[1].isoformat(), "deputy": deputy_id}
    return _propose(ProposalKind.LEAVE, account_id, "", content, sent, actor)


def propose_enabling(account_id: str, sent: Sent, actor: Actor) -> StaffProposal:
    """Propose that an account that was put out of force works again. Raises as `propose_right`."""
    return _propose(ProposalKind.ENABLE, account_id, "", {}, sent, actor)


def propose_recovery(account_id: str, number_index: str, sent: Sent, actor: Actor) -> StaffProposal:
    """Open a recovery for somebody who lost the token or the password and stands here with the identity card.

    `number_index` is that of the card's number: it is asked again with the code. The person is told at once.
    Raises as `propose_right`; wrong_person where the account is another's.
    """
    content = {"number_index": number_index}
    return _propose(ProposalKind.RECOVERY, account_id, "", content, sent, actor)


def right_content(role: Role, place: Place) -> dict[str, Any]:
    """A right as a proposal keeps it."""
    return {
        "role": role.value,
        "district": place.district,
        "institution": place.institution,
        "until": place.until.isoformat() if place.until else None,
    }


def _propose(
    kind: ProposalKind,
    account_id: str,
    about: str,
    content: dict[str, Any],
    sent: Sent,
    actor: Actor,
) -> StaffProposal:
    def write(session: Session) -> StaffProposal:
        if again := _sent_before(session, sent, actor):
            return again
        audit.attempt(session, actor, _entry(account_id, kind, about))
        _may_propose(session, kind, actor, account_id)
        if kind is ProposalKind.RECOVERY:
            lock_administrators(session)
        account = locked(session, account_id, sent.seen_version)
        judge(session, kind, account, content)
        return _put(session, kind, account, about, content, sent, actor)

    return transaction(write)


def _sent_before(session: Session, sent: Sent, actor: Actor) -> StaffProposal | None:
    """The proposal that this very form has made already: a double click, the Back button (A29)."""
    same = (StaffProposal.proposed_by == actor.id, StaffProposal.idempotency_key == sent.key)
    return session.scalars(select(StaffProposal).where(*same)).first() if sent.key else None


def _may_propose(session: Session, kind: ProposalKind, actor: Actor, account_id: str | None) -> None:
    roles = roles_of(session, actor.id)
    if reasons := rules.reasons_not_to_propose(kind, roles, actor.id, account_id):
        raise FourEyes(*reasons)


def _put(
    session: Session,
    kind: ProposalKind,
    account: StaffAccount | None,
    about: str,
    content: dict[str, Any],
    sent: Sent,
    actor: Actor,
) -> StaffProposal:
    open_ones = (
        StaffProposal.kind == kind,
        StaffProposal.about == about,
        StaffProposal.account_id == (account.id if account else None),
        StaffProposal.state == ProposalState.OPEN,
    )
    if session.scalar(select(StaffProposal.id).where(*open_ones)) is not None:
        raise NotAllowedNow("already_proposed")
    proposal = StaffProposal(id=new_id(), kind=kind, about=about, content=content)
    proposal.reason, proposal.idempotency_key = sent.reason[:200], sent.key or new_id()
    proposal.account_id = account.id if account else None
    proposal.state = ProposalState.OPEN
    proposal.proposed_by, proposal.proposed_at = actor.id, clock.now()
    session.add(proposal)
    audit.record(session, actor, about_proposal(proposal, EventName.STAFF_PROPOSED))
    return proposal


def _entry(subject: str, kind: ProposalKind, about: str) -> Entry:
    facts = {"kind": kind.value, "about": about}
    return Entry(EventName.STAFF_PROPOSED, SubjectKind.STAFF, subject, facts=facts)
