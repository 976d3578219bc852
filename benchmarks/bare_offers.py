"""The limit of passing offers on: psycopg alone, the statements that the act cannot do without, one transaction an
offer. No sealing, no chain, no words: rows go in as they are.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import psycopg

TABLES = (
    "CREATE TABLE bare_class (id integer PRIMARY KEY, waiting integer NOT NULL, last_place integer NOT NULL)",
    "CREATE TABLE bare_seat (id integer PRIMARY KEY, class integer NOT NULL REFERENCES bare_class,"
    " person integer NOT NULL, status text NOT NULL, place integer, until timestamptz, missed integer NOT NULL,"
    " changed_at timestamptz, version integer NOT NULL)",
    "CREATE INDEX ON bare_seat (class, status, place)",
    "CREATE INDEX ON bare_seat (until) WHERE until IS NOT NULL",
    "CREATE INDEX ON bare_seat (person)",
    "CREATE TABLE bare_subsidy (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person integer NOT NULL)",
    "CREATE INDEX ON bare_subsidy (person)",
    "CREATE TABLE bare_link (code text PRIMARY KEY, seat integer NOT NULL, until timestamptz NOT NULL)",
    "CREATE TABLE bare_event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seat integer NOT NULL,"
    " n integer NOT NULL, what text NOT NULL, at timestamptz NOT NULL, UNIQUE (seat, n))",
    "CREATE TABLE bare_message (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seat integer NOT NULL,"
    " what text NOT NULL, at timestamptz NOT NULL)",
)
DUE = "SELECT id FROM bare_seat WHERE until <= now() AND status = 'offered' ORDER BY until, id LIMIT %s"
CLASS_OF = "SELECT class FROM bare_seat WHERE id = %s"
LOCK_CLASS = "SELECT * FROM bare_class WHERE id = %s FOR UPDATE"
LOCK_SEAT = "SELECT * FROM bare_seat WHERE id = %s FOR UPDATE"
LINE_UP = "UPDATE bare_class SET last_place = last_place + 1, waiting = waiting + 1 WHERE id = %s RETURNING last_place"
BACK = (
    "UPDATE bare_seat SET status = 'waiting', place = %s, until = NULL, missed = missed + 1, changed_at = now(),"
    " version = version + 1 WHERE id = %s"
)
FIRST = "SELECT id, person FROM bare_seat WHERE class = %s AND status = 'waiting' ORDER BY place LIMIT 1 FOR UPDATE"
SUBSIDIES = "SELECT * FROM bare_subsidy WHERE person = %s"
OTHERS = "SELECT class, status FROM bare_seat WHERE person = %s"
LEAVE = "UPDATE bare_class SET waiting = waiting - 1 WHERE id = %s AND waiting > 0"
OFFER = (
    "UPDATE bare_seat SET status = 'offered', place = NULL, until = now() + interval '1 day', changed_at = now(),"
    " version = version + 1 WHERE id = %s"
)
LINK = "INSERT INTO bare_link VALUES (%s, %s, now() + interval '1 day')"
LAST = "SELECT max(n) FROM bare_event WHERE seat = %s"
EVENT = "INSERT INTO bare_event (seat, n, what, at) VALUES (%s, %s, %s, now())"
TELL = "INSERT INTO bare_message (seat, what, at) VALUES (%s, %s, now())"


def set_up(address: str, classes: int, offers: int) -> None:
    """Fresh tables: `classes` classes, each with `offers` offers and as many in line."""
    with psycopg.connect(address) as connection:
        for table in TABLES:
            connection.execute(table.encode())
        seats = [(number, offers, offers) for number in range(classes)]
        cursor = connection.cursor()
        cursor.executemany("INSERT INTO bare_class VALUES (%s, %s, %s)", seats)
        rows = []
        for number in range(classes * offers * 2):
            place = number % (2 * offers) - offers + 1
            row = (number, number // (2 * offers), number, "waiting" if place > 0 else "offered")
            rows.append((*row, place if place > 0 else None))
        cursor.executemany(
            "INSERT INTO bare_seat VALUES (%s, %s, %s, %s, %s, NULL, 0, now(), 1)",
            rows,
        )


def connect(address: str) -> psycopg.Connection:
    """A connection that prepares each statement when it is first sent."""
    connection = psycopg.connect(address, autocommit=True)
    connection.prepare_threshold = 1
    return connection


def run_out(connection: psycopg.Connection) -> None:
    """No offer was answered."""
    connection.execute(
        "UPDATE bare_seat SET until = now() - interval '1 minute', missed = 0 WHERE status = 'offered'"
    )


def pass_on(connection: psycopg.Connection, most: int) -> int:
    """Pass on what has run out; how many."""
    due: Sequence[tuple[int]] = connection.execute(DUE, (most,)).fetchall()
    for (seat,) in due:
        with connection.transaction():
            _one(connection, seat)
    return len(due)


def _one(connection: psycopg.Connection, seat: int) -> None:
    [class_id] = _row(connection, CLASS_OF, seat)
    connection.execute(LOCK_CLASS, (class_id,))
    connection.execute(LOCK_SEAT, (seat,))
    [place] = _row(connection, LINE_UP, class_id)
    connection.execute(BACK, (place, seat))
    _tell(connection, seat, "missed")
    following, person = _row(connection, FIRST, class_id)
    connection.execute(SUBSIDIES, (person,)).fetchall()
    connection.execute(OTHERS, (person,)).fetchall()
    connection.execute(LEAVE, (class_id,))
    connection.execute(OFFER, (following,))
    connection.execute(LINK, (secrets.token_hex(7), following))
    _tell(connection, following, "offered")


def _tell(connection: psycopg.Connection, seat: int, what: str) -> None:
    """One event in the trail of the seat, one message."""
    [last] = _row(connection, LAST, seat)
    connection.execute(EVENT, (seat, (last or 0) + 1, what))
    connection.execute(TELL, (seat, what))


def _row(connection: psycopg.Connection, question: str, *values: object) -> Sequence[int]:
    found: Sequence[int] | None = connection.execute(question.encode(), values).fetchone()
    if found is None:
        raise RuntimeError("the line is empty")
    return found
