"""How the province runs its service: periods and shares that no notice sets. Tables of pack.toml, one shape each."""

from __future__ import annotations

from pydantic import Field

from training.policy.models import Shape


class SavedChecks(Shape):
    """How long the answers of a check are kept under their code, in days, and still known to have run out."""

    kept_days: int = Field(ge=1, le=365)
    known_days: int = Field(ge=1, le=730)


class Alerts(Shape):
    """Saved searches: for how many days one is kept unless asked for again, and how many one person may have."""

    kept_days: int = Field(ge=1, le=730)
    a_person: int = Field(ge=1, le=20)
