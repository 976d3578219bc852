"""The place in line that somebody left for an offer: who could not answer it stands there again.

Revision 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enrolment", sa.Column("place_before", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("enrolment", "place_before")
