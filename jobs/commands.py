"""The `flask --app wsgi …` commands."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup, ScriptInfo

from training import seals
from training.database import db
from training.policy.check import pack_problems
from web.settings import ROOT, Settings


def add_commands(app: Flask, settings: Settings) -> None:
    """Give the application its commands; `db` only on the command line: Alembic takes 11 MB of each worker."""
    line = click.get_current_context(silent=True)
    if line is not None and line.find_object(ScriptInfo) is not None:
        from flask_migrate import Migrate

        Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    app.cli.add_command(_audit(settings))
    app.cli.add_command(_pack())


def _audit(settings: Settings) -> AppGroup:
    group = AppGroup("audit", help="The trail.")

    @group.command("verify")
    @click.option(
        "--heads", type=click.Path(path_type=Path), default=None, help="File of seal heads kept outside."
    )
    def verify(heads: Path | None) -> None:
        """Check every row, chain and seal; name what was changed, removed, inserted or rolled back."""
        faults = seals.verify(db.session(), heads or settings.audit_heads)
        for fault in faults:
            click.echo(f"{fault.what}: {fault.where}")
        click.echo(f"{len(faults)} faults" if faults else "the trail is whole")
        sys.exit(1 if faults else 0)

    return group


def _pack() -> AppGroup:
    group = AppGroup("pack", help="A province as a folder of data.")

    @group.command("check")
    @click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
    def check(folder: Path) -> None:
        """Say whether the pack in FOLDER is ready, or what is missing."""
        problems = pack_problems(folder)
        for problem in problems:
            click.echo(problem)
        click.echo(f"not ready: {len(problems)} things to mend" if problems else "ready")
        sys.exit(1 if problems else 0)

    return group
