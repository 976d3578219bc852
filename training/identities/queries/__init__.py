"""Reads about records that may be one person, and about corrections."""

from training.identities.queries.asked import corrections_asked
from training.identities.queries.changes import (
    ChangesAsked,
    change_in_scope,
    changes,
    changes_pile,
)
from training.identities.queries.facts import caps_of, facts_of, makers_of, stamp_of
from training.identities.queries.groups import (
    Group,
    current_person,
    decided_pairs,
    open_group,
    open_groups,
    pair_in_scope,
    pile,
    story_of,
)

__all__ = [
    "ChangesAsked",
    "Group",
    "caps_of",
    "change_in_scope",
    "changes",
    "changes_pile",
    "corrections_asked",
    "current_person",
    "decided_pairs",
    "facts_of",
    "makers_of",
    "open_group",
    "open_groups",
    "pair_in_scope",
    "pile",
    "stamp_of",
    "story_of",
]
