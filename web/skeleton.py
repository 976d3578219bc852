"""What both doors are built from: settings, database, languages, sign-in, anti-forgery, headers, errors."""

from __future__ import annotations

import gc
import gzip
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import brotli
from flask import Flask, Response, current_app, request
from flask.templating import Environment
from flask_login import LoginManager
from markupsafe import Markup
from werkzeug.exceptions import NotFound, RequestHeaderFieldsTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from registries.connect import connect, sandbox
from training import database, demo_clock, keys
from training.people import notices
from training.policy.queries import load_pack
from web import csrf, errors, form_keys, i18n, labels, logs, metrics
from web.browser import BrowserCookie
from web.headers import SECURITY_HEADERS
from web.i18n import language
from web.reasons import code_sentence
from web.settings import ROOT, Settings
from web.static_files import static_url

FORM_LIMIT = 64 * 1024
HEADER_LIMIT = 12 * 1024
COMPRESSED_FROM = 600


class QuickGlobals(Environment):
    """Templates share the globals as they are: at each import Jinja asks which names differ, and a chain of
    dictionaries answers slowly."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def kept(template: str, macro: str, *arguments: Any) -> Markup:
    """For templates: what a macro draws from these arguments, in this request's language; drawn once."""
    return _drawn(current_app.jinja_env, language(), template, macro, arguments)


@lru_cache(maxsize=256)  # an address is up to 12 kB
def _drawn(env: Environment, _language: str, template: str, macro: str, arguments: tuple[Any, ...]) -> Markup:
    drawn: Markup = getattr(env.get_template(template).module, macro)(*arguments)
    return drawn


def build(door: str, settings: Settings) -> Flask:
    """A bare door named `door` (`portal` or `office`): no routes yet, everything around them."""
    keys.use(settings.keys)
    app = Flask(door, root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.jinja_environment = QuickGlobals
    app.config.update(
        TESTING=settings.environment == "test",
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.database_url, statement_timeout_ms=5000),
        MAX_CONTENT_LENGTH=FORM_LIMIT,
        MAX_FORM_MEMORY_SIZE=FORM_LIMIT,
        MAX_FORM_PARTS=200,
        TRUSTED_HOSTS=_hosts(settings),
    )
    app.session_interface = BrowserCookie(door, settings.secure_cookies)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        kept=kept, static_url=static_url, code_sentence=code_sentence, **labels.TEMPLATE_GLOBALS
    )
    app.extensions["settings"] = settings
    app.extensions["pack"] = load_pack(settings.pack)
    app.extensions["ports"] = connect(settings)
    notices.use(app.extensions["pack"].privacy)
    if settings.is_demo:
        app.extensions["clock"] = demo_clock.follow(settings.demo_clock)
        app.extensions["sandbox"] = sandbox(settings.registries_url, settings.sandbox_token)
    database.install(app)
    app.before_request(_refuse_odd_requests)
    for part in (logs, metrics, i18n, csrf, form_keys, errors):
        part.install(app)
    app.after_request(_finish)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _hosts(settings: Settings) -> list[str] | None:
    """In production only our own name is answered: redirects are built from it."""
    name = urlsplit(settings.base_url).hostname
    return [name] if settings.environment == "production" and name else None


def _refuse_odd_requests() -> None:
    """Headers beyond reason, and NUL in the path, which no address of ours holds."""
    if sum(len(name) + len(value) for name, value in request.headers) > HEADER_LIMIT:
        raise RequestHeaderFieldsTooLarge
    if "\0" in request.path:
        raise NotFound


def settle_memory() -> None:
    """What is loaded by now lives as long as the process: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def login(app: Flask, load: Any, *, sign_in_endpoint: str) -> LoginManager:
    """Flask-Login, reading our session row at every request; `load(browser id)` returns it or None."""
    manager = LoginManager()
    manager.session_protection = None
    manager.login_view = sign_in_endpoint
    manager.user_loader(load)
    manager.init_app(app)
    return manager


def _finish(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if request.headers.get("HX-Request") or "HX-Request" in response.headers.get("Vary", ""):
        response.vary.add("HX-Request")
    return compress(response)


def compress(response: Response) -> Response:
    """Send text small, by brotli or gzip, whatever stands in front of us."""
    if response.direct_passthrough or "Content-Encoding" in response.headers:
        return response
    kind = response.mimetype or ""
    if not (kind.startswith("text/") or kind == "application/json"):
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    way = request.accept_encodings.best_match(("br", "gzip"))
    if len(body) < COMPRESSED_FROM or way is None or response.status_code in (204, 304):
        return response
    response.set_data(compressed(body, way))
    response.headers["Content-Encoding"] = way
    return response


def compressed(body: bytes, way: str) -> bytes:
    """`body` by `way`, at a strength a page can afford at every request."""
    return brotli.compress(body, quality=3) if way == "br" else gzip.compress(body, 6, mtime=0)
