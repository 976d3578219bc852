"""What was meant for a record that has become part of another reaches the person all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from jobs.errands import do_errand
from jobs.worker_app import create_app
from tests.training.identities.records import SAME, again, by_hand, by_register, decide
from training import outbox
from training.database import db, transaction
from training.people.messages import tell
from training.people.models import Person, Phone
from web.settings import Settings


@pytest.fixture
def jobs(settings: Settings, registries: Any) -> Iterator[Flask]:
    """The clock's door on the test's database."""
    app = create_app(settings)
    app.extensions["ports"] = registries.ports
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_a_message_to_a_merged_record_goes_to_the_survivor(jobs: Flask, registries: Any) -> None:
    old = by_hand().id
    kept = by_register(registries).person_id
    certify(kept)
    transaction(lambda session: tell(session, session.get_one(Person, old), "records_merged"))
    decide(SAME)
    assert again(old).merged_into == kept
    phone = next(one.number for one in again(kept).phones if isinstance(one, Phone))
    for row_id in transaction(lambda session: [row.id for row in outbox.take_due(session)]):
        do_errand(jobs, row_id)
    texts = [message["text"] for message in registries.messages(phone)]
    assert sum("已合并" in text for text in texts) == 2, (
        "the one told before the merge, and the one of the merge"
    )


def certify(person_id: str) -> None:
    def work(session: Any) -> None:
        person = session.get_one(Person, person_id)
        person.certified_at = person.created_at

    transaction(work)
