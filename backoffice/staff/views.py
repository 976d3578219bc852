"""Staff and rights: accounts, what is proposed about them, and the table of rights itself."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from backoffice.fresh import prove_lately
from backoffice.roles import desk_blueprint
from backoffice.session import clerk
from backoffice.staff.errands import ERRANDS, Errand
from backoffice.staff.forms import NewForm, RightForm
from backoffice.staff.page import account_page, list_page, rights_page
from backoffice.staff.said import WITH_CODE, proposal_facts
from training.database import db, new_id
from training.errors import BadInput, FourEyes, NotThere, Refused
from training.staff import operations
from training.staff.models import StaffAccount
from training.staff.queries import account_of, proposal_of

blueprint = desk_blueprint("staff", __name__)
blueprint.before_request(prove_lately)
DECISIONS = {
    "agree": operations.confirm,
    "refuse": operations.refuse,
    "withdraw": operations.withdraw,
}


@blueprint.get("")
def accounts() -> str:
    """Everybody, by tab; found by name, staff number, district."""
    return render_template("backoffice/staff/accounts.html", **list_page())


@blueprint.get("/rights")
def rights() -> str:
    """Who may do what where: the table that the code reads."""
    return render_template("backoffice/staff/rights.html", **rights_page())


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """A new member of staff: the form."""
    return _new_page(NewForm(idempotency_key=new_id()), 200)


@blueprint.post("/new")
def propose_new() -> ResponseReturnValue:
    """A new account is proposed; another administrator agrees."""
    form = NewForm(request.form)
    if not form.validate():
        return _new_page(form, 422)
    try:
        made = operations.propose_account(form.person(), form.sent(), clerk().actor)
    except Refused as refusal:
        return _new_page(form, _status(refusal), refusal)
    return redirect(url_for("office.staff.proposal", proposal=made.id), 303)


@blueprint.get("/<account>")
def account(account: str) -> ResponseReturnValue:
    """One account, and beside it the form for one more right."""
    found = account_of(db.session(), account)
    form = RightForm(idempotency_key=new_id(), seen_version=found.version, district=found.district)
    return _account_page(found, form, 200)


@blueprint.post("/<account>")
def propose_right(account: str) -> ResponseReturnValue:
    """One right is proposed; another administrator agrees."""
    found, form = account_of(db.session(), account), RightForm(request.form)
    if not form.validate():
        return _account_page(found, form, 422)
    try:
        made = operations.propose_right(found.id, *form.right(), form.sent(), clerk().actor)
    except Refused as refusal:
        return _account_page(found, form, _status(refusal), refusal)
    return redirect(url_for("office.staff.proposal", proposal=made.id), 303)


@blueprint.get("/<account>/<errand>")
def errand(account: str, errand: str) -> ResponseReturnValue:
    """One thing to do about an account: leave, loss, out of force."""
    found, what = account_of(db.session(), account), _errand(errand)
    form = what.form(idempotency_key=new_id(), seen_version=found.version)
    return _errand_page(found, what, form, 200)


@blueprint.post("/<account>/<errand>")
def do_errand(account: str, errand: str) -> ResponseReturnValue:
    """Done at once where it only takes away, else proposed."""
    found, what = account_of(db.session(), account), _errand(errand)
    form = what.form(request.form)
    if offer := getattr(form, "offer", None):
        offer(found)
    if not form.validate():
        return _errand_page(found, what, form, 422)
    try:
        what.act(found, form)
    except Refused as refusal:
        return _errand_page(found, what, form, _status(refusal), refusal)
    said = "done" if what.alone else "proposed"
    return redirect(url_for("office.staff.account", account=found.id, said=said), 303)


@blueprint.get("/proposals/<proposal>")
def proposal(proposal: str) -> str:
    """What is proposed, by whom and why."""
    facts = proposal_facts(proposal_of(db.session(), proposal))
    return render_template("backoffice/staff/proposal.html", facts=facts)


@blueprint.post("/proposals/<proposal>")
def decide(proposal: str) -> ResponseReturnValue:
    """Agree or refuse as the second person; take one's own back."""
    act = DECISIONS.get(request.form.get("decision", ""))
    if act is None:
        raise BadInput("decision", "empty")
    try:
        made = act(proposal, clerk().actor)
    except Refused as refusal:
        facts = proposal_facts(proposal_of(db.session(), proposal))
        html = render_template("backoffice/staff/proposal.html", facts=facts, refusal=refusal)
        return make_response(html, _status(refusal))
    with_code = act is operations.confirm and made.kind in WITH_CODE
    endpoint = "office.staff.code" if with_code else "office.staff.proposal"
    return redirect(url_for(endpoint, proposal=made.id), 303)


@blueprint.get("/proposals/<proposal>/code")
def code(proposal: str) -> str:
    """Half of the code for the first sign-in, on paper: one half for who proposed, the other for who agreed."""
    half = operations.start_half_of(proposal, clerk().account.id)
    return render_template("backoffice/staff/code.html", half=half)


def _errand(name: str) -> Errand:
    if name not in ERRANDS:
        raise NotThere(name)
    return ERRANDS[name]


def _status(refusal: Refused) -> int:
    return 403 if isinstance(refusal, FourEyes) else 409


def _new_page(form: NewForm, status: int, refusal: Refused | None = None) -> ResponseReturnValue:
    html = render_template("backoffice/staff/new.html", form=form, refusal=refusal, status=status)
    return make_response(html, status)


def _account_page(
    account: StaffAccount, form: RightForm, status: int, refusal: Refused | None = None
) -> ResponseReturnValue:
    shown = account_page(account)
    html = render_template(
        "backoffice/staff/account.html", form=form, refusal=refusal, status=status, **shown
    )
    return make_response(html, status)


def _errand_page(
    account: StaffAccount, what: Errand, form: Form, status: int, refusal: Refused | None = None
) -> ResponseReturnValue:
    if status == 200 and (offer := getattr(form, "offer", None)):
        offer(account)
    shown = {"person": account, "what": what, "form": form, "refusal": refusal, "status": status}
    return make_response(render_template("backoffice/staff/errand.html", **shown), status)
