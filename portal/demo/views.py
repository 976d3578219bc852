"""The phones of the demo's people, and its clock. This errand exists in a demo only."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from portal.demo.phones import Sandbox, messages_to, newest, owner_at, owners
from training.demo_clock import move_clock
from training.errors import BadInput, RegistryUnreachable
from web.settings import Settings

SHOWN = 40
LONGEST_MOVE = 10 * 366 * 24 * 60
blueprint = Blueprint("demo", __name__, url_prefix="/demo")


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def _sandbox() -> Sandbox:
    return cast(Sandbox, current_app.extensions["sandbox"])


@blueprint.get("/phone")
def phone() -> ResponseReturnValue:
    """The newest messages, and the people of each case with what to type."""
    people = owners(_settings().data_dir)
    cases = list(dict.fromkeys(owner.case for owner in people))
    chosen = request.args.get("case", "")
    shown = [owner for owner in people if owner.case == (chosen if chosen in cases else "plain")]
    try:
        messages, is_silent = newest(_sandbox(), people), False
    except RegistryUnreachable:
        messages, is_silent = [], True
    return render_template(
        "portal/demo/phone.html",
        messages=messages,
        people=shown[:SHOWN],
        cases=cases,
        is_silent=is_silent,
    )


@blueprint.get("/phone/<int:n>.json")
def messages(n: int) -> ResponseReturnValue:
    """The messages to one person's phone, newest first."""
    owner = owner_at(_settings().data_dir, n)
    try:
        found = messages_to(_sandbox(), owner)
    except RegistryUnreachable:
        return Response(status=503, headers={"Retry-After": "2"})
    return jsonify([{"at": one.at.isoformat(), "text": one.text, "code": one.code} for one in found])


@blueprint.post("/clock")
def clock() -> ResponseReturnValue:
    """Move dates, deadlines, holds, offers and door codes of all processes on by `advance_minutes`: 204.

    From this machine only. Sessions, codes to phones, locks and limits keep real time.
    """
    if request.remote_addr not in ("127.0.0.1", "::1"):
        abort(403)
    typed = request.form.get("advance_minutes", "")
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed[:9]) <= LONGEST_MOVE):
        raise BadInput("advance_minutes", "range")
    move_clock(current_app.extensions["clock"], int(typed))
    return "", 204
