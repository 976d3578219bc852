"""Lists that are taken out: asked for with a reason, agreed to by a second person, downloaded with a mark."""

from __future__ import annotations

from typing import Any

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from backoffice.exports.forms import COLUMN, ExportForm
from backoffice.exports.sheet import enrolment_sheet, number_of
from backoffice.roles import desk_blueprint, own_scope
from backoffice.session import clerk
from training import clock
from training.database import db, new_id
from training.errors import BadInput, FourEyes, NotAllowedNow, NotThere
from training.oversight import operations
from training.oversight.models import ExportKind, ExportStatus
from training.oversight.operations import Wish
from training.oversight.queries.exports import LISTS, enrolment_ids, export_of, exports_at
from training.policy.service import Exports
from training.staff.queries import names_of
from web import sheets
from web.errors import status_of
from web.labels import STATUS, word
from web.look_words import look_reason_word

blueprint = desk_blueprint("exports", __name__)
DECISIONS = {"agree": True, "refuse": False}


@blueprint.get("")
def requests() -> str:
    """What waits for a second person, one's own exports, and the form for a new one."""
    return _page(ExportForm(data={"idempotency_key": new_id(), "columns": ["reference", "course", "status"]}))


@blueprint.post("")
def ask() -> ResponseReturnValue:
    """Ask for a list of one's own scope."""
    form, scope = ExportForm(request.form), own_scope("exports")
    if not form.validate():
        return make_response(_page(form, status=422), 422)
    which, terms = form.which.data, _terms()
    rows = enrolment_ids(db.session(), which, scope, terms.max_rows + 1)
    said = (form.reason.data, form.note.data or "", form.key)
    wish = Wish(ExportKind.ENROLMENTS, scope.district, form.columns.data or (), rows, *said, {"which": which})
    try:
        operations.ask_for_export(wish, clerk().actor, terms)
    except BadInput as fault:
        form.which.errors = [_said(fault.code, terms)]
        return make_response(_page(form, status=422), 422)
    return redirect(url_for("office.exports.requests"), 303)


@blueprint.post("/<export>")
def decide(export: str) -> ResponseReturnValue:
    """Agree, or refuse; never one's own."""
    decision, scope = request.form.get("decision", ""), own_scope("exports")
    if decision not in DECISIONS:
        return make_response(_page(ExportForm(), faulty=export, status=422), 422)
    try:
        operations.decide_export(export, DECISIONS[decision], clerk().actor, scope, _terms())
    except (FourEyes, NotAllowedNow) as refusal:
        status = status_of(refusal)
        return make_response(_page(ExportForm(), refused=refusal.reasons[0], status=status), status)
    return redirect(url_for("office.exports.requests"), 303)


@blueprint.post("/<export>/list.<form>")
def download(export: str, form: str) -> ResponseReturnValue:
    """The file: counted, marked, and everybody in it can read that it was taken."""
    if form not in sheets.TYPES:
        raise NotThere(form)
    session, terms = db.session(), _terms()
    try:
        taken = operations.take_export(export, clerk().actor, terms)
    except NotAllowedNow:
        return make_response(_page(ExportForm(), refused="not_approved", status=409), 409)
    content = sheets.written(enrolment_sheet(session, export_of(session, taken.id, clerk().account.id)), form)
    return sheets.answer(content, f"{number_of(taken)}.{form}", form)


def _page(form: ExportForm, *, refused: str = "", faulty: str = "", status: int = 200) -> str:
    session, scope, own_id = db.session(), own_scope("exports"), clerk().account.id
    found = exports_at(session, scope, own_id)
    shown: dict[str, Any] = {
        "form": form,
        "waiting": [one for one in found if one.status is ExportStatus.ASKED],
        "own": [one for one in found if one.asked_by == own_id],
        "names": names_of(session, {one.asked_by for one in found}),
        "own_id": own_id,
        "terms": _terms(),
        "now": clock.now(),
    }
    return render_template(
        "backoffice/exports/exports.html",
        **shown,
        refused=refused,
        faulty=faulty,
        status=status,
        number_of=number_of,
        list_word=lambda code: word(STATUS, code) if code in LISTS else code,
        column_word=lambda code: word(COLUMN, code),
        look_reason_word=look_reason_word,
    )


def _said(code: str, terms: Exports) -> str:
    if code == "too_many":
        return str(_("More than %(number)s rows: choose a shorter list", number=terms.max_rows))
    return str(_("Nobody stands in this list now"))


def _terms() -> Exports:
    found: Exports = current_app.extensions["pack"].exports
    return found
