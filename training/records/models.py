"""Old payments of the districts: a file as it came, its rows while they wait, what was found, what was learnt."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from training.database import Model, Moment, new_id, words


class ImportStatus(StrEnum):
    """`waiting` to be read, `reading`, `checked` (dry run done, not imported), `importing`, `imported`, `undone`;
    `failed`: the file cannot be read at all."""

    WAITING = "waiting"
    READING = "reading"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    UNDONE = "undone"
    FAILED = "failed"


class FindingKind(StrEnum):
    """An error stops the import; a double payment of the past is imported as found and reported."""

    ERROR = "error"
    DOUBLE = "double"


class RecordImport(Model):
    """One file of old payments on its way in. The same content is one import for as long as it lives.

    `columns` says which column (from 0) holds which field; `unknown` counts the rows of each occupation that nobody
    has mapped yet. `turn` is 1 on the only import that a worker has in hand, until `worked_until`. `cleaned_at`:
    the file and its waiting rows are gone. `relies_on`: earlier imports that hold payments of this file already.
    """

    __tablename__ = "record_import"
    __table_args__ = (
        Index("uq_record_import_form", "uploaded_by", "idempotency_key", unique=True),
        Index(
            "uq_record_import_living_file",
            "file_hash",
            unique=True,
            sqlite_where=text("status NOT IN ('undone', 'failed')"),
            postgresql_where=text("status NOT IN ('undone', 'failed')"),
        ),
        Index(None, "uploaded_at"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    status: Mapped[ImportStatus] = mapped_column(words(ImportStatus, "status"), default=ImportStatus.WAITING)
    district: Mapped[str | None] = mapped_column(String(6))
    file_name: Mapped[str] = mapped_column(String(120))
    file_hash: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    encoding: Mapped[str | None] = mapped_column(String(20))
    separator: Mapped[str | None] = mapped_column(String(10))
    sheet: Mapped[str | None] = mapped_column(String(80))
    sheets: Mapped[list[str]] = mapped_column(JSON, default=list)
    heading_row: Mapped[int] = mapped_column(Integer, default=0)
    headings: Mapped[list[str]] = mapped_column(JSON, default=list)
    example: Mapped[list[str]] = mapped_column(JSON, default=list)
    signature: Mapped[str | None] = mapped_column(String(40))
    columns: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    remarks: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    percent: Mapped[int] = mapped_column(Integer, default=0)
    rows: Mapped[int] = mapped_column(Integer, default=0)
    good: Mapped[int] = mapped_column(Integer, default=0)
    wrong: Mapped[int] = mapped_column(Integer, default=0)
    unmapped: Mapped[int] = mapped_column(Integer, default=0)
    doubles: Mapped[int] = mapped_column(Integer, default=0)
    unknown: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    amount_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    first_year: Mapped[int | None] = mapped_column(Integer)
    last_year: Mapped[int | None] = mapped_column(Integer)
    failure: Mapped[str | None] = mapped_column(String(40))
    took_ms: Mapped[int] = mapped_column(Integer, default=0)
    rows_hash: Mapped[str | None] = mapped_column(String(64))
    done_to: Mapped[int] = mapped_column(Integer, default=0)
    same: Mapped[int] = mapped_column(Integer, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    new_people: Mapped[int] = mapped_column(Integer, default=0)
    relies_on: Mapped[list[str]] = mapped_column(JSON, default=list)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=1)
    uploaded_by: Mapped[str] = mapped_column(String(26))
    idempotency_key: Mapped[str | None] = mapped_column(String(40))
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    imported_by: Mapped[str | None] = mapped_column(String(26))
    imported_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_by: Mapped[str | None] = mapped_column(String(26))
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    cleaned_at: Mapped[datetime | None] = mapped_column(Moment)
    turn: Mapped[int | None] = mapped_column(Integer, unique=True)
    worked_until: Mapped[datetime | None] = mapped_column(Moment)


class RecordPart(Model):
    """A piece of the uploaded file, sealed; gone once the import is done or undone."""

    __tablename__ = "record_part"

    import_id: Mapped[str] = mapped_column(ForeignKey("record_import.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class RecordRow(Model):
    """A good row of the file while it waits. `sealed` holds name and number; `n` is the row of the file.

    `entitlement_id` is set where an earlier import already has this payment; `before_fen` is its amount there,
    when this file corrects it.
    """

    __tablename__ = "record_row"
    __table_args__ = (Index(None, "import_id", "number_index"),)

    import_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number_index: Mapped[str] = mapped_column(String(40))
    occupation: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(8))
    on_date: Mapped[date] = mapped_column(Date)
    district: Mapped[str] = mapped_column(String(6))
    amount_fen: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[str] = mapped_column(String)
    entitlement_id: Mapped[str | None] = mapped_column(String(26))
    before_fen: Mapped[int | None] = mapped_column(Integer)


class RecordChange(Model):
    """An amount of an earlier import that a corrected file changed, so that an undo can put it back."""

    __tablename__ = "record_change"

    import_id: Mapped[str] = mapped_column(ForeignKey("record_import.id"), primary_key=True)
    entitlement_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    before_fen: Mapped[int] = mapped_column(Integer)
    after_fen: Mapped[int] = mapped_column(Integer)


class RecordFinding(Model):
    """Something to say about one row: `said` is what stands there, masked; `facts` fill the sentence."""

    __tablename__ = "record_finding"
    __table_args__ = (Index(None, "import_id", "kind", "row"),)

    import_id: Mapped[str] = mapped_column(ForeignKey("record_import.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[FindingKind] = mapped_column(words(FindingKind, "kind"))
    row: Mapped[int] = mapped_column(Integer)
    heading: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(40))
    said: Mapped[str] = mapped_column(String(80))
    facts: Mapped[dict[str, str | int]] = mapped_column(JSON, default=dict)
    amount_fen: Mapped[int] = mapped_column(Integer, default=0)


class ColumnMapping(Model):
    """Which column holds what in a shape of file: learnt once, used for each next file of the district."""

    __tablename__ = "column_mapping"

    district: Mapped[str] = mapped_column(String(6), primary_key=True)
    signature: Mapped[str] = mapped_column(String(40), primary_key=True)
    columns: Mapped[dict[str, int]] = mapped_column(JSON)
    set_by: Mapped[str] = mapped_column(String(26))
    set_at: Mapped[datetime] = mapped_column(Moment)


class OccupationWord(Model):
    """What a district means by its own word for an occupation."""

    __tablename__ = "occupation_word"

    district: Mapped[str] = mapped_column(String(6), primary_key=True)
    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    occupation: Mapped[str] = mapped_column(String(20))
    set_by: Mapped[str] = mapped_column(String(26))
    set_at: Mapped[datetime] = mapped_column(Moment)
