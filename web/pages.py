"""Public pages that only read: kept by browsers, asked for again, sent again only when they changed.

A page that depends on the catalogue alone is also kept by the process, finished and compressed: while no seat
moves, showing it again costs one small statement.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from threading import Lock
from typing import Any

from flask import Response, current_app, make_response, request

from training import clock
from training.courses.queries import catalogue_version
from training.database import db
from web.i18n import language, size
from web.skeleton import COMPRESSED_FROM, compressed

MOST_BYTES = 8 * 1024 * 1024
Key = tuple[Any, ...]


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
    if "ETag" not in response.headers:
        response.set_etag(_mark(response.get_data()), weak=True)
    if not request.if_none_match:
        return response
    return make_response(response.make_conditional(request))


def catalogue_page(build: Callable[[], str], address: str, kind: str = "page") -> Response:
    """The finished page at `address`, built only when the catalogue has changed since it was built last.

    `build` may use the catalogue, the pack, today's date, language and text size, and nothing else of the
    request: no cookie, no header. `kind` keeps a fragment apart from the page at the same address (A65).
    """
    way = request.accept_encodings.best_match(("br", "gzip")) or ""
    # The version is read before the rows: a page may be newer than it says, never older.
    version = catalogue_version(db.session())
    key = (version, clock.today(), language(), size(), way, kind, address)
    kept: KeptPages = current_app.extensions.setdefault("kept_pages", KeptPages())
    page = kept.get(key)
    if page is None:
        page = _finished(build().encode(), way)
        kept.put(key, page)
    return page.answer()


@dataclass(frozen=True)
class FinishedPage:
    """The bytes as they are sent."""

    body: bytes
    way: str
    mark: str

    def answer(self) -> Response:
        """A fresh response with these bytes."""
        response = Response(self.body, mimetype="text/html")
        response.headers["ETag"] = f'W/"{self.mark}"'
        response.headers["Vary"] = "Accept-Encoding"
        if self.way:
            response.headers["Content-Encoding"] = self.way
        return response


class KeptPages:
    """The pages asked for last, as many as fit into a bound. One for each application: so for each pack."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes, self.bytes = most_bytes, 0
        self.pages: OrderedDict[Key, FinishedPage] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Key) -> FinishedPage | None:
        """The page, which then is the last to go."""
        with self.lock:
            if key in self.pages:
                self.pages.move_to_end(key)
            return self.pages.get(key)

    def put(self, key: Key, page: FinishedPage) -> None:
        """Keep a page; the ones asked for longest ago make room."""
        with self.lock:
            if key not in self.pages:
                self.pages[key] = page
                self.bytes += len(page.body)
            while self.bytes > self.most_bytes:
                self.bytes -= len(self.pages.popitem(last=False)[1].body)


def _finished(body: bytes, way: str) -> FinishedPage:
    mark = _mark(body)
    if not way or len(body) < COMPRESSED_FROM:
        return FinishedPage(body, "", mark)
    return FinishedPage(compressed(body, way), way, mark)


def _mark(body: bytes) -> str:
    mark = blake2b(body, digest_size=12)
    mark.update(f"|{language()}|{size()}".encode())
    return mark.hexdigest()
