"""The limit of enrolments: psycopg alone, two statements on two tables, no checks, no trail, no message."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

TABLES = (
    "CREATE TABLE bare_class (id integer PRIMARY KEY, seats integer NOT NULL, taken integer NOT NULL)",
    "CREATE TABLE bare_enrolment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person bigint NOT NULL,"
    " class integer NOT NULL REFERENCES bare_class, at timestamptz NOT NULL DEFAULT now(), UNIQUE (person, class))",
)
SEAT = "UPDATE bare_class SET taken = taken + 1 WHERE id = %s AND taken < seats"
INSERT = "INSERT INTO bare_enrolment (person, class) VALUES (%s, %s)"


def set_up(address: str, classes: int, seats: int) -> None:
    """Fresh tables with `classes` classes, numbered from 0."""
    with psycopg.connect(address) as connection:
        for table in TABLES:
            connection.execute(table.encode())
        rows = [(number, seats) for number in range(classes)]
        connection.cursor().executemany("INSERT INTO bare_class VALUES (%s, %s, 0)", rows)


def connect(address: str) -> psycopg.Connection:
    """A connection that prepares each statement when it is first sent, as a program of its own would."""
    connection = psycopg.connect(address, autocommit=True)
    connection.prepare_threshold = 1
    return connection


def enrol(connection: psycopg.Connection, person: int, class_number: int) -> None:
    """Take one seat and write one row, in one transaction. Raises RuntimeError when the class is full."""
    with connection.transaction():
        if connection.execute(SEAT, (class_number,)).rowcount != 1:
            raise RuntimeError("the class is full")
        connection.execute(INSERT, (person, class_number))


def miscounted(address: str) -> Sequence[int]:
    """Classes whose seats taken are not the rows written: none, if the limit is honest."""
    question = (
        "SELECT c.id FROM bare_class c LEFT JOIN bare_enrolment e ON e.class = c.id"
        " GROUP BY c.id, c.taken HAVING c.taken <> count(e.id)"
    )
    with psycopg.connect(address) as connection:
        return [number for (number,) in connection.execute(question)]
