"""The first sign-in, and the one after a loss: a code in two halves on paper, then password and token, chosen once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training import audit, clock, keys
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.database import db, new_id, transaction
from training.errors import BadInput, Gone, NotThere
from training.references import SLIP_LENGTH, new_slip_code, parse_slip_code
from training.staff import rules
from training.staff.models import StaffAccount, StaffProposal, StaffStart
from training.staff.operations.accounts import end_sessions, folded, told
from training.staff.operations.passkeys import forget_keys
from training.staff.operations.secrets import hash_password, new_totp_secret, step_of

LIFE = timedelta(days=3)
SHOWN = timedelta(minutes=10)
HALF = SLIP_LENGTH // 2


@dataclass(frozen=True)
class StartHalf:
    """What one of the two administrators hands over. `code`: None once it cannot be read any more."""

    start: StaffStart
    is_first: bool
    code: str | None


def add_start(
    session: Session, account: StaffAccount, proposal: StaffProposal, number_index: str, actor: Actor
) -> None:
    """A step: a fresh code, which ends the ones before; who proposed and who confirmed read half of it each."""
    at, code = clock.real_now(), new_slip_code()
    open_ones = (StaffStart.account_id == account.id, StaffStart.used_at.is_(None))
    session.execute(update(StaffStart).where(*open_ones).values(used_at=at, code_sealed=None))
    start = StaffStart(
        id=new_id(),
        account_id=account.id,
        proposal_id=proposal.id,
        number_index=number_index,
        code_hash=code_hash(code),
        made_by=actor.id,
        made_at=at,
        until=at + LIFE,
    )
    start.code = code
    session.add(start)


def start_half_of(proposal_id: str, account_id: str) -> StartHalf:
    """Of the code that a proposal led to, the half of this administrator: the first of who proposed, the second of
    who confirmed. Raises NotThere for everybody else.

    Who confirms is there when it is made, and reads it for ten minutes; who proposed comes when it suits, and reads
    it until it is used or runs out.
    """
    found = select(StaffStart, StaffProposal.proposed_by).join(
        StaffProposal, StaffProposal.id == StaffStart.proposal_id
    )
    row = db.session().execute(found.where(StaffProposal.id == proposal_id)).first()
    if row is None or account_id not in (row.proposed_by, row.StaffStart.made_by):
        raise NotThere(proposal_id)
    start, is_first = row.StaffStart, account_id == row.proposed_by
    until = start.until if is_first else start.made_at + SHOWN
    whole = start.code if start.used_at is None and clock.real_now() <= until else None
    mine = slice(None, HALF) if is_first else slice(HALF, None)
    return StartHalf(start, is_first, whole[mine] if whole else None)


def begin_start(username: str, number_index: str, code: str, browser: str) -> None:
    """Bind the first sign-in to this browser and give it a token to be scanned.

    Raises BadInput("start", "wrong") whatever was wrong. Try it under a limit: see `web/settings.py`.
    """
    bare = parse_slip_code(code)

    def write(session: Session) -> bool:
        wanted = StaffStart.code_hash == code_hash(bare or "")
        start = session.scalars(select(StaffStart).where(wanted).with_for_update(of=StaffStart)).first()
        if start is None or not _is_open(start) or start.account.username != folded(username):
            return False
        if not keys.same(start.number_index, number_index):
            return False
        others = update(StaffStart).where(StaffStart.browser_hash == browser, StaffStart.id != start.id)
        session.execute(others.values(browser_hash=None))
        start.browser_hash, start.totp = browser, new_totp_secret()
        return True

    if not transaction(write):
        raise BadInput("start", "wrong")


def start_in(browser: str) -> StaffStart:
    """The first sign-in that this browser is in the middle of. Raises Gone when there is none any more."""
    wanted = StaffStart.browser_hash == browser
    start = db.session().scalars(select(StaffStart).where(wanted)).first()
    if start is None or not _is_open(start):
        raise Gone
    return start


def finish_start(browser: str, password: str, code: str) -> StaffAccount:
    """Choose the password, prove the token; from now on both open the account, and nothing else does.

    Raises BadInput("password", why), BadInput("code", "wrong"), Gone.
    """
    start = start_in(browser)
    if why := rules.reasons_against_password(password, start.account.username):
        raise BadInput("password", why[0])
    step = step_of(start.totp, code)
    if step is None:
        raise BadInput("code", "wrong")
    password_hash = hash_password(password)

    def write(session: Session) -> StaffAccount:
        wanted = select(StaffStart).where(StaffStart.id == start.id).with_for_update(of=StaffStart)
        row = session.scalars(wanted).one()
        if row.browser_hash != browser or not _is_open(row):
            raise Gone
        account = row.account
        account.password_hash, account.totp, account.totp_last_step = password_hash, row.totp, step
        _keep_number(session, account, row.number_index)
        row.used_at, row.browser_hash = clock.real_now(), None
        row.code_sealed = row.totp_sealed = None
        end_sessions(session, account.id)
        forget_keys(session, account.id)
        actor = Actor(ActorKind.STAFF, account.id, account.office, account.district)
        audit.record(session, actor, Entry(EventName.STAFF_STARTED, SubjectKind.STAFF, account.id))
        told(session, account, "staff_started")
        return account

    return transaction(write)


def _keep_number(session: Session, account: StaffAccount, number_index: str) -> None:
    """An account that knew no number keeps the one it was started with. Raises Gone: it is another account's."""
    if account.number_index:
        return
    same = select(StaffAccount.id).where(StaffAccount.number_index == number_index)
    if session.scalar(same) is not None:
        raise Gone
    account.number_index = number_index


def code_hash(code: str) -> str:
    """What a row keeps of the code on paper."""
    return keys.secret_hash("staff_start", code)


def _is_open(start: StaffStart) -> bool:
    return start.used_at is None and clock.real_now() <= start.until and start.account.disabled_at is None
