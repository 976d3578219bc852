"""The staff door."""

from __future__ import annotations

from flask import Flask

from backoffice.blueprint import blueprint
from backoffice.session import load_staff
from web import uploads
from web.desk_words import DESK_GLOBALS
from web.matter_words import MATTER_GLOBALS
from web.settings import Settings
from web.skeleton import build, login
from web.staff_words import STAFF_GLOBALS


def create_app(settings: Settings) -> Flask:
    """Build the back office: one blueprint under /office, in which each desk is nested."""
    app = build("office", settings)
    uploads.allow(
        app, {"office.records.upload": settings.records_bytes, "office.records.act": settings.records_bytes}
    )
    login(app, load_staff, sign_in_endpoint="office.sign_in.form")
    app.jinja_env.globals.update(DESK_GLOBALS, **STAFF_GLOBALS)
    app.jinja_env.globals.update(MATTER_GLOBALS)
    app.register_blueprint(blueprint)
    return app
