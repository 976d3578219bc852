"""Figures for Prometheus: how requests end, what waits, how old the seals are. No name, no number, no reference.

Requests are counted in this process by both doors; everything else is read from the database when it is asked
for. Only the machine itself reads them, or whoever has the token (contract §2).
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask import Flask, Response, g, request
from sqlalchemy.orm import Session

from training import keys
from training.oversight.queries import Figure, figures
from web.settings import Settings

TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Counted:
    """What this process has answered: requests by door, endpoint and status, and the seconds they took."""

    requests: Counter[tuple[str, str, str]]
    seconds: Counter[tuple[str, str]]


_counted, _lock = Counted(Counter(), Counter()), threading.Lock()


def install(app: Flask) -> None:
    """Count every answer of this door. The endpoint is a name of the code, never an address."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        endpoint, took = request.endpoint or "none", time.perf_counter() - g.get("began", time.perf_counter())
        with _lock:
            _counted.requests[app.name, endpoint, str(response.status_code)] += 1
            _counted.seconds[app.name, endpoint] += took
        return response


def may_read(settings: Settings) -> bool:
    """From this machine, with nobody in between that we do not know of; or with the token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.metrics_token and scheme == "Bearer" and keys.same(token, settings.metrics_token):
        return True
    if not settings.proxy_hops and ("X-Forwarded-For" in request.headers or "Forwarded" in request.headers):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def page(session: Session) -> str:
    """Everything, in the text form of Prometheus."""
    return "\n".join([*_requests(), *_written(figures(session))]) + "\n"


def _requests() -> Iterator[str]:
    with _lock:
        requests, seconds = dict(_counted.requests), dict(_counted.seconds)
    yield "# HELP training_requests_total Requests answered by this process."
    yield "# TYPE training_requests_total counter"
    for (door, endpoint, status), number in sorted(requests.items()):
        yield _line(
            "training_requests_total", (("door", door), ("endpoint", endpoint), ("status", status)), number
        )
    yield "# HELP training_request_seconds_total Seconds spent on them."
    yield "# TYPE training_request_seconds_total counter"
    for (door, endpoint), took in sorted(seconds.items()):
        yield _line(
            "training_request_seconds_total", (("door", door), ("endpoint", endpoint)), round(took, 4)
        )


def _written(found: Iterable[Figure]) -> Iterator[str]:
    for figure in found:
        yield f"# HELP {figure.name} {figure.help}"
        yield f"# TYPE {figure.name} gauge"
        for labels, value in figure.values:
            yield _line(figure.name, tuple(labels.items()), value)


def _line(name: str, labels: Labels | Mapping[str, str], value: float) -> str:
    pairs = labels.items() if isinstance(labels, Mapping) else labels
    said = ",".join(f'{key}="{_escaped(text)}"' for key, text in pairs)
    return f"{name}{{{said}}} {value}" if said else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
