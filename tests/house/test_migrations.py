"""Every change of the tables, up and down, on both databases (A71, I36)."""

from __future__ import annotations

import hashlib
import shutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from jobs.prepare import migrate, revision
from tests import make
from tests.house import tree
from training.database import db

ALLOWED_LEFT = {"alembic_version"}
REVISIONS = [path.name[:4] for path in sorted((tree.ROOT / "migrations/versions").glob("*.py"))]


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return {name for name in inspect(engine).get_table_names() if not name.startswith("class_search")}
    finally:
        engine.dispose()


def test_A71_tables_go_down_and_come_up_again(settings) -> None:
    before = tables(settings.database_url)
    assert len(before) > 10
    migrate(settings, "base")
    assert tables(settings.database_url) <= ALLOWED_LEFT
    migrate(settings)
    assert tables(settings.database_url) == before


def test_A71_migrating_twice_changes_nothing(settings) -> None:
    before = tables(settings.database_url)
    migrate(settings)
    assert tables(settings.database_url) == before


def test_I36_data_survives_each_step_down_and_up(settings, database) -> None:
    """With rows in the tables: one step down and up again, and whatever the step below can hold reads as before."""
    make.make_class()
    make.staff("verifier")
    database.session.remove()
    database.engine.dispose()
    before = rows(settings.database_url)
    assert sum(1 for found in before.values() if found) > 5
    for step in REVISIONS[-2::-1]:
        migrate(settings, step)
        known = columns(settings.database_url)
        migrate(settings)
        after = rows(settings.database_url)
        assert digests(after, known) == digests(before, known), f"down to {step} and up again"
        assert after.keys() == before.keys()


def columns(url: str) -> dict[str, set[str]]:
    """The columns of each table."""
    engine = create_engine(url)
    found = {name: {column["name"] for column in inspect(engine).get_columns(name)} for name in tables(url)}
    engine.dispose()
    return found


def rows(url: str) -> dict[str, list[dict[str, object]]]:
    """Every row of every table; counters of the catalogue start anew."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            name: [dict(row) for row in connection.execute(text(f'select * from "{name}"')).mappings()]
            for name in tables(url) - {"catalogue_version"}
        }
    engine.dispose()
    return found


def digests(found: dict[str, list[dict[str, object]]], known: dict[str, set[str]]) -> dict[str, str]:
    """A hash of the rows of each known table, by its known columns, whatever their order."""
    told = {
        name: sorted(repr(sorted((key, repr(row[key])) for key in row if key in known[name])) for row in some)
        for name, some in found.items()
        if name in known
    }
    return {
        name: hashlib.sha256("\n".join(lines).encode()).hexdigest() for name, lines in told.items() if lines
    }


def test_models_and_migrations_say_the_same(database) -> None:
    """No table, column, index or constraint stands in one and not in the other."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": _is_compared}
        )
        assert compare_metadata(context, db.metadata) == []


def _is_compared(thing, name, kind, reflected, other) -> bool:
    return not (name or "").startswith("class_search")


def test_every_migration_can_go_down() -> None:
    versions = sorted((tree.ROOT / "migrations/versions").glob("*.py"))
    assert versions
    for path in versions:
        [down] = [function for function in tree.functions(path) if function.name == "downgrade"]
        assert not all(type(step).__name__ in {"Pass", "Raise"} for step in down.body), tree.name(path)


def test_a_quick_look_finds_the_revision(settings) -> None:
    """What a second start of the stack reads instead of loading the product."""
    environ = {"DATABASE_URL": settings.database_url}
    found = revision(environ)
    assert found
    with create_engine(settings.database_url).connect() as connection:
        assert found == connection.execute(text("select version_num from alembic_version")).scalar_one()


BROKEN = '''
"""Makes one table, then fails."""
from alembic import op
import sqlalchemy as sa

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade() -> None:
    op.create_table("half_done", sa.Column("id", sa.Integer, primary_key=True))
    raise RuntimeError("power failure")


def downgrade() -> None:
    op.drop_table("half_done")
'''


def test_A71_a_migration_that_fails_leaves_nothing_half_done(settings, tmp_path, monkeypatch) -> None:
    before = tables(settings.database_url)
    shutil.copytree(tree.ROOT / "migrations", tmp_path / "migrations")
    (tmp_path / "migrations/versions/9999_broken.py").write_text(BROKEN.format(head=REVISIONS[-1]))
    monkeypatch.setattr("jobs.prepare.ROOT", tmp_path)
    with pytest.raises(RuntimeError, match="power failure"):
        migrate(settings)
    assert tables(settings.database_url) == before
    assert revision({"DATABASE_URL": settings.database_url}) == REVISIONS[-1]
