"""Old payments of the districts: files, their rows, what was found and learnt; payments that count by one switch.

Revision 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATUSES = ("waiting", "reading", "checked", "importing", "imported", "undone", "failed")
LIVING = sa.text("status NOT IN ('undone', 'failed')")
TABLES = (
    "occupation_word",
    "column_mapping",
    "record_finding",
    "record_change",
    "record_row",
    "record_part",
    "record_import",
)


def upgrade() -> None:
    op.add_column("entitlement", sa.Column("batch_id", sa.String(26), nullable=True))
    op.create_index("ix_entitlement_batch_id", "entitlement", ["batch_id"])
    _switch()
    _imports()
    _rows()
    _learnt()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM entitlement WHERE batch_id IN (SELECT id FROM past_batch WHERE NOT counts)")
    op.drop_table("past_batch")
    op.drop_index("ix_entitlement_batch_id", "entitlement")
    op.drop_column("entitlement", "batch_id")


def _switch() -> None:
    op.create_table(
        "past_batch",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _imports() -> None:
    op.create_table(
        "record_import",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("status", _words("status", STATUSES), nullable=False),
        sa.Column("district", sa.String(6), nullable=True),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.String(20), nullable=True),
        sa.Column("separator", sa.String(10), nullable=True),
        sa.Column("sheet", sa.String(80), nullable=True),
        sa.Column("sheets", sa.JSON(), nullable=False),
        sa.Column("heading_row", sa.Integer(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("example", sa.JSON(), nullable=False),
        sa.Column("signature", sa.String(40), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("unmapped", sa.Integer(), nullable=False),
        sa.Column("doubles", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=True),
        sa.Column("last_year", sa.Integer(), nullable=True),
        sa.Column("failure", sa.String(40), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("rows_hash", sa.String(64), nullable=True),
        sa.Column("done_to", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("new_people", sa.Integer(), nullable=False),
        sa.Column("relies_on", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.String(26), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("imported_by", sa.String(26), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(26), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleaned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("worked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("turn"),
    )
    op.create_index("ix_record_import_uploaded_at", "record_import", ["uploaded_at"])
    op.create_index(
        "uq_record_import_living_file",
        "record_import",
        ["file_hash"],
        unique=True,
        sqlite_where=LIVING,
        postgresql_where=LIVING,
    )
    op.create_table(
        "record_part",
        sa.Column("import_id", sa.String(26), sa.ForeignKey("record_import.id"), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "n"),
    )


def _rows() -> None:
    op.create_table(
        "record_row",
        sa.Column("import_id", sa.String(26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number_index", sa.String(40), nullable=False),
        sa.Column("occupation", sa.String(20), nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("entitlement_id", sa.String(26), nullable=True),
        sa.Column("before_fen", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("import_id", "n"),
    )
    op.create_index("ix_record_row_import_id_number_index", "record_row", ["import_id", "number_index"])
    op.create_table(
        "record_change",
        sa.Column("import_id", sa.String(26), sa.ForeignKey("record_import.id"), nullable=False),
        sa.Column("entitlement_id", sa.String(26), nullable=False),
        sa.Column("before_fen", sa.Integer(), nullable=False),
        sa.Column("after_fen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "entitlement_id"),
    )
    op.create_table(
        "record_finding",
        sa.Column("import_id", sa.String(26), sa.ForeignKey("record_import.id"), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", _words("kind", ("error", "double")), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(60), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("said", sa.String(80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "n"),
    )
    op.create_index("ix_record_finding_import_id_kind_row", "record_finding", ["import_id", "kind", "row"])


def _learnt() -> None:
    op.create_table(
        "column_mapping",
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("signature", sa.String(40), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("set_by", sa.String(26), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("district", "signature"),
    )
    op.create_table(
        "occupation_word",
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("word", sa.String(60), nullable=False),
        sa.Column("occupation", sa.String(20), nullable=False),
        sa.Column("set_by", sa.String(26), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("district", "word"),
    )


def _words(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
