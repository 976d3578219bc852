"""What the desk of new phones shows: masked, and never what the first person typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app

from backoffice.counter.person import age_on, sex_of
from backoffice.phones.forms import AskForm, ConfirmForm
from backoffice.roles import own_scope
from backoffice.seeing import seen
from backoffice.session import clerk
from training import clock
from training.database import db
from training.numbers import Number, masked, masked_name, masked_phone
from training.people import piles
from training.people.models import Phone, PhoneChange, PhoneChangeStatus
from training.people.queries import person_with_number, phone_in_use
from training.policy.service import PhoneTerms
from training.ports import RegistryAnswer
from training.staff.models import Role
from training.staff.queries import names_of
from web.phone_words import PHONE_REASON, PHONE_REFUSAL, PHONE_STATUS

Known = tuple[Number, RegistryAnswer]


@dataclass(frozen=True)
class Shown:
    """The person at the desk, as far as the desk may see. `phone` is the one in use, masked; empty: none."""

    name: str
    age: int | None
    sex: str | None
    number: str
    value: str
    card_state: str
    phone: str


def may_ask() -> bool:
    """Only a counsellor registers a phone; a verifier confirms."""
    return clerk().account.sits_at(Role.COUNSELLOR)


def terms() -> PhoneTerms:
    phones: PhoneTerms = current_app.extensions["pack"].phones
    return phones


def district() -> str | None:
    return own_scope("phones").district


def ask_page(known: Known | None, form: AskForm, reasons: Sequence[str] = ()) -> dict[str, Any]:
    """The desk of the first person: empty, or with the person who was looked up."""
    return {
        "person": _looked_up(known) if known else None,
        "form": form,
        "reasons": [(code, PHONE_REFUSAL[code]) for code in reasons],
        "may_ask": may_ask(),
        **_beside(),
    }


def change_page(change: PhoneChange, form: ConfirmForm, reasons: Sequence[str] = ()) -> dict[str, Any]:
    """One request: to be confirmed by a second person, or how it stands for the first."""
    seen(change.person_id, "phones")
    session = db.session()
    old = session.get(Phone, change.old_phone_id or "")
    return {
        "change": change,
        "name": masked_name(change.person.name),
        "age": age_on(change.person.birth_on, clock.today()),
        "sex": sex_of(change.person.number or ""),
        "old_phone": masked_phone(old.number or "") if old else "",
        "asked_by": names_of(session, {change.asked_by}).get(change.asked_by, ""),
        "form": form,
        "reasons": [(code, PHONE_REFUSAL[code]) for code in reasons],
        "is_own": change.asked_by == clerk().account.id,
        "is_over": _is_over(change),
        **_beside(),
    }


def _is_over(change: PhoneChange) -> bool:
    """Decided, ended, or waited too long."""
    waited = clock.now() - change.asked_at
    return change.status is not PhoneChangeStatus.PENDING or waited >= timedelta(hours=terms().request_hours)


def _beside() -> dict[str, Any]:
    """What stands beside both pages: what follows, what waits, what was decided today."""
    session, pack = db.session(), current_app.extensions["pack"]
    morning = clock.midnight(clock.today())
    return {
        "terms": terms(),
        "waiting": [_row(change) for change in piles.waiting_phones(session, district(), pack)],
        "decided": [_row(change) for change in piles.decided_phones(session, district(), morning)],
        "reason_words": PHONE_REASON,
        "status_words": PHONE_STATUS,
    }


def _row(change: PhoneChange) -> tuple[PhoneChange, str, bool]:
    return change, masked_name(change.person.name), change.asked_by == clerk().account.id


def _looked_up(known: Known) -> Shown | None:
    number, answer = known
    session, found = db.session(), answer.person
    record = person_with_number(session, found.number if found else number.value)
    if record is not None:
        seen(record.id, "phones")
    if found is None and record is None:
        return None
    own = phone_in_use(session, record.id) if record else None
    phone = own.number if own else found.phone if found else None
    card = (found.card(number.value) if number.is_card else found.card_in_use()) if found else None
    return Shown(
        name=masked_name(found.name if found else record.name if record else ""),
        age=age_on(found.birth_on if found else record.birth_on if record else None, clock.today()),
        sex=found.sex if found else None,
        number=masked(number.value),
        value=number.value,
        card_state=card.state if card else "",
        phone=masked_phone(phone) if phone else "",
    )
