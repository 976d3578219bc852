from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from registries.connect import connect
from registries.phone_messages import Messages
from registries.social_card import SocialCard
from training.errors import SettingsError
from training.numbers import recognise


@dataclass(frozen=True)
class Chosen:
    registries_mode: str = "http"
    registries_url: str = "http://127.0.0.1:1"


def test_http_speaks_to_the_address(sandbox_url: str) -> None:
    ports = connect(Chosen(registries_url=sandbox_url + "/"))
    answer = ports.social_card.look_up(recognise("A00000000", date(2026, 1, 1)), timeout_s=2)
    assert answer.outcome == "not_found"


def test_fake_needs_no_address() -> None:
    ports = connect(Chosen("fake", ""))
    assert isinstance(ports.social_card, SocialCard)
    assert isinstance(ports.phone_messages, Messages)
    ports.phone_messages.send("13800004172", "测试", key="k", timeout_s=1)


@pytest.mark.parametrize("url", ["http://localhost:8010", "http://[::1]:8010", "https://card.example/base"])
def test_an_address_that_is_safe_is_taken(url: str) -> None:
    connect(Chosen(registries_url=url))


@pytest.mark.parametrize("mode", ["", "HTTP", "sandbox", "real"])
def test_an_unknown_mode_stops_the_program(mode: str) -> None:
    with pytest.raises(SettingsError, match="REGISTRIES_MODE"):
        connect(Chosen(registries_mode=mode))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8010",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://me:secret@127.0.0.1",
        "http://127.0.0.1/?a=b",
        "http://card.example",
        "http://10.0.0.8",
    ],
)
def test_an_address_that_is_unsafe_stops_the_program(url: str) -> None:
    with pytest.raises(SettingsError, match="REGISTRIES_URL"):
        connect(Chosen(registries_url=url))
