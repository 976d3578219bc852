"""The key of the form that made a row: sent twice, it is one row. Slips know the form that printed them.

Revision 0015, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Whose form it is, by the table it makes a row of.
SENDER = {
    "phone_change": "asked_by",
    "alert": "person_id",
    "record_import": "uploaded_by",
    "bank_account": "person_id",
    "consent": "person_id",
    "staff_passkey": "account_id",
    "trail_check": "asked_by",
}


def upgrade() -> None:
    for table, sender in SENDER.items():
        op.add_column(table, sa.Column("idempotency_key", sa.String(40), nullable=True))
        op.create_index(f"uq_{table}_form", table, [sender, "idempotency_key"], unique=True)
    op.add_column("enrolment", sa.Column("slip_key", sa.String(40), nullable=True))


def downgrade() -> None:
    op.drop_column("enrolment", "slip_key")
    for table in SENDER:
        op.drop_index(f"uq_{table}_form", table)
        op.drop_column(table, "idempotency_key")
