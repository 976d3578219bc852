"""The verbs about who somebody is, by errand."""

from training.identities.operations.changes import (
    Proposal,
    agree_to_change,
    propose_change,
    refuse_change,
)
from training.identities.operations.decide import Verdict, decide
from training.identities.operations.hold import hold_group, put_group_back
from training.identities.operations.relations import counts, references_to_people

__all__ = [
    "Proposal",
    "Verdict",
    "agree_to_change",
    "counts",
    "decide",
    "hold_group",
    "propose_change",
    "put_group_back",
    "references_to_people",
    "refuse_change",
]
