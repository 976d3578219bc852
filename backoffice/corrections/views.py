"""The desk of corrections: a number or name is proposed with its proof, another person decides."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from backoffice.corrections.forms import AnswerForm, ProposalForm
from backoffice.corrections.page import WORDS, change_page, list_page
from backoffice.roles import desk_blueprint, own_scope
from backoffice.seeing import seen
from backoffice.session import clerk
from training.database import db
from training.enrolments.queries import case_in_district
from training.errors import FourEyes, NotAllowedNow, NotThere
from training.identities import operations
from training.identities.models import ChangeKind
from training.identities.queries import change_in_scope
from training.references import parse_reference
from web.errors import status_of

blueprint = desk_blueprint("corrections", __name__)


@blueprint.get("")
def queue() -> str:
    """What waits for a second person, the longest waiting first; and what is over."""
    return _page("queue.html", **list_page(db.session()))


@blueprint.get("/new")
def new() -> str:
    """The form of a new correction; a reference or a matter may come along in the address."""
    given = {name: request.args.get(name, "")[:20] for name in ("kind", "reference", "matter")}
    form = ProposalForm(data={name: text for name, text in given.items() if text})
    return _page("new.html", form=form)


@blueprint.post("/new")
def propose() -> ResponseReturnValue:
    """Propose it. What stands in the way is said with the next step."""
    form = ProposalForm(request.form)
    if not form.validate():
        return _proposal(form, 422)
    try:
        person_id = _record_of(form)
        made = operations.propose_change(
            form.proposal(person_id), own_scope("corrections").district or "", clerk().actor
        )
    except NotThere:
        form.reference.errors = [_("There is no such enrolment in your district")]
        return _proposal(form, 422)
    except NotAllowedNow as refusal:
        return _proposal(form, 409, reasons=tuple(refusal.reasons))
    return redirect(url_for(".change", change_id=made.id), 303)


@blueprint.get("/<change_id>")
def change(change_id: str) -> ResponseReturnValue:
    """One correction: for the second person to decide, for the first to see how it stands."""
    return _change(change_id)


@blueprint.post("/<change_id>")
def decide(change_id: str) -> ResponseReturnValue:
    """The second person agrees, with the number typed again, or refuses."""
    scope, form = own_scope("corrections"), AnswerForm(request.form)
    found = change_in_scope(db.session(), scope, change_id)
    form.wanted = None if found.kind is ChangeKind.NAME else found.new
    verb = operations.refuse_change if form.decision.data == "refuse" else operations.agree_to_change
    try:
        if found.is_open and not form.validate():
            return _change(change_id, form, 422)
        verb(change_id, scope, clerk().actor, form.note.said, form.version)
    except (FourEyes, NotAllowedNow) as refusal:
        return _change(change_id, form, status_of(refusal), reasons=tuple(refusal.reasons))
    return redirect(url_for(".queue", done=form.decision.data), 303)


def _record_of(form: ProposalForm) -> str | None:
    """Whose record it is, by the reference; None: somebody who has none."""
    text = (form.reference.data or "").strip()
    if not text:
        return None
    case = case_in_district(db.session(), own_scope("corrections").district, parse_reference(text))
    seen(case.person_id, "corrections", reference=case.reference)
    return case.person_id


def _proposal(form: ProposalForm, status: int, **more: object) -> ResponseReturnValue:
    return make_response(_page("new.html", form=form, status=status, **more), status)


def _change(
    change_id: str, form: AnswerForm | None = None, status: int = 200, **more: object
) -> ResponseReturnValue:
    session = db.session()
    session.expire_all()
    found = change_in_scope(session, own_scope("corrections"), change_id)
    for one in (found.person_id, found.holder_id):
        if one:
            seen(one, "corrections")
    page = change_page(session, found)
    return make_response(
        _page("change.html", page=page, form=form or AnswerForm(), status=status, **more), status
    )


def _page(template: str, **values: object) -> str:
    return render_template(f"backoffice/corrections/{template}", **WORDS, **values)
