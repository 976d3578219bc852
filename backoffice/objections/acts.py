"""What a decision does beside its answer, by kind and decision, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping

from training.objections.lifecycle import Action, MatterKind
from training.objections.operations import Effect
from training.privacy.operations import grant_deletion

EFFECTS: Mapping[tuple[MatterKind, Action], Effect] = {
    (MatterKind.DELETION, Action.UPHOLD): grant_deletion,
}
