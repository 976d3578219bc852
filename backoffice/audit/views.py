"""The auditor's desk: who did what, one subject's story, a check of the trail, an export. It changes no data (A21)."""

from __future__ import annotations

from typing import Any

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from backoffice.audit.export import ask_for_events, event_sheet
from backoffice.audit.forms import Wanted, subject_at, wanted
from backoffice.audit.page import KIND, lines_of, story_of
from backoffice.exports.sheet import number_of
from backoffice.roles import desk_blueprint
from backoffice.seeing import seen
from backoffice.session import clerk
from backoffice.why import WhyForm
from training import clock
from training.audit import EventName
from training.database import db, new_id
from training.errors import BadInput, NotAllowedNow, NotThere
from training.oversight import operations
from training.oversight.models import ExportKind
from training.oversight.queries.exports import export_of, exports_by
from training.oversight.queries.trail import SHOWN, Subject, last_checks
from training.oversight.queries.trail import events as find_events
from web import sheets
from web.event_words import event_word
from web.form_keys import sent_key
from web.i18n import language
from web.labels import word
from web.look_words import look_reason_word

blueprint = desk_blueprint("audit", __name__)


@blueprint.get("")
def events() -> str:
    """The newest events that fit."""
    return _list()


@blueprint.post("/verify")
def verify() -> ResponseReturnValue:
    """Have the whole trail checked: the worker does it, and the result stands on the page."""
    try:
        operations.ask_for_check(clerk().actor, sent_key())
    except NotAllowedNow:
        return make_response(_list(status=409), 409)
    return redirect(url_for("office.audit.events", _anchor="checks"), 303)


@blueprint.get("/exports")
def exports() -> str:
    """One's own exports, and the form for a new one with the filters that were chosen."""
    return _export_page(_wanted(request.args), WhyForm(), new_id())


@blueprint.post("/exports")
def export() -> ResponseReturnValue:
    """Take the events that fit out, with a reason. No sealed value goes along."""
    chosen, form = _wanted(request.form), WhyForm(request.form)
    key = sent_key()
    if not form.validate():
        return make_response(_export_page(chosen, form, key, 422), 422)
    try:
        ask_for_events(db.session(), chosen, form, key)
    except BadInput as fault:
        return make_response(_export_page(chosen, form, key, 422, fault=fault.code), 422)
    return redirect(url_for("office.audit.exports"), 303)


@blueprint.post("/exports/<export>/list.<form>")
def download(export: str, form: str) -> ResponseReturnValue:
    """The file, as often and as long as the pack allows."""
    if form not in sheets.TYPES:
        raise NotThere(form)
    taken = operations.take_export(export, clerk().actor, current_app.extensions["pack"].exports)
    content = event_sheet(db.session(), export_of(db.session(), taken.id, clerk().account.id))
    return sheets.answer(sheets.written(content, form), f"{number_of(taken)}.{form}", form)


@blueprint.get("/<kind>/<subject>")
def subject(kind: str, subject: str) -> str:
    """One subject's story; its chain is checked while it is read."""
    return _story(_subject(kind, subject), WhyForm())


@blueprint.post("/<kind>/<subject>")
def open_values(kind: str, subject: str) -> ResponseReturnValue:
    """Open the values of the person for ten minutes, with a reason that the person reads."""
    found, form = _subject(kind, subject), WhyForm(request.form)
    story = story_of(db.session(), found)
    if story.person is None:
        raise NotThere(subject)
    if not form.validate():
        return make_response(_story(found, form, 422), 422)
    told = {"reason": form.reason.data, "note": form.note.data or ""}
    reference = "" if story.subject.word == found.id else story.subject.word
    seen(story.person.id, "audit", **told, reference=reference)
    return redirect(url_for("office.audit.subject", kind=kind, subject=subject), 303)


def _list(status: int = 200) -> str:
    session, chosen = db.session(), _wanted(request.args)
    found = [] if chosen.nothing else find_events(session, chosen.filters)
    lines = lines_of(session, found[:SHOWN])
    older = {**chosen.query, "before": str(found[SHOWN - 1].id)} if len(found) > SHOWN else None
    checks = last_checks(session)
    return _page("events.html", chosen=chosen, lines=lines, older=older, checks=checks, status=status)


def _story(found: Subject, form: WhyForm, status: int = 200) -> str:
    return _page("subject.html", story=story_of(db.session(), found), form=form, status=status)


def _export_page(chosen: Wanted, form: WhyForm, key: str, status: int = 200, *, fault: str = "") -> str:
    own = exports_by(db.session(), clerk().account.id, ExportKind.EVENTS)
    shown = {"chosen": chosen, "form": form, "key": key, "own": own, "fault": fault, "status": status}
    terms = current_app.extensions["pack"].exports
    return _page("exports.html", **shown, terms=terms, now=clock.now(), number_of=number_of)


def _page(template: str, **values: Any) -> str:
    districts = current_app.extensions["pack"].districts
    return render_template(
        f"backoffice/audit/{template}",
        **values,
        names=sorted(
            ((event.value, event_word(event.value)) for event in EventName), key=lambda pair: pair[1]
        ),
        districts=[(code, one.name.said(language())) for code, one in districts.items()],
        kind_word=lambda kind: word(KIND, kind),
        look_reason_word=look_reason_word,
        exact_time=lambda moment: f"{moment.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}",
        unread_words={
            "subject": _("what"),
            "actor": _("who"),
            "name": _("did what"),
            "first": _("from"),
            "last": _("until"),
            "district": _("district"),
        },
    )


def _wanted(query: Any) -> Wanted:
    return wanted(db.session(), current_app.extensions["pack"], query)


def _subject(kind: str, subject: str) -> Subject:
    found = subject_at(kind, subject)
    if found is None:
        raise NotThere(kind)
    return found
