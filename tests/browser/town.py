"""The demo as tests meet it: a running stack, its invented people, its staff, their phones."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp

ROOT = Path(__file__).resolve().parents[2]
OWN = {"DATABASE_URL", "BASE_URL", "REGISTRIES_URL", "SANDBOX_TOKEN", "KEYS_FILE"}  # not taken from around us
PATIENCE = 90.0  # seconds until the stack must answer
CODE_WITHIN = 6.0  # seconds until a code must be readable


@dataclass
class Town:
    """`facts` is demo.json. People and classes are handed out once each, so that tests do not meet."""

    url: str
    facts: dict[str, Any]
    data_dir: Path
    ports: tuple[int, int]
    process: subprocess.Popen[str]
    prepared: Path | None = None
    states: dict[str, Any] = field(default_factory=dict)  # cookies of those who have signed in
    _given: Counter[str] = field(default_factory=Counter)

    def person(self, case: str) -> dict[str, Any]:
        """The next person of this case whom nobody has used; `place` is the number of their phone page."""
        of_case = [p | {"place": n} for n, p in enumerate(self.facts["people"]) if p["case"] == case]
        assert of_case, f"nobody is of case {case}"
        if self._given[case] == len(of_case):
            self.renew()
        self._given[case] += 1
        found: dict[str, Any] = of_case[self._given[case] - 1]
        return found

    def class_of(self, case: str) -> dict[str, Any]:
        """The next class of this case."""
        of_case = [one for one in self.facts["classes"] if one["case"] == case]
        self._given[f"class {case}"] += 1
        found: dict[str, Any] = of_case[(self._given[f"class {case}"] - 1) % len(of_case)]
        return found

    def track(self, status: str, n: int = 0) -> str:
        """The reference of the n-th enrolment whose public status is `status`; the first is there to be looked at."""
        return str([one["reference"] for one in self.facts["tracks"] if one["status"] == status][n])

    def tracked(self, status: str) -> dict[str, Any]:
        """The person of that enrolment."""
        place = int(next(one["person"] for one in self.facts["tracks"] if one["status"] == status))
        found: dict[str, Any] = self.facts["people"][place] | {"place": place}
        return found

    def staff(self, role: str, n: int = 0) -> dict[str, Any]:
        """The n-th account that holds `role`."""
        found: dict[str, Any] = [one for one in self.facts["staff"] if one["role"] == role][n]
        return found

    def totp(self, account: dict[str, Any]) -> str:
        """A one-time code that this account has not used yet; waits for the next when need be."""
        secret, now = account["totp_secret"], int(time.time()) // 30
        last = self._given[f"totp {account['username']}"]
        step = max(now, last + 1)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.2)
        self._given[f"totp {account['username']}"] = step
        return pyotp.TOTP(secret).at(step * 30)

    def messages(self, person: dict[str, Any]) -> list[dict[str, Any]]:
        """What came to the person's phone, newest first."""
        with urllib.request.urlopen(f"{self.url}demo/phone/{person['place']}.json", timeout=5) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def code(self, person: dict[str, Any], *, seen: int = 0, within: float = CODE_WITHIN) -> str:
        """The newest code, once there are more than `seen` messages with one."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            codes = [message["code"] for message in self.messages(person) if message["code"]]
            if len(codes) > seen:
                return str(codes[0])
            time.sleep(0.1)
        raise AssertionError(f"no code within {within} s")

    def hears(self, person: dict[str, Any], *words: str) -> str:
        """The newest message with all these words on the person's phone, once there is one."""
        until = time.monotonic() + CODE_WITHIN
        while True:
            texts = [message["text"] for message in self.messages(person)]
            if found := [text for text in texts if all(word in text for word in words)]:
                return str(found[0])
            assert time.monotonic() < until, f"no message with {words} within {CODE_WITHIN} s: {texts}"
            time.sleep(0.1)

    def give_desk(self, account: dict[str, Any], role: str) -> None:
        """Let this member of staff sit at another desk too, as the demo's own accounts never do."""
        with closing(sqlite3.connect(self.data_dir / "training.sqlite3", timeout=10)) as database:
            query = "select id from staff_account where username = ?"
            [(account_id,)] = database.execute(query, (account["username"],)).fetchall()
            database.execute(
                "insert or ignore into staff_role (id, account_id, role, district) values (?, ?, ?, ?)",
                (f"also-{account['username']}"[:26], account_id, role, account["district"]),
            )
            database.commit()

    def proved_long_ago(self, *accounts: dict[str, Any]) -> None:
        """Whoever is signed in has proved who they are too long ago to change rights or keys."""
        with closing(sqlite3.connect(self.data_dir / "training.sqlite3", timeout=10)) as database:
            query = (
                "update staff_session set fresh_at = datetime(fresh_at, '-11 minutes') where account_id in"
            )
            names = [one["username"] for one in accounts]
            marks = ", ".join("?" for _ in names)
            database.execute(f"{query} (select id from staff_account where username in ({marks}))", names)
            database.commit()

    def stop(self) -> None:
        """End the stack and everything it started."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def renew(self) -> None:
        """Begin again with the demo as it was: everybody of a case has been used (in the long runs)."""
        assert self.prepared is not None
        self.stop()
        shutil.rmtree(self.data_dir)
        shutil.copytree(self.prepared, self.data_dir)
        self.process = _run(self.data_dir, self.ports)
        self.facts = json.loads((self.data_dir / "demo.json").read_text())
        used = {name: n for name, n in self._given.items() if name.startswith("totp ")}
        self._given, self.states = Counter(used), {}


def prepare(data_dir: Path) -> None:
    """Make a data folder with the demo set in it: a first start and its end."""
    data_dir.mkdir(exist_ok=True)
    start(data_dir).stop()


def start(data_dir: Path, prepared: Path | None = None) -> Town:
    """Start the whole stack on that folder, as `make run` does, on two free ports; returns when it is ready."""
    ports = _free_port(), _free_port()
    process = _run(data_dir, ports)
    facts = json.loads((data_dir / "demo.json").read_text())
    return Town(f"http://127.0.0.1:{ports[0]}/", facts, data_dir, ports, process, prepared)


def _run(data_dir: Path, ports: tuple[int, int]) -> subprocess.Popen[str]:
    # MAKELEVEL: as under make, the stack ends when the process that started it dies.
    environ = _environ(data_dir, ports[0]) | {"REGISTRIES_PORT": str(ports[1]), "MAKELEVEL": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "jobs.stack"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    until, line = time.monotonic() + PATIENCE, ""
    for line in process.stdout:
        if line.startswith("ready ") or time.monotonic() > until:
            break
    assert line.startswith("ready "), f"the stack did not start; see {data_dir}/log"
    return process


def _environ(data_dir: Path, port: int) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if name not in OWN}
    return environ | {"DATA_DIR": str(data_dir), "PORT": str(port), "APP_ENV": "demo"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
