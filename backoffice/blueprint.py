"""The back office: one blueprint, closed by default, in which each desk is nested."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from backoffice.audit.views import blueprint as audit
from backoffice.claims.views import blueprint as claims
from backoffice.corrections.views import blueprint as corrections
from backoffice.counter.views import blueprint as counter
from backoffice.desk.views import blueprint as desk
from backoffice.duplicates.views import blueprint as duplicates
from backoffice.exports.views import blueprint as exports
from backoffice.letters.views import blueprint as letters
from backoffice.me.views import blueprint as me
from backoffice.objections.views import blueprint as objections
from backoffice.phones.views import blueprint as phones
from backoffice.readers.views import blueprint as readers
from backoffice.records.views import blueprint as records
from backoffice.roles import own_seats
from backoffice.search.views import blueprint as search
from backoffice.seats.views import blueprint as class_seats
from backoffice.session import clerk
from backoffice.sign_in.views import blueprint as sign_in
from backoffice.staff.views import blueprint as staff
from backoffice.status.views import blueprint as status
from backoffice.verify.views import blueprint as verify
from training.staff.operations import keep_signed_in
from web.browser import browser_id
from web.i18n import add_display, here

# Whatever is not listed here is closed to everybody who is not signed in.
OPEN = frozenset(
    {
        "office.sign_in.form",
        "office.sign_in.submit",
        "office.sign_in.challenge",
        "office.sign_in.first",
        "office.sign_in.begin",
        "office.sign_in.choose",
        "office.sign_in.finish",
        "office.display",
    }
)
DESKS = (
    sign_in,
    desk,
    me,
    staff,
    counter,
    duplicates,
    corrections,
    claims,
    verify,
    phones,
    letters,
    search,
    objections,
    readers,
    status,
    records,
    exports,
    class_seats,
    audit,
)

blueprint = Blueprint("office", __name__, url_prefix="/office")
add_display(blueprint)
for nested in DESKS:
    blueprint.register_blueprint(nested)


@blueprint.before_request
def closed_by_default() -> ResponseReturnValue | None:
    """Signed in, or one of the few open pages. A page in use keeps its session and its cookie alive."""
    if current_user.is_authenticated:
        keep_signed_in(clerk().row)
        browser_id()
        return None
    return None if request.endpoint in OPEN else _to_sign_in()


def _to_sign_in() -> ResponseReturnValue:
    address = url_for("office.sign_in.form", next=here() if request.method == "GET" else None)
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": address}
    return redirect(address, 303)


@blueprint.app_context_processor
def around_the_page() -> dict[str, object]:
    """What the frame of every page needs: who is here, and the desks to choose from."""
    if not current_user.is_authenticated:
        return {"account": None, "seats": []}
    try:
        seats = own_seats()
        can_search = any(seat.desk.name == "search" for seat in seats)
        return {"account": clerk().account, "seats": seats, "can_search": can_search}
    except OperationalError:  # the page that says so must still come out
        return {"account": clerk().account, "seats": []}
