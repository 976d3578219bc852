"""Everything about me, to read and to take along; and what I ask to be corrected or deleted."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, TextAreaField
from wtforms.validators import Length

from portal.mine.blueprint import blueprint
from portal.mine.ledger import spent_of
from portal.mine.readable import sections
from portal.session import level_two, signed_in
from training import clock
from training.database import db, new_id
from training.errors import BadInput, NotAllowedNow
from training.objections.lifecycle import MatterKind
from training.objections.models import Matter
from training.objections.queries import matters_of
from training.policy.pack import Pack
from training.privacy.operations import ask_for_correction, ask_for_deletion, note_taken
from training.privacy.queries import everything_about, kept_of
from training.privacy.rules import accounts_until, reasons_not_to_delete
from web.form_keys import sent_key

_: Callable[..., str] = gettext
LONGEST = 2000
OWN = (MatterKind.CORRECTION, MatterKind.DELETION)
ASK = {"correct": ask_for_correction, "delete": ask_for_deletion}


class RequestForm(Form):
    """What is to be changed, or why it is to go; read from `action` and `text` only."""

    text = TextAreaField(
        _l("What is wrong, and how is it right?"), [Length(max=LONGEST, message=_l("Please write less"))]
    )


@blueprint.get("/data")
def data() -> ResponseReturnValue:
    """What is known of me, readable; the requests that run, and forms for new ones."""
    form = RequestForm()
    form.text.data = _line_in_words(request.args.get("line", type=int))
    return _page(form)


@blueprint.post("/data")
def ask_about_data() -> ResponseReturnValue:
    """Ask for a correction or a deletion. 409 where one is open, or a deletion lacks a fresh sign-in."""
    form, action, who = RequestForm(request.form), request.form.get("action", ""), signed_in()
    if action not in ASK:
        return _page(form, fault=_("Choose what is to be done")), 422
    if not form.validate():
        return _page(form, action), 422
    if action == "delete" and (reasons := level_two()):
        return _page(form, action, closed=reasons), 409
    try:
        ASK[action](who.person.id, form.text.data or "", sent_key(), who.actor, _pack())
    except BadInput:
        form.text.errors = [_("Say what is wrong, and how it is right")]
        return _page(form, action), 422
    except NotAllowedNow as refusal:
        return _page(form, action, closed=list(refusal.reasons)), 409
    return redirect(url_for(".data", _anchor="asked"), 303)


@blueprint.get("/data.json")
def data_file() -> ResponseReturnValue:
    """The same as a file, for machines and other offices."""
    if reasons := level_two():
        return _page(RequestForm(), closed=reasons), 409
    who = signed_in()
    found = everything_about(db.session(), who.person.id)
    note_taken(who.person.id, who.actor)
    text = json.dumps(found.document(), ensure_ascii=False, indent=1)
    answer = Response(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = "attachment; filename=data.json"
    return answer


def _page(form: RequestForm, action: str = "", fault: str = "", closed: list[str] | None = None) -> str:
    session, person, pack = db.session(), signed_in().person, _pack()
    against, asked = level_two(), _own_requests()
    kept = kept_of(session, person)
    return render_template(
        "portal/mine/data.html",
        sections=[] if against else sections(everything_about(session, person.id), pack),
        against=against,
        closed=closed or [],
        asked=asked,
        open_kinds={one.kind.value for one in asked if one.is_open},
        form=form,
        action=action,
        fault=fault,
        stops=reasons_not_to_delete(kept, pack.retention, clock.today()),
        accounts_until=accounts_until(kept, pack.retention),
        days=pack.objections.answer,
        keys={kind: sent_key() if kind == action else new_id() for kind in ASK},
    )


def _own_requests() -> list[Matter]:
    found = matters_of(db.session(), signed_in().person.id)
    return [one for one in found if one.kind in OWN]


def _line_in_words(number: int | None) -> str:
    """What a line of the ledger is about, so that nobody has to copy it."""
    spent = spent_of()
    if number is None or not 1 <= number <= len(spent):
        return ""
    return _("My subsidies, line %(number)s: %(title)s. ", number=number, title=spent[number - 1].title)


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack
