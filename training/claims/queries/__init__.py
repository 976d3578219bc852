"""Reads about claims: what a claim rests on, the reviewers' desk, what a citizen follows."""

from training.claims.queries.desk import (
    Batch,
    Slice,
    batch_of,
    batches,
    claim_in_scope,
    count_by_tab,
    lies,
    next_to_decide,
    outlier_reasons,
    queue,
    scope_of_reviewer,
)
from training.claims.queries.evidence import facts_for, findings_now, hands_of, is_as_approved
from training.claims.queries.progress import (
    Progress,
    Stage,
    claims_of_enrolment,
    claims_of_person,
    enrolments_to_claim,
    progress_of,
    statuses_of,
    usual_days,
)

__all__ = [
    "Batch",
    "Progress",
    "Slice",
    "Stage",
    "batch_of",
    "batches",
    "claim_in_scope",
    "claims_of_enrolment",
    "claims_of_person",
    "count_by_tab",
    "enrolments_to_claim",
    "facts_for",
    "findings_now",
    "hands_of",
    "is_as_approved",
    "lies",
    "next_to_decide",
    "outlier_reasons",
    "progress_of",
    "queue",
    "scope_of_reviewer",
    "statuses_of",
    "usual_days",
]
