"""What every test may ask for.

`settings`   settings for a test, on SQLite and again on PostgreSQL: a fresh, migrated, empty database each time
`database`   `db` bound to that database, with an application context: for operations, queries, constraints
`anew`       with anew("sqlite"): the same on one engine, empty again each time: to do one thing on both and compare
`registries` the outside world in this process (registries.fake.Fake): teach it people, let it misbehave
`portal`, `office`   the two doors on that database and those registries; `doors` is both behind one address
`citizen`, `clerk`   a Visitor at a door (tests/visitor.py): opens pages, fills in forms
`statements` counts: with statements() as seen: …; len(seen) (without transaction control and session rows)
`clock`      stops the time at 10:00 in Chongqing on a working day; clock.shift(…), clock.move_to(…)

A test that takes any of the first six runs on both databases. `postgres_only` leaves SQLite out; where the database
does not matter: pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True). Makers: tests/make.py.
"""

from __future__ import annotations

import dataclasses
import fcntl
import gc
import logging
import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import IO, Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event
from werkzeug.test import Client

from tests import kept, postgres
from tests.visitor import Visitor
from training import keys
from training.clock import SHANGHAI
from training.people import notices
from training.policy.queries import load_pack
from web.logs import JsonLines
from web.settings import Limits, Settings

FOLDER = "TEST_RUN_FOLDER"
_USES = [field.name for field in dataclasses.fields(keys.Keyring) if field.name not in ("current", "sealing")]
KEYRING = keys.Keyring("k1", {"k1": b"s" * 32}, **{use: use.encode().ljust(32, b".") for use in _USES})
MORNING = datetime(2026, 6, 16, 10, 0, tzinfo=SHANGHAI)
ALIVE = pytest.StashKey[IO[str]]()
BEGAN = time.monotonic()

for name, examples in (("test", 30), ("soak", 200)):
    hypothesis.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        derandomize=name == "test",
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        print_blob=True,
    )
hypothesis.load_profile("soak" if os.environ.get("MINUTES") else "test")


# --- the run: one folder for all its processes, gone at its end ----------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="training-tests-", dir=_quick_place()))
        os.environ[FOLDER] = str(folder)
        config.stash[ALIVE] = (folder / "alive").open("w")
        fcntl.flock(config.stash[ALIVE], fcntl.LOCK_EX)


def pytest_unconfigure(config: pytest.Config) -> None:
    if ALIVE not in config.stash:
        return
    folder = Path(os.environ.pop(FOLDER))
    _drop_copies(folder)
    config.stash[ALIVE].close()  # the keeper of the cluster sees it, stops the cluster, removes the folder
    until = time.monotonic() + 15
    while (folder / "postgres.url").exists() and time.monotonic() < until:
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_finish() -> None:
    """What was imported stays to the end: no need to look through it again and again for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """The long runs end between two tests when their minutes are over, and say how many were not reached."""
    minutes = float(os.environ.get("MINUTES") or "inf")
    if nextitem is not None and time.monotonic() - BEGAN > minutes * 60:
        left = len(item.session.items) - item.session.items.index(nextitem)
        item.session.shouldstop = f"{minutes:.0f} minutes are over, {left} tests not reached"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Being stopped by the minutes is no failure."""
    if "minutes are over" in str(session.shouldstop) and not session.testsfailed:
        session.exitstatus = pytest.ExitCode.OK


def _quick_place() -> str | None:
    """Memory, where there is enough of it: SQLite waits for the disk at every commit."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3 else None


def _drop_copies(folder: Path) -> None:
    """On a server that is not ours, leave nothing behind."""
    names = (folder / "databases").read_text().split() if (folder / "databases").exists() else []
    if os.environ.get("TEST_DATABASE_URL"):
        address = postgres.server(folder)
        postgres.execute(address, *(f'drop database if exists "{name}" with (force)' for name in names))


@pytest.fixture(scope="session", autouse=True)
def what_is_kept() -> Iterator[None]:
    """See tests/kept.py."""
    with pytest.MonkeyPatch.context() as patch:
        kept.keep(patch)
        yield


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """The folder that all processes of this run share."""
    return Path(os.environ[FOLDER])


# --- two databases, migrated once, copied for each test ------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgres`."""
    return str(request.param)


@pytest.fixture
def postgres_only(engine: str) -> None:
    """For what only PostgreSQL has; pytest_collection_modifyitems leaves the SQLite run out."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [
        item
        for item in items
        if not ("postgres_only" in getattr(item, "fixturenames", ()) and _on_sqlite(item))
    ]
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker("browser")


def _on_sqlite(item: pytest.Item) -> bool:
    return getattr(item, "callspec", None) is not None and item.callspec.params.get("engine") == "sqlite"  # type: ignore[attr-defined]


@pytest.fixture
def database_url(engine: str, run_folder: Path) -> Iterator[str]:
    """The address of a fresh copy of the migrated, empty database."""
    with _copy(engine, run_folder) as url:
        yield url


@contextmanager
def _copy(engine: str, folder: Path) -> Iterator[str]:
    make = _sqlite_copy if engine == "sqlite" else _postgres_copy
    url, remove = make(folder)
    kept.share(url)
    try:
        yield url
    finally:
        kept.release(url)
        remove()


def _sqlite_copy(folder: Path) -> tuple[str, Callable[[], None]]:
    template = folder / "template.sqlite3"
    with postgres.locked(folder, "sqlite.lock"):
        if not template.exists():
            fresh = folder / "fresh.sqlite3"
            _migrate(f"sqlite:///{fresh}", folder)
            fresh.rename(template)
    places = (folder / f"{os.getpid()}-{n}.sqlite3" for n in count(1))
    copy = next(place for place in places if not place.exists())
    shutil.copyfile(template, copy)
    return f"sqlite:///{copy}", lambda: copy.unlink(missing_ok=True)


def _postgres_copy(folder: Path) -> tuple[str, Callable[[], None]]:
    address = postgres.server(folder)
    run = re.sub(r"\W", "", folder.name.removeprefix("training-tests-")).lower()
    template, copy = f"training_test_{run}", f"training_test_{run}_{os.getpid()}"
    with postgres.locked(folder, "template.lock"):
        if not (folder / "template.done").exists():
            _note(folder, template)
            _migrate(_url(postgres.copy_database(address, template)), folder)
            (folder / "template.done").touch()
    _note(folder, copy)
    return _url(postgres.copy_database(address, copy, template)), lambda: None


def _note(folder: Path, name: str) -> None:
    with postgres.locked(folder, "databases.lock"), (folder / "databases").open("a") as file:
        file.write(f"{name}\n")


def _url(address: Any) -> str:
    return str(address.render_as_string(hide_password=False))


def _migrate(url: str, folder: Path) -> None:
    from jobs.prepare import migrate

    migrate(settings_for(url, folder))


def settings_for(url: str, folder: Path, **changes: Any) -> Settings:
    """Settings of a test: its own database and folder, fixed keys, registries in this process."""
    chosen: dict[str, Any] = {
        "environment": "test",
        "data_dir": folder,
        "database_url": url,
        "registries_url": "http://127.0.0.1:1",
        "registries_mode": "fake",
        "keys": KEYRING,
        "limits": Limits.of_a_demo(),
    }
    return Settings(**(chosen | changes))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings on a fresh database. Change some with dataclasses.replace."""
    return settings_for(database_url, tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Any]:
    """`db` on a fresh database, inside an application context; no door is built."""
    with _bound(settings) as db:
        yield db


@pytest.fixture
def anew(run_folder: Path, tmp_path: Path) -> Callable[[str], AbstractContextManager[Any]]:
    """`with anew("sqlite"):` or `"postgres"`: `db` on an empty database for as long as that lasts."""

    @contextmanager
    def empty(engine: str) -> Iterator[Any]:
        with _copy(engine, run_folder) as url, _bound(settings_for(url, tmp_path)) as db:
            yield db

    return empty


@contextmanager
def _bound(settings: Settings) -> Iterator[Any]:
    from training import database as module

    keys.use(settings.keys)
    notices.use(load_pack(settings.pack).privacy)
    app = Flask("tests", root_path=str(settings.data_dir))
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = module.engine_options(
        settings.database_url, statement_timeout_ms=None
    )
    module.install(app)
    with app.app_context():
        yield module.db
        module.db.session.remove()
        module.db.engine.dispose()


# --- the doors -----------------------------------------------------------------------------------------------


@pytest.fixture
def registries(poison: Poison) -> Any:
    """The outside world: registries.know(person), registries.misbehave("slow", "social-card"), .messages(phone)."""
    from registries.fake import Fake

    class Known(Fake):
        """Whoever it knows may not be named in the log."""

        def put_records(self, records: Any) -> None:
            for record in records:
                poison.never.update(filter(None, (record["AAC002"], record["AAC003"], record.get("mobile"))))
            super().put_records(records)

    return Known()


@pytest.fixture
def portal(settings: Settings, registries: Any) -> Iterator[Flask]:
    """The citizens' door."""
    from portal.app import create_app

    yield from _door(create_app(settings), registries)


@pytest.fixture
def office(settings: Settings, registries: Any) -> Iterator[Flask]:
    """The staff door."""
    from backoffice.app import create_app

    yield from _door(create_app(settings), registries)


def _door(app: Flask, registries: Any) -> Iterator[Flask]:
    from training.database import db

    app.extensions["ports"] = registries.ports
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(os.environ[FOLDER], "%s.template")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def doors(portal: Flask, office: Flask) -> Callable[..., Any]:
    """Both doors behind one address, as wsgi.py joins them."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        return (office if path == "/office" or path.startswith("/office/") else portal)(
            environ, start_response
        )

    return answer


@pytest.fixture
def citizen(portal: Flask) -> Visitor:
    """Somebody at the citizens' door, in English, without a browser."""
    return Visitor(portal.test_client())


@pytest.fixture
def clerk(office: Flask) -> Visitor:
    """Somebody at the staff door, not signed in yet."""
    return Visitor(office.test_client())


@pytest.fixture
def visitor(doors: Callable[..., Any]) -> Callable[..., Visitor]:
    """visitor(language="zh"): another browser at both doors, for journeys."""
    return lambda language="en": Visitor(Client(doors), language)


# --- counts --------------------------------------------------------------------------------------------------

NOT_COUNTED = re.compile(
    r"^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET\b)|\b(visitor|staff)_session\b", re.I
)


@pytest.fixture
def statements() -> Callable[[], AbstractContextManager[list[str]]]:
    """The statements sent inside `with statements() as seen:`, on any connection of this process."""

    @contextmanager
    def seen() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not NOT_COUNTED.search(statement):
                sent.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return seen


# --- time ----------------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Iterator[Any]:
    """Time stands still until it is moved: clock.shift(timedelta(days=3)), clock.move_to(moment)."""
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


# --- what no test may do -------------------------------------------------------------------------------------

LOOKS_PERSONAL = re.compile(
    r"(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9}|\d{15,19})(?!\d)|\b(HKG|MAC|TWN)[0-9A-Z]\d{8}\b"
)


class Poison(logging.Handler):
    """Reads every log line as it is written; `never` holds the names and numbers of this test (A62)."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.never: set[str] = set()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def leaks(self) -> list[str]:
        return [
            line
            for line in self.lines
            if LOOKS_PERSONAL.search(line) or any(word in line for word in self.never if len(word) > 1)
        ]


@pytest.fixture(autouse=True)
def poison() -> Iterator[Poison]:
    """A test fails when it lets a number, a phone or a known name reach the log."""
    handler = Poison()
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    assert not handler.leaks(), "personal data in the log"


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Iterator[None]:
    """A74: whatever is tested, nothing is sent to another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "localhost",
            "::1",
        ):
            raise AssertionError(f"a connection to {address[0]}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]
