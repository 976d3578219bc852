"""The gateway for short messages (docs/registries/phone-messages.openapi.yaml)."""

from __future__ import annotations

from registries.breaker import Breaker
from registries.exchange import Exchange
from training.errors import RegistryUnreachable
from training.ports import PHONE_MESSAGES, Tally

PATH = "/messages"


class Messages:
    """PhoneMessages over an exchange. Safe for threads."""

    def __init__(self, exchange: Exchange, breaker: Breaker | None = None) -> None:
        self._exchange = exchange
        self._breaker = breaker or Breaker()

    def take_tally(self) -> Tally:
        """How the gateway answered since this was last called."""
        return self._breaker.take_tally(PHONE_MESSAGES)

    def send(self, phone: str, text: str, *, key: str, timeout_s: float) -> None:
        """See training.ports.PhoneMessages. Tried once: the outbox tries again with the same key."""
        self._breaker.ask(
            lambda seconds: self._sent(phone, text, key, seconds), about=phone, timeout_s=timeout_s, tries=1
        )

    def _sent(self, phone: str, text: str, key: str, seconds: float) -> None:
        answer = self._exchange.post(
            PATH, {"phone": phone, "text": text}, headers={"Idempotency-Key": key}, timeout_s=seconds
        )
        if not isinstance(answer, dict) or answer.get("accepted") is not True or answer.get("key") != key:
            raise RegistryUnreachable("garbage")
