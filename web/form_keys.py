"""The hidden key of a form that creates something: sent twice, by a double click or a reload, it is one thing (A29)."""

from __future__ import annotations

from flask import Flask, request
from markupsafe import Markup

from web.fields import form_key


def sent_key() -> str:
    """The key that came with this form, or a fresh one."""
    return form_key(request.form.get("idempotency_key"))


def key_field() -> Markup:
    """The hidden field. A form that is shown again with a fault keeps its key."""
    return Markup('<input type="hidden" name="idempotency_key" value="{}">').format(sent_key())


def install(app: Flask) -> None:
    """Give templates the field."""
    app.jinja_env.globals.update(key_field=key_field)
