"""The message gateway: once for each key, whatever happens to the answer."""

from __future__ import annotations

import pytest

from tests.registries.worlds import FAILURES, World
from training.errors import RegistryUnreachable

PHONE = "13800004172"


def send(world: World, key: str = "a1", text: str = "验证码 123456", timeout_s: float = 2.0) -> None:
    world.ports.phone_messages.send(PHONE, text, key=key, timeout_s=timeout_s)


def sent(world: World) -> list[str]:
    return [message["text"] for message in world.messages(PHONE)]


def test_a_message_arrives(world: World) -> None:
    send(world)
    (message,) = world.messages(PHONE)
    assert (message["phone"], message["text"], message["key"]) == (PHONE, "验证码 123456", "a1")


def test_messages_are_shown_newest_first_and_to_their_phone_alone(world: World) -> None:
    send(world, "a1", "一")
    send(world, "a2", "二")
    world.ports.phone_messages.send("13900000001", "三", key="a3", timeout_s=2)
    assert sent(world) == ["二", "一"]
    assert [message["text"] for message in world.messages()] == ["三", "二", "一"]


def test_the_same_key_sends_once(world: World) -> None:
    send(world)
    send(world)
    assert len(sent(world)) == 1


def test_the_same_key_for_another_message_is_refused(world: World) -> None:
    send(world)
    with pytest.raises(RegistryUnreachable, match="status"):
        send(world, text="另一条")
    assert len(sent(world)) == 1


@pytest.mark.parametrize("mode", ["slow", "drip"])
def test_A69_an_answer_lost_on_its_way_does_not_double_the_message(world: World, mode: str) -> None:
    world.misbehave(mode, "phone-messages", seconds=0.5, times=1)
    with pytest.raises(RegistryUnreachable, match="timeout"):
        send(world, timeout_s=0.2)
    send(world)
    assert len(sent(world)) == 1


@pytest.mark.parametrize(
    ("mode", "cause"),
    [
        ("down", "refused"),
        ("500", "status"),
        ("garbage", "garbage"),
        ("wrong_person", "garbage"),
        ("stale", "garbage"),
        ("redirect", "redirect"),
        ("ten_mb", "too_big"),
    ],
)
def test_A69_a_gateway_that_fails_is_said_to_fail(world: World, mode: str, cause: str) -> None:
    world.misbehave(mode, "phone-messages", times=1)
    with pytest.raises(RegistryUnreachable) as failure:
        send(world)
    assert failure.value.cause == cause
    send(world)
    assert len(sent(world)) == 1


def test_A69_a_message_is_not_tried_twice_by_itself(world: World) -> None:
    world.misbehave("500", "phone-messages", times=1)
    with pytest.raises(RegistryUnreachable, match="status"):
        send(world)
    assert sent(world) == []


def test_A69_the_gateways_breaker_opens(world: World) -> None:
    world.misbehave("down", "phone-messages")
    for _ in range(FAILURES):
        with pytest.raises(RegistryUnreachable, match="refused"):
            send(world)
    with pytest.raises(RegistryUnreachable, match="open_breaker"):
        send(world)


@pytest.mark.parametrize(
    ("phone", "text", "key"),
    [("no phone", "x", "k"), (PHONE, "", "k"), (PHONE, "x" * 1001, "k"), (PHONE, "x", "")],
)
def test_what_is_no_message_is_not_taken(world: World, phone: str, text: str, key: str) -> None:
    with pytest.raises(RegistryUnreachable, match="status"):
        world.ports.phone_messages.send(phone, text, key=key, timeout_s=2)
    assert world.messages() == []
