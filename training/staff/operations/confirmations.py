"""The second person: confirms or refuses what another proposed. Who proposed may only take it back."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, EventName
from training.database import transaction
from training.errors import FourEyes, NotAllowedNow, NotThere
from training.staff import rules
from training.staff.models import ProposalKind, ProposalState, Role, StaffAccount, StaffProposal
from training.staff.operations.accounts import about_proposal, lock_administrators, locked, roles_of
from training.staff.operations.effects import EFFECTS
from training.staff.operations.judging import judge, judge_new

EVENT_OF = {
    ProposalState.CONFIRMED: EventName.STAFF_CONFIRMED,
    ProposalState.REFUSED: EventName.STAFF_PROPOSAL_REFUSED,
    ProposalState.WITHDRAWN: EventName.STAFF_PROPOSAL_WITHDRAWN,
}


def confirm(proposal_id: str, actor: Actor) -> StaffProposal:
    """Agree to what another proposed; it takes effect at once, and is judged once more before.

    Raises FourEyes (for_oneself, same_person, not_this_administrator), NotAllowedNow (decided, or the rule that
    now speaks against it; proposer_gone where who proposed it may no longer), NotThere.
    """

    def write(session: Session) -> StaffProposal:
        kind = session.scalar(select(StaffProposal.kind).where(StaffProposal.id == proposal_id))
        if kind is ProposalKind.RECOVERY:
            lock_administrators(session)
        proposal = _decidable(session, proposal_id, actor, EventName.STAFF_CONFIRMED)
        if not rules.PROPOSES[proposal.kind] & set(roles_of(session, proposal.proposed_by)):
            raise NotAllowedNow("proposer_gone")
        if proposal.kind is ProposalKind.ACCOUNT:
            judge_new(session, proposal.about, proposal.content)
        else:
            judge(session, proposal.kind, locked(session, proposal.account_id or ""), proposal.content)
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
        entry = about_proposal(proposal, EventName.STAFF_PROPOSAL_WITHDRAWN)
        audit.attempt(session, actor, entry)
        if proposal.proposed_by != actor.id:
            raise FourEyes("not_own")
        return _decide(session, proposal, ProposalState.WITHDRAWN, actor)

    return transaction(write)


def take_back(session: Session, account: StaffAccount, roles: Collection[Role], actor: Actor) -> None:
    """A step: withdraw what `account` has proposed and, with `roles` left, may propose no longer.

    The row says its proposer took it back, as only that may be in one's own case; the trail says who really did.
    """
    waiting = (StaffProposal.proposed_by == account.id, StaffProposal.state == ProposalState.OPEN)
    wanted = select(StaffProposal).where(*waiting).order_by(StaffProposal.id)
    for proposal in session.scalars(wanted.with_for_update(of=StaffProposal)).all():
        if not rules.PROPOSES[proposal.kind] & set(roles):
            _decide(session, proposal, ProposalState.WITHDRAWN, actor, decided_by=account.id)


def _locked_proposal(session: Session, proposal_id: str) -> StaffProposal:
    wanted = select(StaffProposal).where(StaffProposal.id == proposal_id).with_for_update(of=StaffProposal)
    proposal = session.scalars(wanted).first()
    if proposal is None:
        raise NotThere(proposal_id)
    return proposal


def _decidable(session: Session, proposal_id: str, actor: Actor, name: EventName) -> StaffProposal:
    proposal = _locked_proposal(session, proposal_id)
    audit.attempt(session, actor, about_proposal(proposal, name))
    roles = roles_of(session, actor.id)
    against = rules.reasons_not_to_confirm(
        proposal.kind, roles, actor.id, proposal.proposed_by, proposal.account_id
    )
    if against:
        raise FourEyes(*against)
    if proposal.state is not ProposalState.OPEN:
        raise NotAllowedNow("decided")
    return proposal


def _decide(
    session: Session, proposal: StaffProposal, state: ProposalState, actor: Actor, decided_by: str = ""
) -> StaffProposal:
    if proposal.state is not ProposalState.OPEN:
        raise NotAllowedNow("decided")
    proposal.state, proposal.decided_by, proposal.decided_at = state, decided_by or actor.id, clock.now()
    audit.record(session, actor, about_proposal(proposal, EVENT_OF[state]))
    return proposal
