"""What a member of staff does with the own account: password, token, settings."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from training import audit, clock, keys
from training.audit import Actor, Entry, EventName, Outcome, SubjectKind
from training.database import transaction
from training.errors import BadInput
from training.staff import rules
from training.staff.models import StaffAccount, StaffSession
from training.staff.operations.accounts import end_sessions, folded, locked, told
from training.staff.operations.secrets import hash_password, new_totp_secret, step_of
from training.staff.operations.signing import SignInLimits, Typed, settle, tried, use


def choose_shortcuts(account_id: str, shortcuts_on: bool, actor: Actor) -> None:
    """Turn single-key shortcuts on or off for one's own account (WCAG 2.1.4)."""

    def write(session: Session) -> None:
        chosen = update(StaffAccount).where(StaffAccount.id == account_id).values(shortcuts_on=shortcuts_on)
        session.execute(chosen)
        facts = {"shortcuts_on": shortcuts_on}
        entry = Entry(EventName.STAFF_SETTINGS_CHANGED, SubjectKind.STAFF, account_id, facts=facts)
        audit.record(session, actor, entry)

    transaction(write)


def change_password(
    row: StaffSession, typed: Typed, chosen: str, actor: Actor, *, network: str, allowed: SignInLimits
) -> None:
    """A new password for one's own account; every other session ends, and the person is told.

    `typed` proves the person: the present password and a code. Raises BadInput("new", why) for a password that
    is too short or too easy, BadInput("current", "wrong") when the proof does not fit, TooMany.
    """
    if why := rules.reasons_against_password(chosen, row.account.username):
        raise BadInput("new", why[0])
    _, proof = tried(typed, network, allowed)
    own = proof if proof is not None and proof.account.id == row.account_id else None
    password_hash = hash_password(chosen) if own else ""

    def write(session: Session) -> bool:
        done = own is not None and use(session, own)
        settle(session, folded(typed.username), network, allowed, done=done)
        entry = Entry(EventName.STAFF_PASSWORD_CHANGED, SubjectKind.STAFF, row.account_id)
        audit.record(session, actor, entry, outcome=Outcome.DONE if done else Outcome.REFUSED)
        if done:
            account = locked(session, row.account_id)
            account.password_hash = password_hash
            end_sessions(session, account.id, keep=row.id_hash)
            session.execute(
                update(StaffSession)
                .where(StaffSession.id_hash == row.id_hash)
                .values(fresh_at=clock.real_now())
            )
            told(session, account, "staff_password_changed")
        return done

    if not transaction(write):
        raise BadInput("current", "wrong")


def offer_token(row: StaffSession) -> tuple[str, str]:
    """A fresh secret for a new token, and the same sealed for this session: nothing is kept until it is proved."""
    secret = new_totp_secret()
    return secret, keys.seal(secret, _context(row))


def offered_token(row: StaffSession, offered: str) -> str:
    """The secret that was offered to this session. Raises BadInput("code", "wrong") for anything else."""
    try:
        return keys.unseal(offered, _context(row))
    except (ValueError, KeyError) as error:
        raise BadInput("code", "wrong") from error


def change_token(row: StaffSession, offered: str, code: str, actor: Actor) -> None:
    """A new token for one's own account, proved by one of its codes; every other session ends.

    Call it only for somebody who proved himself within ten minutes. Raises BadInput("code", "wrong").
    """
    secret = offered_token(row, offered)
    step = step_of(secret, code)
    if step is None:
        raise BadInput("code", "wrong")

    def write(session: Session) -> None:
        account = locked(session, row.account_id)
        account.totp, account.totp_last_step = secret, step
        end_sessions(session, account.id, keep=row.id_hash)
        audit.record(session, actor, Entry(EventName.STAFF_TOKEN_CHANGED, SubjectKind.STAFF, account.id))
        told(session, account, "staff_token_changed")

    transaction(write)


def _context(row: StaffSession) -> str:
    return f"new_totp:{row.account_id}:{row.id_hash}"
