"""What one administrator does alone, because it only takes away: end a right, a leave, an account."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.errors import FourEyes, NotAllowedNow, NotThere
from training.staff.models import (
    ProposalKind,
    ProposalState,
    Role,
    StaffAccount,
    StaffProposal,
    StaffRole,
)
from training.staff.operations.accounts import changed, lock_administrators, locked, roles_of
from training.staff.operations.confirmations import take_back
from training.staff.operations.effects import end_deputies
from training.staff.queries import who_works
from training.staff.rules import ADMINISTRATORS

REMOVERS = frozenset({Role.SYSADMIN, Role.SECADMIN})


def end_right(
    account_id: str, role: Role, reason: str, actor: Actor, seen_version: int | None = None
) -> None:
    """End a right at once, and with it what a deputy holds of it and what was proposed with it.

    Every session of the account ends.

    Raises NotThere where the right is not held, NotAllowedNow(last_administrator) for the last of a kind of
    administrators, NotAllowedNow(changed) for a stale page, FourEyes(not_this_administrator).
    """

    def write(session: Session) -> None:
        facts = {"role": role.value, "reason": reason[:200]}
        entry = Entry(EventName.STAFF_RIGHT_ENDED, SubjectKind.STAFF, account_id, facts=facts)
        account = _taken_on(session, entry, account_id, actor, [role], seen_version)
        row = next((right for right in account.held if right.role is role), None)
        if row is None:
            raise NotThere(role.value)
        if row.deputy_for is None:
            _keep_the_last(session, account, [role])
        session.delete(row)
        session.flush()
        end_deputies(session, account, actor, role)
        take_back(session, account, frozenset(roles_of(session, account_id)) - {role}, actor)
        changed(session, account)
        audit.record(session, actor, entry)

    transaction(write)


def disable(account_id: str, reason: str, actor: Actor, seen_version: int | None = None) -> None:
    """Put an account out of force at once. Raises as `end_right`; NotAllowedNow(disabled) the second time."""

    def write(session: Session) -> None:
        entry = Entry(EventName.STAFF_DISABLED, SubjectKind.STAFF, account_id, facts={"reason": reason[:200]})
        account = _taken_on(session, entry, account_id, actor, ADMINISTRATORS, seen_version)
        if account.disabled_at is not None:
            raise NotAllowedNow("disabled")
        _keep_the_last(session, account, [right.role for right in account.roles if not right.deputy_for])
        account.disabled_at = clock.now()
        end_deputies(session, account, actor)
        take_back(session, account, frozenset(), actor)
        changed(session, account)
        audit.record(session, actor, entry)

    transaction(write)


def end_leave(account_id: str, actor: Actor, seen_version: int | None = None) -> None:
    """The person is back: the leave ends, and with it what the deputy had. Raises as `end_right`; not_on_leave."""

    def write(session: Session) -> None:
        entry = Entry(EventName.STAFF_LEAVE_ENDED, SubjectKind.STAFF, account_id)
        account = _taken_on(session, entry, account_id, actor, [], seen_version)
        if account.leave_from is None:
            raise NotAllowedNow("not_on_leave")
        account.leave_from = account.leave_until = account.deputy_id = None
        account.version += 1
        end_deputies(session, account, actor)
        audit.record(session, actor, entry)

    transaction(write)


def disable_account(account_id: str, actor: Actor) -> None:
    """Put an account out of force, as a command of the house does: no administrator is asked."""

    def write(session: Session) -> None:
        account = locked(session, account_id)
        account.disabled_at = clock.now()
        end_deputies(session, account, actor)
        take_back(session, account, frozenset(), actor)
        changed(session, account)
        audit.record(session, actor, Entry(EventName.STAFF_DISABLED, SubjectKind.STAFF, account_id))

    transaction(write)


def _taken_on(
    session: Session,
    entry: Entry,
    account_id: str,
    actor: Actor,
    roles: list[Role] | tuple[Role, ...],
    seen_version: int | None,
) -> StaffAccount:
    """Say what is tried, lock every holder of an administrator's right at stake, then the account."""
    audit.attempt(session, actor, entry)
    if not REMOVERS & set(roles_of(session, actor.id)):
        raise FourEyes("not_this_administrator")
    if at_stake := [role for role in roles if role in ADMINISTRATORS]:
        lock_administrators(session, at_stake)
    return locked(session, account_id, seen_version)


def _keep_the_last(session: Session, account: StaffAccount, roles: list[Role]) -> None:
    """Raises NotAllowedNow when nobody else who can sign in holds one of these administrators' rights.

    Whoever said that token or password is lost cannot, whether the recovery was agreed to or waits; but what
    `account` itself has proposed keeps nobody from removing it.
    """
    lost = select(StaffProposal.account_id).where(
        StaffProposal.kind == ProposalKind.RECOVERY,
        StaffProposal.state == ProposalState.OPEN,
        StaffProposal.proposed_by != account.id,
    )
    for role in roles:
        if role not in ADMINISTRATORS or account.disabled_at is not None:
            continue
        others = (
            select(func.count())
            .select_from(StaffRole)
            .join(StaffAccount, StaffAccount.id == StaffRole.account_id)
            .where(
                StaffRole.role == role,
                StaffRole.deputy_for.is_(None),
                StaffRole.account_id != account.id,
                StaffRole.account_id.not_in(lost),
                *who_works(clock.today()),
            )
        )
        if not session.scalar(others):
            raise NotAllowedNow("last_administrator")
