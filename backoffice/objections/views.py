"""The desk of objections and appeals: the list, one matter, the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.objections.acts import EFFECTS
from backoffice.objections.forms import DecisionForm, note_fault
from backoffice.objections.page import matter_page
from backoffice.objections.rows import row_of
from backoffice.objections.words import WORDS, closed_sentence
from backoffice.roles import desk_blueprint, own_scope
from backoffice.seeing import seen
from backoffice.session import clerk
from training import clock
from training.database import db
from training.errors import BadInput, FourEyes, NotAllowedNow
from training.objections import queries
from training.objections.models import Matter
from training.objections.operations import decide
from training.objections.queries import TABS
from training.policy.queries import district, occupation
from training.references import parse_reference
from web.errors import status_of
from web.i18n import language
from web.matter_words import desk_of

blueprint = desk_blueprint("objections", __name__)


@blueprint.get("")
def queue() -> str:
    """What is to be answered in one's scope, the first due first, so that what is late stands on top."""
    session, scope, kinds = db.session(), own_scope("objections"), queries.kinds_of(clerk().account)
    tab = request.args.get("tab", "")
    tab = tab if tab in TABS else "all"
    rows = queries.queue(session, scope, kinds, tab, request.args.get("page", 1, type=int))
    pack = current_app.extensions["pack"]
    return _page(
        "queue.html",
        tab=tab,
        tabs=[name for name, held in TABS.items() if held & kinds],
        counts=queries.count_by_tab(session, scope, kinds),
        rows=rows,
        shown=[row_of(session, matter, pack) for matter in rows.rows],
        following=queries.next_to_answer(session, scope, clerk().account),
        pile=queries.lies(session, scope, kinds),
        page_link=lambda page: url_for(".queue", tab=tab, page=page),
    )


@blueprint.get("/<reference>", endpoint="matter")
def one_matter(reference: str) -> ResponseReturnValue:
    """One matter: what was said, what was decided before, the records, and the form for whoever may decide."""
    found = _matter(reference)
    if found.reference != reference:
        return redirect(url_for(".matter", reference=found.reference), 303)
    return _shown(found)


@blueprint.post("/<reference>", endpoint="decide")
def decide_matter(reference: str) -> ResponseReturnValue:
    """Uphold or dismiss, answer, and go back to the list."""
    found, form = _matter(reference), DecisionForm(request.form)
    closed = queries.reasons_closed(db.session(), found, clerk().account)
    if not form.validate():
        return _shown(found, form, 422 if not closed else 409 if closed == ["decided"] else 403)
    pack = current_app.extensions["pack"]
    try:
        decide(found.reference, own_scope("objections"), clerk().actor, form.answer(), pack, EFFECTS)
    except BadInput as wrong:
        form.note.errors = [note_fault(wrong.code)]
        return _shown(found, form, 422)
    except (FourEyes, NotAllowedNow) as refusal:
        return _shown(_matter(reference), form, status_of(refusal), refusal.reasons)
    return redirect(url_for(".queue", done=found.reference), 303)


def _shown(
    found: Matter, form: DecisionForm | None = None, status: int = 200, refused: Sequence[str] = ()
) -> Response:
    session, account = db.session(), clerk().account
    if found.person_id:
        seen(found.person_id, "objections", reference=found.reference)
    page = matter_page(session, found, account)
    said = [closed_sentence(code, page) for code in refused]
    form = form or DecisionForm()
    return make_response(_page("matter.html", page=page, form=form, refused=said), status)


def _matter(reference: str) -> Matter:
    """A matter of one's own scope and kinds. Raises NotThere; another desk's kind is 403."""
    session = db.session()
    session.expire_all()
    found = queries.matter_in_scope(session, parse_reference(reference), own_scope("objections"))
    if found.kind not in queries.kinds_of(clerk().account):
        abort(403)
    return found


def _page(template: str, **values: Any) -> str:
    pack = current_app.extensions["pack"]
    words = {
        "desk_of": lambda matter: desk_of(pack, matter),
        "place_name": lambda code: district(pack, code).name.said(language()),
        "occupation_name": lambda code: occupation(pack, code).name.said(language()),
        "today": clock.today(),
        **WORDS,
    }
    return render_template(f"backoffice/objections/{template}", **words, **values)
