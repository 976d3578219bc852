"""The job that claims for whoever passed: twice, killed in between, with one bad case among good ones."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from jobs import propose_claims as job
from tests import make
from training import audit
from training.claims.models import Claim
from training.claims.operations import propose
from training.policy.queries import load_pack


@pytest.fixture
def app(database: Any, clock: Any) -> Any:
    from flask import current_app

    current_app.extensions["pack"] = load_pack(make.PACK)
    return current_app._get_current_object()  # type: ignore[attr-defined]


def count(database: Any, model: Any) -> Any:
    return database.session.scalar(select(func.count()).select_from(model))


def test_twice_is_once(app, database) -> None:
    for _ in range(3):
        make.make_passed()
    make.make_enrolment()
    assert job.propose_claims(app) == 3
    events = count(database, audit.AuditEvent)
    assert job.propose_claims(app) == 0
    assert count(database, Claim) == 3
    assert count(database, audit.AuditEvent) == events


def test_more_than_one_batch(app, database, monkeypatch) -> None:
    monkeypatch.setattr(job, "BATCH", 2)
    for _ in range(5):
        make.make_passed()
    assert job.propose_claims(app) == 5


def test_killed_in_between_it_goes_on_where_it_was(app, database, monkeypatch) -> None:
    for _ in range(3):
        make.make_passed()
    done: list[str] = []

    def dies_at_the_second(enrolment_id: str, pack: Any, today: Any) -> Claim | None:
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(enrolment_id)
        return propose(enrolment_id, pack, today)

    with monkeypatch.context() as patched:
        patched.setattr(job, "propose", dies_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            job.propose_claims(app)
    assert count(database, Claim) == 1
    assert job.propose_claims(app) == 2
    assert count(database, Claim) == 3


def test_killed_inside_a_proposal_nothing_of_it_is_left(app, database, monkeypatch) -> None:
    """The claim, its tasks, its events and the message are one transaction."""
    from training import outbox
    from training.claims.operations import proposals

    make.make_passed()

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(proposals, "tell", dies)
        with pytest.raises(KeyboardInterrupt):
            job.propose_claims(app)
    assert [count(database, model) for model in (Claim, audit.AuditEvent, outbox.OutboxRow)] == [0, 0, 0]
    assert job.propose_claims(app) == 1


def test_one_bad_case_does_not_hold_up_the_rest(app, database, monkeypatch, caplog) -> None:
    bad, good = make.make_passed(), make.make_passed()

    def fails_once(enrolment_id: str, pack: Any, today: Any) -> Claim | None:
        if enrolment_id == bad.id:
            raise ValueError("unreadable evidence")
        return propose(enrolment_id, pack, today)

    monkeypatch.setattr(job, "propose", fails_once)
    assert job.propose_claims(app) == 1
    assert database.session.scalars(select(Claim.enrolment_id)).all() == [good.id]
    assert bad.id in caplog.text


def test_a_claim_is_put_forward_when_its_certificate_comes(app, database) -> None:
    from training.database import transaction
    from training.outcomes.operations import note_certificate

    enrolment = make.make_passed(certificate=False)
    assert job.propose_claims(app) == 1
    assert job.propose_claims(app) == 0
    course = enrolment.class_run.course
    transaction(
        lambda session: note_certificate(
            session,
            enrolment.person_id,
            course.occupation,
            course.level,
            "S000050010300002",
            enrolment.class_run.ends_on,
        )
    )
    assert job.propose_claims(app) == 1
    assert job.propose_claims(app) == 0


def test_the_worker_does_it_by_the_clock() -> None:
    from jobs.tasks import TASKS

    assert [task.every_s for task in TASKS if task.run is job.propose_claims] == [20]
