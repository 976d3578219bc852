"""A69: the registry down, slow, wrong or hostile. Never "found", never an exception, never late."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from tests.registries.worlds import FAILURES, REST_S, XIAOMAN, World
from training.numbers import Number, recognise
from training.ports import RegistryAnswer

NUMBER = recognise(XIAOMAN.number, date(2026, 1, 1))
CARD = recognise("A12345678", date(2026, 1, 1))
OTHER = replace(XIAOMAN, number="500101199003070030", name="周大满", cards=())


def look_up(world: World, timeout_s: float = 2.0) -> RegistryAnswer:
    return world.ports.social_card.look_up(NUMBER, timeout_s=timeout_s)


@pytest.mark.parametrize(
    ("mode", "cause"),
    [
        ("down", "refused"),
        ("500", "status"),
        ("garbage", "garbage"),
        ("wrong_person", "wrong_person"),
        ("stale", "stale"),
        ("redirect", "redirect"),
        ("ten_mb", "too_big"),
    ],
)
def test_A69_each_misbehaviour_is_unreachable_with_its_cause(world: World, mode: str, cause: str) -> None:
    world.know(XIAOMAN)
    world.misbehave(mode)
    answer = look_up(world)
    assert (answer.outcome, answer.person, answer.cause) == ("unreachable", None, cause)
    world.misbehave("none")
    assert look_up(world).outcome == "found"


@pytest.mark.parametrize("mode", ["slow", "drip"])
def test_A69_slower_than_the_time_out_is_given_up_in_time(world: World, mode: str) -> None:
    world.know(XIAOMAN)
    world.misbehave(mode, seconds=1.0)
    answer = look_up(world, timeout_s=0.3)
    assert (answer.outcome, answer.cause) == ("unreachable", "timeout")


def test_A69_slow_within_the_time_out_is_waited_for(world: World) -> None:
    world.know(XIAOMAN)
    world.misbehave("slow", seconds=0.2)
    assert look_up(world).outcome == "found"


def test_A69_a_standing_slowness_holds_for_one_person_alone(world: World) -> None:
    world.know(XIAOMAN, behaviour={"mode": "slow", "seconds": 0.5})
    world.know(OTHER)
    assert look_up(world, timeout_s=0.2).cause == "timeout"
    other = recognise(OTHER.number, date(2026, 1, 1))
    assert world.ports.social_card.look_up(other, timeout_s=0.2).person == OTHER
    assert look_up(world, timeout_s=2).person == XIAOMAN


def test_A69_misbehaviour_about_one_person_spares_the_others(world: World) -> None:
    world.know(XIAOMAN, OTHER)
    world.misbehave("garbage", target=XIAOMAN.number)
    assert look_up(world).cause == "garbage"
    assert world.ports.social_card.look_up(CARD, timeout_s=2).cause == "garbage"
    other = recognise(OTHER.number, date(2026, 1, 1))
    assert world.ports.social_card.look_up(other, timeout_s=2).outcome == "found"


def test_A69_the_wrong_person_is_refused_for_a_card_too(world: World) -> None:
    world.know(XIAOMAN)
    world.misbehave("wrong_person")
    assert world.ports.social_card.look_up(CARD, timeout_s=2).cause == "wrong_person"


def test_A69_somebody_else_for_a_number_nobody_has_is_refused(world: World) -> None:
    world.misbehave("wrong_person")
    assert look_up(world).cause == "wrong_person"


@pytest.mark.parametrize("mode", ["down", "500"])
def test_A69_a_read_is_tried_once_more(world: World, mode: str) -> None:
    world.know(XIAOMAN)
    world.misbehave(mode, times=1)
    assert look_up(world).outcome == "found"


def test_A69_a_read_is_not_tried_a_third_time(world: World) -> None:
    world.know(XIAOMAN)
    world.misbehave("500", times=3)
    assert look_up(world).cause == "status"
    assert look_up(world).outcome == "found"


def test_A69_no_second_try_when_the_time_is_up(world: World) -> None:
    world.know(XIAOMAN)
    world.misbehave("500", times=1)
    assert look_up(world, timeout_s=0.09).cause == "status"


def test_A69_the_breaker_opens_and_closes_again(world: World) -> None:
    world.know(XIAOMAN)
    world.misbehave("500")
    assert [look_up(world).cause for _ in range(FAILURES)] == ["status"] * FAILURES
    world.misbehave("none")
    assert look_up(world).cause == "open_breaker"
    time.sleep(REST_S + 0.05)
    assert look_up(world).outcome == "found"
    assert look_up(world).outcome == "found"


def test_A69_a_trial_that_fails_leaves_the_breaker_open(world: World) -> None:
    world.know(XIAOMAN)
    world.misbehave("500")
    for _ in range(FAILURES):
        look_up(world)
    time.sleep(REST_S + 0.05)
    assert look_up(world).cause == "status"
    world.misbehave("none")
    assert look_up(world).cause == "open_breaker"


def test_A69_one_person_about_whom_it_is_late_does_not_open_the_breaker(world: World) -> None:
    world.know(XIAOMAN)
    world.misbehave("slow", target=XIAOMAN.number, seconds=0.2)
    assert {look_up(world, timeout_s=0.05).cause for _ in range(FAILURES + 2)} == {"timeout"}


def test_A69_being_late_about_several_people_opens_the_breaker(world: World) -> None:
    world.misbehave("slow", seconds=0.2)
    for number in range(FAILURES):
        world.ports.social_card.look_up(Number("card", f"A0000000{number}"), timeout_s=0.05)
    assert look_up(world).cause == "open_breaker"


def test_A69_the_wrong_person_does_not_open_the_breaker(world: World) -> None:
    world.know(XIAOMAN)
    world.misbehave("wrong_person", target=XIAOMAN.number)
    assert {look_up(world).cause for _ in range(FAILURES + 2)} == {"wrong_person"}


def test_A69_a_dead_card_system_does_not_stop_messages(world: World) -> None:
    world.misbehave("500")
    for _ in range(FAILURES):
        look_up(world)
    world.ports.phone_messages.send("13800004172", "测试", key="k1", timeout_s=2)
    assert len(world.messages("13800004172")) == 1
