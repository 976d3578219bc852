"""What I agreed to: which text, how, where and when."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.mine.blueprint import blueprint
from portal.session import signed_in
from training.database import db
from training.people.queries import consents_of


@blueprint.get("/consents")
def consents() -> ResponseReturnValue:
    """Every consent, newest first; the record was made under the oldest."""
    person = signed_in().person
    return render_template("portal/mine/consents.html", consents=consents_of(db.session(), person.id))
