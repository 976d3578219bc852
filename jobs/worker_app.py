"""The clock's door as an application: the database, the pack, the ports and the languages, and no routes."""

from __future__ import annotations

from flask import Flask

from registries.connect import connect
from training import database, demo_clock, keys
from training.people import notices
from training.policy.queries import load_pack
from web import i18n
from web.settings import ROOT, Settings


def create_app(settings: Settings) -> Flask:
    """Build it. Statements of jobs have no time limit of their own."""
    keys.use(settings.keys)
    app = Flask("jobs", root_path=str(ROOT), static_folder=None)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.database_url, statement_timeout_ms=None),
    )
    app.extensions.update(settings=settings, pack=load_pack(settings.pack), ports=connect(settings))
    if settings.is_demo:
        demo_clock.follow(settings.demo_clock)
    notices.use(app.extensions["pack"].privacy)
    database.install(app)
    i18n.install(app)
    return app
