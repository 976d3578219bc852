"""What two administrators do together: one proposes, another confirms, refuses; who proposed may take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import new_id, transaction
from training.errors import FourEyes, NotAllowedNow, NotThere
from training.staff import rules
from training.staff.models import ProposalKind, ProposalState, Role, StaffAccount, StaffProposal
from training.staff.operations.accounts import folded, locked
from training.staff.operations.effects import EFFECTS
from training.staff.operations.judging import JUDGES, judge_right


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


def propose_account(new: NewPerson, reason: str, actor: Actor) -> StaffProposal:
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
        audit.attempt(session, actor, _entry(content["id"], ProposalKind.ACCOUNT, folded(new.username)))
        _may_propose(session, ProposalKind.ACCOUNT, actor, None)
        judge_new(session, folded(new.username), content)
        return _put(session, ProposalKind.ACCOUNT, None, folded(new.username), content, reason, actor)

    return transaction(write)


def propose_right(
    account_id: str, role: Role, place: Place, reason: str, actor: Actor, seen_version: int | None = None
) -> StaffProposal:
    """Propose that somebody gets a right, or holds it at another place or until another day.

    Raises FourEyes (for_oneself, not_this_administrator) and NotAllowedNow (contradicts_<role>, already_held,
    changed, disabled, already_proposed, …).
    """
    return _propose(
        ProposalKind.RIGHT, account_id, role.value, right_content(role, place), reason, actor, seen_version
    )


def propose_leave(
    account_id: str,
    days: tuple[date, date],
    deputy_id: str | None,
    reason: str,
    actor: Actor,
    seen_version: int | None = None,
) -> StaffProposal:
    """Propose a leave, first and last day, with a deputy who then has the absent person's rights, or none.

    Raises as `propose_right`; a deputy who may not stand in is named (deputy_elsewhere, contradicts_<role>, …).
    """
    content = {"from": days[0].isoformat(), "until": days[1].isoformat(), "deputy": deputy_id}
    return _propose(ProposalKind.LEAVE, account_id, "", content, reason, actor, seen_version)


def propose_enabling(
    account_id: str, reason: str, actor: Actor, seen_version: int | None = None
) -> StaffProposal:
    """Propose that an account that was put out of force works again. Raises as `propose_right`."""
    return _propose(ProposalKind.ENABLE, account_id, "", {}, reason, actor, seen_version)


def propose_recovery(
    account_id: str, number_index: str, reason: str, actor: Actor, seen_version: int | None = None
) -> StaffProposal:
    """Open a recovery for somebody who lost the token or the password and stands here with the identity card.

    `number_index` is that of the card's number: it is asked again with the code. The person is told at once.
    Raises as `propose_right`; wrong_person where the account is another's.
    """
    content = {"number_index": number_index}
    return _propose(ProposalKind.RECOVERY, account_id, "", content, reason, actor, seen_version)


def confirm(proposal_id: str, actor: Actor) -> StaffProposal:
    """Agree to what another proposed; it takes effect at once, and is judged once more before.

    Raises FourEyes (for_oneself, same_person, not_this_administrator), NotAllowedNow (decided, or the rule that
    now speaks against it), NotThere.
    """

    def write(session: Session) -> StaffProposal:
        proposal = _decidable(session, proposal_id, actor, EventName.STAFF_CONFIRMED)
        if proposal.kind is ProposalKind.ACCOUNT:
            judge_new(session, proposal.about, proposal.content)
        else:
            _judge(session, proposal.kind, locked(session, proposal.account_id or ""), proposal.content)
        _decide(session, proposal, ProposalState.CONFIRMED, actor)
        session.flush()
        EFFECTS[proposal.kind](session, proposal, actor)
        return proposal

    return transaction(write)


def refuse(proposal_id: str, actor: Actor) -> StaffProposal:
    """Refuse what another proposed; nothing else changes. Raises as `confirm`."""

    def write(session: Session) -> StaffProposal:
        proposal = _decidable(session, proposal_id, actor, EventName.STAFF_PROPOSAL_REFUSED)
        return _decide(session, proposal, ProposalState.REFUSED, actor)

    return transaction(write)


def withdraw(proposal_id: str, actor: Actor) -> StaffProposal:
    """Take one's own proposal back. Raises FourEyes(not_own), NotAllowedNow(decided), NotThere."""

    def write(session: Session) -> StaffProposal:
        proposal = _locked_proposal(session, proposal_id)
        entry = _told(proposal, EventName.STAFF_PROPOSAL_WITHDRAWN)
        audit.attempt(session, actor, entry)
        if proposal.proposed_by != actor.id:
            raise FourEyes("not_own")
        return _decide(session, proposal, ProposalState.WITHDRAWN, actor)

    return transaction(write)


def right_content(role: Role, place: Place) -> dict[str, Any]:
    """A right as a proposal keeps it."""
    return {
        "role": role.value,
        "district": place.district,
        "institution": place.institution,
        "until": place.until.isoformat() if place.until else None,
    }


def judge_new(session: Session, username: str, content: Mapping[str, Any]) -> None:
    """A step: may this account be made? Raises NotAllowedNow with every reason."""
    reasons = []
    if session.scalar(select(StaffAccount.id).where(StaffAccount.username == username)) is not None:
        reasons.append("username_taken")
    same = StaffAccount.number_index == content["number_index"]
    if session.scalar(select(StaffAccount.id).where(same)) is not None:
        reasons.append("person_has_account")
    held: list[Role] = []
    for right in content["rights"]:
        reasons += judge_right(right, held, clock.today())
        held.append(Role(right["role"]))
    if reasons:
        raise NotAllowedNow(*dict.fromkeys(reasons))


def _propose(
    kind: ProposalKind,
    account_id: str,
    about: str,
    content: dict[str, Any],
    reason: str,
    actor: Actor,
    seen_version: int | None,
) -> StaffProposal:
    def write(session: Session) -> StaffProposal:
        audit.attempt(session, actor, _entry(account_id, kind, about))
        _may_propose(session, kind, actor, account_id)
        account = locked(session, account_id, seen_version)
        _judge(session, kind, account, content)
        return _put(session, kind, account, about, content, reason, actor)

    return transaction(write)


def _may_propose(session: Session, kind: ProposalKind, actor: Actor, account_id: str | None) -> None:
    roles = roles_of(session, actor.id)
    if reasons := rules.reasons_not_to_propose(kind, roles, actor.id, account_id):
        raise FourEyes(*reasons)


def roles_of(session: Session, account_id: str) -> list[Role]:
    """A step: the rights in force of an account that works."""
    account = session.get(StaffAccount, account_id)
    return [] if account is None or account.disabled_at else [held.role for held in account.roles]


def _judge(session: Session, kind: ProposalKind, account: StaffAccount, content: Mapping[str, Any]) -> None:
    """Raises NotAllowedNow with every reason that speaks against the change."""
    if reasons := JUDGES[kind](session, account, content):
        raise NotAllowedNow(*reasons)


def _put(
    session: Session,
    kind: ProposalKind,
    account: StaffAccount | None,
    about: str,
    content: dict[str, Any],
    reason: str,
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
    proposal = StaffProposal(id=new_id(), kind=kind, about=about, content=content, reason=reason[:200])
    proposal.account_id = account.id if account else None
    proposal.state = ProposalState.OPEN
    proposal.proposed_by, proposal.proposed_at = actor.id, clock.now()
    session.add(proposal)
    audit.record(session, actor, _told(proposal, EventName.STAFF_PROPOSED))
    return proposal


def _locked_proposal(session: Session, proposal_id: str) -> StaffProposal:
    wanted = select(StaffProposal).where(StaffProposal.id == proposal_id).with_for_update(of=StaffProposal)
    proposal = session.scalars(wanted).first()
    if proposal is None:
        raise NotThere(proposal_id)
    return proposal


def _decidable(session: Session, proposal_id: str, actor: Actor, name: EventName) -> StaffProposal:
    proposal = _locked_proposal(session, proposal_id)
    audit.attempt(session, actor, _told(proposal, name))
    roles = roles_of(session, actor.id)
    against = rules.reasons_not_to_confirm(
        proposal.kind, roles, actor.id, proposal.proposed_by, proposal.account_id
    )
    if against:
        raise FourEyes(*against)
    if proposal.state is not ProposalState.OPEN:
        raise NotAllowedNow("decided")
    return proposal


EVENT_OF = {
    ProposalState.CONFIRMED: EventName.STAFF_CONFIRMED,
    ProposalState.REFUSED: EventName.STAFF_PROPOSAL_REFUSED,
    ProposalState.WITHDRAWN: EventName.STAFF_PROPOSAL_WITHDRAWN,
}


def _decide(session: Session, proposal: StaffProposal, state: ProposalState, actor: Actor) -> StaffProposal:
    if proposal.state is not ProposalState.OPEN:
        raise NotAllowedNow("decided")
    proposal.state, proposal.decided_by, proposal.decided_at = state, actor.id, clock.now()
    audit.record(session, actor, _told(proposal, EVENT_OF[state]))
    return proposal


def _told(proposal: StaffProposal, name: EventName) -> Entry:
    """The event of a proposal, on the account that it concerns; a new one has its id already."""
    subject = proposal.account_id or proposal.content["id"]
    facts = {"proposal": proposal.id, "kind": proposal.kind.value, "about": proposal.about}
    return Entry(name, SubjectKind.STAFF, subject, facts=facts)


def _entry(subject: str, kind: ProposalKind, about: str) -> Entry:
    facts = {"kind": kind.value, "about": about}
    return Entry(EventName.STAFF_PROPOSED, SubjectKind.STAFF, subject, facts=facts)
