"""One figure: what we need, what the limit needs, and how far apart the rounds were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """Both series have one value a round, in `unit`.

    `goal` bounds the ratio of ours to the limit: from below where the unit is a rate (…/s), else from above.
    `n` is how often a round did the thing that is measured.
    """

    name: str
    ours: Sequence[float]
    limit: Sequence[float]
    goal: float
    unit: str
    n: int

    @property
    def ratios(self) -> list[float]:
        """Ours to the limit within each round."""
        return [ours / limit for ours, limit in zip(self.ours, self.limit, strict=True)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def spread(self) -> float:
        """How far apart the rounds' ratios lie, as a share of their median."""
        return (max(self.ratios) - min(self.ratios)) / self.ratio

    @property
    def is_met(self) -> bool:
        return self.ratio >= self.goal if self.unit.endswith("/s") else self.ratio <= self.goal

    def line(self) -> str:
        """The figure as one line of JSON."""
        return json.dumps(
            {
                "name": self.name,
                "ours": _short(median(self.ours)),
                "limit": _short(median(self.limit)),
                "ratio": _short(self.ratio),
                "goal": self.goal,
                "unit": self.unit,
                "n": self.n,
                "spread": _short(self.spread),
            }
        )


def against(bound: float, values: Sequence[float]) -> dict[str, Sequence[float]]:
    """The two series of a figure that is held against a bound instead of a measured limit."""
    return {"ours": values, "limit": [bound] * len(values)}


def _short(value: float) -> float:
    """Four digits are more than a shared machine can give."""
    return float(f"{value:.4g}")
