"""What the desks of duplicates and corrections begin with in a demo."""

from __future__ import annotations

from typing import Any

from jobs.demo.catalogue import HOME
from tests.make import PACK
from training.identities import queries
from training.identities.models import ChangeKind
from training.identities.queries import ChangesAsked
from training.identities.rules import risks_of
from training.policy.queries import load_pack
from training.seals import verify
from training.staff.queries import Scope


def test_groups_of_each_kind_wait(demo: Any, demo_database: Any) -> None:
    """One pair can become one record, pairs of two registered numbers cannot, three records hang together."""
    session, pack = demo_database.session(), load_pack(PACK)
    risks = []
    for group in queries.open_groups(session, Scope(HOME)):
        facts = queries.facts_of(session, group.people, pack)
        found = {risk.code for risk in risks_of(facts, queries.caps_of(session, group.people, pack))}
        risks.append((len(group.people), found))
    assert (2, set()) in risks
    assert (3, set()) in risks
    assert any("numbers_differ" in found for _, found in risks)


def test_a_correction_and_a_claimed_number_wait(demo: Any, demo_database: Any) -> None:
    rows = queries.changes(demo_database.session(), Scope(HOME), ChangesAsked())
    assert {row.kind for row in rows} == {ChangeKind.NAME, ChangeKind.TAKEN}
    assert all(row.note and row.new for row in rows)
    assert verify(demo_database.session()) == []
