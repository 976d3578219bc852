"""One import at a time, also after a kill: what has begun is finished before anything else comes to count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.training.records.conftest import PACK
from tests.training.records.files import JIULONGPO, WANZHOU, payments
from training import clock
from training.database import db, transaction
from training.entitlements.models import Entitlement
from training.errors import NotAllowedNow
from training.people.models import Person
from training.records import operations
from training.records.models import RecordImport
from training.records.operations import importing
from training.records.queries import one_import

HERE = "500101"


@pytest.fixture
def killed(monkeypatch) -> Any:
    """killed(pieces): the worker dies once so many pieces are written, and its lease runs out."""

    def dies(pieces: int) -> None:
        real = importing._bring_in
        written: list[Any] = []

        def dying(*said: Any) -> None:
            if len(written) == pieces:
                raise KeyboardInterrupt
            real(*said)
            written.append(said)

        with monkeypatch.context() as patched:
            patched.setattr(importing, "_bring_in", dying)
            with pytest.raises(KeyboardInterrupt):
                operations.work_once(PACK)
        db.session.remove()

    monkeypatch.setattr(importing, "CHUNK", 5)
    return dies


def lease_over() -> None:
    past = update(RecordImport).values(worked_until=clock.real_now() - timedelta(seconds=1))
    transaction(lambda session: session.execute(past.where(RecordImport.turn == 1)))


def in_twice() -> int:
    """Payments that stand there more than once."""
    one = (Entitlement.person_id, Entitlement.occupation, Entitlement.level, Entitlement.on_date)
    asked = select(func.count(Entitlement.id)).group_by(*one).having(func.count(Entitlement.id) > 1)
    return len(db.session().execute(asked).all())


def test_A60_a_file_killed_in_the_middle_is_finished_before_another_with_the_same_payments(
    bring, work, reviewer, killed
) -> None:
    """The other one was uploaded first, and would know nothing of what waits unseen."""
    wanted = list(payments(20))
    other = bring(WANZHOU.file(wanted), "other.csv", district=HERE)
    begun = bring(JIULONGPO.file(wanted[:19]), "begun.csv", district=HERE)
    operations.ask_import(begun.id, reviewer)
    killed(1)
    operations.ask_import(other.id, reviewer)
    lease_over()
    assert operations.work_once(PACK)
    found = [one_import(db.session(), one.id).status for one in (begun, other)]
    assert found == ["imported", "importing"]
    work()
    done = one_import(db.session(), other.id)
    assert (done.status, done.same, done.relies_on) == ("imported", 19, [begun.id])
    assert in_twice() == 0
    assert db.session().scalar(select(func.count()).select_from(Entitlement)) == 20


def test_A60_a_file_killed_before_its_first_row_is_judged_again_by_what_came_in_meanwhile(
    bring, work, reviewer, killed
) -> None:
    wanted = list(payments(20))
    other = bring(WANZHOU.file(wanted), "other.csv", district=HERE)
    begun = bring(JIULONGPO.file(wanted[:19]), "begun.csv", district=HERE)
    operations.ask_import(begun.id, reviewer)
    killed(0)
    operations.ask_import(other.id, reviewer)
    lease_over()
    work()
    assert one_import(db.session(), begun.id).same == 19
    assert in_twice() == 0
    assert db.session().scalar(select(func.count()).select_from(Entitlement)) == 20
    with pytest.raises(NotAllowedNow) as refused:
        operations.undo(other.id, reviewer)
    assert (refused.value.reasons, refused.value.reference) == (("records_in_use",), "begun.csv")
    operations.undo(begun.id, reviewer)


def test_A60_a_worker_that_slept_past_its_lease_writes_nothing_again(bring, reviewer, killed) -> None:
    row = bring(JIULONGPO.file(payments(12)), district=HERE)
    operations.ask_import(row.id, reviewer)
    killed(0)
    asleep = importing._next_rows(db.session(), row.id)
    ready = importing._seal(row.id, asleep, {})
    lease_over()
    assert operations.work_once(PACK)
    importing._bring_in(row.id, asleep, ready)
    counted = [db.session().scalar(select(func.count()).select_from(one)) for one in (Entitlement, Person)]
    assert (in_twice(), counted) == (0, [12, 12])


def test_nothing_is_undone_while_another_file_is_judged_by_what_counts(bring, work, reviewer, killed) -> None:
    before = bring(WANZHOU.file(payments(5, first=50)), "before.csv", district=HERE, into=True)
    row = bring(JIULONGPO.file(payments(12)), "now.csv", district=HERE)
    operations.ask_import(row.id, reviewer)
    killed(1)
    with pytest.raises(NotAllowedNow) as refused:
        operations.undo(before.id, reviewer)
    assert (refused.value.reasons, refused.value.reference) == (("records_in_use",), "now.csv")
    lease_over()
    work()
    assert operations.undo(before.id, reviewer).status == "undone"
