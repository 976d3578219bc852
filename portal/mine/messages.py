"""What was told to me, and what of it still needs an answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from portal.mine.blueprint import blueprint
from portal.mine.matters import matters
from portal.session import signed_in
from training.database import db
from training.people.models import Message
from training.people.queries import messages_to
from web.i18n import language
from web.messages import SENTENCES, text_of

LATEST = 3


@dataclass(frozen=True)
class Told:
    """One message in words. `needs_you`: its enrolment still waits for an answer."""

    at: datetime
    words: str
    by: str
    reference: str
    needs_you: bool


@blueprint.get("/messages")
def messages() -> ResponseReturnValue:
    """Every message that is still kept, newest first, in the language of this page."""
    waiting = {row.enrolment.reference for row in matters() if row.needs_you}
    return render_template("portal/mine/messages.html", told=told(waiting))


def told(waiting: set[str], limit: int = 100) -> list[Told]:
    """The messages to the signed-in person. `waiting` are the references that need an answer; the newest message
    about one of them carries it."""
    found: list[Told] = []
    for row in messages_to(db.session(), signed_in().person.id, limit):
        if row.code in SENTENCES and row.values is not None:
            found.append(_told(row, waiting - {one.reference for one in found}))
    return found


def _told(row: Message, waiting: set[str]) -> Told:
    values = json.loads(row.values or "{}")
    site = current_app.extensions["settings"].base_url
    words = text_of(row.code, language(), values, site)
    reference = str(values.get("reference", ""))
    return Told(row.at, words, row.by, reference, reference in waiting)
