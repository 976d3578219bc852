"""A saved check on its way with the person: its answers preset what is asked later, and are never asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from training.database import db
from training.entitlements.models import SavedCheck
from training.entitlements.queries import saved_check
from training.errors import Gone, NotThere
from training.people.models import Group
from training.references import written_check_code

Lost = Literal["", "unknown", "over"]


@dataclass(frozen=True)
class Carried:
    """The check whose code an address carries; `lost` says why a code leads to none, and the page says it too."""

    check: SavedCheck | None = None
    lost: Lost = ""

    @property
    def code(self) -> str:
        """The code as it goes on; one that leads nowhere does not."""
        return written_check_code(self.check.code) if self.check else ""


def carried(typed: str | None) -> Carried:
    """What stands behind a code in an address."""
    code = (typed or "").strip()
    try:
        return Carried(saved_check(db.session(), code)) if code else Carried()
    except NotThere:
        return Carried(lost="unknown")
    except Gone:
        return Carried(lost="over")


def carried_group(*codes: str | None) -> Group | None:
    """The group that somebody said in the first of these checks that there is: preset, and marked as the person's
    own statement."""
    checks = (carried(code).check for code in codes)
    check = next((one for one in checks if one is not None), None)
    said = check.answers.get("situation") if check else None
    return Group(said) if said in set(Group) else None
