"""Phones registered by two people, letters, how identity was seen, and an end for slip codes.

Revision 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REASONS = ("new_number", "lost", "none_before", "wrong")
STATUSES = ("pending", "agreed", "refused", "closed", "stopped")


def upgrade() -> None:
    for table, column in MOMENTS:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column("consent", sa.Column("identity_seen", sa.String(20), nullable=True))
    op.execute("UPDATE consent SET identity_seen = 'card' WHERE how = 'paper'")
    op.execute("UPDATE consent SET identity_seen = 'code' WHERE how = 'code'")
    _make_phone_change()
    _make_letter()


MOMENTS = (("phone", "level_two_from"), ("phone", "money_from"), ("enrolment", "slip_until"))


def downgrade() -> None:
    op.drop_table("letter")
    op.drop_table("phone_change")
    op.drop_column("consent", "identity_seen")
    for table, column in MOMENTS:
        op.drop_column(table, column)


def _make_phone_change() -> None:
    op.create_table(
        "phone_change",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("phone_sealed", sa.String(), nullable=False),
        sa.Column("phone_index", sa.String(40), nullable=False),
        sa.Column("old_phone_id", sa.String(26), sa.ForeignKey("phone.id"), nullable=True),
        sa.Column("reason", _words("reason", REASONS), nullable=False),
        sa.Column("status", _words("status", STATUSES), nullable=False),
        sa.Column("shown", sa.String(24), nullable=False),
        sa.Column("owners", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("asked_by", sa.String(26), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(26), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("tries >= 0 AND tries <= 3", name="tries"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="four_eyes"),
    )
    op.create_index("ix_phone_change_district_status", "phone_change", ["district", "status"])
    op.create_index("ix_phone_change_person_id", "phone_change", ["person_id"])
    pending = sa.text("status = 'pending'")
    op.create_index(
        "uq_phone_change_pending",
        "phone_change",
        ["person_id"],
        unique=True,
        sqlite_where=pending,
        postgresql_where=pending,
    )


def _make_letter() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("message_id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("district", sa.String(6), nullable=True),
        sa.Column("message", sa.String(40), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("text_sealed", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_by", sa.String(26), nullable=True),
        sa.Column("way", _words("way", ("handed", "posted")), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index("ix_letter_district_handed_at", "letter", ["district", "handed_at"])
    op.create_index("ix_letter_person_id", "letter", ["person_id"])


def _words(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
