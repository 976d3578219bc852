"""The verifiers' desk: the queue, one case, and what is decided about it."""

from __future__ import annotations

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.roles import desk_blueprint, own_scope
from backoffice.seeing import seen
from backoffice.session import clerk
from backoffice.turns import said_turn
from backoffice.verify.acts import ACTS, above, decide, open_next
from backoffice.verify.case import page_of
from backoffice.verify.forms import DecisionForm, asked_for
from backoffice.verify.rows import holder_of, rows_of
from training import clock
from training.database import db
from training.enrolments import queue as cases
from training.enrolments.queries import case_in_district
from training.errors import BadInput, NotAllowedNow, NotEligible
from training.references import parse_reference
from training.staff.queries import names_of

blueprint = desk_blueprint("verify", __name__)


@blueprint.get("")
def queue() -> str:
    """The queue, the longest waiting first; tabs with counts, filters, pages."""
    asked, is_read = asked_for(request.args)
    own_id, session = clerk().account.id, db.session()
    page = cases.queue_page(session, own_scope("verify"), own_id, asked, clock.midnight(clock.today()))
    names = names_of(session, {holder for case in page.rows if (holder := holder_of(case))})
    late = cases.overdue_before(current_app.extensions["pack"].calendar, clock.now())
    pile = cases.pile(session, own_scope("verify"), late)
    rows = rows_of(page.rows, own_id, names, late)
    shown = {"asked": asked, "is_read": is_read, "page": page, "rows": rows, "pile": pile, "Tab": cases.Tab}
    told = {word: request.args.get(word) == "1" for word in ("empty", "full")}
    return render_template("backoffice/verify/queue.html", **shown, **told)


@blueprint.post("/next")
def take_next() -> ResponseReturnValue:
    """Take the case that waits longest, or another where somebody else's turn comes first."""
    return redirect(open_next(), 303)


@blueprint.get("/<reference>")
def case(reference: str) -> ResponseReturnValue:
    """One case: compare, answer, decide. One that lies at the desk no more is opened with a reason (A23)."""
    found = case_in_district(db.session(), own_scope("verify").district, parse_reference(reference))
    if not cases.lies_here(found, clerk().account.id, clock.midnight(clock.today())):
        return redirect(url_for("office.search.case", reference=found.reference), 303)
    return _case_page(reference, None)


@blueprint.post("/<reference>")
def act(reference: str) -> ResponseReturnValue:
    """Take, renew, put back, answer a duplicate, see the number; or decide."""
    reference, form = parse_reference(reference), DecisionForm(request.form)
    case_in_district(db.session(), own_scope("verify").district, reference)
    try:
        if action := ACTS.get(request.form.get("action", "")):
            return redirect(action(reference, form), 303)
        if not form.validate():
            return _case_page(reference, form, 422)
        return redirect(decide(reference, form), 303)
    except BadInput as fault:
        return _case_page(reference, form, 422, field=fault.field)
    except (NotAllowedNow, NotEligible) as refusal:
        return _case_page(reference, form, 409, reasons=tuple(refusal.reasons))


def _case_page(
    reference: str, form: DecisionForm | None, status: int = 200, **more: object
) -> ResponseReturnValue:
    scope, session = own_scope("verify"), db.session()
    session.expire_all()
    found = case_in_district(session, scope.district, parse_reference(reference))
    seen(found.person_id, "verify", reference=found.reference)
    page = page_of(session, found, scope)
    form = form or DecisionForm.again(found.draft_decision, clerk().account.id)
    shown = {"page": page, "form": form, "status": status, "turn": said_turn(above)}
    html = render_template("backoffice/verify/case.html", **shown, **more)
    return make_response(html, status)
