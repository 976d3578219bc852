"""The only place where errors become pages."""

from __future__ import annotations

import logging

from flask import Flask, Response, make_response, render_template, request
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from training.errors import BadInput, FourEyes, Gone, NotThere, NotYours, Refused, TooMany, TrainingError
from web.logs import request_id
from web.static_files import unavailable_page

PAGES = (400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503)
# The first that fits: what is not yours looks as if it were not there.
STATUS: tuple[tuple[type[TrainingError], int], ...] = (
    (NotThere, 404),
    (NotYours, 404),
    (Gone, 410),
    (TooMany, 429),
    (FourEyes, 403),
    (Refused, 409),
    (BadInput, 422),
)
log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Answer every failure with a page in the person's language that says what to do next."""
    app.register_error_handler(TrainingError, _training_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(DataError, lambda _: error_page(400))
    app.register_error_handler(Exception, _anything)


def error_page(status: int, *, reasons: tuple[str, ...] = (), retry_after: int | None = None) -> Response:
    """The page for `status`, never more than the person may know."""
    shown = status if status in PAGES else (400 if status < 500 else 500)
    try:
        html: str | bytes = render_template(
            "shared/error.html", status=shown, reasons=reasons, retry_after=retry_after, number=request_id()
        )
    except Exception as error:  # what breaks a page may break this one too
        log.error("no error page", exc_info=error)
        html = unavailable_page()
    response = make_response(html, status)
    response.headers.update({"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"})
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def status_of(error: TrainingError) -> int:
    """The status with which a failure is answered, here or on the page of a desk."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def _training_error(error: TrainingError) -> Response:
    status = status_of(error)
    if status == 500:
        return _anything(error)
    reasons = tuple(error.reasons) if isinstance(error, Refused) and status != 404 else ()
    return error_page(status, reasons=reasons, retry_after=getattr(error, "retry_after", None))


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    if 300 <= status < 400:
        return make_response(error.get_response())
    if status >= 500:
        log.error("failed", exc_info=error)
    response = error_page(status)
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(allowed)
    return response


def _database_error(error: OperationalError) -> Response:
    """Without a database no page can be built: the same for everybody, in both languages."""
    log.error("database unavailable", exc_info=error)
    response = make_response(unavailable_page(), 503)
    response.headers.update(
        {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Retry-After": "60"}
    )
    return response


def _anything(error: Exception) -> Response:
    log.error("failed: %s %s", request.method, request.endpoint, exc_info=error)
    return error_page(500)
