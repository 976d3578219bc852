"""The desk of possible duplicates: the queue of groups, one group side by side, what is decided about it."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from backoffice.duplicates.acts import ACTS, decide
from backoffice.duplicates.forms import DecisionForm
from backoffice.duplicates.page import (
    group_page,
    moves_words,
    resolved,
    risk_words,
)
from backoffice.duplicates.rows import TABS, queue_page
from backoffice.roles import desk_blueprint, own_scope
from backoffice.seeing import seen
from training.database import db
from training.errors import BadInput, FourEyes, NotAllowedNow
from training.identities.queries import open_group, pair_in_scope
from web.errors import status_of
from web.identity_words import ANSWER, CLOSED, RISK

blueprint = desk_blueprint("duplicates", __name__)


@blueprint.get("")
def queue() -> str:
    """Groups that wait for a decision, those that were asked to come, and what was decided last."""
    tab = request.args.get("tab", "")
    tab = tab if tab in TABS else "open"
    return _page("queue.html", **queue_page(db.session(), own_scope("duplicates"), tab))


@blueprint.get("/<pair>")
def group(pair: str) -> ResponseReturnValue:
    """Two to five records side by side; a pair that is decided says by whom."""
    return _group(pair)


@blueprint.post("/<pair>")
def act(pair: str) -> ResponseReturnValue:
    """Take, keep, put back, see the numbers; or decide."""
    pair_in_scope(db.session(), own_scope("duplicates"), pair)
    form = DecisionForm(request.form)
    try:
        if action := ACTS.get(request.form.get("action", "")):
            return redirect(action(pair), 303)
        if not form.validate():
            return _group(pair, form, 422)
        return redirect(decide(pair, form), 303)
    except BadInput as fault:
        return _group(pair, form, 422, field=fault.field)
    except (FourEyes, NotAllowedNow) as refusal:
        return _group(pair, form, status_of(refusal), reasons=tuple(refusal.reasons))


def _group(
    pair_id: str, form: DecisionForm | None = None, status: int = 200, **more: object
) -> ResponseReturnValue:
    scope, session = own_scope("duplicates"), db.session()
    session.expire_all()
    pair = pair_in_scope(session, scope, pair_id)
    found = open_group(session, pair)
    if found is None:
        return make_response(_page("resolved.html", **resolved(session, pair), status=status), status)
    for one in found.people:
        seen(one.id, "duplicates")
    page = group_page(session, found, scope)
    form = form or DecisionForm()
    return make_response(
        _page("group.html", page=page, pair_id=pair_id, form=form, status=status, **more), status
    )


def _page(template: str, **values: object) -> str:
    words = {
        "risk_words": risk_words,
        "moves_words": moves_words,
        "answer_words": ANSWER,
        "closed_words": CLOSED,
        "risk_codes": RISK,
    }
    return render_template(f"backoffice/duplicates/{template}", **words, **values)
