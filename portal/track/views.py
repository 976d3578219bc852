"""Track by reference: steps and dates, no person and no amount."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.standing import standing_of
from portal.timeline import timeline
from portal.track.found import found
from portal.track.matter import steps_of_matter
from training.database import db
from training.enrolments.models import Enrolment
from training.enrolments.queries import steps_of
from training.errors import NotThere, TooMany
from training.objections.models import Matter
from training.references import Mistyped
from web.pages import public_page

blueprint = Blueprint("track", __name__)


@blueprint.get("/track")
@public_page
def find() -> ResponseReturnValue:
    """Ask for the reference. Good: on to its steps; mistyped 422, unknown 404, too many wrong ones 429."""
    typed = request.args.get("reference")
    if typed is None:
        return _page("", 200)
    try:
        reference = found(typed).reference
    except Mistyped:
        return _page(typed, 422)
    except NotThere:
        return _page(typed, 404)
    except TooMany as refusal:
        return _page(typed, 429, refusal.retry_after)
    return redirect(url_for(".steps", reference=reference), 303)


@blueprint.get("/t/<reference>")
@public_page
def steps(reference: str) -> ResponseReturnValue:
    """Steps, dates and desk of one enrolment or one matter, for whoever has its reference."""
    try:
        thing = found(reference)
    except NotThere:
        return _page(reference, 404)
    except TooMany as refusal:
        return _page(reference, 429, refusal.retry_after)
    return _enrolment(thing) if isinstance(thing, Enrolment) else _matter(thing)


def _enrolment(enrolment: Enrolment) -> str:
    session, pack = db.session(), current_app.extensions["pack"]
    here = standing_of(session, enrolment, pack)
    line = timeline(enrolment, steps_of(session, enrolment), here.progress, pack)
    return render_template("portal/track/steps.html", standing=here, run=enrolment.class_run, line=line)


def _matter(matter: Matter) -> str:
    pack = current_app.extensions["pack"]
    return render_template("portal/track/matter.html", matter=matter, line=steps_of_matter(matter, pack))


def _page(typed: str, status: int, retry_after: int = 0) -> Response:
    shown = typed[:40] if typed.isprintable() else ""
    html = render_template("portal/track/find.html", typed=shown, status=status, retry_after=retry_after)
    answer = make_response(html, status)
    if retry_after:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
