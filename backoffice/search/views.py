"""Search within one's own scope; whoever opens a case outside the own queue says why, and the person reads it."""

from __future__ import annotations

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.roles import DESKS, desk_blueprint, own_scope, role_at
from backoffice.search.forms import SearchForm
from backoffice.search.page import is_opened, opened_page
from backoffice.search.rows import found_rows, is_cut, matter_address
from backoffice.seeing import seen
from backoffice.session import clerk
from backoffice.why import WhyForm
from training import clock
from training.database import db
from training.enrolments import operations
from training.enrolments.models import Enrolment
from training.enrolments.queries import case_in_scope
from training.enrolments.search import SHOWN, understood
from training.policy.queries import district
from training.references import parse_reference
from web.i18n import language

blueprint = desk_blueprint("search", __name__)


@blueprint.get("")
def search() -> str:
    """What was typed last, and what it finds. It came by POST and is kept in a row: no name and no number
    stands in an address."""
    typed = operations.last_search(db.session(), clerk().row.id_hash)
    return _list(SearchForm(data={"s": typed}), typed)


@blueprint.post("")
def submit() -> ResponseReturnValue:
    """Keep what was typed, say in the trail that somebody searched, and show what it finds."""
    form = SearchForm(request.form)
    if not form.validate():
        return make_response(_list(form, ""), 422)
    operations.search(clerk().row.id_hash, form.s.data or "", clerk().actor, clock.today())
    return redirect(url_for("office.search.search"), 303)


@blueprint.get("/<reference>")
def case(reference: str) -> ResponseReturnValue:
    """The question why; once it is answered, for ten minutes the case, to be read."""
    found = _case(reference)
    return _opened(found) if is_opened(db.session(), found) else _why(found, WhyForm())


@blueprint.post("/<reference>")
def open_case(reference: str) -> ResponseReturnValue:
    """Write the reason down and open; or show the full number for a minute, with a reason of its own."""
    found, form = _case(reference), WhyForm(request.form)
    wants_number = request.form.get("action") == "show_number"
    was_opened = is_opened(db.session(), found)
    if not form.validate():
        return _opened(found, form, 422) if wants_number and was_opened else _why(found, form, 422)
    told = {"reason": form.reason.data, "note": form.note.data or "", "reference": found.reference}
    if not was_opened:
        seen(found.person_id, "search", **told)
    if wants_number:
        seen(found.person_id, "search", full_number=True, **told)
    here = url_for("office.search.case", reference=found.reference, _anchor="full" if wants_number else None)
    return redirect(here, 303)


def _list(form: SearchForm, typed: str) -> str:
    scope, asked = own_scope("search"), understood(typed, clock.today())
    rows, matter = found_rows(db.session(), asked, scope), matter_address(db.session(), asked)
    shown = {"form": form, "typed": typed, "rows": rows[:SHOWN], "is_cut": is_cut(rows), "matter": matter}
    shown["reference"] = asked.value if asked else ""
    at_counter = role_at(clerk().account, DESKS["counter"].acting) is not None
    return render_template(
        "backoffice/search/search.html", **shown, place=_place(scope.district), at_counter=at_counter
    )


def _why(found: Enrolment, form: WhyForm, status: int = 200) -> Response:
    html = render_template("backoffice/search/why.html", reference=found.reference, form=form, status=status)
    return make_response(html, status)


def _opened(found: Enrolment, form: WhyForm | None = None, status: int = 200) -> Response:
    page = opened_page(db.session(), found, own_scope("search"))
    html = render_template("backoffice/search/case.html", page=page, form=form or WhyForm(), status=status)
    return make_response(html, status)


def _case(reference: str) -> Enrolment:
    return case_in_scope(db.session(), own_scope("search"), parse_reference(reference))


def _place(code: str | None) -> str:
    pack = current_app.extensions["pack"]
    return district(pack, code).name.said(language()) if code else pack.name.said(language())
