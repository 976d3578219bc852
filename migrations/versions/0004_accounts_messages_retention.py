"""Bank accounts, messages as they were sent, and how long what is known of people is kept.

Revision 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STANDING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.add_column("draft", sa.Column("further_sealed", sa.Text(), nullable=True))
    _accounts()
    _messages()
    _retention()


def downgrade() -> None:
    for table in ("retention_run", "legal_hold", "retention_notice", "message", "bank_account"):
        op.drop_table(table)
    op.drop_column("draft", "further_sealed")


def _accounts() -> None:
    op.create_table(
        "bank_account",
        sa.Column("id", sa.String(26), nullable=False),
        _person(),
        sa.Column("number_sealed", sa.String(), nullable=False),
        sa.Column("number_index", sa.String(40), nullable=False),
        sa.Column("holder_sealed", sa.String(), nullable=False),
        sa.Column("how", sa.String(10), nullable=False),
        _moment("registered_at"),
        _moment("usable_from"),
        _moment("ended_at", nullable=True),
        sa.Column("ended_why", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _one_standing("uq_bank_account_in_force", "bank_account", ["person_id"])
    op.create_index("ix_bank_account_person_id_registered_at", "bank_account", ["person_id", "registered_at"])
    op.create_index("ix_bank_account_number_index", "bank_account", ["number_index"])


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.String(26), nullable=False),
        _person(),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("values_sealed", sa.Text(), nullable=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("sent_by", sa.String(10), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_message_person_id_at", "message", ["person_id", "at"])
    op.create_index("ix_message_at", "message", ["at"])


def _retention() -> None:
    op.create_table(
        "retention_notice",
        _person(),
        sa.Column("why", sa.String(30), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        _moment("told_at"),
        sa.Column("stopped", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index("ix_retention_notice_due_on", "retention_notice", ["due_on"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(26), nullable=False),
        _person(),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("placed_by", sa.String(40), nullable=False),
        _moment("placed_at"),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    _one_standing("uq_legal_hold_standing", "legal_hold", ["person_id", "reason"])
    op.create_index("ix_legal_hold_person_id", "legal_hold", ["person_id"])
    op.create_table(
        "retention_run",
        sa.Column("id", sa.String(26), nullable=False),
        _moment("began_at"),
        _moment("ended_at", nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("emptied", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_retention_run_began_at", "retention_run", ["began_at"])


def _person() -> sa.Column[str]:
    return sa.Column("person_id", sa.String(26), sa.ForeignKey("person.id"), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _one_standing(name: str, table: str, columns: list[str]) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=STANDING, postgresql_where=STANDING)
