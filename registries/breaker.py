"""Patience with a system that fails: a second try for reads, and a breaker that spares it and us."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from registries.exchange import Deadline
from training.errors import RegistryUnreachable
from training.ports import Tally

Answer = TypeVar("Answer")
_WORTH_A_SECOND_TRY = frozenset({"refused", "status"})
_PAUSE_S = 0.05


class Breaker:
    """Opens after `failures` in a row; after `rest_s` seconds one trial is let through, and decides.

    One per system and process; any thread may use it.
    """

    def __init__(
        self, failures: int = 5, rest_s: float = 15.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._failures, self._rest_s, self._clock = failures, rest_s, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._late: set[int] = set()
        self._closed_until_trial = 0.0
        self._asked_since = self._failed_since = 0
        self._last_error: str | None = None

    def take_tally(self, name: str) -> Tally:
        """How the system answered since this was last called; counting begins anew."""
        is_resting = self.is_open()
        with self._lock:
            asked, failed = self._asked_since, self._failed_since
            self._asked_since = self._failed_since = 0
            return Tally(name, asked, failed, self._last_error, is_resting)

    def is_open(self) -> bool:
        """Whether the system is being left alone just now."""
        with self._lock:
            return self._failed >= self._failures and self._clock() < self._closed_until_trial

    def enter(self) -> None:
        """Raises RegistryUnreachable("open_breaker") while the system is left alone."""
        with self._lock:
            if self._failed < self._failures:
                return
            if self._clock() < self._closed_until_trial:
                raise RegistryUnreachable("open_breaker")
            self._closed_until_trial = self._clock() + self._rest_s  # the trial is ours; the others wait on

    def succeeded(self) -> None:
        with self._lock:
            self._failed = 0
            self._late.clear()

    def failed(self, late_about: str | None = None) -> None:
        """Being late about one and the same thing, over and over, counts once: others may be answered well."""
        with self._lock:
            if late_about is None or hash(late_about) not in self._late:
                self._failed += 1
            if late_about is not None:
                self._late.add(hash(late_about))
            if self._failed >= self._failures:
                self._closed_until_trial = self._clock() + self._rest_s

    def ask(self, attempt: Callable[[float], Answer], *, about: str, timeout_s: float, tries: int) -> Answer:
        """`attempt(seconds left)`, up to `tries` times while there is time. Raises RegistryUnreachable.

        An answer about the wrong person is refused, but it is no sign that the system is down.
        """
        self.enter()
        try:
            answer = _tried(attempt, Deadline(timeout_s), tries)
        except RegistryUnreachable as fault:
            if fault.cause == "wrong_person":
                self.succeeded()
            else:
                self.failed(about if fault.cause == "timeout" else None)
            self._note(fault.cause)
            raise
        except BaseException as fault:
            self.failed()
            self._note(type(fault).__name__)
            raise
        self.succeeded()
        self._note(None)
        return answer

    def _note(self, error: str | None) -> None:
        with self._lock:
            self._asked_since += 1
            self._failed_since += error is not None
            self._last_error = error


def _tried(attempt: Callable[[float], Answer], deadline: Deadline, tries: int) -> Answer:
    try:
        return attempt(deadline.left())
    except TimeoutError as fault:
        raise RegistryUnreachable("timeout") from fault
    except RegistryUnreachable as fault:
        if tries < 2 or fault.cause not in _WORTH_A_SECOND_TRY or not _has_time(deadline):
            raise
    time.sleep(_PAUSE_S)
    return _tried(attempt, deadline, tries - 1)


def _has_time(deadline: Deadline) -> bool:
    try:
        return deadline.left() > 2 * _PAUSE_S
    except TimeoutError:
        return False
