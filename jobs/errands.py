"""What the outbox can ask for, one function each; all of them safe to do twice."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from training import clock, outbox
from training.database import db, transaction
from training.enrolments.operations import ask_registry
from training.enrolments.queries import district_of_person
from training.errors import RegistryUnreachable
from training.identities.queries import current_person
from training.outbox import Errand, OutboxRow
from training.oversight.operations import StillRunning, check_trail
from training.people.messages import note_sent
from training.people.models import Person
from training.people.operations import answer_code_request, write_letter
from training.people.queries import phone_in_use
from training.ports import Ports
from web.messages import text_of
from web.settings import Settings

TIMEOUT_S = 15.0
log = logging.getLogger(__name__)


def do_errand(app: Flask, row_id: str) -> None:
    """Do one leased row, then mark it done, or failed to be tried again later."""
    row = db.session().get(OutboxRow, row_id)
    if row is None or not row.payload_sealed:
        return
    try:
        _do(row, app.extensions["ports"], app.extensions["settings"])
    except RegistryUnreachable as error:
        cause = error.cause
        transaction(lambda session: outbox.mark_failed(session, row_id, cause))
    except StillRunning:
        transaction(lambda session: outbox.mark_failed(session, row_id, "still_running"))
    except Exception as error:
        log.exception("errand %s", row.errand.value)
        cause = type(error).__name__
        transaction(lambda session: outbox.mark_failed(session, row_id, cause))
    else:
        payload = row.payload
        transaction(lambda session: _close(session, row_id, payload))


def _close(session: Session, row_id: str, payload: dict[str, Any]) -> None:
    """Done; what was told to a person stays readable for that person."""
    if "message" in payload and "person" in payload:
        payload = _to_whom(payload)
        by = "phone" if _phone_of(payload["person"]) else "paper"
        note_sent(session, row_id, payload, by, clock.now())
    outbox.mark_done(session, row_id)


def _do(row: OutboxRow, ports: Ports, settings: Settings) -> None:
    payload = _to_whom(row.payload)
    match row.errand:
        case Errand.SEND_CODE:
            answer_code_request(payload["draft"], ports)
        case Errand.ASK_REGISTRY:
            if not ask_registry(payload["enrolment"], ports):
                raise RegistryUnreachable("timeout")
        case Errand.VERIFY_TRAIL:
            check_trail(payload["check"], settings.audit_heads)
        case Errand.SEND_MESSAGE:
            _send(row.id, payload, ports, settings.base_url)


def _to_whom(payload: dict[str, Any]) -> dict[str, Any]:
    """What was meant for a record that has become part of another goes to the one that stays."""
    if "person" not in payload or db.session().get(Person, payload["person"]) is None:
        return payload
    return payload | {"person": current_person(db.session(), payload["person"]).id}


def _send(row_id: str, payload: dict[str, Any], ports: Ports, site: str) -> None:
    text = text_of(payload["message"], payload["language"], payload["values"], site)
    phone = payload.get("phone") or _phone_of(payload["person"])
    if phone is not None:
        ports.phone_messages.send(phone, text, key=row_id, timeout_s=TIMEOUT_S)
    else:
        transaction(lambda session: _put_on_paper(session, row_id, payload, text))


def _put_on_paper(session: Session, row_id: str, payload: dict[str, Any], text: str) -> None:
    """Who has no phone is served on paper: a letter, where the person is served."""
    person = session.get(Person, payload["person"])
    if person is not None:
        district = district_of_person(session, person.id)
        write_letter(session, row_id, person, payload["message"], payload["language"], text, district)


def _phone_of(person_id: str) -> str | None:
    phone = phone_in_use(db.session(), person_id)
    return phone.number if phone else None
