"""The night of the figures: all offers are passed on, by us and by the bare statements, and can be again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from benchmarks import bare_offers, night
from tests.make import PACK
from tests.postgres import plain
from training import seals
from training.database import db
from training.enrolments.models import Enrolment
from training.enrolments.operations import pass_on_offers
from training.policy.queries import load_pack

OFFERS = 2 * night.OFFERS


def test_the_clock_passes_all_of_them_on_night_after_night(database: Any) -> None:
    night.full_classes(2)
    for _ in range(2):
        night.run_out()
        db.session.remove()
        assert pass_on_offers(load_pack(PACK), OFFERS) == OFFERS
    now = Counter(status.value for status in db.session().scalars(select(Enrolment.status)))
    assert now == Counter(offered=OFFERS, waiting=OFFERS)
    assert seals.verify(db.session()) == []


@pytest.mark.usefixtures("postgres_only")
def test_the_bare_statements_do_the_same(database: Any, settings: Any) -> None:
    address = plain(make_url(settings.database_url))
    bare_offers.set_up(address, 2, night.OFFERS)
    with bare_offers.connect(address) as connection:
        for _ in range(2):
            bare_offers.run_out(connection)
            assert bare_offers.pass_on(connection, OFFERS) == OFFERS
        counted = connection.execute("SELECT status, count(*) FROM bare_seat GROUP BY status").fetchall()
        assert dict(counted) == {"offered": OFFERS, "waiting": OFFERS}
