"""The signed-in pages: nobody comes in without a session, and whoever is here stays signed in."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.session import visitor
from training.people.operations import keep_alive
from web.browser import browser_id
from web.i18n import here

blueprint = Blueprint("mine", __name__, url_prefix="/mine")


@blueprint.before_request
def stay() -> ResponseReturnValue | None:
    """Signed in only; whoever is here stays signed in for another 30 minutes, 12 hours at most."""
    who = visitor()
    if who is None:
        wanted = here() if request.method == "GET" else None
        return redirect(url_for("sign_in.start", next=wanted), 303)
    keep_alive(who.row)
    browser_id()
    return None
