"""Checks saved under a code, and searches that tell of new classes.

Revision 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_check",
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("saved_on", sa.Date(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("idempotency_key"),
    )
    op.create_index("ix_saved_check_expires_at", "saved_check", ["expires_at"])
    op.create_table(
        "alert",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("wanted", sa.String(400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_alert_live", "alert", ["person_id", "wanted"], unique=True, sqlite_where=live, postgresql_where=live
    )
    op.create_index("ix_alert_due", "alert", ["ended_at", "look_at"])
    op.add_column("class_run", sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("class_run", "listed_at")
    op.drop_table("alert")
    op.drop_table("saved_check")
