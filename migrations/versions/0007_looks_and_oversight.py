"""Who looks at people, what runs and answers, what is taken out of the system, and checks of the trail.

Revision 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.choices import choose

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ERRANDS = ("send_code", "ask_registry", "send_message")
STATES = ("waiting", "done", "dead")


def upgrade() -> None:
    _looks()
    _pulse()
    _exports()
    _checks()
    op.create_index(op.f("ix_audit_event_at"), "audit_event", ["at"])
    choose("outbox", "errand", ERRANDS, (*ERRANDS, "verify_trail"))
    choose("outbox", "state", STATES, (*STATES, "dropped"))


def downgrade() -> None:
    op.execute("UPDATE outbox SET state = 'done' WHERE state = 'dropped'")
    op.execute("DELETE FROM outbox WHERE errand = 'verify_trail'")
    choose("outbox", "state", (*STATES, "dropped"), STATES)
    choose("outbox", "errand", (*ERRANDS, "verify_trail"), ERRANDS)
    op.drop_index(op.f("ix_audit_event_at"), "audit_event")
    for table in ("trail_check", "export", "system_pulse", "look_count"):
        op.drop_table(table)


def _looks() -> None:
    op.create_table(
        "look_count",
        sa.Column("staff_id", sa.String(26), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("desk", sa.String(20), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("full_numbers", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        _whole("look_count", "looks"),
        _whole("look_count", "full_numbers"),
        sa.PrimaryKeyConstraint("staff_id", "day", "desk", name=op.f("pk_look_count")),
    )
    op.create_index(op.f("ix_look_count_day"), "look_count", ["day"])


def _pulse() -> None:
    op.create_table(
        "system_pulse",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("kind", _words("kind", "task", "system"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(80), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("is_resting", sa.Boolean(), nullable=False),
        _whole("system_pulse", "asked"),
        _whole("system_pulse", "failed"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_system_pulse")),
    )


def _exports() -> None:
    op.create_table(
        "export",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", _words("kind", "enrolments", "events"), nullable=False),
        sa.Column("district", sa.String(6), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("note_sealed", sa.String(), nullable=True),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("status", _words("status", "asked", "approved", "refused"), nullable=False),
        sa.Column("asked_by", sa.String(26), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.String(26), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_export_four_eyes")),
        _whole("export", "row_count"),
        _whole("export", "downloads"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sa.UniqueConstraint("asked_by", "idempotency_key", name=op.f("uq_export_asked_by_idempotency_key")),
    )
    op.create_index(op.f("ix_export_district_status"), "export", ["district", "status"])


def _checks() -> None:
    op.create_table(
        "trail_check",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("asked_by", sa.String(26), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("events", sa.Integer(), nullable=True),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_check")),
    )
    op.create_index(op.f("ix_trail_check_asked_at"), "trail_check", ["asked_at"])


def _whole(table: str, column: str) -> sa.CheckConstraint:
    rule = f"{column} = CAST({column} AS BIGINT) AND {column} >= 0"
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{column}_whole"))


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
