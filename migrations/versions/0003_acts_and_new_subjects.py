"""Links for one act, records that can be frozen, and the subjects that the trail now also tells of.

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.choices import choose

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KINDS = ("person", "enrolment", "claim", "staff", "notice")
NEW_KINDS = ("matter", "records", "export", "clock")
PURPOSES = ("enrol", "sign_in", "counter")
NEW_PURPOSES = ("alert", "account")


def upgrade() -> None:
    op.add_column("person", sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "act",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("kind", _words("kind", ("offer", "not_me", "stop_alerts", "question")), nullable=False),
        sa.Column("person_id", sa.String(26), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("about", sa.String(26), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(10), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_index("ix_act_kind_about", "act", ["kind", "about"])
    op.create_index("ix_act_person_id", "act", ["person_id"])
    op.create_index("ix_act_until", "act", ["until"])
    choose("audit_event", "kind", KINDS, KINDS + NEW_KINDS)
    _forget_drafts()
    choose("draft", "purpose", PURPOSES, PURPOSES + NEW_PURPOSES)


def downgrade() -> None:
    _forget_drafts()
    choose("draft", "purpose", PURPOSES + NEW_PURPOSES, PURPOSES)
    choose("audit_event", "kind", KINDS + NEW_KINDS, KINDS)
    op.drop_table("act")
    op.drop_column("person", "frozen_at")


def _forget_drafts() -> None:
    """What was typed in step 1 lives 30 minutes; whoever is in the middle of it types it again."""
    op.execute("DELETE FROM one_time_code")
    op.execute("DELETE FROM draft")


def _words(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
