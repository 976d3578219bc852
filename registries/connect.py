"""Settings → ports: the one place that chooses who plays the outside world."""

from __future__ import annotations

import ipaddress
from typing import Protocol
from urllib.parse import urlsplit

from registries.exchange import HttpExchange
from registries.phone_messages import Messages
from registries.sandbox.control import Control
from registries.social_card import SocialCard
from training.errors import SettingsError
from training.ports import Ports


class RegistrySettings(Protocol):
    """`registries_mode`: `http` or `fake`. `registries_url`: the systems' address, without a query."""

    @property
    def registries_mode(self) -> str: ...

    @property
    def registries_url(self) -> str: ...


def connect(settings: RegistrySettings) -> Ports:
    """The outside world of one application; call once per process. Raises SettingsError."""
    match settings.registries_mode:
        case "http":
            exchange = HttpExchange(_checked(settings.registries_url))
            card, messages = SocialCard(exchange), Messages(exchange)
            return Ports(card, messages, lambda: [card.take_tally(), messages.take_tally()])
        case "fake":
            from registries.fake import Fake

            return Fake().ports
        case unknown:
            raise SettingsError(f"REGISTRIES_MODE is {unknown!r}: it must be http or fake")


def sandbox(url: str, token: str) -> Control:
    """The strings of the played systems, for a demo. Raises SettingsError for an address that is unsafe."""
    return Control(_checked(url), token)


def _checked(url: str) -> str:
    """Personal numbers cross this line: in clear only inside the machine."""
    try:
        address = urlsplit(url)
        host, port = address.hostname, address.port
    except ValueError:
        raise SettingsError("REGISTRIES_URL cannot be read") from None
    if address.scheme not in ("http", "https") or not host or port == 0:
        raise SettingsError("REGISTRIES_URL must begin with http:// or https:// and name a host")
    if address.username or address.password or address.query or address.fragment:
        raise SettingsError("REGISTRIES_URL must carry no user, password, query or fragment")
    if address.scheme == "http" and not _is_loopback(host):
        raise SettingsError("REGISTRIES_URL must be https:// beyond this machine")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
