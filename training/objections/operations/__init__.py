"""The verbs and steps of the objections desk, by errand."""

from training.objections.operations.opening import open_matter

__all__ = ["open_matter"]
