"""The breaker alone, with a clock that the test moves."""

from __future__ import annotations

import threading

import pytest

from registries.breaker import Breaker
from training.errors import RegistryUnreachable


class Moved:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def failing(_left: float) -> str:
    raise RegistryUnreachable("status")


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(RegistryUnreachable, match="status"):
            breaker.ask(failing, about="", timeout_s=1, tries=1)


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = Breaker(3, 10, Moved())
    fail(breaker, 2)
    assert breaker.ask(lambda _left: "well", about="", timeout_s=1, tries=1) == "well"
    fail(breaker, 2)
    assert not breaker.is_open()


def test_one_trial_is_let_through_after_the_rest_and_the_others_wait() -> None:
    moved = Moved()
    breaker = Breaker(1, 10, moved)
    fail(breaker, 1)
    moved.seconds = 10.1
    breaker.enter()
    with pytest.raises(RegistryUnreachable, match="open_breaker"):
        breaker.enter()
    breaker.succeeded()
    breaker.enter()
    assert not breaker.is_open()


def test_a_trial_that_never_came_back_is_followed_by_another() -> None:
    moved = Moved()
    breaker = Breaker(1, 10, moved)
    fail(breaker, 1)
    moved.seconds = 10.1
    breaker.enter()
    moved.seconds = 20.2
    breaker.enter()


def test_a_mistake_of_ours_counts_as_a_failure_and_is_not_hidden() -> None:
    breaker = Breaker(1, 10, Moved())

    def mistaken(_left: float) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaker.ask(mistaken, about="", timeout_s=1, tries=2)
    assert breaker.is_open()


def test_a_time_out_of_nothing_is_a_time_out() -> None:
    with pytest.raises(RegistryUnreachable, match="timeout"):
        Breaker().ask(lambda _left: "late", about="", timeout_s=0, tries=2)


def test_of_many_threads_one_makes_the_trial() -> None:
    moved = Moved()
    breaker = Breaker(1, 10, moved)
    fail(breaker, 1)
    moved.seconds = 10.1
    entered: list[int] = []
    start = threading.Barrier(16)

    def try_in(number: int) -> None:
        start.wait()
        try:
            breaker.enter()
        except RegistryUnreachable:
            return
        entered.append(number)

    threads = [threading.Thread(target=try_in, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entered) == 1
