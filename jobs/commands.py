"""The `flask --app wsgi …` commands."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.orm import Session

from jobs.retention import run_now
from training import seals
from training.audit import Actor
from training.database import db, transaction
from training.enrolments.queries import enrolment_by_reference
from training.errors import NotAllowedNow, NotThere
from training.people.models import Person
from training.policy.check import pack_problems
from training.privacy.operations import end_hold, place_hold
from training.references import parse_reference
from web.settings import ROOT, Settings

OPERATOR = Actor.system("operator")


def add_commands(app: Flask, settings: Settings) -> None:
    """Give the application its commands; `db` only on the command line: Alembic takes 11 MB of each worker."""
    line = click.get_current_context(silent=True)
    if line is not None and line.find_object(ScriptInfo) is not None:
        from flask_migrate import Migrate

        Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    app.cli.add_command(_audit(settings))
    app.cli.add_command(_pack())
    app.cli.add_command(_retention())


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


def _retention() -> AppGroup:
    group = AppGroup("retention", help="How long records of people are kept.")

    @group.command("run")
    def run() -> None:
        """Do now what the worker does at night: tell, empty, drop what is over."""
        for word, n in run_now(current_app).items():
            click.echo(f"{word}: {n}")

    @group.command("hold")
    @click.argument("reference")
    @click.argument("reason")
    def hold(reference: str, reason: str) -> None:
        """Let nothing be removed of the person of REFERENCE until `release`; REASON is a word: court, audit."""
        transaction(lambda session: place_hold(session, _person(session, reference), reason, OPERATOR))

    @group.command("release")
    @click.argument("reference")
    @click.argument("reason")
    def release(reference: str, reason: str) -> None:
        """End the hold that stands for REASON."""
        try:
            transaction(lambda session: end_hold(session, _person(session, reference), reason, OPERATOR))
        except NotAllowedNow:
            raise click.ClickException(f"no hold for {reason}") from None

    return group


def _person(session: Session, reference: str) -> Person:
    """The person of an enrolment. Ends the command where there is none."""
    try:
        return enrolment_by_reference(session, parse_reference(reference)).person
    except NotThere:
        raise click.ClickException(f"no enrolment {reference}") from None
