"""What a confirmed proposal does, in the transaction of the confirmation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import new_id
from training.staff.models import NO_PASSWORD, ProposalKind, Role, StaffAccount, StaffProposal, StaffRole
from training.staff.operations.accounts import NewAccount, add_account, changed, locked, told
from training.staff.operations.judging import living, own
from training.staff.operations.secrets import new_totp_secret
from training.staff.operations.starts import add_start
from training.staff.rights import Reach, reach_of

Effect = Callable[[Session, StaffProposal, Actor], None]


def end_deputies(session: Session, account: StaffAccount, actor: Actor, role: Role | None = None) -> None:
    """A step: whoever stood in for `account` (in `role`) no longer does."""
    wanted = [StaffRole.deputy_for == account.id, *([StaffRole.role == role] if role else [])]
    gone = delete(StaffRole).where(*wanted).returning(StaffRole.account_id)
    deputies = set(session.scalars(gone.execution_options(synchronize_session=False)))
    for deputy_id in sorted(deputies):
        changed(session, locked(session, deputy_id))
        facts = {"deputy_for": account.id}
        entry = Entry(EventName.STAFF_RIGHT_ENDED, SubjectKind.STAFF, deputy_id, facts=facts)
        audit.record(session, actor, entry)


def _account(session: Session, proposal: StaffProposal, actor: Actor) -> None:
    """The account, with no password and a token nobody has, and the code for its first sign-in."""
    content = proposal.content
    new = NewAccount(
        proposal.about, content["name"], "", new_totp_secret(), content["office"], (), content["centre"]
    )
    account = add_account(session, new, NO_PASSWORD, actor, account_id=content["id"])
    account.number_index = content["number_index"]
    account.held = [_row(right) for right in content["rights"]]
    session.flush()
    proposal.account_id = account.id
    add_start(session, account, proposal, content["number_index"], actor)


def _right(session: Session, proposal: StaffProposal, actor: Actor) -> None:
    account = _of(session, proposal)
    role = Role(proposal.content["role"])
    end_deputies(session, account, actor, role)
    session.execute(delete(StaffRole).where(StaffRole.account_id == account.id, StaffRole.role == role))
    row = _row(proposal.content)
    row.account_id = account.id
    session.add(row)
    changed(session, account)
    told(session, account, "staff_rights_changed")


def _leave(session: Session, proposal: StaffProposal, actor: Actor) -> None:
    """The deputy gets what the absent person holds and he does not: same place, for these days.

    A lent right is never lent on: it ends with the leave of the one whose it is.
    """
    account, content = _of(session, proposal), proposal.content
    end_deputies(session, account, actor)
    account.leave_from, account.leave_until = map(date.fromisoformat, (content["from"], content["until"]))
    account.deputy_id = content["deputy"]
    account.version += 1
    if not content["deputy"]:
        return
    deputy = locked(session, content["deputy"])
    held = {right.role for right in living(deputy, account.leave_from)}
    lent = [right for right in own(account, account.leave_from) if right.role not in held]
    for right in lent:
        session.execute(
            delete(StaffRole).where(StaffRole.account_id == deputy.id, StaffRole.role == right.role)
        )
        session.add(_lent(right, account, deputy))
    changed(session, deputy)
    facts = {"deputy_for": account.id, "roles": sorted(right.role.value for right in lent)} | {
        word: content[word] for word in ("from", "until")
    }
    entry = Entry(EventName.STAFF_DEPUTY_NAMED, SubjectKind.STAFF, deputy.id, facts=facts)
    audit.record(session, actor, entry)
    told(session, deputy, "staff_deputy")


def _lent(right: StaffRole, account: StaffAccount, deputy: StaffAccount) -> StaffRole:
    last = [day for day in (account.leave_until, right.until_on) if day is not None]
    return StaffRole(
        id=new_id(),
        account_id=deputy.id,
        role=right.role,
        district=right.district,
        institution_id=right.institution_id,
        from_on=account.leave_from,
        until_on=min(last) if last else None,
        deputy_for=account.id,
    )


def _enable(session: Session, proposal: StaffProposal, actor: Actor) -> None:
    account = _of(session, proposal)
    account.disabled_at = None
    account.version += 1


def _recovery(session: Session, proposal: StaffProposal, actor: Actor) -> None:
    """What was lost opens nothing any more, from now on; the code on paper makes it new."""
    account = _of(session, proposal)
    account.password_hash, account.totp = NO_PASSWORD, new_totp_secret()
    changed(session, account)
    add_start(session, account, proposal, proposal.content["number_index"], actor)
    told(session, account, "staff_recovered")


def _of(session: Session, proposal: StaffProposal) -> StaffAccount:
    return locked(session, proposal.account_id or "")


def _row(content: Mapping[str, Any]) -> StaffRole:
    role = Role(content["role"])
    reach = reach_of(role)
    return StaffRole(
        id=new_id(),
        role=role,
        district=content["district"] if reach is Reach.OWN_DISTRICT else None,
        institution_id=content["institution"] if reach is Reach.OWN_INSTITUTION else None,
        until_on=date.fromisoformat(content["until"]) if content["until"] else None,
        from_on=clock.today(),
    )


EFFECTS: Mapping[ProposalKind, Effect] = {
    ProposalKind.ACCOUNT: _account,
    ProposalKind.RIGHT: _right,
    ProposalKind.LEAVE: _leave,
    ProposalKind.ENABLE: _enable,
    ProposalKind.RECOVERY: _recovery,
}
