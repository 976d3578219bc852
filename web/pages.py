"""Public pages that only read: kept by browsers, asked for again, sent again only when they changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import Any

from flask import Response, make_response, request

from web.i18n import language, size


def public_page(view: Callable[..., Any]) -> Callable[..., Response]:
    """A view whose answer may be kept: `no-cache`, an ETag of body, language and size, `Vary: Cookie`, 304."""

    @wraps(view)
    def answer(**places: Any) -> Response:
        return keepable(make_response(view(**places)))

    return answer


def keepable(response: Response) -> Response:
    """`response` with the headers of a public page; 304 without a body when the browser has it already."""
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Cookie")
    if response.status_code != 200:
        return response
    mark = blake2b(response.get_data(), digest_size=12)
    mark.update(f"|{language()}|{size()}".encode())
    response.set_etag(mark.hexdigest(), weak=True)
    return make_response(response.make_conditional(request))
