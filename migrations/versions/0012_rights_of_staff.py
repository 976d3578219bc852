"""Rights that end by themselves, deputies, proposals by two persons, first sign-ins and passkeys of staff.

Revision 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ADMINISTRATORS = sa.text("role IN ('sysadmin', 'secadmin', 'auditor') AND deputy_for IS NULL")
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    _widen_accounts()
    _widen_roles()
    _make_proposals()
    _make_starts()
    _make_passkeys()


def downgrade() -> None:
    for table in ("staff_challenge", "staff_passkey", "staff_start", "staff_proposal"):
        op.drop_table(table)
    op.drop_index("uq_staff_role_administrator", "staff_role")
    op.drop_index("ix_staff_role_deputy_for", "staff_role")
    op.execute("DELETE FROM staff_role WHERE deputy_for IS NOT NULL")
    for column in ("deputy_for", "until_on", "from_on"):
        op.drop_column("staff_role", column)
    op.drop_index("ix_staff_account_number_index", "staff_account")
    op.create_index("ix_staff_account_number_index", "staff_account", ["number_index"])
    for column in ("deputy_id", "leave_until", "leave_from", "version"):
        op.drop_column("staff_account", column)


def _widen_accounts() -> None:
    op.add_column("staff_account", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.add_column("staff_account", sa.Column("leave_from", sa.Date))
    op.add_column("staff_account", sa.Column("leave_until", sa.Date))
    op.add_column("staff_account", sa.Column("deputy_id", sa.String(26)))
    op.drop_index("ix_staff_account_number_index", "staff_account")
    op.create_index("ix_staff_account_number_index", "staff_account", ["number_index"], unique=True)


def _widen_roles() -> None:
    op.add_column("staff_role", sa.Column("from_on", sa.Date))
    op.add_column("staff_role", sa.Column("until_on", sa.Date))
    op.add_column("staff_role", sa.Column("deputy_for", sa.String(26)))
    op.create_index("ix_staff_role_deputy_for", "staff_role", ["deputy_for"])
    op.create_index(
        "uq_staff_role_administrator",
        "staff_role",
        ["account_id"],
        unique=True,
        sqlite_where=ADMINISTRATORS,
        postgresql_where=ADMINISTRATORS,
    )


def _make_proposals() -> None:
    op.create_table(
        "staff_proposal",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", _words("kind", ("account", "right", "leave", "enable", "recovery")), nullable=False),
        sa.Column("state", _words("state", ("open", "confirmed", "refused", "withdrawn")), nullable=False),
        _account("account_id", nullable=True),
        sa.Column("about", sa.String(40), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("idempotency_key", sa.String(40), nullable=False),
        _account("proposed_by"),
        sa.Column("proposed_at", MOMENT, nullable=False),
        _account("decided_by", nullable=True),
        sa.Column("decided_at", MOMENT),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("proposed_by", "idempotency_key"),
        sa.CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided_by_somebody"),
        sa.CheckConstraint("state = 'withdrawn' OR decided_by <> proposed_by", name="two_persons"),
        sa.CheckConstraint("account_id <> proposed_by AND account_id <> decided_by", name="not_for_oneself"),
    )
    op.create_index("ix_staff_proposal_state", "staff_proposal", ["state", "proposed_at"])
    op.create_index(
        "uq_staff_proposal_open",
        "staff_proposal",
        ["account_id", "kind", "about"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _make_starts() -> None:
    op.create_table(
        "staff_start",
        sa.Column("id", sa.String(26), nullable=False),
        _account("account_id"),
        sa.Column("proposal_id", sa.String(26), sa.ForeignKey("staff_proposal.id"), nullable=False),
        sa.Column("number_index", sa.String(40), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("code_sealed", sa.String),
        _account("made_by"),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("browser_hash", sa.String(64)),
        sa.Column("totp_sealed", sa.String),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("proposal_id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_index("ix_staff_start_account_id", "staff_start", ["account_id"])
    op.create_index("ix_staff_start_browser_hash", "staff_start", ["browser_hash"])


def _make_passkeys() -> None:
    op.create_table(
        "staff_passkey",
        sa.Column("id", sa.String(26), nullable=False),
        _account("account_id"),
        sa.Column("credential_hash", sa.String(64), nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.String(2000), nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("credential_hash"),
        sa.CheckConstraint(
            "sign_count = CAST(sign_count AS BIGINT) AND sign_count >= 0", name="sign_count_whole"
        ),
    )
    op.create_index("ix_staff_passkey_account_id", "staff_passkey", ["account_id"])
    op.create_table(
        "staff_challenge",
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("challenge", sa.String(100), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("browser_hash", "purpose"),
    )


def _account(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(26), sa.ForeignKey("staff_account.id"), nullable=nullable)


def _words(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
