"""What a demo or a test tells the sandbox from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from urllib.parse import urlencode

from registries.exchange import HttpExchange
from registries.sandbox.store import SentMessage
from registries.sandbox.systems import TOKEN_HEADER
from training.errors import RegistryUnreachable

_TIMEOUT_S = 15.0
_LIMIT = 8 * 1024 * 1024
_SHARE = 500


class Control:
    """Every call raises training.errors.RegistryUnreachable when the sandbox does not answer or refuses."""

    def __init__(self, url: str, token: str) -> None:
        self._exchange = HttpExchange(url, _LIMIT)
        self._headers = {TOKEN_HEADER: token}

    def put_people(self, records: Sequence[dict[str, object]]) -> None:
        """Adds or replaces people; records as registries.sandbox.records.record_of makes them."""
        for start in range(0, len(records), _SHARE):
            self._told("POST", "/control/people", records[start : start + _SHARE])

    def misbehave(
        self,
        mode: str,
        *,
        system: str | None = None,
        number: str | None = None,
        seconds: float = 10.0,
        times: int | None = None,
    ) -> None:
        """For a system (`social-card`, `phone-messages`) or about one person; `none` ends it."""
        target = {"system": system} if number is None else {"number": number}
        order = {**target, "mode": mode, "seconds": seconds, "times": times}
        self._told("POST", "/control/misbehave", order)

    def messages(self, phone: str | None = None, limit: int = 100) -> list[SentMessage]:
        """Newest first; to one phone or to all."""
        query = urlencode({"limit": limit} if phone is None else {"phone": phone, "limit": limit})
        return cast(list[SentMessage], self._told("GET", f"/control/messages?{query}", None))

    def reset(self) -> None:
        """Forgets people, commands and messages."""
        self._told("POST", "/control/reset", {})

    def is_up(self, timeout_s: float = 1.0) -> bool:
        """Whether it answers /healthz."""
        try:
            self._exchange.ask("GET", "/healthz", None, headers={}, timeout_s=timeout_s)
        except RegistryUnreachable:
            return False
        return True

    def _told(self, method: str, path: str, body: object) -> object:
        return self._exchange.ask(method, path, body, headers=self._headers, timeout_s=_TIMEOUT_S)
