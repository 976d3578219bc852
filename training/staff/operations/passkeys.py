"""Passkeys (W3C WebAuthn, level 2) beside the token: registered, asked, checked, taken away.

A challenge is random, bound to one browser, and gone once an answer came, right or wrong. The library checks
signature, origin, site and the counter of the key; the counter is then moved in the caller's transaction, so
that of two equal answers one finds it moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from training import audit, clock, keys
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import db, new_id, transaction
from training.errors import BadInput, NotAllowedNow, NotThere
from training.staff.models import StaffAccount, StaffChallenge, StaffPasskey

LIFE = timedelta(minutes=5)
MOST_KEYS = 5
SIGN_IN, REGISTER = "sign_in", "register"


@dataclass(frozen=True)
class Site:
    """Where keys are made and used: the domain they belong to, and the only origin that may ask them."""

    domain: str
    origin: str
    name: str


@dataclass(frozen=True)
class Answer:
    """What a browser sent, the browser it came from, and the site it was asked by. `said` is untrusted JSON."""

    said: str
    browser: str
    site: Site


@dataclass(frozen=True)
class Signed:
    """A key that signed, and how often it says it has."""

    key_id: str
    before: int
    count: int


def challenge_for_sign_in(browser: str, site: Site) -> str:
    """What a browser needs to ask a passkey of this site: the library's JSON. Names no account (A02)."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.domain, user_verification=UserVerificationRequirement.PREFERRED
    )
    _keep(browser, SIGN_IN, options.challenge)
    return options_to_json(options)


def challenge_for_new_key(account: StaffAccount, browser: str, site: Site) -> str:
    """What a browser needs to make a new passkey for `account`. The key stays on the device and can be found there."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
    )

    held = db.session().scalars(select(StaffPasskey).where(StaffPasskey.account_id == account.id))
    options = generate_registration_options(
        rp_id=site.domain,
        rp_name=site.name,
        user_id=account.id.encode(),
        user_name=account.username,
        user_display_name=account.name,
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in held
        ],
        authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.REQUIRED),
    )
    _keep(browser, REGISTER, options.challenge)
    return options_to_json(options)


def add_passkey(account: StaffAccount, answer: Answer, name: str, actor: Actor, form: str = "") -> None:
    """Register the passkey that a browser made; `form` is the key of the form, which sent again adds no other.
    Raises BadInput("passkey", "wrong") for anything that does not fit, and NotAllowedNow("too_many_keys")."""
    if _added_before(db.session(), account.id, form):
        return
    verified = _verified_new(answer)

    def write(session: Session) -> None:
        audit.attempt(session, actor, Entry(EventName.STAFF_PASSKEY_ADDED, SubjectKind.STAFF, account.id))
        held = session.scalars(select(StaffPasskey.id).where(StaffPasskey.account_id == account.id)).all()
        if len(held) >= MOST_KEYS:
            raise NotAllowedNow("too_many_keys")
        same = StaffPasskey.credential_hash == _hash(verified["id"])
        if session.scalar(select(StaffPasskey.id).where(same)) is not None:
            raise BadInput("passkey", "wrong")
        session.add(
            StaffPasskey(
                id=new_id(),
                account_id=account.id,
                credential_hash=_hash(verified["id"]),
                credential_id=verified["id"],
                public_key=verified["key"],
                sign_count=verified["count"],
                name=name.strip()[:40] or "Passkey",
                idempotency_key=form or None,
                created_at=clock.real_now(),
            )
        )
        audit.record(session, actor, Entry(EventName.STAFF_PASSKEY_ADDED, SubjectKind.STAFF, account.id))

    transaction(write)


def _added_before(session: Session, account_id: str, form: str) -> bool:
    same = (StaffPasskey.account_id == account_id, StaffPasskey.idempotency_key == form)
    return bool(form) and session.scalar(select(StaffPasskey.id).where(*same)) is not None


def remove_passkey(account_id: str, key_id: str, actor: Actor) -> None:
    """Take one of one's own passkeys away; it opens nothing any more. Raises NotThere."""

    def write(session: Session) -> None:
        own = (StaffPasskey.id == key_id, StaffPasskey.account_id == account_id)
        if session.execute(delete(StaffPasskey).where(*own).returning(StaffPasskey.id)).first() is None:
            raise NotThere(key_id)
        audit.record(session, actor, Entry(EventName.STAFF_PASSKEY_REMOVED, SubjectKind.STAFF, account_id))

    transaction(write)


def forget_keys(session: Session, account_id: str) -> None:
    """A step: all passkeys of the account go."""
    session.execute(delete(StaffPasskey).where(StaffPasskey.account_id == account_id))


def checked(account: StaffAccount | None, answer: Answer) -> Signed | None:
    """The key of `account` that signed this browser's challenge; None for anything that does not fit.

    The challenge is used up either way, also for an unknown account.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json

    challenge = _taken(answer.browser, SIGN_IN)
    if account is None or challenge is None:
        return None
    try:
        credential = parse_authentication_credential_json(answer.said)
        key = _key_of(account.id, credential.id)
        if key is None:
            return None
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=answer.site.domain,
            expected_origin=answer.site.origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
        )
    except Exception:  # noqa: BLE001 - whatever hostile JSON does to the library, it is a wrong answer
        return None
    return Signed(key.id, key.sign_count, verified.new_sign_count)


def use_key(session: Session, signed: Signed) -> bool:
    """A step: move the key's counter; False where another answer has moved it meanwhile, or the key is gone."""
    same = (StaffPasskey.id == signed.key_id, StaffPasskey.sign_count == signed.before)
    moved = update(StaffPasskey).where(*same).values(sign_count=signed.count, used_at=clock.real_now())
    moved = moved.execution_options(synchronize_session=False)
    return session.execute(moved.returning(StaffPasskey.id)).first() is not None


def _verified_new(answer: Answer) -> Mapping[str, Any]:
    from webauthn import verify_registration_response
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

    challenge = _taken(answer.browser, REGISTER)
    if challenge is None:
        raise BadInput("passkey", "wrong")
    try:
        made = verify_registration_response(
            credential=answer.said,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=answer.site.domain,
            expected_origin=answer.site.origin,
        )
    except Exception as error:  # whatever hostile JSON does to the library, it is a wrong answer
        raise BadInput("passkey", "wrong") from error
    return {
        "id": bytes_to_base64url(made.credential_id),
        "key": bytes_to_base64url(made.credential_public_key),
        "count": made.sign_count,
    }


def _keep(browser: str, purpose: str, challenge: bytes) -> None:
    """One open challenge for each browser and purpose; those that ran out go."""
    from webauthn.helpers import bytes_to_base64url

    def write(session: Session) -> None:
        same = (StaffChallenge.browser_hash == browser) & (StaffChallenge.purpose == purpose)
        session.execute(delete(StaffChallenge).where(or_(same, StaffChallenge.until < clock.real_now())))
        text, until = bytes_to_base64url(challenge), clock.real_now() + LIFE
        session.add(StaffChallenge(browser_hash=browser, purpose=purpose, challenge=text, until=until))

    transaction(write)


def _taken(browser: str, purpose: str) -> str | None:
    """The open challenge of this browser, which is gone with this."""

    def write(session: Session) -> str | None:
        same = (StaffChallenge.browser_hash == browser, StaffChallenge.purpose == purpose)
        gone = delete(StaffChallenge).where(*same).returning(StaffChallenge.challenge, StaffChallenge.until)
        row = session.execute(gone.execution_options(synchronize_session=False)).first()
        return str(row[0]) if row is not None and row[1] > clock.real_now() else None

    return transaction(write)


def _key_of(account_id: str, credential_id: str) -> StaffPasskey | None:
    own = (StaffPasskey.account_id == account_id, StaffPasskey.credential_hash == _hash(credential_id))
    return db.session().scalars(select(StaffPasskey).where(*own)).first()


def _hash(credential_id: str) -> str:
    return keys.secret_hash("passkey", credential_id)
