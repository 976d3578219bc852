"""What can go wrong, as a family.

TrainingError
├── Refused                  a rule says no; nothing was changed (an audit event says so)
│   ├── NotEligible          reasons of the person, the class or the notice
│   ├── NotAllowedNow        the thing has moved on, is locked, or the step does not follow
│   ├── FourEyes             the same person may not act twice on one case
│   └── NotYours             outside the scope of the actor: answered like NotThere
├── NotThere                 no such thing
│   └── Mistyped             a reference that cannot be one (training/references.py)
├── Gone                     used, or its time is over: answered 410
├── BadInput                 what was typed cannot be read; names its field
│   └── BadNumber            an identity or card number that cannot be one
├── TooMany                  asked too often; says when again
├── RegistryUnreachable      an outside system did not answer, or not in its own words
└── SettingsError            the configuration would be unsafe: the program does not start
"""

from __future__ import annotations

from collections.abc import Sequence


class TrainingError(Exception):
    """Root of the family."""


class Refused(TrainingError):
    """A rule said no. `reasons` are codes of contract §3; `reference` links to what stands in the way."""

    def __init__(self, *reasons: str, reference: str | None = None) -> None:
        super().__init__(" ".join(reasons))
        self.reasons: Sequence[str] = reasons
        self.reference = reference


class NotEligible(Refused):
    """The person may not have this class or this subsidy."""


class NotAllowedNow(Refused):
    """The state, a lock or a newer version forbids the step."""


class FourEyes(Refused):
    """Enrolling, verifying and reviewing are done by different persons."""


class NotYours(Refused):
    """Another person's, district's or institution's. Shown as if it were not there."""


class NotThere(TrainingError):
    """No such thing."""


class Gone(TrainingError):
    """Used already, or run out; nothing was changed."""


class BadInput(TrainingError):
    """`field` cannot be read; `code` says how."""

    def __init__(self, field: str, code: str, **values: object) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code, self.values = field, code, values


class BadNumber(BadInput):
    """Not an identity number and not a card number. `code`: see training.numbers."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__("number", code, **values)


class TooMany(TrainingError):
    """Asked too often. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class RegistryUnreachable(TrainingError):
    """No usable answer.

    `cause` is one of: timeout, refused, status, too_big, garbage, wrong_person, stale, redirect, open_breaker.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class SettingsError(TrainingError):
    """One line that says which setting is wrong."""
