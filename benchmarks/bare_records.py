"""The limit of old records: the file read by csv, each person and each payment inserted by psycopg, and nothing else.

No check, no sealing, no index but those by the number, no trail, no dry run, no undo; one transaction.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

import psycopg

TABLES = (
    "CREATE TABLE IF NOT EXISTS bare_person (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " number text NOT NULL UNIQUE, name text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS bare_payment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " number text NOT NULL REFERENCES bare_person (number), occupation text NOT NULL, level text NOT NULL,"
    " paid_on date NOT NULL, amount_fen bigint NOT NULL)",
    "CREATE INDEX IF NOT EXISTS bare_payment_number ON bare_payment (number)",
)
PERSON = "INSERT INTO bare_person (number, name) VALUES (%s, %s) ON CONFLICT (number) DO NOTHING"
PAYMENT = (
    "INSERT INTO bare_payment (number, occupation, level, paid_on, amount_fen) VALUES (%s, %s, %s, %s, %s)"
)
AT_A_TIME = 1000
Row = Sequence[str]


def load(address: str, content: bytes, encoding: str) -> int:
    """Insert the payments of a file of the shape `jiulongpo`. Returns how many."""
    lines = csv.reader(io.StringIO(content.decode(encoding), newline=""))
    next(lines)
    loaded = 0
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        for table in TABLES:
            connection.execute(table.encode())
        while rows := list(islice(lines, AT_A_TIME)):
            cursor.executemany(PERSON, [(row[1], row[0]) for row in rows])
            cursor.executemany(PAYMENT, [_payment(row) for row in rows])
            loaded += len(rows)
    return loaded


def _payment(row: Row) -> tuple[object, ...]:
    on = datetime.strptime(row[5], "%Y年%m月%d日").date()
    return row[1], row[2], row[3], on, round(float(row[4].replace(",", "")) * 100)
