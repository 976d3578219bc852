"""What can be done about an account, one page for each: its form, and what happens when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from backoffice.session import clerk
from backoffice.staff.forms import EndForm, LeaveForm, LossForm, SaidForm
from training.staff import operations
from training.staff.models import Role, StaffAccount


@dataclass(frozen=True)
class Errand:
    """A thing to do about an account. `alone`: it only takes away, so one administrator does it at once."""

    title: LazyString
    told: LazyString
    button: LazyString
    form: type[SaidForm]
    act: Callable[[StaffAccount, Any], object]
    alone: bool


def _leave(account: StaffAccount, form: LeaveForm) -> object:
    return operations.propose_leave(
        account.id, form.days(), form.deputy.data or None, form.sent(), clerk().actor
    )


def _back(account: StaffAccount, form: SaidForm) -> None:
    operations.end_leave(account.id, clerk().actor, form.seen_version.data)


def _end(account: StaffAccount, form: EndForm) -> None:
    operations.end_right(
        account.id, Role(form.role.data), form.reason.data or "", clerk().actor, form.seen_version.data
    )


def _disable(account: StaffAccount, form: SaidForm) -> None:
    operations.disable(account.id, form.reason.data or "", clerk().actor, form.seen_version.data)


def _enable(account: StaffAccount, form: SaidForm) -> object:
    return operations.propose_enabling(account.id, form.sent(), clerk().actor)


def _recover(account: StaffAccount, form: LossForm) -> object:
    return operations.propose_recovery(account.id, form.number.index(), form.sent(), clerk().actor)


ERRANDS: Mapping[str, Errand] = {
    "leave": Errand(
        _l("Leave and deputy"),
        _l("The deputy has the rights of this person on these days, at the same place, and nothing more."),
        _l("Hand it to another administrator"),
        LeaveForm,
        _leave,
        alone=False,
    ),
    "back": Errand(
        _l("Back from leave"),
        _l("The leave ends now. Whoever stood in loses these rights at once."),
        _l("End the leave"),
        SaidForm,
        _back,
        alone=True,
    ),
    "end": Errand(
        _l("End a right"),
        _l("It ends at once, and the person is signed out everywhere."),
        _l("End this right"),
        EndForm,
        _end,
        alone=True,
    ),
    "disable": Errand(
        _l("Put out of force"),
        _l("The account opens nothing any more from the next click on. Two people bring it back."),
        _l("Put out of force now"),
        SaidForm,
        _disable,
        alone=True,
    ),
    "enable": Errand(
        _l("Put in force again"),
        _l("The account works again with the rights it held, once another administrator agrees."),
        _l("Hand it to another administrator"),
        SaidForm,
        _enable,
        alone=False,
    ),
    "recover": Errand(
        _l("Lost token or password"),
        _l(
            "You look at the identity card and type its number; another administrator agrees. Then each of you hands over half of a code on paper. The person is told, and is signed out everywhere."
        ),
        _l("Hand it to another administrator"),
        LossForm,
        _recover,
        alone=False,
    ),
}
