"""What the bank accounts of claimants give to ask about, as they stand now: one statement for however many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from training.claims.lifecycle import REVIEWS
from training.claims.models import Claim
from training.claims.rules import Finding, account_task
from training.people.models import Person
from training.people.queries import accounts_seen


def account_task_of(session: Session, claim: Claim) -> Finding:
    """The same of one claim, put forward or about to be."""
    whose = select(Person.id).where(Person.id == claim.person_id)
    return account_task(accounts_seen(session, whose).get(claim.person_id), claim.proposed_at)


def account_tasks(
    session: Session, claims: Sequence[Claim], people: Select[str] | None = None
) -> Mapping[str, Finding]:
    """Of those of the claims that are in review, by their ids; what was decided stands as it was decided.

    `people` names the claimants where there are more of them than one statement takes by their ids.
    """
    by_ids = select(Claim.person_id).where(Claim.id.in_([claim.id for claim in claims]))
    seen = accounts_seen(session, by_ids if people is None else people)
    return {
        claim.id: account_task(seen.get(claim.person_id), claim.proposed_at)
        for claim in claims
        if claim.status in REVIEWS
    }
