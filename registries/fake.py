"""The outside world inside the process, for tests: the sandbox's systems and misbehaviour without a network."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence

from registries.breaker import Breaker
from registries.phone_messages import Messages
from registries.sandbox.records import Behaviour, Record, record_of
from registries.sandbox.store import SentMessage, Store
from registries.sandbox.systems import Request, Systems
from registries.social_card import SocialCard
from training.errors import RegistryUnreachable
from training.ports import Ports, RegisteredPerson, Tally

_CAUSES = {
    "down": "refused",
    "500": "status",
    "garbage": "garbage",
    "redirect": "redirect",
    "ten_mb": "too_big",
}


class FakeExchange:
    """Exchange that hands requests to the played systems directly."""

    def __init__(self, systems: Systems) -> None:
        self._systems = systems

    def post(
        self, path: str, body: Mapping[str, object], *, headers: Mapping[str, str], timeout_s: float
    ) -> object:
        content = json.dumps(body, ensure_ascii=False).encode()
        lower = {name.lower(): value for name, value in headers.items()}
        reply = self._systems.respond(Request("POST", path, "", lower, content))
        if reply.behaviour is not None:
            _suffer(reply.behaviour, timeout_s)
        if reply.status != 200:
            raise RegistryUnreachable("status")
        return json.loads(json.dumps(reply.body))


class Fake:
    """The ports with the strings that move them."""

    def __init__(self, breaker_failures: int = 5, breaker_rest_s: float = 15.0) -> None:
        self.store = Store(None)
        exchange = FakeExchange(Systems(self.store, None))
        self.social_card = SocialCard(exchange, Breaker(breaker_failures, breaker_rest_s))
        self.phone_messages = Messages(exchange, Breaker(breaker_failures, breaker_rest_s))
        self.ports = Ports(self.social_card, self.phone_messages, self._tallies)

    def _tallies(self) -> list[Tally]:
        return [self.social_card.take_tally(), self.phone_messages.take_tally()]

    def know(self, *people: RegisteredPerson, behaviour: Mapping[str, object] | None = None) -> None:
        """The card system knows these people from now on."""
        self.put_records([record_of(person, behaviour=behaviour) for person in people])

    def put_records(self, records: Sequence[dict[str, object]]) -> None:
        """The same in the card system's own words."""
        self.store.put_people(Record.model_validate(record) for record in records)

    def misbehave(self, mode: str, target: str, seconds: float = 10.0, times: int | None = None) -> None:
        """`target`: social-card, phone-messages, or a person's 18-digit number."""
        order = Behaviour.model_validate({"mode": mode, "seconds": seconds})
        self.store.command(target, order, times)

    def messages(self, phone: str | None = None) -> list[SentMessage]:
        """Newest first."""
        return self.store.messages(phone, 1000)


def _suffer(behaviour: Behaviour, timeout_s: float) -> None:
    if behaviour.mode in _CAUSES:
        raise RegistryUnreachable(_CAUSES[behaviour.mode])
    if behaviour.mode == "drip" or (behaviour.mode == "slow" and behaviour.seconds >= timeout_s):
        time.sleep(timeout_s)
        raise RegistryUnreachable("timeout")
    if behaviour.mode == "slow":
        time.sleep(behaviour.seconds)
