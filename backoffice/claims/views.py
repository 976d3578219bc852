"""The reviewers' desk: queue, batches, one claim, the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from backoffice.claims.forms import AgainForm, DecisionForm
from backoffice.claims.page import ClaimPage, claim_page, reasons_closed
from backoffice.claims.said import words_for
from backoffice.roles import desk_blueprint
from backoffice.seeing import seen
from backoffice.session import clerk
from backoffice.turns import said_turn
from training import clock
from training.claims import operations, queries
from training.claims.models import Claim
from training.claims.operations import Decision
from training.claims.queries import TABS, scope_of_reviewer
from training.database import db
from training.errors import BadInput, FourEyes, NotAllowedNow
from training.policy.pack import Pack
from training.references import parse_reference
from training.staff.queries import Scope
from training.staff.rules import Share
from web.claim_words import CLOSED, task_sentence
from web.errors import status_of
from web.reasons import code_sentence

blueprint = desk_blueprint("claims", __name__)


@blueprint.get("")
def queue() -> str:
    """The claims of one's scope, those that have waited longest first; by claim or by batch."""
    session, scope = db.session(), _scope()
    tab = request.args.get("tab", "")
    tab = tab if tab in TABS else "municipal" if scope.is_municipal else "district"
    rows = queries.queue(session, scope, tab, request.args.get("page", 1, type=int))
    counts = queries.count_by_tab(session, scope)
    following = _following()
    outliers = queries.open_tasks(session, rows.rows)
    shown = {"tab": tab, "rows": rows, "counts": counts, "following": following, "outliers": outliers}
    return _page(
        "queue.html", **shown, now=clock.now(), page_link=lambda page: url_for(".queue", tab=tab, page=page)
    )


@blueprint.get("/batches")
def batches() -> str:
    """Schools and classes with something in review, those with most to look at first."""
    return _page("batches.html", batches=queries.batches(db.session(), _scope(), _pack().sharing))


@blueprint.get("/batch/<key>")
def batch(key: str) -> str:
    """The claims of one class and month, outliers first."""
    found = queries.batch_of(db.session(), _scope(), key)
    outliers = queries.outliers_of(db.session(), found, _pack().sharing)
    claims = sorted(found, key=lambda claim: -len(outliers[claim.id]))
    return _page("batch.html", claims=claims, outliers=outliers, key=key, now=clock.now())


@blueprint.get("/<reference>")
def claim(reference: str) -> ResponseReturnValue:
    """One claim on one page. The reference of its enrolment leads to it as well."""
    found = _claim(reference)
    if found.reference != reference:
        return redirect(url_for("office.claims.claim", reference=found.reference), 303)
    return _shown(found)


@blueprint.post("/<reference>")
def decide(reference: str) -> ResponseReturnValue:
    """Agree, return or refuse, and open the next."""
    found, form = _claim(reference), DecisionForm(request.form)
    if not form.validate():
        return _shown(found, form, status=_status_of_fault(found))
    verb = {"agree": operations.agree, "return": operations.return_claim, "refuse": operations.refuse}
    try:
        verb[form.decision.data](found.reference, clerk().actor, _pack(), form.said(), clock.today())
    except BadInput as wrong:
        form[wrong.field].errors = [_missing(wrong.field)]
        return _shown(found, form, status=422)
    except (FourEyes, NotAllowedNow) as refusal:
        return _shown(_claim(reference), form, status=status_of(refusal), refused=refusal.reasons)
    return _next(found.reference)


@blueprint.post("/<reference>/again")
def again(reference: str) -> ResponseReturnValue:
    """Put a returned claim forward again."""
    found, form = _claim(reference), AgainForm(request.form)
    if not form.validate():
        return _shown(found, again=form, status=422)
    said = Decision(form.seen_version.data, note=form.note.data)
    try:
        operations.submit_again(found.reference, clerk().actor, _pack(), said, clock.today())
    except NotAllowedNow as refusal:
        return _shown(_claim(reference), status=409, refused=refusal.reasons)
    return redirect(url_for("office.claims.claim", reference=found.reference), 303)


def _status_of_fault(found: Claim) -> int:
    """A form that cannot be read is 422, but where there is nothing to decide, or not for this person, that."""
    closed = reasons_closed(db.session(), found, clerk().account)
    if not closed:
        return 422
    return 409 if closed[0] in ("other_desk", "not_in_review") else 403


def _shown(
    found: Claim,
    form: DecisionForm | None = None,
    *,
    again: AgainForm | None = None,
    status: int = 200,
    refused: Sequence[str] = (),
) -> Response:
    account, pack = clerk().account, _pack()
    seen(found.person_id, "claims", reference=found.reference)
    page = claim_page(db.session(), found, account, _scope(), pack, clock.today())
    form = form or DecisionForm(data={} if page.cannot_be_agreed else {"decision": "agree"})
    sentences = [str(CLOSED[code]) if code in CLOSED else _task_reason(code, page) for code in refused]
    shown = {"page": page, "form": form, "again": again or AgainForm(), "refused": sentences}
    html = _page("claim.html", **shown, closed_words=CLOSED, turn=said_turn(_above))
    return make_response(html, status)


def _page(template: str, **values: Any) -> str:
    return render_template(f"backoffice/claims/{template}", **words_for(_pack()), **values)


def _task_reason(code: str, page: ClaimPage) -> str:
    found = next((task for task in page.tasks if f"task_{task.task}" == code), None)
    return task_sentence(found.task, found.outcome, found.values) if found else code_sentence(code)


def _missing(field: str) -> str:
    if field == "note":
        return str(_("Write what you make of the things marked yellow"))
    return str(_("Choose at least one reason"))


def _next(decided: str) -> ResponseReturnValue:
    following = _following(done=decided)
    return redirect(following or url_for("office.claims.queue", done=decided), 303)


def _following(done: str | None = None) -> str | None:
    """Where the next claim is opened; None: there is none."""
    found = queries.next_to_decide(db.session(), _scope(), clerk().account.id, _pack().sharing)
    if found is None:
        return None
    instead = found.instead_of.institution if found.instead_of else None
    return url_for("office.claims.claim", reference=found.reference, instead=instead, done=done)


def _above() -> Mapping[str, Share]:
    return queries.claims_above(db.session(), _scope(), clerk().account.id, _pack().sharing)


def _claim(reference: str) -> Claim:
    session = db.session()
    session.expire_all()
    return queries.claim_in_scope(session, parse_reference(reference), _scope())


def _scope() -> Scope:
    return scope_of_reviewer(clerk().account)


def _pack() -> Pack:
    found: Pack = current_app.extensions["pack"]
    return found
