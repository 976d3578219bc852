"""What tests of old records share: a municipal reviewer, a file brought in, the worker's turn."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from tests import make
from training.audit import Actor
from training.database import db
from training.policy.queries import load_pack
from training.records import operations
from training.records.models import RecordImport
from training.records.queries import one_import

PACK = load_pack(make.PACK)


@pytest.fixture
def reviewer(database: object) -> Actor:
    """A municipal reviewer as the trail names her."""
    return make.actor_of(make.staff("reviewer_municipal", district=None))


@pytest.fixture
def work() -> Callable[[], int]:
    """Let the worker do all there is; how many turns it took."""

    def all_there_is() -> int:
        turns = 0
        while operations.work_once(PACK):
            turns += 1
        return turns

    return all_there_is


@pytest.fixture
def bring(reviewer: Actor, work: Callable[[], int]) -> Callable[..., RecordImport]:
    """bring(content, "name.csv", district="500101"): uploaded and read; with into=True imported as well."""

    def brought(
        content: bytes, name: str = "book.csv", *, district: str | None = None, into: bool = False
    ) -> RecordImport:
        arrived = operations.upload(reviewer, name, io.BytesIO(content), PACK, district)
        work()
        if into:
            operations.ask_import(arrived.record.id, reviewer)
            work()
        return one_import(db.session(), arrived.record.id)

    return brought
