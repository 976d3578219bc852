"""The worlds the contract tests run against, each with the strings that move it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Protocol

from registries.breaker import Breaker
from registries.exchange import HttpExchange
from registries.fake import Fake
from registries.phone_messages import Messages
from registries.sandbox.control import Control
from registries.sandbox.records import record_of
from registries.sandbox.server import SandboxServer
from registries.sandbox.store import SentMessage, Store
from registries.sandbox.systems import Systems
from registries.social_card import SocialCard
from training.ports import Ports, RegisteredCard, RegisteredPerson

FAILURES, REST_S = 3, 0.2
TOKEN = "invented-token"

XIAOMAN = RegisteredPerson(
    number="500101199003070022",
    name="周小满",
    birth_on=date(1990, 3, 7),
    sex="female",
    phone="13800004172",
    household="urban",
    cards=(RegisteredCard("A12345678", "normal", date(2018, 6, 1)),),
)


class World(Protocol):
    ports: Ports

    def know(self, *people: RegisteredPerson, behaviour: Mapping[str, object] | None = None) -> None: ...

    def know_record(self, record: dict[str, object]) -> None: ...

    def misbehave(
        self, mode: str, target: str = "social-card", seconds: float = 10, times: int | None = None
    ) -> None: ...

    def messages(self, phone: str | None = None) -> list[SentMessage]: ...


class OverHttp:
    """The sandbox as its own server, spoken to over real sockets."""

    def __init__(self, url: str) -> None:
        self.control = Control(url, TOKEN)
        exchange = HttpExchange(url)
        self.ports = Ports(
            SocialCard(exchange, Breaker(FAILURES, REST_S)), Messages(exchange, Breaker(FAILURES, REST_S))
        )

    def know(self, *people: RegisteredPerson, behaviour: Mapping[str, object] | None = None) -> None:
        self.control.put_people([record_of(person, behaviour=behaviour) for person in people])

    def know_record(self, record: dict[str, object]) -> None:
        self.control.put_people([record])

    def misbehave(
        self, mode: str, target: str = "social-card", seconds: float = 10, times: int | None = None
    ) -> None:
        is_system = target in ("social-card", "phone-messages")
        self.control.misbehave(
            mode,
            system=target if is_system else None,
            number=None if is_system else target,
            seconds=seconds,
            times=times,
        )

    def messages(self, phone: str | None = None) -> list[SentMessage]:
        return self.control.messages(phone)


class InProcess(Fake):
    """The fake."""

    def __init__(self) -> None:
        super().__init__(FAILURES, REST_S)

    def know_record(self, record: dict[str, object]) -> None:
        self.put_records([record])

    def misbehave(
        self, mode: str, target: str = "social-card", seconds: float = 10, times: int | None = None
    ) -> None:
        super().misbehave(mode, target, seconds, times)


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The address of a sandbox that lives in a thread of the test."""
    store = Store(None)
    with SandboxServer(0, Systems(store, TOKEN)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()
    store.close()


WORLDS = ("over_http", "in_process")
