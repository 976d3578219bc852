"""Seats that move: how often somebody let an offer pass, from which class they came, how many seats a
class freed, and classes that were cancelled.

Revision 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

HELD, MOVED = "ix_enrolment_held", "ix_enrolment_moved_from"


def upgrade() -> None:
    op.add_column("enrolment", sa.Column("offers_missed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("enrolment", sa.Column("moved_from", sa.String(26), nullable=True))
    op.create_index(MOVED, "enrolment", ["moved_from"])
    op.add_column("class_run", sa.Column("seats_freed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("class_run", sa.Column("cancelled_on", sa.Date(), nullable=True))
    op.add_column("class_run", sa.Column("cancel_reason", sa.String(200), nullable=True))
    is_held = sa.text("held_until IS NOT NULL")
    op.create_index(HELD, "enrolment", ["held_until"], sqlite_where=is_held, postgresql_where=is_held)


def downgrade() -> None:
    op.drop_index(HELD, table_name="enrolment")
    op.drop_column("class_run", "cancel_reason")
    op.drop_column("class_run", "cancelled_on")
    op.drop_column("class_run", "seats_freed")
    op.drop_index(MOVED, table_name="enrolment")
    op.drop_column("enrolment", "moved_from")
    op.drop_column("enrolment", "offers_missed")
