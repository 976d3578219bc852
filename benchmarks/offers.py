"""A thousand offers that nobody answered, passed on to the next in line by the clock's task, on PostgreSQL.

Ours is the whole task: the offers of a class in one transaction, with judging, links, trail and messages. The limit
is bare_offers: the statements alone, an offer a transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from benchmarks import bare_offers, night
from benchmarks.figures import Figure
from benchmarks.place import Place, migrated
from benchmarks.programs import Failed
from jobs.worker_app import create_app as create_worker_app
from tests.make import PACK
from tests.postgres import plain
from training.database import db
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import pass_on_offers
from training.policy.queries import load_pack
from web.skeleton import settle_memory

GOAL = 5.0


def measure(place: Place, rounds: int, offers: int) -> Iterator[Figure]:
    """The line about offers; `offers` is how many run out in one round."""
    url, bare_url = place.database("offers"), place.database("bare_offers")
    classes, bare_address = offers // night.OFFERS, plain(make_url(bare_url))
    bare_offers.set_up(bare_address, classes, night.OFFERS)
    app, pack = create_worker_app(migrated(place.environ("offers", url))), load_pack(PACK)
    with app.app_context(), bare_offers.connect(bare_address) as bare:
        night.full_classes(classes)
        settle_memory()
        ours: list[float] = []
        limit: list[float] = []
        for number in range(rounds + 1):  # the first warms up
            night.run_out()
            db.session.remove()
            bare_offers.run_out(bare)
            both = (
                _timed(lambda: pass_on_offers(pack, offers), offers),
                _timed(lambda: bare_offers.pass_on(bare, offers), offers),
            )
            if number:
                ours.append(both[0])
                limit.append(both[1])
        _check(offers)
        db.session.remove()
        db.engine.dispose()
    yield Figure("offers_passed_on", ours, limit, GOAL, "s", offers)


def _timed(work: Callable[[], int], wanted: int) -> float:
    """Seconds. Raises Failed when not all were passed on."""
    begun = time.monotonic()
    done = work()
    if done != wanted:
        raise Failed(f"{done} of {wanted} offers were passed on")
    return time.monotonic() - begun


def _check(offers: int) -> None:
    """Every seat is offered to somebody, and everybody else stands in line. Raises Failed."""
    counted = select(Enrolment.status, func.count()).group_by(Enrolment.status)
    found = {row[0]: row[1] for row in db.session().execute(counted)}
    if found != {EnrolmentStatus.OFFERED: offers, EnrolmentStatus.WAITING: offers}:
        raise Failed(f"seats and line do not fit: {found}")
