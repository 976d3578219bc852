"""Seals know where their series began: a restore into a new cluster begins a new one.

Revision 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_seal", sa.Column("after_row", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("audit_seal", "after_row")
