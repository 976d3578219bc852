"""The desk of seats: the classes of one's own scope, one class with its line, one person who stands there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.roles import desk_blueprint, own_scope
from backoffice.seats.acts import ACTS, answer_present
from backoffice.seats.forms import PresentForm, SeatsForm
from backoffice.seats.page import DESK, class_page, is_school, one_of, other_classes
from backoffice.seeing import seen
from training import clock
from training.database import db
from training.enrolments.lifecycle import MAY_CHANGE
from training.enrolments.line import classes_at_desk
from training.errors import BadInput, NotAllowedNow, NotEligible, NotThere
from training.numbers import masked, masked_name
from web.reasons import code_sentence

blueprint = desk_blueprint(DESK, __name__)


@blueprint.get("")
def classes() -> str:
    """The classes of the own district, or the school's own."""
    rows = classes_at_desk(db.session(), own_scope(DESK), clock.today())
    return render_template("backoffice/seats/classes.html", rows=rows, today=clock.today())


@blueprint.get("/<class_id>")
def one_class(class_id: str) -> ResponseReturnValue:
    """Seats, line, and every move explained."""
    return _page(class_id, SeatsForm())


@blueprint.post("/<class_id>")
def act(class_id: str) -> ResponseReturnValue:
    """Offer a free seat, take an offer back, or cancel the class."""
    page, form = class_page(class_id), SeatsForm.sent(request.form)
    if form.action.data == "release" and not page.line.offered:
        return _page(class_id, form, 409, ("no_open_offer",))
    if not form.validate():
        return _page(class_id, form, 422)
    try:
        ACTS[form.action.data](page, form)
    except BadInput as fault:
        form[fault.field].errors = [code_sentence(fault.code)]
        return _page(class_id, form, 422)
    except NotAllowedNow as refusal:
        return _page(class_id, form, 409, refusal.reasons)
    return redirect(url_for(".one_class", class_id=class_id), 303)


@blueprint.get("/<class_id>/<reference>")
def present(class_id: str, reference: str) -> ResponseReturnValue:
    """Somebody who stands at the counter: answer the offer, or change the class, for them."""
    return _present_page(class_id, reference, PresentForm())


@blueprint.post("/<class_id>/<reference>")
def answer(class_id: str, reference: str) -> ResponseReturnValue:
    """Do it, having seen the card."""
    _only_counsellors()
    one, form = one_of(class_id, reference), PresentForm(request.form)
    if not form.validate():
        return _present_page(class_id, reference, form, 422)
    try:
        moved = answer_present(one, form)
    except NotThere:
        form.class_.errors = [code_sentence("other_course")]
        return _present_page(class_id, reference, form, 422)
    except (NotAllowedNow, NotEligible) as refusal:
        return _present_page(class_id, reference, form, 409, refusal.reasons)
    return redirect(url_for(".present", class_id=moved.class_id, reference=moved.reference), 303)


def _page(class_id: str, form: SeatsForm, status: int = 200, refused: Sequence[str] = ()) -> Response:
    page = class_page(class_id, all_moves=request.args.get("moves") == "all")
    form.reference.choices = [(row.reference, row.reference) for row in page.line.offered]
    return _shown("class.html", status, page=page, form=form, refused=refused, school=is_school())


def _present_page(
    class_id: str, reference: str, form: PresentForm, status: int = 200, refused: Sequence[str] = ()
) -> Response:
    _only_counsellors()
    one = one_of(class_id, reference)
    seen(one.person_id, DESK, reference=one.reference)
    others = other_classes(one) if one.status in MAY_CHANGE else ()
    return _shown(
        "present.html", status, one=one, run=one.class_run, form=form, others=others, refused=refused
    )


def _shown(template: str, status: int, **values: Any) -> Response:
    masks = {"masked": masked, "masked_name": masked_name}
    html = render_template(f"backoffice/seats/{template}", status=status, **masks, **values)
    return make_response(html, status)


def _only_counsellors() -> None:
    """A school answers for nobody: it would fill its own class (A36)."""
    if is_school():
        abort(403)
