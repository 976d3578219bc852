"""Messages to people: a row in the transaction; the worker finds the words and the phone, and sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from training import outbox
from training.outbox import Errand
from training.people.models import Person


def tell(session: Session, person: Person, message: str, **values: Any) -> None:
    """Tell `person` one thing: `message` is a code of web/messages.py, `values` what its sentence needs."""
    payload = {"person": person.id, "message": message, "language": person.language, "values": _plain(values)}
    outbox.put(session, Errand.SEND_MESSAGE, payload)


def tell_phone(session: Session, phone: str, message: str, language: str, **values: Any) -> None:
    """The same to a phone whose person has no record yet: the one-time code."""
    payload = {"phone": phone, "message": message, "language": language, "values": _plain(values)}
    outbox.put(session, Errand.SEND_MESSAGE, payload)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | str | None) else value.isoformat()
        for name, value in values.items()
    }
