"""Possible duplicates are held by one clerk; corrections of number and name by two people; names that sound alike.

Revision 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KINDS = ("name", "number", "taken")
STATUSES = ("open", "agreed", "refused")
PROOFS = ("id_card", "household_register", "police_letter", "register")
ONE_OPEN = "status = 'open'"


def upgrade() -> None:
    op.add_column("person", sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("sound_index", sa.String(40), nullable=True))
    op.create_index("ix_person_sound_index", "person", ["sound_index"])
    op.create_index("ix_person_merged_into", "person", ["merged_into"])
    op.add_column("possible_duplicate", sa.Column("locked_by", sa.String(26), nullable=True))
    op.add_column("possible_duplicate", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_possible_duplicate_answer", "possible_duplicate", ["answer"])
    op.create_table(
        "identity_change",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", _words("kind", KINDS), nullable=False),
        sa.Column("status", _words("status", STATUSES), nullable=False),
        sa.Column("person_id", sa.String(26), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("holder_id", sa.String(26), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("old_sealed", sa.String(), nullable=True),
        sa.Column("new_sealed", sa.String(), nullable=False),
        sa.Column("new_index", sa.String(40), nullable=False),
        sa.Column("proof", _words("proof", PROOFS), nullable=False),
        sa.Column("note_sealed", sa.String(), nullable=True),
        sa.Column("answer_sealed", sa.String(), nullable=True),
        sa.Column("matter", sa.String(17), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(40), nullable=False),
        sa.Column("proposed_by", sa.String(26), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(26), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (decided_by IS NULL)", name="decided_by_somebody"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("actor", "idempotency_key"),
    )
    op.create_index("ix_identity_change_person_id", "identity_change", ["person_id"])
    op.create_index("ix_identity_change_holder_id", "identity_change", ["holder_id"])
    op.create_index(
        "ix_identity_change_district_status_proposed_at",
        "identity_change",
        ["district", "status", "proposed_at"],
    )
    op.create_index(
        "uq_identity_change_open",
        "identity_change",
        ["person_id", "kind"],
        unique=True,
        sqlite_where=sa.text(ONE_OPEN),
        postgresql_where=sa.text(ONE_OPEN),
    )


def downgrade() -> None:
    op.drop_table("identity_change")
    op.drop_index("ix_possible_duplicate_answer", "possible_duplicate")
    op.drop_column("possible_duplicate", "locked_until")
    op.drop_column("possible_duplicate", "locked_by")
    op.drop_index("ix_person_merged_into", "person")
    op.drop_index("ix_person_sound_index", "person")
    op.drop_column("person", "sound_index")
    op.drop_column("person", "registered_at")


def _words(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
