"""The counter: look up a number, enrol the person who stands there, print the slip."""

from __future__ import annotations

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.counter.acts import ACTS, enrol_walk_in, known_number
from backoffice.counter.forms import LookUpForm, WalkInForm
from backoffice.counter.page import Wishes, counter_page, slip_address, slip_page, stopped_matter
from backoffice.roles import desk_blueprint
from backoffice.session import clerk
from training.database import db
from training.enrolments import operations
from training.enrolments.queries import slip_case
from training.errors import BadInput, NotEligible, NotThere
from training.references import parse_reference
from web.form_keys import sent_key

blueprint = desk_blueprint("counter", __name__)
WALK_IN = ("class", "declaration", "group", "step")


@blueprint.get("")
def start() -> str:
    """An empty desk: the next person, and what was done today; what was stopped a moment ago.

    Words searched for before stay, so that the next person of the same class is quickly served.
    """
    stopped = stopped_matter(request.args.get("stopped", ""))
    shown = counter_page(None, None, Wishes.kept(request.args))
    return render_template("backoffice/counter/counter.html", **shown, stopped=stopped)


@blueprint.post("")
def submit() -> ResponseReturnValue:
    """A number alone is looked up; with a class it is an enrolment."""
    if action := ACTS.get(request.form.get("action", "")):
        try:
            return redirect(action(), 303)
        except BadInput as fault:
            shown = counter_page(known_number(), Wishes().form(), Wishes(), fault=fault)
            return make_response(render_template("backoffice/counter/counter.html", **shown, status=422), 422)
    if any(name in request.form for name in WALK_IN):
        return _enrol()
    form = LookUpForm(request.form)
    number, ports = (form.number.recognised if form.validate() else None), current_app.extensions["ports"]
    if number is None:
        return _answer(form, None, 422)
    operations.look_up(clerk().row.id_hash, number, "zh", ports, clerk().actor)
    return redirect(Wishes.kept(request.form).address(), 303)


@blueprint.get("/person")
def person() -> ResponseReturnValue:
    """The person who was looked up, with the one form."""
    known = known_number()
    if known is None:
        return redirect(url_for("office.counter.start"), 303)
    wishes = Wishes.read(request.args)
    return render_template("backoffice/counter/counter.html", **counter_page(known, wishes.form(), wishes))


@blueprint.get("/classes")
def classes() -> ResponseReturnValue:
    """The classes that the words find: the part of the page that htmx swaps."""
    known, wishes = known_number(), Wishes.read(request.args)
    if known is None or not request.headers.get("HX-Request"):
        return redirect(wishes.address(), 303)
    return render_template("backoffice/counter/_classes.html", **counter_page(known, wishes.form(), wishes))


@blueprint.get("/<reference>/slip")
def slip(reference: str) -> str:
    """The slip of an enrolment made at this desk. The code shows for ten minutes after it was made."""
    case = slip_case(db.session(), clerk().account.id, parse_reference(reference))
    return render_template("backoffice/counter/slip.html", **slip_page(case))


@blueprint.post("/<reference>/slip")
def print_again(reference: str) -> ResponseReturnValue:
    """A new code; the old one ends, the reference stays."""
    case = slip_case(db.session(), clerk().account.id, parse_reference(reference))
    what = (clerk().row.id_hash, case.id, case.reference, clerk().actor)
    operations.print_slip_for(*what, current_app.extensions["pack"], sent_key())
    return redirect(slip_address(case), 303)


def _enrol() -> ResponseReturnValue:
    form = WalkInForm(request.form)
    number = form.recognised()
    if number is None:
        return _answer(LookUpForm(request.form), None, 422)
    session, ports = db.session(), current_app.extensions["ports"]
    form.answer = operations.answer_for(session, clerk().row.id_hash, number, ports)
    if not form.validate():
        return _answer(None, form, 422)
    try:
        case = enrol_walk_in(form, form.answer)
    except NotEligible as refusal:
        return _answer(None, form, 409, refusal)
    except NotThere:
        form.class_.errors = [form.class_.gettext("Choose a class")]
        return _answer(None, form, 422)
    return redirect(slip_address(case), 303)


def _answer(
    look_up: LookUpForm | None, form: WalkInForm | None, status: int, refusal: NotEligible | None = None
) -> ResponseReturnValue:
    number = form.number.recognised if form else None
    known = (number, form.answer) if form and form.answer and number else None
    wishes = Wishes.read(request.form) if form else Wishes.kept(request.form)
    shown = counter_page(known, form, wishes, look_up=look_up, refusal=refusal)
    return make_response(render_template("backoffice/counter/counter.html", **shown, status=status), status)
