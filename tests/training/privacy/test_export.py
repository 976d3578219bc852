"""The file about one person holds every row about that person, from every table there is or will be, and no other's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import make
from tests.training.identities.records import by_register
from tests.training.identities.test_changes import propose
from tests.training.privacy.lives import with_a_life
from training import clock
from training.database import Model, db, transaction
from training.identities.models import ChangeKind
from training.people.models import Person, PossibleDuplicate
from training.privacy.operations.emptying import CLEARED, GONE, KEPT_AS_IT_IS
from training.privacy.queries import everything_about, is_left_out, own_ids, relations, tables_of_people

pytestmark = pytest.mark.usefixtures("clock")
# Read with a person's rows though no column of theirs leads to a person.
BESIDES = {"evidence", "draft"}


def names_a_person(table: Any) -> bool:
    """Asked without the code that is tested: by foreign keys, and by the names of columns."""
    return any(
        column.name in ("person_id", "person_a", "person_b", "holder_id")
        or any(key.column.table.name == "person" for key in column.foreign_keys)
        for column in table.columns
    )


def test_I30_every_table_that_names_a_person_is_in_the_file(database: Any) -> None:
    person = make.make_person()
    found = everything_about(db.session(), person.id)
    naming = {name for name, table in Model.metadata.tables.items() if names_a_person(table)}
    assert len(naming) > 15
    assert naming <= set(found.rows)
    assert {"attendance", "result", "claim_task", *BESIDES} <= set(found.rows)


def test_I30_the_rows_are_all_of_that_persons_and_none_of_anybody_elses(
    database: Any, registries: Any
) -> None:
    known, person = with_a_life(registries)
    other, stranger = with_a_life(registries)
    own = make.make_claim(name="澹台静和").enrolment
    for person_id in (person.id, own.person_id):
        found = everything_about(db.session(), person_id)
        for table in tables_of_people():
            if "person_id" in table.columns:
                mine = select(func.count()).select_from(table).where(table.c.person_id == person_id)
                assert len(found.rows[table.name]) == db.session().scalar(mine), table.name
    text = json.dumps(everything_about(db.session(), person.id).document(), ensure_ascii=False)
    theirs = [other.name, other.number, other.phone, other.cards[0].number, stranger.id]
    assert [value for value in theirs if str(value) in text] == []
    assert all(str(value) in text for value in (known.name, known.number, known.phone, known.cards[0].number))
    claimed = everything_about(db.session(), own.person_id)
    assert len(claimed.rows["attendance"]) == 10
    assert claimed.rows["claim"][0]["facts"]


def test_I30_what_the_register_answered_is_told_in_full(database: Any, registries: Any) -> None:
    _, person = with_a_life(registries)
    answers = everything_about(db.session(), person.id).rows["evidence"]
    assert answers
    assert all(row["outcome"] and row["answer"] for row in answers)


def test_I30_a_pair_that_may_be_one_person_does_not_tell_who_the_other_is(database: Any) -> None:
    one, other = sorted((make.make_person(), make.make_person(name="司徒远")), key=lambda person: person.id)
    pair = PossibleDuplicate(person_a=one.id, person_b=other.id, evidence="card", raised_at=clock.now())
    transaction(lambda session: session.add(pair))
    text = json.dumps(everything_about(db.session(), one.id).document(), ensure_ascii=False)
    assert '"evidence": "card"' in text
    assert other.id not in text


def test_I30_another_s_claim_to_the_number_is_told_without_whose_it_is(
    database: Any, registries: Any
) -> None:
    """Whoever holds a number reads that it was claimed, and when; never by whom, nor under which reference."""
    holder = by_register(registries).person_id
    number = str(db.session().get_one(Person, holder).number)
    said: dict[str, Any] = {"name": "冉琼芳", "matter": "OB-26-AAAAA-AAAAA", "note": "冉琼芳的证明"}
    change = propose(ChangeKind.TAKEN, None, number, **said)
    document = everything_about(db.session(), holder).document()
    [told] = document["rows"]["identity_change"]
    dates = {"proposed_at": change.proposed_at.isoformat(), "decided_at": None}
    assert told == {"kind": "taken", "status": "open", **dates}
    text = json.dumps(document, ensure_ascii=False)
    assert [one for one in (*said.values(), change.person_id) if one in text] == []
    [own] = everything_about(db.session(), change.person_id).document()["rows"]["identity_change"]
    assert (own["matter"], own["note"]) == (said["matter"], said["note"])


def test_I30_how_many_others_have_the_account_is_for_the_reviewers(database: Any) -> None:
    one, other = make.make_passed(), make.make_passed()
    for row in (one, other):
        make.make_account(row.person)
    claim = make.make_claim(enrolment=one)
    assert [task.values["shared_with"] for task in claim.tasks if task.task == "account"] == [1]
    text = json.dumps(everything_about(db.session(), claim.person_id).document())
    assert '"task": "account"' in text
    assert "shared_with" not in text


def test_what_was_merged_into_a_record_belongs_to_it_also_round_a_circle(database: Any) -> None:
    one, other, third = (make.make_person() for _ in range(3))

    def merge(session: Any) -> None:
        session.get_one(Person, other.id).merged_into = one.id
        session.get_one(Person, third.id).merged_into = other.id
        session.get_one(Person, one.id).merged_into = third.id

    transaction(merge)
    assert set(own_ids(db.session(), one.id)) == {one.id, other.id, third.id}
    found = everything_about(db.session(), one.id)
    assert sorted(row["number"] for row in found.rows["person"]) == sorted(
        str(person.number) for person in (one, other, third)
    )


def test_no_secret_and_nobody_of_the_staff_is_in_it(database: Any, registries: Any) -> None:
    _, person = with_a_life(registries)
    document = everything_about(db.session(), person.id).document()
    names = {name for rows in document["rows"].values() for row in rows for name in row}
    assert not [name for name in names if name.endswith(("_hash", "_index", "_sealed")) or name == "wrapped"]
    assert not {"staff_id", "created_by", "verified_by", "decided_by", "locked_by"} & names
    for table in Model.metadata.tables.values():
        for column in table.columns:
            if column.name.endswith("_hash") or column.name == "wrapped":
                assert is_left_out(column), f"{table.name}.{column.name}"


def test_every_word_of_the_plan_names_a_table_that_is_there(database: Any) -> None:
    """A table that is renamed must not slip out of the plan of what goes."""
    known = {table.name for table in tables_of_people()}
    assert {*GONE, *CLEARED, *KEPT_AS_IT_IS} <= known
    assert {relation.table.name for relation in relations()} <= known
