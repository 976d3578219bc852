"""The limits do what they say, and the crowd that enrols is enrolled: else the figures would mean nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from benchmarks import bare_enrolment, bare_page, crowd
from tests.make import PACK, make_class
from tests.postgres import plain
from training import clock
from training.courses.queries import listed, read
from training.database import db
from training.enrolments.operations import Choice, enrol
from training.people.models import Draft
from training.policy.queries import load_pack


def test_the_bare_page_shows_the_first_twenty_classes_of_the_product(database: Any, settings: Any) -> None:
    made = [make_class(starts_on=clock.today() + timedelta(days=5 + n)).id for n in range(22)]
    rows = read(db.session(), listed(clock.today()))
    bare_page.fill(settings.database_url, rows)
    engine = create_engine(settings.database_url)
    page = bare_page.create_app(engine, clock.today()).test_client().get("/courses").text
    engine.dispose()
    assert [class_id for class_id in made if class_id in page] == made[:20]


def test_every_person_of_the_crowd_comes_for_the_first_time_and_is_enrolled(database: Any) -> None:
    classes, pack = crowd.open_classes(2), load_pack(PACK)
    clicks = crowd.proved(crowd.birthdays(), classes, 6)
    assert [click.class_id for click in clicks] == classes * 3
    done = [
        enrol(Draft(id=one.draft_id), one.class_id, Choice(one.key), pack, clock.today()) for one in clicks
    ]
    assert {row.status.value for row in done} == {"enrolled"}
    assert len({row.person_id for row in done}) == 6


def test_the_bare_enrolment_takes_a_seat_and_writes_a_row(postgres_only: None, settings: Any) -> None:
    address = plain(make_url(settings.database_url))
    bare_enrolment.set_up(address, classes=2, seats=2)
    with bare_enrolment.connect(address) as connection:
        for person in (1, 2):
            bare_enrolment.enrol(connection, person, 1)
        with pytest.raises(RuntimeError):
            bare_enrolment.enrol(connection, 3, 1)
    assert not bare_enrolment.miscounted(address)
