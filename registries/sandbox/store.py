"""What the sandbox remembers, in a SQLite file of its own: people, commanded misbehaviour, messages."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TypedDict

from registries.sandbox.records import Behaviour, Record, index_form
from training import clock

FILE_NAME = "sandbox.sqlite3"
_TABLES = """
create table if not exists people (number text primary key, record text not null);
create table if not exists cards (card text not null, number text not null, primary key (card, number));
create table if not exists misbehaviour (
    target text primary key, behaviour text not null, times integer);
create table if not exists messages (
    id integer primary key, key text not null unique, at text not null, phone text not null, text text not null);
create index if not exists messages_by_phone on messages (phone, id);
"""


class SentMessage(TypedDict):
    """As GET /control/messages shows it; `at` is ISO 8601 with offset."""

    id: int
    key: str
    at: str
    phone: str
    text: str


class Store:
    """One connection, one lock: any thread may use it. `path` None keeps everything in memory."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(
            ":memory:" if path is None else path, check_same_thread=False, isolation_level=None
        )
        self._rows.execute("pragma journal_mode=wal")
        self._rows.execute("pragma synchronous=normal")
        self._rows.executescript(_TABLES)

    def close(self) -> None:
        with self._lock:
            self._rows.close()

    def put_people(self, records: Iterable[Record]) -> int:
        """Adds or replaces people, all or none; returns how many."""
        people = list(records)
        with self._lock, closing(self._rows.cursor()) as rows:
            rows.execute("begin immediate")
            try:
                for record in people:
                    _put(rows, record)
            except BaseException:
                rows.execute("rollback")
                raise
            rows.execute("commit")
        return len(people)

    def person(self, number: str) -> Record | None:
        """The person with this number (15 digits too) or this card, in any state."""
        key = index_form(number)
        with self._lock:
            row = self._rows.execute(
                "select record from people where number = :key"
                " or number = (select number from cards where card = :key limit 1)",
                {"key": key},
            ).fetchone()
        return Record.model_validate_json(row[0]) if row else None

    def command(self, target: str, behaviour: Behaviour, times: int | None) -> None:
        """From now on, for the next `times` requests or until told otherwise. `none` takes it back."""
        with self._lock:
            self._rows.execute("delete from misbehaviour where target = ?", (target,))
            if behaviour.mode != "none":
                self._rows.execute(
                    "insert into misbehaviour values (?, ?, ?)", (target, behaviour.model_dump_json(), times)
                )

    def take_misbehaviour(self, targets: Iterable[str]) -> Behaviour | None:
        """What was commanded for the first of these targets that has a command; one time is used up."""
        with self._lock:
            for target in targets:
                row = self._rows.execute(
                    "select behaviour, times from misbehaviour where target = ?", (target,)
                ).fetchone()
                if row:
                    self._use_up(target, row[1])
                    return Behaviour.model_validate_json(row[0])
        return None

    def _use_up(self, target: str, times: int | None) -> None:
        if times is not None:
            self._rows.execute("update misbehaviour set times = times - 1 where target = ?", (target,))
            self._rows.execute("delete from misbehaviour where target = ? and times < 1", (target,))

    def keep_message(self, key: str, phone: str, text: str) -> tuple[int, bool]:
        """The message's id, and whether the key stands for this very message."""
        with self._lock:
            self._rows.execute(
                "insert into messages (key, at, phone, text) values (?, ?, ?, ?) on conflict do nothing",
                (key, clock.now().isoformat(), phone, text),
            )
            row = self._rows.execute("select id, phone, text from messages where key = ?", (key,)).fetchone()
        return int(row[0]), (row[1], row[2]) == (phone, text)

    def messages(self, phone: str | None, limit: int) -> list[SentMessage]:
        """Newest first; to one phone, or to all."""
        with self._lock:
            rows = self._rows.execute(
                "select id, key, at, phone, text from messages"
                " where (:phone is null or phone = :phone) order by id desc limit :limit",
                {"phone": phone, "limit": limit},
            ).fetchall()
        return [SentMessage(id=i, key=key, at=at, phone=to, text=text) for i, key, at, to, text in rows]

    def forget(self) -> None:
        """Everything: people, commands, messages."""
        with self._lock:
            self._rows.executescript(
                "delete from people; delete from cards; delete from misbehaviour; delete from messages;"
            )


def _put(rows: sqlite3.Cursor, record: Record) -> None:
    number = index_form(record.AAC002)
    rows.execute(
        "insert or replace into people values (?, ?)", (number, record.model_dump_json(by_alias=True))
    )
    rows.execute("delete from cards where number = ?", (number,))
    rows.executemany(
        "insert or ignore into cards values (?, ?)",
        [(index_form(card.AAZ500), number) for card in record.cards],
    )
