"""What a clerk decides about records that may be one person: the same, different, or to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from training import audit
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.enrolments.operations import clear_duplicate_flag
from training.errors import FourEyes, NotAllowedNow
from training.identities.operations.hold import held_by_another
from training.identities.operations.merge import merge_records
from training.identities.queries import caps_of, facts_of, open_group, pair_in_scope, stamp_of
from training.identities.queries.groups import Group
from training.identities.rules import Facts, is_own_case, risks_of
from training.people.messages import tell
from training.people.models import DuplicateAnswer, Person
from training.people.operations import answer_pairs
from training.policy.pack import Pack
from training.staff.queries import Scope


@dataclass(frozen=True)
class Verdict:
    """The decision, why, and what the clerk had seen. `only` is a pair: nothing is said of the other records."""

    answer: DuplicateAnswer
    note: str = ""
    seen: str | None = None
    only: str | None = None


def decide(pair_id: str, scope: Scope, actor: Actor, verdict: Verdict, pack: Pack) -> Person | None:
    """Decide about the group of this pair. `same` merges and returns the record that stays; `ask` again changes nothing.

    Raises NotThere outside the scope, FourEyes for whoever enrolled one of them, NotAllowedNow with
    `already_decided`, `changed`, `locked`, or with the risks of training.identities.rules.risks_of.
    """

    def work(session: Session) -> Person | None:
        pair = pair_in_scope(session, scope, pair_id)
        name = EventName.RECORDS_MERGED if verdict.answer is DuplicateAnswer.SAME else None
        tried = Entry(name or EventName.DUPLICATE_ANSWERED, SubjectKind.PERSON, pair.person_a)
        audit.attempt(session, actor, tried)
        group = open_group(session, pair, for_update=True)
        if group is None:
            raise NotAllowedNow("already_decided")
        people = lock_all(session, group.people)
        facts = facts_of(session, people, pack)
        _must_be_decidable(facts, actor)
        if _was_asked(group, verdict):
            return None
        _must_be_as_seen(group, facts, actor, verdict)
        group, people, facts = _chosen(group, people, facts, verdict)
        if verdict.answer is DuplicateAnswer.SAME:
            return _merge(session, group, people, facts, actor, verdict, pack)
        if verdict.answer is DuplicateAnswer.ASK:
            _ask(session, group, people)
        entries = answer_pairs(session, group.pairs, verdict.answer, actor, verdict.note)
        session.flush()
        entries += clear_duplicate_flag(session, [one.id for one in people])
        audit.record(session, actor, *entries)
        return None

    return transaction(work)


def lock_all(session: Session, people: Sequence[Person]) -> list[Person]:
    """A step: these records as they stand now, locked in the order of their ids, so that two merges never cross."""
    for one in sorted(people, key=lambda one: one.id):
        session.get_one(Person, one.id, with_for_update={"of": Person}, populate_existing=True)
    return list(people)


def _must_be_decidable(facts: Sequence[Facts], actor: Actor) -> None:
    if any(one.merged_into for one in facts):
        raise NotAllowedNow("already_decided")
    if is_own_case(facts, actor.id):
        raise FourEyes("own_enrolment")


def _was_asked(group: Group, verdict: Verdict) -> bool:
    """Asked for a second time: everybody has been told, and nothing happens."""
    pairs = [pair for pair in group.pairs if verdict.only in (None, pair.id)]
    return verdict.answer is DuplicateAnswer.ASK and bool(pairs) and Group(pairs, group.people).is_asked


def _must_be_as_seen(group: Group, facts: Sequence[Facts], actor: Actor, verdict: Verdict) -> None:
    if verdict.seen is not None and verdict.seen != stamp_of(group, facts):
        raise NotAllowedNow("changed")
    if held_by_another(group, actor):
        raise NotAllowedNow("locked")


def _chosen(
    group: Group, people: list[Person], facts: list[Facts], verdict: Verdict
) -> tuple[Group, list[Person], list[Facts]]:
    """Everybody, or the two of one pair."""
    if verdict.only is None:
        return group, people, facts
    pair = next((pair for pair in group.pairs if pair.id == verdict.only), None)
    if pair is None:
        raise NotAllowedNow("already_decided")
    two = {pair.person_a, pair.person_b}
    people = [one for one in people if one.id in two]
    return Group([pair], people), people, [one for one in facts if one.id in two]


def _merge(
    session: Session,
    group: Group,
    people: list[Person],
    facts: list[Facts],
    actor: Actor,
    verdict: Verdict,
    pack: Pack,
) -> Person:
    risks = [risk.code for risk in risks_of(facts, caps_of(session, people, pack))]
    if not group.is_whole:
        risks.insert(0, "too_many_records")
    if risks:
        raise NotAllowedNow(*dict.fromkeys(risks))
    answer_pairs(session, group.pairs, DuplicateAnswer.SAME, actor)
    return merge_records(session, people, facts, actor, verdict.note)


def _ask(session: Session, group: Group, people: Sequence[Person]) -> None:
    """Each is told once what to bring: by message, or by letter where there is no phone."""
    asked = [pair for pair in group.pairs if pair.answer is DuplicateAnswer.ASK]
    told = {one for pair in asked for one in (pair.person_a, pair.person_b)}
    for one in people:
        if one.id not in told:
            tell(session, one, "duplicate_ask")
