"""How soon `make run` answers on data that is prepared."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks import programs
from benchmarks.figures import Figure, against
from benchmarks.place import Place, free_port
from benchmarks.programs import Failed

LONGEST_S = 3.0
PATIENCE_S = 10.0
# As a person types it: not inside another make, and on the database that is used when none is named.
BY_HAND = {"MAKEFLAGS": "", "MAKELEVEL": "", "DATABASE_URL": "", "APP_ENV": ""}


def measure(place: Place, rounds: int) -> Iterator[Figure]:
    """From the command to its line "ready" and the first landing page; its first set-up is not counted."""
    environ = {**BY_HAND, "DATA_DIR": str(place.folder / "run")}
    environ |= {"PORT": str(free_port()), "REGISTRIES_PORT": str(free_port())}
    times = [_start(place, environ, n) for n in range(rounds + 1)]
    yield Figure("make_run_answers", **against(LONGEST_S, times[1:]), goal=1.0, unit="s", n=1)


def _start(place: Place, environ: dict[str, str], n: int) -> float:
    log, begun = place.log(f"run-{n}"), time.monotonic()
    with programs.running(["make", "run"], environ, log) as stack:
        programs.wait_until_answers(int(environ["PORT"]), "/", stack, log)
        until = time.monotonic() + PATIENCE_S
        while "\nready http" not in log.read_text(errors="replace"):
            if time.monotonic() > until:
                raise Failed("make run does not say that it is ready")
            time.sleep(0.01)
        return time.monotonic() - begun
