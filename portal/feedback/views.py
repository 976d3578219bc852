"""Write to us: a message, a complaint, a report of a fee. Nobody has to say who they are."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.feedback.forms import FeedbackForm
from portal.track.found import found_matter
from training import clock
from training.courses.models import ClassRun
from training.database import db
from training.errors import TooMany
from training.institutions.models import Institution
from training.objections.lifecycle import MatterKind
from training.objections.operations import Feedback, place_of, write_to_us
from training.policy.pack import Pack
from web.browser import browser_hash, browser_id
from web.form_keys import sent_key
from web.i18n import language
from web.matter_words import desk_of
from web.written import day

blueprint = Blueprint("feedback", __name__)


@blueprint.get("/feedback")
def write() -> Response:
    """The form; from the page of a school or class it knows which."""
    kind = "fee_report" if request.args.get("school") else None
    return _page(FeedbackForm(school=request.args.get("school", "")[:26], kind=kind))


@blueprint.post("/feedback")
def send() -> ResponseReturnValue:
    """Take it, and show its reference and the day of the answer."""
    form = FeedbackForm(request.form)
    if not form.validate():
        return _page(form, 422)
    limit = current_app.extensions["settings"].limits.feedback_network
    try:
        browser, network = browser_hash(browser_id()), request.remote_addr or ""
        matter = write_to_us(_said(form), browser, network, limit, _pack())
    except TooMany as refusal:
        return _page(form, 429, refusal.retry_after)
    return redirect(url_for(".done", reference=matter.reference), 303)


@blueprint.get("/feedback/done")
def done() -> str:
    """What was taken: its reference, who has it, and until when they answer."""
    matter = found_matter(request.args.get("reference", ""))
    return render_template("portal/feedback/done.html", matter=matter, desk=desk_of(_pack(), matter))


def _said(form: FeedbackForm) -> Feedback:
    return Feedback(
        kind=MatterKind(form.kind.data),
        text=form.text.said,
        contact=form.way_to_answer,
        language=language(),
        idempotency_key=sent_key(),
        about=(form.school.data or "")[:26],
    )


def _page(form: FeedbackForm, status: int = 200, retry_after: int = 0) -> Response:
    pack = _pack()
    until = pack.calendar.add_working_days(clock.today(), pack.objections.answer["message"])
    html = render_template(
        "portal/feedback/write.html",
        form=form,
        place=_place_name(form.school.data or ""),
        days=pack.objections.answer["message"],
        until=day(until),
        key=sent_key(),
        retry_after=retry_after,
    )
    answer = make_response(html, status)
    if retry_after:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def _place_name(about: str) -> str:
    """The class or school it is about, as people know it; empty where it names none."""
    session = db.session()
    found, _ = place_of(session, about)
    run = session.get(ClassRun, found) if found else None
    school = run.course.institution if run else session.get(Institution, found) if found else None
    if school is None:
        return ""
    name = (language() == "en" and school.name_en) or school.name
    return f"{name} · {run.course.title}" if run else str(name)


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack
