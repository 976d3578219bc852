"""The back office: one blueprint, closed by default, in which each desk is nested."""

from __future__ import annotations

from flask import Blueprint

from web.i18n import add_display

blueprint = Blueprint("office", __name__, url_prefix="/office")
add_display(blueprint)
