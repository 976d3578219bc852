"""Anti-forgery: every POST carries a token of this browser, and comes from this site.

The token is derived from the browser's id, so no row is written for a visitor who only looks at a form. It is
masked anew on each page, because pages are compressed. A demo has one POST without it: its clock.
"""

from __future__ import annotations

import secrets

from flask import Flask, request
from markupsafe import Markup
from werkzeug.exceptions import Forbidden

from training import keys
from web.browser import browser_id, known_browser_id

SAFE = ("GET", "HEAD", "OPTIONS")
HEADER = "X-CSRF-Token"


class ForgedForm(Forbidden):
    """The token is missing or belongs to another browser, or the form stands on another site."""


def csrf_token() -> str:
    """This browser's token, masked."""
    mask = secrets.token_bytes(16)
    return mask.hex() + _xor(_secret(browser_id()), mask).hex()


def csrf_field() -> Markup:
    """The hidden field every POST form carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf_token())


def install(app: Flask) -> None:
    """Check every request that changes something."""

    @app.before_request
    def refuse_forged_forms() -> None:
        if request.method not in SAFE and request.endpoint is not None:
            _check_origin()
            if request.endpoint not in app.extensions.get("posts_without_token", ()):
                _check_token()

    app.jinja_env.globals.update(csrf_field=csrf_field, csrf_token=csrf_token)


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    if origin not in (None, "null") and origin != request.host_url.rstrip("/"):
        raise ForgedForm
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForgedForm


def _check_token() -> None:
    token = request.headers.get(HEADER) or request.form.get("csrf_token", "")
    browser = known_browser_id()
    if browser is None or not _belongs(token, browser):
        raise ForgedForm


def _belongs(token: str, browser: str) -> bool:
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        return False
    return len(raw) == 32 and secrets.compare_digest(_xor(raw[16:], raw[:16]), _secret(browser))


def _secret(browser: str) -> bytes:
    return bytes.fromhex(keys.secret_hash("csrf", browser))[:16]


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
