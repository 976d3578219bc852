"""The launcher with small programs in place of ours: it starts, says so, restarts, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobs import stack

ROOT = Path(__file__).resolve().parents[2]
DOORS = """
import http.server, os, subprocess, sys
subprocess.Popen(["sleep", "300"])
class Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
open(sys.argv[2], "a").write(f"{os.getpid()}\\n")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Door).serve_forever()
"""
PROGRAM = """
import sys
from jobs import prepare, stack
port, data = sys.argv[1:]
prepare.is_done = lambda: True
worker = sys.argv and [stack.PYTHON, "-c", "{worker}"]
doors = [stack.PYTHON, "-c", {doors!r}, port, data + "/pids"]
stack.doors_and_worker = lambda plan: [
    stack.Child("doors", doors, plan.log("doors")), stack.Child("worker", worker, plan.log("worker"))]
stack.registries = lambda plan: stack.Child("registries", [stack.PYTHON, "-c", "{worker}"], plan.log("registries"))
sys.exit(stack.main())
"""
SLEEPS = "import time; time.sleep(300)"
Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def run(tmp_path: Path, free_port: int) -> Iterator[Run]:
    started: list[subprocess.Popen[str]] = []

    def start(worker: str = SLEEPS) -> subprocess.Popen[str]:
        environ = {**os.environ, "PORT": str(free_port), "DATA_DIR": str(tmp_path), "APP_ENV": "demo"}
        environ.pop("MAKELEVEL", None)
        program = PROGRAM.format(worker=worker, doors=DOORS)
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(free_port), str(tmp_path)],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


def until_ready(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith("ready "):
            return lines
    raise AssertionError(f"not ready: {lines} {process.stderr.read() if process.stderr else ''}")


def group_is_gone(pid: int) -> bool:
    """Nobody of the process group is left, but for the dead that wait to be counted."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = stat.read_text().rsplit(") ", 1)[1].split()[:3]
        except OSError:
            continue
        if int(group) == pid and state != "Z":
            return False
    return True


def eventually(true: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return true()


def test_it_says_when_it_is_ready_and_where(run: Run, free_port: int) -> None:
    lines = until_ready(run())
    assert lines[-1] == f"ready http://127.0.0.1:{free_port}/"
    assert any(f"http://127.0.0.1:{free_port}/office/" in line for line in lines)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_it_ends(run: Run, tmp_path: Path, ending: signal.Signals) -> None:
    process = run()
    until_ready(process)
    door = int((tmp_path / "pids").read_text())
    assert not group_is_gone(door)
    process.send_signal(ending)
    process.wait(10)
    if ending != signal.SIGKILL:
        assert group_is_gone(door), "also what a child started is gone when the stack returns"
    else:
        assert eventually(lambda: is_dead(door)), "a child ends with the stack, even when that is killed"
        os.killpg(door, signal.SIGKILL)


def is_dead(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(") ", 1)[1].startswith("Z")


def test_a_dead_child_is_named_and_started_again(run: Run, tmp_path: Path) -> None:
    process = run()
    until_ready(process)
    os.kill(int((tmp_path / "pids").read_text()), signal.SIGKILL)
    assert process.stderr is not None
    assert "doors ended with status -9; started again" in process.stderr.readline()
    assert eventually(lambda: len((tmp_path / "pids").read_text().split()) == 2)
    assert process.poll() is None


def test_a_child_that_dies_again_and_again_ends_the_stack(run: Run, tmp_path: Path) -> None:
    process = run("import time; time.sleep(0.7); print(1 / 0)")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "ends again and again" in said
    assert "ZeroDivisionError" in said
    assert group_is_gone(int((tmp_path / "pids").read_text()))


def test_a_child_that_cannot_start_ends_it_at_once_with_the_reason(run: Run) -> None:
    process = run("raise SystemExit('DATABASE_URL: wrong')")
    _, said = process.communicate(timeout=15)
    assert process.returncode == 1
    assert "DATABASE_URL: wrong" in said


def test_a_port_in_use_is_said_in_one_line(run: Run, free_port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        process = run()
        _, said = process.communicate(timeout=10)
    assert process.returncode == 1
    assert said.strip().splitlines() == [
        f"stopped: port {free_port} is in use; choose another: PORT={free_port + 100} make run"
    ]


@pytest.mark.parametrize("word", ["abc", "0", "70000", "-1"])
def test_a_port_must_be_one(word: str) -> None:
    with pytest.raises(stack.StackError, match="PORT"):
        stack.plan({"PORT": word})


def test_the_greeting_names_staff_and_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text(
        '{"staff": [{"role": "verifier", "username": "V1", "password": "pw", "totp_secret": "ABC", "district": null,'
        ' "name": "张三"}], "people": [{"name": "李四", "number": "500101199001011234"}]}'
    )
    text = "\n".join(stack.greeting(stack.Plan(8130, 8131, tmp_path, is_demo=True)))
    assert "verifier" in text
    assert "ABC" in text
    assert "李四" not in text
    assert "500101" not in text


def test_A64_the_server_cuts_off_slow_and_huge_headers() -> None:
    line = stack.granian(8130)
    assert int(line[line.index("--http1-header-read-timeout") + 1]) <= 10_000
    assert int(line[line.index("--http1-buffer-size") + 1]) <= 65_536
    assert line[line.index("--host") + 1] == "127.0.0.1"
