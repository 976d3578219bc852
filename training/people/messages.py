"""Messages to people: a row in the transaction; the worker finds the words and the phone, and sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from training import outbox
from training.outbox import Errand
from training.people.models import Message, Person


def tell(session: Session, person: Person, message: str, **values: Any) -> None:
    """Tell `person` one thing: `message` is a code of web/messages.py, `values` what its sentence needs.

    Whose record has been emptied hears nothing more.
    """
    if person.own_key() is None:
        return
    payload = {"person": person.id, "message": message, "language": person.language, "values": _plain(values)}
    outbox.put(session, Errand.SEND_MESSAGE, payload)


def tell_phone(session: Session, phone: str, message: str, language: str, **values: Any) -> None:
    """The same to a phone whose person has no record yet: the one-time code."""
    payload = {"phone": phone, "message": message, "language": language, "values": _plain(values)}
    outbox.put(session, Errand.SEND_MESSAGE, payload)


def note_sent(session: Session, errand_id: str, payload: Mapping[str, Any], by: str, at: datetime) -> None:
    """A step: what went out is kept, so that the person can read it again; once for each errand.

    `payload` is that of `tell`, `by` phone or paper. The secret of a link is left out: it stands on the phone only.
    """
    person = session.get(Person, payload["person"])
    if person is None or person.own_key() is None or session.get(Message, errand_id) is not None:
        return
    row = Message(id=errand_id, person=person, person_id=person.id, code=payload["message"], by=by, at=at)
    row.language = payload["language"]
    row.values = json.dumps({name: said for name, said in payload["values"].items() if name != "act"})
    session.add(row)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | str | None) else value.isoformat()
        for name, value in values.items()
    }
