"""Where a run happens: one temporary folder, one PostgreSQL with the settings of a real server, gone at the end."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jobs.prepare import migrate
from tests import postgres
from web.settings import Settings

# Nothing is made faster than it may be where data counts: every commit waits for the disk.
SERVER = "max_connections=100"


@dataclass
class Place:
    """`folder` holds logs and data; `databases` are to be dropped where the server is not ours."""

    folder: Path
    databases: list[str] = field(default_factory=list)

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def database(self, name: str) -> str:
        """The address of a fresh, empty database."""
        name = f"training_bench_{os.getpid()}_{name}"
        self.databases.append(name)
        address = postgres.copy_database(postgres.server(self.folder), name)
        return str(address.render_as_string(hide_password=False))

    def environ(self, name: str, url: str, port: int = 1) -> dict[str, str]:
        """What programs of the product read: a demo in the folder `name`, its database at `url`."""
        data_dir = self.folder / name
        data_dir.mkdir(exist_ok=True)
        return {"APP_ENV": "demo", "DATA_DIR": str(data_dir), "DATABASE_URL": url, "PORT": str(port)}


def migrated(environ: Mapping[str, str]) -> Settings:
    """The same for this process, with the tables made."""
    settings = Settings.from_environment(environ)
    migrate(settings)
    return settings


def free_port() -> int:
    """A port of the loopback interface where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def place() -> Iterator[Place]:
    """A fresh place. The keeper of the server sees that we let go of `alive`, also when we are killed."""
    os.environ["TEST_POSTGRES_SETTINGS"] = SERVER
    folder = Path(tempfile.mkdtemp(prefix="training-bench-"))
    found = Place(folder)
    with (folder / "alive").open("w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        try:
            yield found
        finally:
            _drop(found)
    _wait_for_keeper(folder)


def _drop(found: Place) -> None:
    if (found.folder / "postgres.url").exists() or os.environ.get("TEST_DATABASE_URL"):
        address = postgres.server(found.folder)
        postgres.execute(
            address, *(f'drop database if exists "{name}" with (force)' for name in found.databases)
        )


def _wait_for_keeper(folder: Path) -> None:
    until = time.monotonic() + 20
    while (folder / "postgres.url").exists() and time.monotonic() < until:
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)
