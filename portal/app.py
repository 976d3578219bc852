"""The citizen's door."""

from __future__ import annotations

from flask import Flask

from portal.about.views import blueprint as about
from portal.check.views import blueprint as check
from portal.courses.alerts import blueprint as alerts
from portal.courses.views import blueprint as courses
from portal.enrol.views import blueprint as enrol
from portal.feedback.views import blueprint as feedback
from portal.mine.acts import blueprint as acts
from portal.mine.routes import blueprint as mine
from portal.rules.views import blueprint as rules
from portal.session import load_visitor
from portal.sign_in.views import blueprint as sign_in
from portal.track.views import blueprint as track
from web.matter_words import MATTER_GLOBALS
from web.settings import Settings
from web.skeleton import build, login

BLUEPRINTS = (about, acts, alerts, check, courses, enrol, feedback, mine, rules, sign_in, track)


def create_app(settings: Settings) -> Flask:
    """Build the portal."""
    app = build("portal", settings)
    app.jinja_env.globals.update(MATTER_GLOBALS)
    login(app, load_visitor, sign_in_endpoint="sign_in.start")
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.is_demo:
        from portal.demo.views import blueprint as demo

        app.register_blueprint(demo)
        app.extensions["posts_without_token"] = {"demo.clock"}
    return app
