"""Accounts: made, put out of force, told what happened to them."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training import audit, clock, outbox
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import new_id, transaction
from training.errors import NotAllowedNow, NotThere
from training.outbox import Errand
from training.staff.models import Role, StaffAccount, StaffProposal, StaffRole, StaffSession
from training.staff.operations.secrets import hash_password
from training.staff.rules import ADMINISTRATORS

# What of a proposal stays readable in the trail for ever: no name, no number.
_FOR_EVER = ("role", "district", "institution", "until", "from", "deputy", "rights")


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


def create_account(new: NewAccount, actor: Actor) -> StaffAccount:
    """Make an account with its roles. Its password is hashed before the transaction begins."""
    password_hash = hash_password(new.password)
    return transaction(lambda session: add_account(session, new, password_hash, actor))


def add_account(
    session: Session, new: NewAccount, password_hash: str, actor: Actor, *, account_id: str | None = None
) -> StaffAccount:
    """A step: write the account, its roles and its event inside the caller's transaction.

    `account_id` is given where the trail has begun before, with a proposal.
    """
    account = StaffAccount(
        id=account_id or new_id(),
        username=folded(new.username),
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
    name, is_first = EventName.STAFF_CREATED, account_id is None
    entry = Entry(name, SubjectKind.STAFF, account.id, facts=facts, is_first=is_first)
    audit.record(session, actor, entry)
    return account


def folded(username: str) -> str:
    """A staff number in its one form: NFKC, lower case, at most 40 characters."""
    shown = "".join(letter for letter in unicodedata.normalize("NFKC", username) if letter.isprintable())
    return shown.strip().lower()[:40]


def locked(session: Session, account_id: str, seen_version: int | None = None) -> StaffAccount:
    """The account, locked. Raises NotThere, and NotAllowedNow when it is no longer as `seen_version` was."""
    wanted = select(StaffAccount).where(StaffAccount.id == account_id).with_for_update()
    account = session.scalars(wanted).first()
    if account is None:
        raise NotThere(account_id)
    if seen_version is not None and account.version != seen_version:
        raise NotAllowedNow("changed")
    return account


def lock_administrators(session: Session, roles: Collection[Role] = ADMINISTRATORS) -> None:
    """A step, before anything else is locked: who removes one of `roles`, and who lets the sign-in of one be made
    anew, meet here in one order, so that the second sees what the first has left."""
    held = select(StaffRole.id).where(StaffRole.role.in_(roles)).order_by(StaffRole.id)
    session.execute(held.with_for_update()).all()


def changed(session: Session, account: StaffAccount) -> None:
    """A step: rights or standing changed, so every session of the account ends (A13)."""
    account.version += 1
    end_sessions(session, account.id)


def end_sessions(session: Session, account_id: str, *, keep: str | None = None) -> None:
    """A step: end every session of the account, but for the one whose hash is `keep`."""
    alive = (StaffSession.account_id == account_id, StaffSession.ended_at.is_(None))
    ended = update(StaffSession).where(*alive).values(ended_at=clock.real_now())
    session.execute(ended.where(StaffSession.id_hash != keep) if keep else ended)


def told(session: Session, account: StaffAccount, message: str) -> None:
    """A step: a message to the phone of the account, where it has one; `message` as in web/messages.py."""
    if account.phone:
        payload = {"phone": account.phone, "message": message, "language": "zh", "values": {}}
        outbox.put(session, Errand.SEND_MESSAGE, payload)


def roles_of(session: Session, account_id: str) -> list[Role]:
    """A step: the rights in force of an account that works."""
    account = session.get(StaffAccount, account_id)
    return [] if account is None or account.disabled_at else [held.role for held in account.roles]


def about_proposal(proposal: StaffProposal, name: EventName) -> Entry:
    """The event of a proposal, on the account that it concerns; a new one has its id already."""
    subject = proposal.account_id or proposal.content["id"]
    told = {word: value for word, value in proposal.content.items() if word in _FOR_EVER}
    facts = {"proposal": proposal.id, "kind": proposal.kind.value, "about": proposal.about, **told}
    return Entry(name, SubjectKind.STAFF, subject, facts=facts)
