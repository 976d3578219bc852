"""A refused act leaves nothing but a line in the trail; a repeated one, whatever was between, nothing at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.make import make_class
from tests.training.enrolments.people import limits, proved, registered, typed
from tests.training.enrolments.test_abuse import desk, walk_in
from tests.training.enrolments.test_stateful import PACK_, Town, step
from training import clock, seals
from training.audit import AuditEvent, Outcome
from training.database import Model, db
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, enrol, submit_without_code
from training.people import operations as people

TRAIL = AuditEvent.__tablename__
EXAMPLES = settings().max_examples
as_found = settings(  # a failure is shown as it was found: making it small would take minutes
    suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.reuse, Phase.generate)
)


def digests() -> dict[str, str]:
    """A hash of the rows of each table, whatever their order."""
    session = db.session()
    session.expire_all()
    found = {}
    for name, table in Model.metadata.tables.items():
        rows = sorted(map(repr, session.execute(select(table))))
        found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def changed(before: dict[str, str]) -> set[str]:
    """The tables whose rows are no longer those of `before`."""
    after = digests()
    return {name for name in after if after[name] != before[name]}


class Watched(Town):
    """Remembers how everything was just before the act itself; nothing, where it never came to the act."""

    before: dict[str, str] | None = None

    def about_to_act(self) -> None:
        self.before = digests()


@given(steps=st.lists(step, min_size=15, max_size=30))
@settings(as_found, max_examples=EXAMPLES // 6)
def test_I17_a_refused_act_changes_nothing_but_the_trail(
    database: Any, registries: Any, steps: list[tuple[str, int, int, int]]
) -> None:
    town = Watched(registries)
    for one in steps:
        town.before = None if one[0] in ("phone", "received") else digests()
        said = town.do(*one)
        assert said == "done" or town.before is None or changed(town.before) <= {TRAIL}, (one, said)
    refused = select(AuditEvent).where(AuditEvent.outcome == Outcome.REFUSED)
    assert all(event.status is None for event in db.session().scalars(refused)), "a refusal moves nothing"
    assert seals.verify(db.session()) == []


@given(tries=st.lists(st.sampled_from(["phone", "counter", "received"]), min_size=3, max_size=12))
@settings(as_found, max_examples=EXAMPLES // 3)
def test_I18_the_same_key_has_the_same_answer_however_often_and_in_whatever_order(
    database: Any, registries: Any, tries: list[str]
) -> None:
    acts = three_ways(registries)
    answers: dict[str, str] = {}
    for way in tries:
        before = digests()
        answer = acts[way]()
        if way in answers:
            assert answer == answers[way]
            assert changed(before) == set(), way
        answers[way] = answer
    assert len(set(answers.values())) == len(answers)
    made = select(Enrolment.reference).where(Enrolment.reference.in_(answers.values()))
    assert sorted(db.session().scalars(made)) == sorted(answers.values())


def three_ways(registries: Any) -> dict[str, Callable[[], str]]:
    """By phone, at the counter, without a code: each a form that is sent again with the key it had."""
    starts = clock.today() + timedelta(days=60)
    run = make_class(seats=2, starts_on=starts)
    one, two, unseen = registered(), registered(), registered()
    registries.know(one, two)
    counsellor, today = desk("counsellor", run.district), clock.today()
    draft = proved(registries, one, run.id)
    silent = people.ask_for_code(typed(unseen, run.id), limits(), "127.0.0.1")
    key = f"form-of-{run.id}"

    def phone() -> str:
        return enrol(draft, run.id, Choice(draft.idempotency_key), PACK_, today).reference

    def counter() -> str:
        return str(walk_in(registries, counsellor, run.id, two, key=key).reference)

    def received() -> str:
        return submit_without_code(silent, run.id, silent.idempotency_key, PACK_, today).reference

    return {"phone": phone, "counter": counter, "received": received}
