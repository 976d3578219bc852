"""Alembic's environment: our models, one connection, batch mode for SQLite."""

from __future__ import annotations

from alembic import context
from flask import current_app

from training.claims import models as _claims  # noqa: F401
from training.database import db
from training.identities import models as _identities  # noqa: F401
from training.limits import LimitCounter as _limits  # noqa: F401
from training.objections import models as _objections  # noqa: F401
from training.outbox import OutboxRow as _outbox  # noqa: F401
from training.outcomes import models as _outcomes  # noqa: F401
from training.oversight import models as _oversight  # noqa: F401
from training.privacy import models as _privacy  # noqa: F401
from training.pulse import SystemPulse as _pulse  # noqa: F401
from training.records import models as _records  # noqa: F401
from training.seals import AuditSeal as _seals  # noqa: F401
from training.staff import models as _staff  # noqa: F401


def _is_ours(thing: object, name: str | None, kind: str, reflected: bool, _: object) -> bool:
    """The search index is made by SQL of its own, on each database another."""
    return not (name or "").startswith("class_search")


def run() -> None:
    """Migrate in one transaction, giving up soon when somebody holds a lock (A71)."""
    url = current_app.config.get("MIGRATE_DATABASE_URL")
    engine = db.create_engine(url) if url else db.engine
    with engine.connect() as plain:
        options = {"writes": True} if engine.name == "sqlite" else {"isolation_level": "SERIALIZABLE"}
        connection = plain.execution_options(**options)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            include_object=_is_ours,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
