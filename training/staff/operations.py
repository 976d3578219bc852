"""The verbs of staff accounts: make one, sign in, stay, sign out, choose settings.

Passwords are argon2id with 19 MiB, two passes, one lane (OWASP); a process makes one hash at a time, so that
a burst of sign-ins cannot take its memory. An unknown account costs the same work and gets the same answer.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training import audit, clock, keys, limits
from training.audit import Actor, ActorKind, Entry, EventName, Outcome, SubjectKind
from training.database import new_id, transaction
from training.errors import BadInput, TooMany
from training.limits import Limit
from training.staff.models import Role, StaffAccount, StaffRole, StaffSession

LONGEST_SESSION = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
TOTP_SECONDS = 30
NEIGHBOURS = (0, -1, 1)
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_one_at_a_time = threading.Lock()
# The hash of a password nobody has, so that an unknown account costs the same work.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Nc95tmx75O26uU0LC2NOmQ$6QEbezmtyZspPlqBnzyFu37OcoelKXg/iC5r9qpkokM"


@dataclass(frozen=True)
class SignInLimits:
    """`pair`: wrong tries of one account from one network; `networks`: of one account from all of them."""

    pair: Limit
    networks: Limit


@dataclass(frozen=True)
class NewAccount:
    """What is needed to make an account. `roles` are (role, district or None, institution's id or None)."""

    username: str
    name: str
    password: str
    totp_secret: str
    office: str
    roles: Sequence[tuple[Role, str | None, str | None]]
    centre: str = ""
    phone: str | None = None


def hash_password(password: str) -> str:
    """The argon2id hash of `password`; waits for its turn."""
    with _one_at_a_time:
        return _hasher.hash(unicodedata.normalize("NFKC", password))


def create_account(new: NewAccount, actor: Actor) -> StaffAccount:
    """Make an account with its roles. Its password is hashed before the transaction begins."""
    password_hash = hash_password(new.password)
    return transaction(lambda session: add_account(session, new, password_hash, actor))


def add_account(session: Session, new: NewAccount, password_hash: str, actor: Actor) -> StaffAccount:
    """A step: write the account, its roles and its event inside the caller's transaction."""
    account = StaffAccount(
        id=new_id(),
        username=_folded(new.username),
        name=new.name,
        password_hash=password_hash,
        office=new.office,
        centre=new.centre,
        created_at=clock.now(),
        roles=[StaffRole(role=role, district=at, institution_id=of) for role, at, of in new.roles],
    )
    account.totp = new.totp_secret
    account.phone = new.phone
    session.add(account)
    facts = {"roles": sorted(role.value for role, _, _ in new.roles)}
    entry = Entry(EventName.STAFF_CREATED, SubjectKind.STAFF, account.id, facts=facts, is_first=True)
    audit.record(session, actor, entry)
    return account


def sign_in(
    username: str,
    password: str,
    code: str,
    *,
    network: str,
    allowed: SignInLimits,
    renew: Callable[[], tuple[str, str]],
) -> StaffAccount:
    """Prove a member of staff and open a session for the browser.

    `renew` gives the browser a fresh id once password and code fit, and returns the old and the new hash: an
    id from before may be known to another.

    Raises TooMany after five wrong tries of this account from this network, and BadInput("sign_in", "wrong")
    for everything else, whatever was wrong.
    """
    name = _folded(username)
    account = transaction(lambda session: _begin(session, name, network, allowed))
    password_fits = _fits(account.password_hash if account else _NOBODY, password)
    step = _step_of(account, code)
    proved = account if password_fits and step is not None else None
    old_hash, fresh_hash = renew() if proved is not None else ("", "")

    def write(session: Session) -> bool:
        done = proved is not None and _use_step(session, proved, step or 0)
        if proved is not None and done:
            _open_session(session, proved, old_hash, fresh_hash)
            limits.clear(session, allowed.pair, _pair(name, network))
        else:
            limits.count(session, allowed.networks, name)
        _tell(session, name, account, done=done)
        return done

    if not transaction(write) or proved is None:
        raise BadInput("sign_in", "wrong")
    return proved


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


def choose_shortcuts(account_id: str, shortcuts_on: bool, actor: Actor) -> None:
    """Turn single-key shortcuts on or off for one's own account (WCAG 2.1.4)."""

    def write(session: Session) -> None:
        chosen = update(StaffAccount).where(StaffAccount.id == account_id).values(shortcuts_on=shortcuts_on)
        session.execute(chosen)
        facts = {"shortcuts_on": shortcuts_on}
        entry = Entry(EventName.STAFF_SETTINGS_CHANGED, SubjectKind.STAFF, account_id, facts=facts)
        audit.record(session, actor, entry)

    transaction(write)


def disable_account(account_id: str, actor: Actor) -> None:
    """Put an account out of force at once: its sessions open nothing from the next request on."""

    def write(session: Session) -> None:
        at = clock.now()
        session.execute(update(StaffAccount).where(StaffAccount.id == account_id).values(disabled_at=at))
        audit.record(session, actor, Entry(EventName.STAFF_DISABLED, SubjectKind.STAFF, account_id))

    transaction(write)


def _begin(session: Session, name: str, network: str, allowed: SignInLimits) -> StaffAccount | None:
    """Count the try before it is judged, so that a burst in parallel gets no more than five."""
    if limits.so_far(session, allowed.networks, name) >= allowed.networks.count:
        raise TooMany(limits.seconds_left(allowed.networks))
    if limits.count(session, allowed.pair, _pair(name, network)) > allowed.pair.count:
        raise TooMany(limits.seconds_left(allowed.pair))
    wanted = (StaffAccount.username == name, StaffAccount.disabled_at.is_(None))
    return session.scalars(select(StaffAccount).where(*wanted)).first()


def _fits(password_hash: str, password: str) -> bool:
    with _one_at_a_time:
        try:
            return _hasher.verify(password_hash, unicodedata.normalize("NFKC", password))
        except (VerificationError, InvalidHashError):
            return False


def _step_of(account: StaffAccount | None, code: str) -> int | None:
    """The step of the clock whose code this is: the current one or a neighbour."""
    secret = (account.totp if account else None) or pyotp.random_base32()
    bare = "".join(unicodedata.normalize("NFKC", code).split())
    now = int(clock.real_now().timestamp()) // TOTP_SECONDS
    fitting = [now + by for by in NEIGHBOURS if keys.same(_code_at(secret, now + by), _ascii(bare))]
    return fitting[0] if fitting and account else None


def _code_at(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).at(step * TOTP_SECONDS)


def _ascii(text: str) -> str:
    return text if text.isascii() else ""


def _use_step(session: Session, account: StaffAccount, step: int) -> bool:
    """Each step opens once: of two tries with the same code one finds the row already moved on."""
    free = (StaffAccount.id == account.id, StaffAccount.totp_last_step < step)
    in_force = StaffAccount.disabled_at.is_(None)
    moved = update(StaffAccount).where(*free, in_force).values(totp_last_step=step)
    moved = moved.execution_options(synchronize_session=False)
    return session.execute(moved.returning(StaffAccount.id)).first() is not None


def _open_session(session: Session, account: StaffAccount, old_hash: str, fresh_hash: str) -> None:
    at = clock.real_now()
    _end(session, old_hash)
    session.add(
        StaffSession(
            id_hash=fresh_hash,
            account_id=account.id,
            fresh_at=at,
            seen_at=at,
            expires_at=at + LONGEST_SESSION,
        )
    )


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


def _folded(username: str) -> str:
    shown = "".join(letter for letter in unicodedata.normalize("NFKC", username) if letter.isprintable())
    return shown.strip().lower()[:40]


def _pair(name: str, network: str) -> str:
    return f"{name}\0{network}"
