"""The programs that are measured: started in a process group of their own, ended whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from jobs.stack import ROOT, answers

PATIENCE_S = 60.0
GRACE_S = 12.0


class Failed(Exception):
    """What was to be measured did not do what it should; the text says what."""


@contextmanager
def running(
    command: Sequence[str], environ: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """The program, until the block ends; its output goes to `log`."""
    with log.open("ab") as output:
        program = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield program
    finally:
        end(program)


def end(program: subprocess.Popen[bytes]) -> None:
    """End a program and what it started: first politely, then not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(program.pid, number)
        with suppress(subprocess.TimeoutExpired):
            program.wait(GRACE_S)


def wait_until_answers(port: int, path: str, program: subprocess.Popen[bytes], log: Path) -> float:
    """When (on the monotonic clock) `path` answered 200 for the first time. Raises Failed."""
    until = time.monotonic() + PATIENCE_S
    while not answers(port, path):
        if program.poll() is not None or time.monotonic() > until:
            raise Failed(f"no answer at {path}:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.01)
    return time.monotonic()


def family(pid: int) -> list[int]:
    """The process and everything it started, as far as it lives."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_s(pids: Sequence[int]) -> float:
    """The time these processes have had a processor, over all their threads, in seconds."""
    used = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            used += int((task / "schedstat").read_text().split()[0])
    return used / 1e9


def own_memory_mb(pid: int) -> float:
    """What the process holds in memory, pages shared with others divided among them (PSS); 2^20 bytes are one."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
