"""The citizen's door."""

from __future__ import annotations

from flask import Flask

from portal.about.views import blueprint as about
from portal.check.views import blueprint as check
from portal.rules.views import blueprint as rules
from portal.session import load_visitor
from web.settings import Settings
from web.skeleton import build, login

BLUEPRINTS = (about, check, rules)


def create_app(settings: Settings) -> Flask:
    """Build the portal."""
    app = build("portal", settings)
    login(app, load_visitor, sign_in_endpoint="sign_in.start")
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
