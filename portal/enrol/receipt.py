"""What stands on the receipt: reference, status, name masked, until when a seat is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from portal.session import visitor
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.models import Enrolment
from training.enrolments.queries import enrolment_by_key, enrolment_by_reference, enrolments_of, place_in_line
from training.errors import NotThere
from training.numbers import masked_name
from training.people.models import Draft, Purpose
from training.people.queries import draft_of
from web.browser import browser_hash, known_browser_id
from web.qr import qr_path


@dataclass(frozen=True)
class Receipt:
    """`name` is masked, and what this browser typed; `place` in line; `qr` path and modules on a side."""

    enrolment: Enrolment
    name: str
    place: int | None
    qr: tuple[str, int]

    @property
    def run(self) -> ClassRun:
        return self.enrolment.class_run

    @property
    def held_until(self) -> datetime | None:
        """A moment of the last day on which the seat is held."""
        end = self.enrolment.held_until
        return end - timedelta(minutes=1) if end else None


def handed_in(draft: Draft) -> Enrolment | None:
    """What was made of this draft: without a code the row says it, else the signed-in person's key does."""
    session, who = db.session(), visitor()
    if draft.reference:
        return enrolment_by_reference(session, draft.reference)
    return enrolment_by_key(session, who.person.id, draft.idempotency_key) if who else None


def is_handed_in(draft: Draft) -> bool:
    """Whether anything was made of this draft."""
    return handed_in(draft) is not None


def receipt_for(run: ClassRun) -> Receipt:
    """This browser's receipt for a class, else the signed-in person's newest. Raises NotThere."""
    session, known = db.session(), known_browser_id()
    draft = draft_of(session, browser_hash(known), Purpose.ENROL, run.id) if known else None
    found = handed_in(draft) if draft else None
    enrolment = found or _newest_of_visitor(run)
    name = draft.name if draft and found else enrolment.person.name
    address = f"{current_app.extensions['settings'].base_url}/t/{enrolment.reference}"
    return Receipt(enrolment, masked_name(name or ""), place_in_line(session, enrolment), qr_path(address))


def _newest_of_visitor(run: ClassRun) -> Enrolment:
    who = visitor()
    mine = enrolments_of(db.session(), who.person.id) if who else ()
    for enrolment in mine:
        if enrolment.class_id == run.id:
            return enrolment
    raise NotThere(run.id)
