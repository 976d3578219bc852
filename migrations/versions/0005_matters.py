"""Matters of the objections desk: what people object to, appeal against, complain of or ask for.

Revision 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KINDS = ("objection", "appeal", "complaint", "fee_report", "message", "correction", "deletion", "not_me")
STATUSES = ("open", "upheld", "dismissed")
ONE_OPEN = "status = 'open' AND kind IN ('appeal', 'not_me', 'deletion')"


def upgrade() -> None:
    op.create_table(
        "matter",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("reference", sa.String(17), nullable=False),
        sa.Column("kind", _words("kind", KINDS), nullable=False),
        sa.Column("status", _words("status", STATUSES), nullable=False),
        sa.Column("person_id", sa.String(26), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("about", sa.String(26), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("text_sealed", sa.String(), nullable=True),
        sa.Column("contact_sealed", sa.String(), nullable=True),
        sa.Column("answer_sealed", sa.String(), nullable=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(40), nullable=True),
        sa.Column("not_by", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told_late_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(26), nullable=True),
        sa.Column("led_to", sa.String(26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (decided_by IS NULL)", name="decided_by_somebody"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
        sa.UniqueConstraint("actor", "idempotency_key"),
    )
    op.create_index("ix_matter_person_id", "matter", ["person_id"])
    op.create_index("ix_matter_about", "matter", ["about"])
    op.create_index("ix_matter_district_status_due_on", "matter", ["district", "status", "due_on"])
    op.create_index("ix_matter_status_due_on", "matter", ["status", "due_on"])
    op.create_index(
        "uq_matter_open",
        "matter",
        ["kind", "about"],
        unique=True,
        sqlite_where=sa.text(ONE_OPEN),
        postgresql_where=sa.text(ONE_OPEN),
    )


def downgrade() -> None:
    op.drop_table("matter")


def _words(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
