"""The staff door."""

from __future__ import annotations

from flask import Flask

from backoffice.blueprint import blueprint
from backoffice.session import load_staff
from web.desk_words import event_word, reason_text
from web.reasons import code_sentence
from web.settings import Settings
from web.skeleton import build, login


def create_app(settings: Settings) -> Flask:
    """Build the back office: one blueprint under /office, in which each desk is nested."""
    app = build("office", settings)
    login(app, load_staff, sign_in_endpoint="office.sign_in.form")
    app.jinja_env.globals.update(code_sentence=code_sentence, event_word=event_word, reason_text=reason_text)
    app.register_blueprint(blueprint)
    return app
