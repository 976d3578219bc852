"""Sign in, stay, prove oneself again, sign out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training import audit, clock, keys, limits
from training.audit import Actor, ActorKind, Entry, EventName, Outcome, SubjectKind
from training.database import transaction
from training.errors import BadInput, TooMany
from training.limits import Limit
from training.staff.models import StaffAccount, StaffSession
from training.staff.operations.accounts import end_sessions, folded
from training.staff.operations.passkeys import Answer, Signed, checked, use_key
from training.staff.operations.secrets import NOBODY, fits, step_of

LONGEST_SESSION = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class SignInLimits:
    """`pair`: wrong tries of one account from one network; `networks`: of one account from all of them."""

    pair: Limit
    networks: Limit


@dataclass(frozen=True)
class Typed:
    """What somebody proves himself with: a password and a second factor, a code or the answer of a passkey."""

    username: str
    password: str
    code: str = ""
    passkey: Answer | None = None


@dataclass(frozen=True)
class Proof:
    """An account whose password and second factor fit; the factor is not used up yet."""

    account: StaffAccount
    step: int | None = None
    signed: Signed | None = None


def sign_in(
    username: str,
    password: str,
    code: str,
    *,
    network: str,
    allowed: SignInLimits,
    renew: Callable[[], tuple[str, str]],
    passkey: Answer | None = None,
) -> StaffAccount:
    """Prove a member of staff and open a session for the browser.

    `renew` gives the browser a fresh id once password and code fit, and returns the old and the new hash: an
    id from before may be known to another. `passkey` is what a passkey answered instead of a code.

    Raises TooMany after five wrong tries of this account from this network, and BadInput("sign_in", "wrong")
    for everything else, whatever was wrong.
    """
    typed = Typed(username, password, code, passkey)
    account, proof = tried(typed, network, allowed)
    old_hash, fresh_hash = renew() if proof is not None else ("", "")

    def write(session: Session) -> bool:
        done = proof is not None and use(session, proof)
        if proof is not None and done:
            _open_session(session, proof.account, old_hash, fresh_hash)
        settle(session, folded(username), network, allowed, done=done)
        _tell(session, folded(username), account, done=done)
        return done

    if not transaction(write) or proof is None:
        raise BadInput("sign_in", "wrong")
    return proof.account


def prove_again(
    row: StaffSession, typed: Typed, actor: Actor, *, network: str, allowed: SignInLimits
) -> None:
    """The signed-in person proves himself anew, so that rights may be changed for ten minutes.

    Raises as `sign_in` does.
    """
    _, proof = tried(typed, network, allowed)
    own = proof is not None and proof.account.id == row.account_id

    def write(session: Session) -> bool:
        done = own and proof is not None and use(session, proof)
        if done:
            fresh = update(StaffSession).where(StaffSession.id_hash == row.id_hash)
            session.execute(fresh.values(fresh_at=clock.real_now()))
        settle(session, folded(typed.username), network, allowed, done=done)
        entry = Entry(EventName.STAFF_PROVED_AGAIN, SubjectKind.STAFF, row.account_id)
        audit.record(session, actor, entry, outcome=Outcome.DONE if done else Outcome.REFUSED)
        return done

    if not transaction(write):
        raise BadInput("sign_in", "wrong")


def began(row: StaffSession) -> datetime:
    """When this session was opened."""
    return row.expires_at - LONGEST_SESSION


def keep_signed_in(row: StaffSession) -> None:
    """Note that the session is in use, at most once a minute."""
    at = clock.real_now()
    if row.seen_at > at - TOUCH_EVERY:
        return
    alive = (StaffSession.id_hash == row.id_hash, StaffSession.ended_at.is_(None))
    transaction(lambda session: session.execute(update(StaffSession).where(*alive).values(seen_at=at)))


def sign_out(row: StaffSession, actor: Actor) -> None:
    """End this session; its cookie opens nothing any more."""

    def write(session: Session) -> None:
        _end(session, row.id_hash)
        audit.record(session, actor, Entry(EventName.STAFF_SIGNED_OUT, SubjectKind.STAFF, row.account_id))

    transaction(write)


def sign_out_elsewhere(row: StaffSession, actor: Actor) -> None:
    """End every other session of the account."""

    def write(session: Session) -> None:
        end_sessions(session, row.account_id, keep=row.id_hash)
        facts = {"elsewhere": True}
        entry = Entry(EventName.STAFF_SIGNED_OUT, SubjectKind.STAFF, row.account_id, facts=facts)
        audit.record(session, actor, entry)

    transaction(write)


def tried(typed: Typed, network: str, allowed: SignInLimits) -> tuple[StaffAccount | None, Proof | None]:
    """The account of this name, and its proof if everything fits. Raises TooMany; counts the try."""
    name = folded(typed.username)
    account = transaction(lambda session: _begin(session, name, network, allowed))
    password_fits = fits(account.password_hash if account else NOBODY, typed.password)
    step = step_of(account.totp if account else None, typed.code)
    signed = checked(account, typed.passkey) if typed.passkey else None
    if account is None or not password_fits or (step is None and signed is None):
        return account, None
    return account, Proof(account, step, signed)


def use(session: Session, proof: Proof) -> bool:
    """A step: use the second factor up. Each code opens once, each answer of a passkey too."""
    if proof.signed is not None:
        return use_key(session, proof.signed) and _in_force(session, proof.account.id)
    return _use_step(session, proof.account, proof.step or 0)


def settle(session: Session, name: str, network: str, allowed: SignInLimits, *, done: bool) -> None:
    """A step: after a right answer the wrong ones before it no longer count."""
    if done:
        limits.clear(session, allowed.pair, _pair(name, network))
    else:
        limits.count(session, allowed.networks, name)


def count_try(session: Session, name: str, network: str, allowed: SignInLimits) -> None:
    """A step: count the try before it is judged, so that a burst in parallel gets no more than five."""
    if limits.so_far(session, allowed.networks, name) >= allowed.networks.count:
        raise TooMany(limits.seconds_left(allowed.networks))
    if limits.count(session, allowed.pair, _pair(name, network)) > allowed.pair.count:
        raise TooMany(limits.seconds_left(allowed.pair))


def _begin(session: Session, name: str, network: str, allowed: SignInLimits) -> StaffAccount | None:
    count_try(session, name, network, allowed)
    wanted = (StaffAccount.username == name, StaffAccount.disabled_at.is_(None))
    return session.scalars(select(StaffAccount).where(*wanted)).first()


def _use_step(session: Session, account: StaffAccount, step: int) -> bool:
    """Each step opens once: of two tries with the same code one finds the row already moved on."""
    free = (StaffAccount.id == account.id, StaffAccount.totp_last_step < step)
    in_force = StaffAccount.disabled_at.is_(None)
    moved = update(StaffAccount).where(*free, in_force).values(totp_last_step=step)
    moved = moved.execution_options(synchronize_session=False)
    return session.execute(moved.returning(StaffAccount.id)).first() is not None


def _in_force(session: Session, account_id: str) -> bool:
    wanted = (StaffAccount.id == account_id, StaffAccount.disabled_at.is_(None))
    return session.scalar(select(StaffAccount.id).where(*wanted)) is not None


def _open_session(session: Session, account: StaffAccount, old_hash: str, fresh_hash: str) -> None:
    at = clock.real_now()
    _end(session, old_hash)
    row = StaffSession(id_hash=fresh_hash, account_id=account.id, fresh_at=at, seen_at=at)
    row.expires_at = at + LONGEST_SESSION
    session.add(row)


def _end(session: Session, id_hash: str) -> None:
    alive = (StaffSession.id_hash == id_hash, StaffSession.ended_at.is_(None))
    session.execute(update(StaffSession).where(*alive).values(ended_at=clock.real_now()))


def _tell(session: Session, name: str, account: StaffAccount | None, *, done: bool) -> None:
    """Known and unknown accounts leave a line each: neither time nor trail tells them apart to a stranger."""
    subject = account.id if account else keys.blind_index("staff_username", name)[:26]
    if done:
        actor = Actor(ActorKind.STAFF, subject, account.office if account else "")
        audit.record(session, actor, Entry(EventName.STAFF_SIGNED_IN, SubjectKind.STAFF, subject))
    else:
        entry = Entry(EventName.STAFF_SIGN_IN_FAILED, SubjectKind.STAFF, subject)
        audit.record(session, Actor.system("sign_in"), entry, outcome=Outcome.REFUSED)


def _pair(name: str, network: str) -> str:
    return f"{name}\0{network}"
