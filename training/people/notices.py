"""Which text of the privacy notice holds. Whoever starts the process has read the pack and says so here, once."""

from __future__ import annotations

from datetime import date

from training import clock
from training.errors import SettingsError
from training.policy.privacy import PrivacyNotice, in_force

_notices: tuple[PrivacyNotice, ...] = ()


def use(notices: tuple[PrivacyNotice, ...]) -> None:
    """Tell the process the texts of its pack."""
    global _notices
    _notices = notices


def must_ask(accepted: str) -> bool:
    """Whether somebody who last accepted the text `accepted` has not seen the one in force."""
    return accepted != version_in_force()


def version_in_force(on: date | None = None) -> str:
    """The version of the text in force on that day, else today. Raises SettingsError when none was told."""
    if not _notices:
        raise SettingsError("no privacy notice: the pack was not read at start")
    return in_force(_notices, on or clock.today()).version
