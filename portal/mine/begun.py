"""An enrolment that was begun, on this device or another, and not finished: go on with it, or forget it."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.mine.blueprint import blueprint
from portal.session import signed_in
from training.enrolments.operations.begun import give_up, go_on_with
from training.errors import BadInput


@blueprint.post("/begun")
def begun() -> ResponseReturnValue:
    """Go on where one stopped, here; or have it forgotten everywhere."""
    who, class_id = signed_in(), request.form.get("class", "")
    action = request.form.get("action")
    if action == "forget":
        give_up(who.row, class_id)
        return redirect(url_for(".index"), 303)
    if action != "go_on":
        raise BadInput("action", "empty")
    go_on_with(who.row, class_id)
    return redirect(url_for("enrol.check", class_id=class_id), 303)
