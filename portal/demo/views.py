"""The phones of the demo's people. This errand exists in a demo only."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from portal.demo.phones import Sandbox, messages_to, newest, owner_at, owners
from training.errors import RegistryUnreachable
from web.settings import Settings

SHOWN = 40
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
