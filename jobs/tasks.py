"""What happens by the clock: a name, how often, and one call each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from sqlalchemy.orm import Session

from jobs.propose_claims import propose_claims
from jobs.records import start_on_records
from jobs.retention import keep_periods
from training import clock, limits, pulse, seals
from training.courses.operations import tell_of_new_classes
from training.database import db, file_problems, transaction
from training.enrolments.operations import (
    end_lines,
    forget_answers,
    lapse_corrections,
    lapse_holds,
    offer_free_seats,
    pass_on_offers,
)
from training.entitlements.operations import forget_checks
from training.objections.operations import mark_late
from training.oversight.operations import report_outliers
from training.people.operations import forget_drafts
from training.ports import Ports
from web.settings import Settings

NIGHT = 3  # the hour in Chongqing: while the file is read through, nobody can write
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """`run(app)` is called inside an application context every `every_s` seconds."""

    name: str
    every_s: float
    run: Callable[[Flask], object]


def seal_trail(app: Flask) -> int:
    """Seal what is new in the trail and keep the head outside. Returns how many seals were made."""
    settings: Settings = app.extensions["settings"]
    made = 0
    while seal := transaction(seals.seal_new_rows):
        seals.keep_head_outside(seal, settings.audit_heads)
        made += 1
        if len(seal.rows) < seals.BATCH:
            break
    return made


def let_holds_lapse(app: Flask) -> int:
    """Seats held without a code, or for a correction that never came, go to the next."""
    pack = app.extensions["pack"]
    return lapse_holds(pack) + lapse_corrections(pack)


def pass_on_seats(app: Flask) -> int:
    """An offer that nobody answered goes to the next in line."""
    return pass_on_offers(app.extensions["pack"])


def keep_lines(app: Flask) -> int:
    """What is free while people stand in line is offered; a line ends when its class begins."""
    return offer_free_seats(app.extensions["pack"]) + end_lines()


def forget_counters(_: Flask) -> None:
    """Drop counters of windows that are over."""
    transaction(limits.forget_old)


def forget_what_was_typed(_: Flask) -> None:
    """Step 1 of an enrolment is kept for 30 minutes, what the register said to it an hour, no longer."""
    transaction(forget_drafts)
    transaction(forget_answers)


def tell_who_waits_for_a_class(app: Flask) -> int:
    """Saved searches: who waits for a class is told of new ones, at most once a day."""
    return tell_of_new_classes(app.extensions["pack"].alerts)


def forget_saved_checks(app: Flask) -> None:
    """Checks kept under a code go when their days are over."""
    periods = app.extensions["pack"].checks
    transaction(lambda session: forget_checks(session, periods))


def tell_of_late_answers(_: Flask) -> int:
    """Matters that should have been answered: whoever waits hears, once, that it takes longer."""
    return mark_late()


def check_file_at_night(_: Flask) -> list[str]:
    """Once a night read the SQLite file through; what is wrong with it goes to the log, and is returned."""
    if clock.real_now().astimezone(clock.SHANGHAI).hour != NIGHT:
        return []
    problems = file_problems(db.session())
    for problem in problems:
        log.error("the database file is damaged: %s", problem)
    return problems


def note_systems(app: Flask) -> None:
    """How the outside systems answered this worker, for the status page."""
    ports: Ports = app.extensions["ports"]
    tallies = [tally for tally in ports.take_tallies() if tally.asked or tally.is_resting]

    def work(session: Session) -> None:
        for one in tallies:
            counted = {"asked": one.asked, "failed": one.failed}
            pulse.tell_system(session, one.name, **counted, error=one.error, is_resting=one.is_resting)

    if tallies:
        transaction(work)


def watch_readers(app: Flask) -> int:
    """Who opens far more people than usual is reported to the security administrator."""
    return report_outliers(app.extensions["pack"].looks, clock.today())


TASKS = (
    Task("seal_trail", 4, seal_trail),
    Task("let_holds_lapse", 20, let_holds_lapse),
    Task("pass_on_seats", 5, pass_on_seats),
    Task("keep_lines", 20, keep_lines),
    Task("propose_claims", 20, propose_claims),
    Task("forget_counters", 3600, forget_counters),
    Task("forget_what_was_typed", 300, forget_what_was_typed),
    Task("tell_who_waits_for_a_class", 60, tell_who_waits_for_a_class),
    Task("forget_saved_checks", 3600, forget_saved_checks),
    Task("start_on_records", 1, start_on_records),
    Task("note_systems", 10, note_systems),
    Task("watch_readers", 60, watch_readers),
    Task("tell_of_late_answers", 60, tell_of_late_answers),
    Task("check_file_at_night", 3600, check_file_at_night),
    Task("keep_periods", 1800, keep_periods),
)
