"""The trail cannot be changed or cut, nor what was approved of a claim; the search index of classes.

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TRAIL = ("audit_event", "audit_seal")
SHARDS = 256
APPROVED = (
    "OLD.status IN ('approved','in_batch','sent','paid','bounced','recovering','recovered','reversed') "
    "OR (OLD.status = 'held' AND OLD.held_from = 'approved')"
)
FROZEN = "amount_fen, factors, payee, payee_name, notice, person_id, enrolment_id, family, occupation, level"


def upgrade() -> None:
    shards = sa.table("catalogue_version", sa.column("shard", sa.Integer), sa.column("n", sa.Integer))
    op.bulk_insert(shards, [{"shard": shard, "n": 0} for shard in range(SHARDS)])
    if op.get_bind().dialect.name == "sqlite":
        _upgrade_sqlite()
    else:
        _upgrade_postgresql()


def downgrade() -> None:
    op.execute("DELETE FROM catalogue_version")
    if op.get_bind().dialect.name == "sqlite":
        _downgrade_sqlite()
    else:
        _downgrade_postgresql()


def _upgrade_sqlite() -> None:
    for table in TRAIL:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
            )
    op.execute(
        f"CREATE TRIGGER claim_approved_is_frozen BEFORE UPDATE OF {FROZEN} ON claim WHEN {APPROVED} "
        "BEGIN SELECT RAISE(ABORT, 'what was approved stays as it is'); END"
    )
    op.execute("CREATE VIRTUAL TABLE class_search USING fts5(search_words, content='class_run', tokenize='unicode61')")
    op.execute(
        "CREATE TRIGGER class_search_insert AFTER INSERT ON class_run BEGIN "
        "INSERT INTO class_search(rowid, search_words) VALUES (new.rowid, new.search_words); END"
    )
    op.execute(
        "CREATE TRIGGER class_search_update AFTER UPDATE OF search_words ON class_run BEGIN "
        "INSERT INTO class_search(class_search, rowid, search_words) VALUES ('delete', old.rowid, old.search_words); "
        "INSERT INTO class_search(rowid, search_words) VALUES (new.rowid, new.search_words); END"
    )
    op.execute(
        "CREATE TRIGGER class_search_delete AFTER DELETE ON class_run BEGIN "
        "INSERT INTO class_search(class_search, rowid, search_words) VALUES ('delete', old.rowid, old.search_words); END"
    )
    op.execute("INSERT INTO class_search(class_search) VALUES ('rebuild')")


def _downgrade_sqlite() -> None:
    for name in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER class_search_{name}")
    op.execute("DROP TABLE class_search")
    op.execute("DROP TRIGGER claim_approved_is_frozen")
    for table in TRAIL:
        for change in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{change}")


def _upgrade_postgresql() -> None:
    op.execute("ALTER TABLE audit_event ALTER COLUMN transaction SET DEFAULT pg_current_xact_id()::text::bigint")
    op.execute(
        "CREATE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$"
    )
    for table in TRAIL:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION trail_is_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION trail_is_append_only()"
        )
    op.execute(
        "CREATE FUNCTION approved_is_frozen() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'what was approved stays as it is'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER claim_approved_is_frozen BEFORE UPDATE OF {FROZEN} ON claim "
        f"FOR EACH ROW WHEN ({APPROVED}) EXECUTE FUNCTION approved_is_frozen()"
    )
    op.execute("CREATE INDEX class_search ON class_run USING gin (to_tsvector('simple', search_words))")


def _downgrade_postgresql() -> None:
    op.execute("DROP INDEX class_search")
    op.execute("DROP TRIGGER claim_approved_is_frozen ON claim")
    op.execute("DROP FUNCTION approved_is_frozen()")
    for table in TRAIL:
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
    op.execute("DROP FUNCTION trail_is_append_only()")
    op.execute("ALTER TABLE audit_event ALTER COLUMN transaction DROP DEFAULT")
