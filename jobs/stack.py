"""`make run`: starts everything the product needs on one machine, and ends it again.

The registry sandbox (demo only), the worker and both doors are children of this process, each in a process
group of its own. Ctrl-C or SIGTERM ends them all; they also end when this process is killed. A child that
dies is started again, at most three times a minute; then the whole stack ends with status 1.
"""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from jobs import prepare

PATIENCE = 60.0  # seconds until the doors must answer
GRACE = 8.0  # seconds a child may take to end
RESTARTS, WINDOW = 3, 60.0  # at most so many within so many seconds
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable


class StackError(Exception):
    """One line that says why the stack cannot run."""


@dataclass
class Child:
    """One program of the stack; `log` is where its output goes."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS))

    def start(self) -> None:
        """Start the program in a process group of its own that dies with us."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509 (this program has one thread)
            )

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def may_restart(self) -> bool:
        """Note one more death; False when there were too many lately."""
        now = time.monotonic()
        too_many = len(self.deaths) == RESTARTS and now - self.deaths[0] < WINDOW
        self.deaths.append(now)
        return not too_many

    def signal(self, number: int) -> None:
        """Send a signal to the program and what it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                self.process.poll()

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {line}" for line in lines[-8:])


def _die_with_parent(parent: int) -> Callable[[], None]:
    """What a child does before it begins: ask the kernel (Linux only) to end it when its parent dies."""
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return lambda: None

    def ask() -> None:
        prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return ask


@dataclass(frozen=True)
class Plan:
    """Where things lie and listen."""

    port: int
    registries_port: int
    data_dir: Path
    is_demo: bool

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def registries_url(self) -> str:
        return f"http://127.0.0.1:{self.registries_port}/"

    def log(self, name: str) -> Path:
        return self.data_dir / "log" / f"{name}.log"


def plan(environ: Mapping[str, str]) -> Plan:
    """Read PORT, REGISTRIES_PORT, DATA_DIR and APP_ENV. Raises StackError when a port is no port."""
    port = _port(environ.get("PORT") or "8000", "PORT")
    registries = _port(environ.get("REGISTRIES_PORT") or str(port + 1), "REGISTRIES_PORT")
    data_dir = Path(environ.get("DATA_DIR") or "instance")
    return Plan(port, registries, (ROOT / data_dir).resolve(), (environ.get("APP_ENV") or "demo") == "demo")


def _port(text: str, name: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StackError(f"{name}: {text!r} is not a port number")
    return int(text)


def check_free(port: int, name: str) -> None:
    """Raises StackError when somebody listens on `port` already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StackError(
                f"port {port} is in use; choose another: {name}={port + 100} make run"
            ) from error


def registries(plan: Plan) -> Child:
    """The sandbox that plays the outside world in a demo."""
    command = [PYTHON, "-m", "registries.sandbox", "--port", str(plan.registries_port)]
    return Child("registries", [*command, "--data-dir", str(plan.data_dir)], plan.log("registries"))


def doors_and_worker(plan: Plan) -> list[Child]:
    """The server of both doors and the program that sends what waits in the outbox."""
    worker = Child("worker", [PYTHON, "-m", "jobs.worker"], plan.log("worker"))
    return [Child("doors", granian(plan.port), plan.log("doors")), worker]


def granian(port: int, workers: int = 2) -> list[str]:
    """The server's command line: HTTP/1 only, slow or huge headers are cut off, a dead worker comes back."""
    options = {
        "--interface": "wsgi",
        "--host": "127.0.0.1",
        "--port": str(port),
        "--workers": str(workers),
        "--blocking-threads": "2",
        "--http": "1",
        "--http1-buffer-size": "65536",
        "--http1-header-read-timeout": "10000",
        "--backlog": "512",
        "--respawn-interval": "1",
        "--workers-kill-timeout": "5",
        "--log-level": "warning",
    }
    words = [word for pair in options.items() for word in pair]
    return [PYTHON, "-m", "granian", *words, "--no-ws", "--respawn-failed-workers", "wsgi:application"]


class Stack:
    """Starts the children, watches over them, ends them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.children: list[Child] = []

    def run(self) -> int:
        """Until a signal ends us or a child can no longer be kept alive. Returns the exit status."""
        try:
            sandbox = [registries(self.plan)] if self.plan.is_demo else []
            if not prepare.is_done():
                self._prepare(sandbox)
            doors, worker = doors_and_worker(self.plan)
            for child in (doors, *sandbox):
                if child not in self.children:
                    self._start(child)
            self._wait_until_ready()
            self._start(worker)  # last: on a small machine it would hold up the doors
            self._announce()
            self._watch()
        except StackError as error:
            print(f"stopped: {error}", file=sys.stderr, flush=True)
            return 1
        finally:
            self.end()

    def _start(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def _prepare(self, sandbox: list[Child]) -> None:
        """Database, keys and demo set, by a program of its own; the sandbox answers meanwhile."""
        for child in sandbox:
            self._start(child)
        print("preparing the database" + (" and the demo set" if self.plan.is_demo else ""), flush=True)
        child = Child("preparation", [PYTHON, "-m", "jobs.prepare"], self.plan.log("prepare"))
        self._start(child)
        if child.process is not None and child.process.wait() != 0:
            raise StackError(f"preparation failed; {child.log} says why:\n{child.last_words()}")
        self.children.remove(child)

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + PATIENCE
        while not answers(self.plan.port, "/healthz"):
            self._refuse_early_death()
            if time.monotonic() > until:
                raise StackError(f"no answer from {self.plan.url}healthz after {PATIENCE:.0f} s")
            time.sleep(0.03)

    def _refuse_early_death(self) -> None:
        for child in self.children:
            if child.has_died():
                raise StackError(
                    f"{child.name} ended at the start; {child.log} says why:\n{child.last_words()}"
                )

    def _announce(self) -> None:
        print("\n".join(greeting(self.plan)), flush=True)
        print(f"ready {self.plan.url}", flush=True)

    def _watch(self) -> NoReturn:
        while True:
            time.sleep(0.5)
            for child in filter(Child.has_died, self.children):
                status = child.process.returncode if child.process else None
                if not child.may_restart():
                    raise StackError(
                        f"{child.name} ends again and again; {child.log} says why:\n{child.last_words()}"
                    )
                print(f"{child.name} ended with status {status}; started again", file=sys.stderr, flush=True)
                child.signal(signal.SIGKILL)
                child.start()

    def end(self) -> None:
        """End every child and what it started: first politely, then not."""
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        for child in self.children:
            child.signal(signal.SIGTERM)
        until = time.monotonic() + GRACE
        for child in self.children:
            if child.process is not None:
                try:
                    child.process.wait(max(0.0, until - time.monotonic()))
                except subprocess.TimeoutExpired:
                    print(f"{child.name} did not end by itself", file=sys.stderr, flush=True)
            child.signal(signal.SIGKILL)


def answers(port: int, path: str) -> bool:
    """Does 200 come back from `path`?"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def greeting(plan: Plan) -> list[str]:
    """The addresses, and in a demo the accounts of staff; of other people nothing."""
    lines = ["", f"  portal       {plan.url}", f"  back office  {plan.url}office/"]
    if plan.is_demo:
        lines += [f"  phones       {plan.url}demo/phone", f"  registries   {plan.registries_url}"]
    lines += [f"  data, logs   {plan.data_dir}", ""]
    return lines + (_accounts(plan.data_dir / "demo.json") if plan.is_demo else [])


def _accounts(file: Path) -> list[str]:
    if not file.exists():
        return []
    staff = json.loads(file.read_text())["staff"]
    head = ("role", "username", "password", "secret of the one-time code", "district")
    rows = [
        head,
        *((s["role"], s["username"], s["password"], s["totp_secret"], s["district"] or "-") for s in staff),
    ]
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(head))]
    return [
        "  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ] + [""]


def sandbox_token(file: Path) -> str:
    """What opens the controls of the sandbox: made once, readable by its owner only; commands read it too."""
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(24))
    return file.read_text()


def main() -> int:
    """Run the stack with the settings of the environment."""

    def end(*_: object) -> NoReturn:
        raise SystemExit(0)

    for number in ENDINGS:
        signal.signal(number, end)
    os.environ.setdefault("APP_ENV", "demo")
    try:
        found = plan(os.environ)
        check_free(found.port, "PORT")
        if found.is_demo:
            check_free(found.registries_port, "REGISTRIES_PORT")
    except StackError as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    os.environ.update(PORT=str(found.port), DATA_DIR=str(found.data_dir))
    (found.data_dir / "log").mkdir(parents=True, exist_ok=True)
    if found.is_demo:
        os.environ.setdefault("REGISTRIES_URL", found.registries_url.rstrip("/"))
        os.environ.setdefault("SANDBOX_TOKEN", sandbox_token(found.data_dir / "sandbox.token"))
    return Stack(found).run()


if __name__ == "__main__":
    if os.environ.get("MAKELEVEL"):
        _die_with_parent(os.getppid())()
    sys.exit(main())
