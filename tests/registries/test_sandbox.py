"""The sandbox as a program: its own process, its own store, its controls behind a token."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from registries.exchange import HttpExchange
from registries.sandbox.__main__ import main, records_in
from registries.sandbox.control import Control
from registries.sandbox.records import record_of
from tests.registries.worlds import TOKEN, XIAOMAN, OverHttp
from training.errors import RegistryUnreachable
from training.numbers import Number

NUMBER = Number("number18", XIAOMAN.number)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.jsonl"
    path.write_text(json.dumps(record_of(XIAOMAN), ensure_ascii=False) + "\n\n", encoding="utf-8")
    return path


@pytest.fixture
def started(tmp_path: Path, people: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "registries.sandbox",
            "--port",
            "0",
            "--data-dir",
            tmp_path / "data",
            "--people",
            people,
        ],
        env={**os.environ, "SANDBOX_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    yield process.stdout.readline().removeprefix("sandbox ").strip(), process
    process.kill()
    process.wait()
    process.stdout.close()


def test_it_serves_people_from_a_file_and_ends_when_told(
    started: tuple[str, subprocess.Popen[str]], tmp_path: Path
) -> None:
    url, process = started
    world = OverHttp(url)
    assert world.control.is_up()
    assert world.ports.social_card.look_up(NUMBER, timeout_s=2).person == XIAOMAN
    world.ports.phone_messages.send("13800004172", "测试", key="k", timeout_s=2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0
    with sqlite3.connect(tmp_path / "data" / "sandbox.sqlite3") as rows:
        assert rows.execute("select phone, text from messages").fetchall() == [("13800004172", "测试")]
    rows.close()


def test_a_file_of_people_that_cannot_be_read_stops_it(
    people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people.write_text(people.read_text(encoding="utf-8") + '{"AAC002": "1", "odd": 1}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 3"):
        records_in(people)
    assert main(["--port", "0", "--data-dir", str(people.parent), "--people", str(people)]) == 2
    assert "line 3" in capsys.readouterr().err


@pytest.mark.parametrize("token", ["", "wrong", "令牌"])
def test_the_controls_want_the_token(sandbox_url: str, token: str) -> None:
    headers = {"X-Sandbox-Token": token.encode().decode("latin-1")}
    for method, path in [
        ("POST", "/control/people"),
        ("POST", "/control/misbehave"),
        ("GET", "/control/messages"),
        ("POST", "/control/reset"),
    ]:
        with pytest.raises(RegistryUnreachable, match="status"):
            HttpExchange(sandbox_url).ask(method, path, None, headers=headers, timeout_s=2)


def test_it_listens_on_the_loopback_address_only(sandbox_url: str) -> None:
    assert sandbox_url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b'{"request_id": "a"}',
        b'{"request_id": 1, "AAC002": "1"}',
        b'{"request_id": "a", "AAC002": "1", "AAZ500": "2"}',
        b'{"request_id": "a", "AAC002": {}}',
    ],
)
def test_a_question_it_cannot_read_is_the_askers_fault(sandbox_url: str, body: bytes) -> None:
    assert status_of(sandbox_url, "POST", "/social-card/look-up", body) in (400, 422)


def test_an_address_it_does_not_have_is_404(sandbox_url: str) -> None:
    assert status_of(sandbox_url, "GET", "/", b"") == 404
    assert status_of(sandbox_url, "GET", "/social-card/look-up", b"") == 404


def test_people_are_put_all_or_none(sandbox_url: str) -> None:
    control = Control(sandbox_url, TOKEN)
    control.reset()
    with pytest.raises(RegistryUnreachable, match="status"):
        control.put_people([record_of(XIAOMAN), {"AAC002": "1"}])
    assert OverHttp(sandbox_url).ports.social_card.look_up(NUMBER, timeout_s=2).outcome == "not_found"


def test_an_order_names_a_system_or_a_number(sandbox_url: str) -> None:
    control = Control(sandbox_url, TOKEN)
    for wrong in ({"system": None}, {"system": "treasury"}):
        with pytest.raises(RegistryUnreachable, match="status"):
            control.misbehave("down", **wrong)
    with pytest.raises(RegistryUnreachable, match="status"):
        control.misbehave("explode", system="social-card")


def test_slow_answers_hold_up_nobody_else(sandbox_url: str) -> None:
    """One after another they would take twenty seconds, and the message is given up after two."""
    world = OverHttp(sandbox_url)
    world.control.reset()
    world.know(XIAOMAN, behaviour={"mode": "slow", "seconds": 1.0})
    waiting = [
        threading.Thread(target=world.ports.social_card.look_up, args=(NUMBER,), kwargs={"timeout_s": 0.8})
        for _ in range(20)
    ]
    for thread in waiting:
        thread.start()
    assert world.control.is_up()
    world.ports.phone_messages.send("13800004172", "测试", key="k9", timeout_s=2)
    for thread in waiting:
        thread.join()


def status_of(url: str, method: str, path: str, body: bytes) -> int:
    from http.client import HTTPConnection

    connection = HTTPConnection(url.removeprefix("http://"), timeout=5)
    connection.request(method, path, body, {"Content-Type": "application/json"})
    with connection.getresponse() as response:
        status = response.status
    connection.close()
    return status
