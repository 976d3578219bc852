"""Logs: one JSON object a line, with the request's id, and without personal numbers (A62)."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from training import clock

_PATTERNS = (
    re.compile(r"\d{17}[\dXx]"),
    re.compile(r"(?<!\d)\d{15,19}(?!\d)"),
    re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"),
    re.compile(r"\b(?:HKG|MAC|TWN)[0-9A-Z]\d{8}\b"),
    re.compile(r"\b[A-Z0-9]\d{7}[0-9X]\b"),
    re.compile(r"(?<=/a/)[\w-]+"),  # the code of a link for one act is its key
)
MASK = "***"


def masked(text: str) -> str:
    """`text` without what looks like an identity number, card, phone or bank number."""
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return text


class JsonLines(logging.Formatter):
    """One line a record; newlines inside become part of the JSON string."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": clock.real_now().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if has_request_context():
            line |= {"request": request_id(), "method": request.method, "path": masked(request.path)}
        if record.exc_info:
            line["error"] = masked(_where(record))
        return json.dumps(line, ensure_ascii=False)


def _where(record: logging.LogRecord) -> str:
    """Type and place of an exception; its text may hold what somebody typed, so it stays out."""
    assert record.exc_info is not None
    kind, _, trace = record.exc_info
    frames = []
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{kind.__name__ if kind else '?'} at {' > '.join(frames[-6:])}"


def request_id() -> str:
    """The number of this request: in the log, and on the page when something failed."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(4).upper()
    found: str = g.request_id
    return found


def start_logging(level: int = logging.INFO) -> None:
    """Send everything through one masking JSON handler."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("alembic", "werkzeug", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def install(app: Flask) -> None:
    """Name every answer with its request's id."""

    @app.after_request
    def name_the_request(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        return response
