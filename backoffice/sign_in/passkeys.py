"""The site that passkeys belong to, and what a browser must sign next."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext

from training import limits
from training.staff import operations
from web.browser import browser_hash, browser_id


def site() -> operations.Site:
    """Our own address from the settings. A key belongs to a name: on a bare IP address it is `localhost`."""
    address = urlsplit(current_app.extensions["settings"].base_url)
    domain = "localhost" if _is_number(address.hostname or "") else address.hostname or "localhost"
    port = f":{address.port}" if address.port else ""
    return operations.Site(domain, f"{address.scheme}://{domain}{port}", gettext("Training desk"))


def answer_in_form(name: str = "passkey") -> operations.Answer | None:
    """What a passkey said in this form; None where none was asked."""
    said = request.form.get(name, "")[:20_000]
    return operations.Answer(said, browser_hash(browser_id()), site()) if said else None


def add_challenge(blueprint: Blueprint) -> None:
    """`POST …/sign-in/passkey`: what the browser hands to a passkey, as JSON. The same for everybody (A02)."""

    @blueprint.post("/sign-in/passkey")
    def challenge() -> Response:
        limits.use(current_app.extensions["settings"].limits.challenges_network, request.remote_addr or "")
        options = operations.challenge_for_sign_in(browser_hash(browser_id()), site())
        return Response(options, mimetype="application/json")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
