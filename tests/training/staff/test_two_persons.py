"""Rights, leave and accounts by two persons; what one may do alone; what can never vanish."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pyotp
import pytest
from sqlalchemy import TextClause, delete, select, text, update
from sqlalchemy.exc import IntegrityError

from tests.conftest import _bound
from tests.make import DISTRICT, actor_of, staff
from training import clock as the_clock
from training import keys
from training.audit import Actor, AuditEvent, EventName, Outcome
from training.database import db, new_id, transaction
from training.errors import BadInput, FourEyes, Gone, NotAllowedNow, NotThere, Refused
from training.outbox import OutboxRow
from training.staff.models import (
    ProposalKind,
    ProposalState,
    Role,
    StaffAccount,
    StaffProposal,
    StaffRole,
    StaffSession,
    StaffStart,
)
from training.staff.operations import (
    NewPerson,
    Place,
    Sent,
    begin_start,
    confirm,
    disable,
    disable_account,
    end_leave,
    end_right,
    finish_start,
    propose_account,
    propose_enabling,
    propose_leave,
    propose_recovery,
    propose_right,
    refuse,
    start_half_of,
    start_in,
    withdraw,
)
from training.staff.queries import Scope, live_staff_session, scope_of

WHY = Sent("调岗")
NUMBER = "500103198501010012"


class Office:
    """Two security administrators, a system administrator, and Du, who publishes lists in Yuzhong."""

    def __init__(self) -> None:
        self.ning, self.lang = (staff("secadmin", district=None) for _ in range(2))
        self.sys = staff("sysadmin", district=None)
        self.du = staff("publicity", phone="19900000001")

    def propose(self, role: str = "verifier", who: StaffAccount | None = None, **place: Any) -> StaffProposal:
        at = Place(**({"district": DISTRICT} | place))
        return propose_right((who or self.du).id, Role(role), at, WHY, actor_of(self.ning))


@pytest.fixture
def office(database: Any, clock: Any) -> Office:
    return Office()


def again(account: StaffAccount) -> StaffAccount:
    db.session.expire_all()
    return db.session.get_one(StaffAccount, account.id)


def roles(account: StaffAccount) -> set[str]:
    return {right.role.value for right in again(account).roles}


def signed_in(account: StaffAccount) -> Callable[[], bool]:
    """Sign `account` in; asks whether that session still opens."""
    row_hash, at = keys.secret_hash("browser", new_id()), the_clock.real_now()
    row = StaffSession(id_hash=row_hash, account_id=account.id, fresh_at=at, seen_at=at)
    row.expires_at = at + timedelta(hours=12)
    transaction(lambda session: session.add(row))

    def is_open() -> bool:
        db.session.expire_all()
        return live_staff_session(db.session(), row_hash) is not None

    return is_open


def standing(proposal: StaffProposal) -> ProposalState:
    db.session.expire_all()
    return db.session.get_one(StaffProposal, proposal.id).state


def events(account: StaffAccount) -> list[tuple[EventName, Outcome]]:
    found = select(AuditEvent).where(AuditEvent.subject == account.id).order_by(AuditEvent.n)
    return [(event.name, event.outcome) for event in db.session.scalars(found)]


def execute(statement: TextClause) -> None:
    transaction(lambda session: session.execute(statement))


def refused(call: Callable[[], object], *reasons: str, kind: type[Refused] = NotAllowedNow) -> None:
    with pytest.raises(kind) as refusal:
        call()
    assert tuple(refusal.value.reasons) == reasons


# --- a right --------------------------------------------------------------------------------------------------


def test_A22_a_right_holds_once_a_second_person_agrees(office: Office) -> None:
    proposal = office.propose()
    assert roles(office.du) == {"publicity"}
    confirm(proposal.id, actor_of(office.lang))
    assert roles(office.du) == {"publicity", "verifier"}
    assert scope_of(again(office.du), Role.VERIFIER) == Scope(DISTRICT)
    assert events(office.du)[1:] == [
        (EventName.STAFF_PROPOSED, Outcome.DONE),
        (EventName.STAFF_CONFIRMED, Outcome.DONE),
    ]


def test_A13_a_changed_right_ends_every_session_of_that_person(office: Office) -> None:
    is_open = signed_in(office.du)
    proposal = office.propose()
    assert is_open()
    confirm(proposal.id, actor_of(office.lang))
    assert not is_open()


def test_A22_the_same_person_does_not_confirm(office: Office) -> None:
    proposal = office.propose()
    refused(lambda: confirm(proposal.id, actor_of(office.ning)), "same_person", kind=FourEyes)
    assert roles(office.du) == {"publicity"}
    assert events(office.du)[-1] == (EventName.STAFF_CONFIRMED, Outcome.REFUSED)


def test_A22_nobody_proposes_or_confirms_for_oneself(office: Office) -> None:
    refused(lambda: office.propose(who=office.ning), "for_oneself", kind=FourEyes)
    end_right(office.lang.id, Role.SECADMIN, "", actor_of(office.sys))
    proposal = office.propose("secadmin", office.lang)
    transaction(lambda session: session.add(StaffRole(account_id=office.lang.id, role=Role.SECADMIN)))
    refused(lambda: confirm(proposal.id, actor_of(office.lang)), "for_oneself", kind=FourEyes)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.SECADMIN, Role.SYSADMIN)])
def test_A22_nobody_else_proposes_or_confirms(office: Office, role: Role) -> None:
    other = staff(role.value, institution="i" * 26)
    call = lambda: propose_right(office.du.id, Role.VERIFIER, Place(DISTRICT), WHY, actor_of(other))
    refused(call, "not_this_administrator", kind=FourEyes)
    proposal = office.propose()
    refused(lambda: confirm(proposal.id, actor_of(other)), "not_this_administrator", kind=FourEyes)


def test_A22_the_database_keeps_two_persons_apart(office: Office) -> None:
    for changes in (
        "decided_by = proposed_by, state = 'confirmed'",
        f"account_id = proposed_by, decided_by = '{office.lang.id}', state = 'confirmed'",
        "decided_by = account_id, state = 'confirmed'",
        "state = 'confirmed'",
    ):
        proposal = office.propose()
        broken = text(f"UPDATE staff_proposal SET {changes} WHERE id = '{proposal.id}'")
        with pytest.raises(IntegrityError):
            execute(broken)
        withdraw(proposal.id, actor_of(office.ning))


def test_rights_that_contradict_are_refused_by_name_also_at_the_end(office: Office) -> None:
    proposal = office.propose("verifier")
    refused(lambda: office.propose("finance", office.du), "contradicts_publicity")
    transaction(
        lambda session: session.add(
            StaffRole(account_id=office.du.id, role=Role.COUNSELLOR, district=DISTRICT)
        )
    )
    refused(lambda: confirm(proposal.id, actor_of(office.lang)), "contradicts_counsellor")
    assert roles(office.du) == {"publicity", "counsellor"}


def test_A21_two_administrators_in_one_person_are_refused_by_rule_and_database(office: Office) -> None:
    refused(lambda: office.propose("auditor", office.sys), "contradicts_sysadmin")
    with pytest.raises(IntegrityError):
        transaction(lambda session: session.add(StaffRole(account_id=office.sys.id, role=Role.AUDITOR)))


def test_one_person_has_one_account(office: Office) -> None:
    number = keys.blind_index("identity_number", NUMBER)
    for account in (office.du, office.sys):
        change = text(f"UPDATE staff_account SET number_index = '{number}' WHERE id = '{account.id}'")
        if account is office.sys:
            with pytest.raises(IntegrityError):
                execute(change)
        else:
            execute(change)


def test_a_right_moves_to_another_district_and_gets_a_last_day(office: Office, clock: Any) -> None:
    wan = staff("verifier")
    until = the_clock.today() + timedelta(days=5)
    proposal = office.propose("verifier", wan, district="500101", until=until)
    confirm(proposal.id, actor_of(office.lang))
    assert scope_of(again(wan), Role.VERIFIER) == Scope("500101")
    clock.shift(timedelta(days=6))
    assert roles(wan) == set()


def test_one_person_serves_one_district(office: Office) -> None:
    refused(lambda: office.propose(district="500101"), "other_district")


def test_a_right_proposed_twice_waits_once(office: Office) -> None:
    first = office.propose()
    refused(office.propose, "already_proposed")
    refuse(first.id, actor_of(office.lang))
    assert roles(office.du) == {"publicity"}
    office.propose()


def test_A29_the_same_form_sent_twice_is_one_proposal(office: Office) -> None:
    sent = Sent("调岗", key="k" * 26)
    made = {
        propose_right(office.du.id, Role.VERIFIER, Place(DISTRICT), sent, actor_of(office.ning)).id
        for _ in range(2)
    }
    assert len(made) == 1


def test_a_stale_page_changes_nothing(office: Office) -> None:
    stale = Sent("调岗", seen_version=again(office.du).version)
    confirm(office.propose().id, actor_of(office.lang))
    refused(
        lambda: propose_right(office.du.id, Role.VERIFIER, Place("500101"), stale, actor_of(office.ning)),
        "changed",
    )
    refused(
        lambda: end_right(office.du.id, Role.VERIFIER, "", actor_of(office.ning), stale.seen_version),
        "changed",
    )
    refused(lambda: disable(office.du.id, "", actor_of(office.ning), stale.seen_version), "changed")


def test_a_proposal_is_decided_once(office: Office) -> None:
    proposal = office.propose()
    confirm(proposal.id, actor_of(office.lang))
    for late in (confirm, refuse):
        refused(partial(late, proposal.id, actor_of(office.sys)), "decided")
    refused(lambda: withdraw(proposal.id, actor_of(office.ning)), "decided")
    with pytest.raises(NotThere):
        confirm("x" * 26, actor_of(office.lang))


def test_only_its_owner_takes_a_proposal_back(office: Office) -> None:
    proposal = office.propose()
    refused(lambda: withdraw(proposal.id, actor_of(office.lang)), "not_own", kind=FourEyes)
    withdraw(proposal.id, actor_of(office.ning))
    refused(lambda: confirm(proposal.id, actor_of(office.lang)), "decided")


# --- taking away ----------------------------------------------------------------------------------------------


def test_one_administrator_ends_a_right_at_once(office: Office) -> None:
    is_open = signed_in(office.du)
    end_right(office.du.id, Role.PUBLICITY, "离岗", actor_of(office.sys))
    assert roles(office.du) == set()
    assert not is_open()
    assert events(office.du)[-1] == (EventName.STAFF_RIGHT_ENDED, Outcome.DONE)
    with pytest.raises(NotThere):
        end_right(office.du.id, Role.PUBLICITY, "", actor_of(office.sys))


def test_only_administrators_take_away(office: Office) -> None:
    other = staff("verifier")
    for call in (
        lambda: end_right(office.du.id, Role.PUBLICITY, "", actor_of(other)),
        lambda: disable(office.du.id, "", actor_of(other)),
        lambda: end_leave(office.du.id, actor_of(other)),
    ):
        refused(call, "not_this_administrator", kind=FourEyes)


@pytest.mark.parametrize("role", ["sysadmin", "secadmin", "auditor"])
def test_h10_the_last_of_each_kind_of_administrator_cannot_vanish(database: Any, role: str) -> None:
    last, guard = (
        staff(role, district=None),
        staff("secadmin" if role == "sysadmin" else "sysadmin", district=None),
    )
    refused(lambda: end_right(last.id, Role(role), "", actor_of(guard)), "last_administrator")
    refused(lambda: disable(last.id, "", actor_of(guard)), "last_administrator")
    assert roles(last) == {role}
    assert events(last)[-1] == (EventName.STAFF_DISABLED, Outcome.REFUSED)
    second = staff(role, district=None)
    disable(second.id, "", actor_of(guard))
    refused(lambda: end_right(last.id, Role(role), "", actor_of(guard)), "last_administrator")


@pytest.mark.parametrize("act", ["end", "disable"])
def test_h10_two_removals_at_once_leave_one(settings: Any, database: Any, act: str) -> None:
    first, second = (staff("secadmin", district=None) for _ in range(2))
    guards = [staff("sysadmin", district=None) for _ in range(2)]
    gate = Barrier(2)

    def remove(pair: tuple[StaffAccount, StaffAccount]) -> str:
        victim, guard = pair
        with _bound(settings):
            gate.wait()
            try:
                if act == "end":
                    end_right(victim.id, Role.SECADMIN, "", actor_of(guard))
                else:
                    disable(victim.id, "", actor_of(guard))
            except NotAllowedNow as refusal:
                return str(refusal)
            return "done"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(remove, zip((first, second), guards, strict=True)))
    assert said == ["done", "last_administrator"]
    working = [one for one in (first, second) if roles(one) and again(one).disabled_at is None]
    assert len(working) == 1


@pytest.mark.parametrize("act", ["end", "disable"])
@pytest.mark.parametrize("step", ["confirm", "propose"])
def test_h10_A22_a_removal_beside_the_recovery_of_the_only_other(
    settings: Any, database: Any, act: str, step: str
) -> None:
    """Whichever comes first, the second sees it: nobody is removed beside one who lost the token."""
    gone, lost = (staff("secadmin", district=None) for _ in range(2))
    guards = [staff("sysadmin", district=None) for _ in range(3)]
    sent = lambda: propose_recovery(lost.id, "n" * 40, WHY, actor_of(guards[0]))
    proposal, gate = (sent() if step == "confirm" else None), Barrier(2)

    def run(does: Callable[[], object]) -> str:
        with _bound(settings):
            gate.wait()
            try:
                does()
            except NotAllowedNow as refusal:
                return str(refusal)
            return "done"

    recover = (lambda: confirm(proposal.id, actor_of(guards[1]))) if proposal else sent
    removals = {
        "end": lambda: end_right(gone.id, Role.SECADMIN, "", actor_of(guards[2])),
        "disable": lambda: disable(gone.id, "", actor_of(guards[2])),
    }
    with ThreadPoolExecutor(2) as pool:
        removed, recovered = pool.map(run, (removals[act], recover))
    assert recovered == "done", "the last one who lost the token has no other way back"
    if step == "confirm":
        assert removed == "last_administrator"
    ended = {EventName.STAFF_RIGHT_ENDED, EventName.STAFF_DISABLED}
    done = (AuditEvent.outcome == Outcome.DONE, AuditEvent.name.in_({*ended, EventName.STAFF_PROPOSED}))
    order = list(db.session.scalars(select(AuditEvent.name).where(*done).order_by(AuditEvent.id)))
    assert (removed == "done") is (order[0] in ended), (
        "removed only before it was said that the other is lost"
    )


def test_h10_what_the_removed_one_proposed_does_not_protect_it(office: Office) -> None:
    """A corrupt administrator says that the only other one lost the token."""
    other = staff("sysadmin", district=None)
    proposal = propose_recovery(other.id, "n" * 40, WHY, actor_of(office.sys))
    disable(office.sys.id, "", actor_of(office.ning))
    assert standing(proposal) is ProposalState.WITHDRAWN


@pytest.mark.parametrize("act", ["end", "disable"])
@pytest.mark.parametrize("second", ["never started", "in recovery", "lost", "over", "not yet"])
def test_h10_who_cannot_sign_in_or_holds_nothing_today_is_no_second_administrator(
    office: Office, second: str, act: str
) -> None:
    today = the_clock.today()
    if second == "never started":
        new = newcomer(rights=[(Role.SYSADMIN, Place())])
        confirm(propose_account(new, WHY, actor_of(office.sys)).id, actor_of(office.ning))
    else:
        other = staff("sysadmin", district=None)
        days = {
            "over": {"until_on": today - timedelta(days=1)},
            "not yet": {"from_on": today + timedelta(days=1)},
        }
        if second in ("in recovery", "lost"):
            number = keys.blind_index("identity_number", NUMBER)
            proposal = propose_recovery(other.id, number, WHY, actor_of(office.ning))
            if second == "in recovery":
                confirm(proposal.id, actor_of(office.lang))
        else:
            change = update(StaffRole).where(StaffRole.account_id == other.id).values(**days[second])
            transaction(lambda session: session.execute(change))
    call = {
        "end": lambda: end_right(office.sys.id, Role.SYSADMIN, "", actor_of(office.ning)),
        "disable": lambda: disable(office.sys.id, "", actor_of(office.ning)),
    }[act]
    refused(call, "last_administrator")
    assert roles(office.sys) == {"sysadmin"}


def test_h10_a_newcomer_who_has_started_is_a_second_administrator(office: Office) -> None:
    proposal = propose_account(newcomer(rights=[(Role.SYSADMIN, Place())]), WHY, actor_of(office.sys))
    confirm(proposal.id, actor_of(office.ning))
    started(office, proposal, "s4711")
    disable(office.sys.id, "", actor_of(office.ning))
    assert again(office.sys).disabled_at is not None


# --- what somebody proposed who is gone -----------------------------------------------------------------------


def remove(office: Office, act: str, gone: StaffAccount, by: StaffAccount) -> None:
    {
        "end": lambda: end_right(gone.id, Role.SECADMIN, "", actor_of(by)),
        "disable": lambda: disable(gone.id, "", actor_of(by)),
        "command": lambda: disable_account(gone.id, Actor.system("tests")),
    }[act]()


@pytest.mark.parametrize("act", ["end", "disable", "command"])
def test_A22_what_a_removed_administrator_proposed_is_taken_back(office: Office, act: str) -> None:
    luo = staff("publicity")
    proposal, of_another = (
        office.propose(),
        propose_right(luo.id, Role.VERIFIER, Place(DISTRICT), WHY, actor_of(office.lang)),
    )
    remove(office, act, office.ning, office.lang)
    assert standing(proposal) is ProposalState.WITHDRAWN
    assert standing(of_another) is ProposalState.OPEN
    assert events(office.du)[-1] == (EventName.STAFF_PROPOSAL_WITHDRAWN, Outcome.DONE)
    refused(lambda: confirm(proposal.id, actor_of(office.sys)), "decided")
    assert roles(office.du) == {"publicity"}


def test_A22_the_one_whom_a_proposal_concerns_can_remove_its_proposer(office: Office) -> None:
    proposal = propose_recovery(office.sys.id, "n" * 40, WHY, actor_of(office.ning))
    disable(office.ning.id, "", actor_of(office.sys))
    assert standing(proposal) is ProposalState.WITHDRAWN
    said = select(AuditEvent).where(AuditEvent.name == EventName.STAFF_PROPOSAL_WITHDRAWN)
    assert db.session.scalars(said).one().actor_id == office.sys.id


@pytest.mark.parametrize("gone", ["disabled", "without the right"])
def test_A22_nobody_agrees_to_what_somebody_proposed_who_may_no_longer(office: Office, gone: str) -> None:
    proposal = office.propose()
    if gone == "disabled":
        change = update(StaffAccount).where(StaffAccount.id == office.ning.id)
        transaction(lambda session: session.execute(change.values(disabled_at=the_clock.now())))
    else:
        held = delete(StaffRole).where(StaffRole.account_id == office.ning.id)
        transaction(lambda session: session.execute(held))
    refused(lambda: confirm(proposal.id, actor_of(office.sys)), "proposer_gone")
    assert roles(office.du) == {"publicity"}
    assert events(office.du)[-1] == (EventName.STAFF_CONFIRMED, Outcome.REFUSED)
    refuse(proposal.id, actor_of(office.sys))
    assert standing(proposal) is ProposalState.REFUSED


# --- disabled, and back ---------------------------------------------------------------------------------------


def test_A13_a_disabled_account_is_out_at_the_next_request_and_back_by_two(office: Office) -> None:
    is_open = signed_in(office.du)
    disable(office.du.id, "长期不在岗", actor_of(office.ning))
    assert not is_open()
    refused(lambda: disable(office.du.id, "", actor_of(office.ning)), "disabled")
    refused(office.propose, "disabled")
    proposal = propose_enabling(office.du.id, WHY, actor_of(office.ning))
    assert again(office.du).disabled_at is not None
    confirm(proposal.id, actor_of(office.lang))
    assert again(office.du).disabled_at is None
    assert not is_open()


# --- leave ----------------------------------------------------------------------------------------------------


def test_a_deputy_has_the_right_for_these_days_only(office: Office, clock: Any) -> None:
    luo = staff("verifier")
    today = the_clock.today()
    days = (today + timedelta(days=1), today + timedelta(days=7))
    proposal = propose_leave(luo.id, days, office.du.id, WHY, actor_of(office.ning))
    confirm(proposal.id, actor_of(office.lang))
    assert roles(office.du) == {"publicity"}
    clock.shift(timedelta(days=1))
    assert roles(office.du) == {"publicity", "verifier"}
    assert scope_of(again(office.du), Role.VERIFIER) == Scope(DISTRICT)
    assert again(luo).is_on_leave(the_clock.today())
    clock.shift(timedelta(days=7))
    assert roles(office.du) == {"publicity"}
    assert EventName.STAFF_DEPUTY_NAMED in [name for name, _ in events(office.du)]


def test_back_early_and_the_deputy_is_out_at_once(office: Office) -> None:
    luo, today = staff("verifier"), the_clock.today()
    confirm(
        propose_leave(luo.id, (today, today), office.du.id, WHY, actor_of(office.ning)).id,
        actor_of(office.lang),
    )
    is_open = signed_in(office.du)
    end_leave(luo.id, actor_of(office.sys))
    assert roles(office.du) == {"publicity"}
    assert not is_open()
    refused(lambda: end_leave(luo.id, actor_of(office.sys)), "not_on_leave")


def test_what_the_absent_person_loses_the_deputy_loses_too(office: Office) -> None:
    luo, today = staff("verifier"), the_clock.today()
    confirm(
        propose_leave(luo.id, (today, today), office.du.id, WHY, actor_of(office.ning)).id,
        actor_of(office.lang),
    )
    end_right(luo.id, Role.VERIFIER, "", actor_of(office.sys))
    assert roles(office.du) == {"publicity"}


def sent_away(office: Office, who: StaffAccount, deputy: StaffAccount) -> None:
    today = the_clock.today()
    days = (today, today + timedelta(days=10))
    proposal = propose_leave(who.id, days, deputy.id, WHY, actor_of(office.ning))
    confirm(proposal.id, actor_of(office.lang))


@pytest.mark.parametrize("act", ["back", "end", "disable"])
def test_A13_A22_a_lent_right_is_never_lent_on(office: Office, act: str) -> None:
    luo, hua = staff("verifier"), staff("reviewer_district")
    sent_away(office, luo, office.du)
    sent_away(office, office.du, hua)
    assert roles(office.du) == {"publicity", "verifier"}
    assert roles(hua) == {"reviewer_district", "publicity"}
    {
        "back": lambda: end_leave(luo.id, actor_of(office.ning)),
        "end": lambda: end_right(luo.id, Role.VERIFIER, "", actor_of(office.ning)),
        "disable": lambda: disable(luo.id, "", actor_of(office.ning)),
    }[act]()
    assert roles(office.du) == {"publicity"}
    assert roles(hua) == {"reviewer_district", "publicity"}


@pytest.mark.parametrize(
    ("district", "days"), [("500101", None), (DISTRICT, 5)], ids=["another district", "a last day"]
)
def test_A13_a_right_that_is_changed_during_a_leave_ends_what_the_deputy_holds_of_it(
    office: Office, district: str, days: int | None
) -> None:
    luo = staff("verifier")
    sent_away(office, luo, office.du)
    is_open = signed_in(office.du)
    until = the_clock.today() + timedelta(days=days) if days else None
    confirm(office.propose("verifier", luo, district=district, until=until).id, actor_of(office.lang))
    assert scope_of(again(luo), Role.VERIFIER) == Scope(district)
    assert roles(office.du) == {"publicity"}
    assert not is_open()


def test_a_deputy_who_contradicts_is_refused_by_name(office: Office) -> None:
    luo, today = staff("verifier"), the_clock.today()
    for role, district, reason in (
        ("counsellor", DISTRICT, "contradicts_counsellor"),
        ("publicity", "500101", "deputy_elsewhere"),
    ):
        deputy = staff(role, district=district)
        call = lambda deputy=deputy: propose_leave(
            luo.id, (today, today), deputy.id, WHY, actor_of(office.ning)
        )
        refused(call, reason)
    refused(
        lambda: propose_leave(office.du.id, (today, today), office.du.id, WHY, actor_of(office.ning)),
        "deputy_oneself",
    )


# --- accounts, first sign-in, recovery ------------------------------------------------------------------------


def newcomer(username: str = "s4711", **changes: Any) -> NewPerson:
    rights = changes.pop("rights", [(Role.VERIFIER, Place(DISTRICT))])
    number = keys.blind_index("identity_number", changes.pop("number", NUMBER))
    return NewPerson(username, "罗思远", "渝中区人力社保局", number, rights)


def test_a_new_account_is_proposed_by_one_kind_and_confirmed_by_the_other(office: Office) -> None:
    refused(
        lambda: propose_account(newcomer(), WHY, actor_of(office.ning)),
        "not_this_administrator",
        kind=FourEyes,
    )
    proposal = propose_account(newcomer(), WHY, actor_of(office.sys))
    other = staff("sysadmin", district=None)
    refused(lambda: confirm(proposal.id, actor_of(other)), "not_this_administrator", kind=FourEyes)
    confirm(proposal.id, actor_of(office.ning))
    account = db.session.scalars(select(StaffAccount).where(StaffAccount.username == "s4711")).one()
    assert roles(account) == {"verifier"}
    assert [name for name, outcome in events(account) if outcome is Outcome.DONE] == [
        EventName.STAFF_PROPOSED,
        EventName.STAFF_CONFIRMED,
        EventName.STAFF_CREATED,
    ]


def test_an_account_that_cannot_be_is_refused_with_every_reason(office: Office) -> None:
    both = [(Role.FINANCE, Place()), (Role.FINANCE_RELEASE, Place())]
    taken = newcomer(office.du.username, rights=both)
    refused(
        lambda: propose_account(taken, WHY, actor_of(office.sys)), "username_taken", "contradicts_finance"
    )
    confirm(propose_account(newcomer(), WHY, actor_of(office.sys)).id, actor_of(office.ning))
    refused(lambda: propose_account(newcomer("s4712"), WHY, actor_of(office.sys)), "person_has_account")


def half_of(proposal: StaffProposal, who: StaffAccount) -> str:
    """What this administrator hands over."""
    code = start_half_of(proposal.id, who.id).code
    assert code is not None
    return code


def start_of(office: Office, proposal: StaffProposal) -> str:
    """Both halves, as Ning who agreed and the system administrator who proposed hand them over."""
    return half_of(proposal, office.sys) + half_of(proposal, office.ning)


def started(office: Office, proposal: StaffProposal, username: str, number: str = NUMBER) -> None:
    """The person comes with both papers, and chooses password and token."""
    code = start_of(office, proposal)
    begin_start(username, keys.blind_index("identity_number", number), code, "b" * 64)
    token = pyotp.TOTP(start_in("b" * 64).totp or "")
    finish_start("b" * 64, "four words make it", token.at(the_clock.real_now().timestamp()))


def test_h9_the_code_on_paper_opens_once_with_the_number(office: Office, clock: Any) -> None:
    proposal = propose_account(newcomer(), WHY, actor_of(office.sys))
    confirm(proposal.id, actor_of(office.ning))
    code = start_of(office, proposal)
    right = keys.blind_index("identity_number", NUMBER)
    for username, number, typed in (
        ("s4711", keys.blind_index("identity_number", "500103198501010020"), code),
        ("s4712", right, code),
        ("s4711", right, "2" * 14),
        ("s4711", right, "hello"),
    ):
        with pytest.raises(BadInput):
            begin_start(username, number, typed, "b" * 64)
    begin_start("S4711", right, code.lower(), "b" * 64)
    token = pyotp.TOTP(start_in("b" * 64).totp or "")
    at = the_clock.real_now().timestamp()
    with pytest.raises(BadInput):
        finish_start("b" * 64, "short", token.at(at))
    with pytest.raises(BadInput):
        finish_start("b" * 64, "four words make it", "000000")
    account = finish_start("b" * 64, "four words make it", token.at(at))
    assert account.username == "s4711"
    for gone in (
        lambda: start_in("b" * 64),
        lambda: finish_start("b" * 64, "four words make it", token.at(at)),
    ):
        with pytest.raises(Gone):
            gone()
    with pytest.raises(BadInput):
        begin_start("s4711", right, code, "c" * 64)


@pytest.mark.parametrize("kind", ["account", "recovery"])
@pytest.mark.parametrize("half", ["proposer", "confirmer"])
def test_A11_A22_neither_administrator_can_take_the_account_alone(
    office: Office, kind: str, half: str
) -> None:
    """Each knows staff number and identity number, and tries what one half can be made to give."""
    right, username = keys.blind_index("identity_number", NUMBER), "s4711"
    if kind == "account":
        proposal = propose_account(newcomer(), WHY, actor_of(office.sys))
    else:
        username = office.du.username
        proposal = propose_recovery(office.du.id, right, WHY, actor_of(office.sys))
    confirm(proposal.id, actor_of(office.ning))
    own = half_of(proposal, office.sys if half == "proposer" else office.ning)
    for typed in (own, own + own, own + "2" * 7, "2" * 7 + own):
        with pytest.raises(BadInput):
            begin_start(username, right, typed, "b" * 64)
    begin_start(username, right, start_of(office, proposal), "b" * 64)


def test_A66_the_halves_are_sealed_and_each_is_for_one_person(office: Office, clock: Any) -> None:
    proposal = propose_account(newcomer(), WHY, actor_of(office.sys))
    confirm(proposal.id, actor_of(office.ning))
    first, second = half_of(proposal, office.sys), half_of(proposal, office.ning)
    assert (len(first), len(second), first == second) == (7, 7, False)
    with pytest.raises(NotThere):
        start_half_of(proposal.id, office.lang.id)
    rows = str(db.session.execute(text("SELECT * FROM staff_start")).all())
    assert first not in rows
    assert second not in rows
    clock.shift(timedelta(minutes=11))
    assert start_half_of(proposal.id, office.ning.id).code is None, "who agrees is there when it is made"
    assert start_half_of(proposal.id, office.sys.id).code == first
    begin_start("s4711", keys.blind_index("identity_number", NUMBER), first + second, "b" * 64)
    token = pyotp.TOTP(start_in("b" * 64).totp or "")
    finish_start("b" * 64, "four words make it", token.at(the_clock.real_now().timestamp()))
    assert start_half_of(proposal.id, office.sys.id).code is None


def test_the_code_runs_out_after_three_days(office: Office, clock: Any) -> None:
    proposal = propose_account(newcomer(), WHY, actor_of(office.sys))
    confirm(proposal.id, actor_of(office.ning))
    code = start_of(office, proposal)
    clock.shift(timedelta(days=3, minutes=1))
    assert start_half_of(proposal.id, office.sys.id).code is None
    with pytest.raises(BadInput):
        begin_start("s4711", keys.blind_index("identity_number", NUMBER), code, "b" * 64)


def test_A11_a_lost_token_is_made_new_by_two_administrators(office: Office) -> None:
    number = keys.blind_index("identity_number", NUMBER)
    is_open = signed_in(office.du)
    before = (office.du.password_hash, office.du.totp)
    refused(
        lambda: propose_recovery(office.sys.id, number, WHY, actor_of(office.sys)),
        "for_oneself",
        kind=FourEyes,
    )
    proposal = propose_recovery(office.du.id, number, WHY, actor_of(office.sys))
    assert is_open()
    refused(lambda: confirm(proposal.id, actor_of(office.sys)), "same_person", kind=FourEyes)
    confirm(proposal.id, actor_of(office.ning))
    assert not is_open()
    assert again(office.du).password_hash == "none"
    assert again(office.du).totp != before[1]
    assert len(db.session.scalars(select(OutboxRow)).all()) == 1
    begin_start(office.du.username, number, start_of(office, proposal), "b" * 64)
    token = pyotp.TOTP(start_in("b" * 64).totp or "")
    finish_start("b" * 64, "four words make it", token.at(the_clock.real_now().timestamp()))
    assert events(office.du)[-1] == (EventName.STAFF_STARTED, Outcome.DONE)


def test_A11_a_recovery_with_the_card_of_somebody_else_is_refused(office: Office) -> None:
    confirm(propose_account(newcomer(), WHY, actor_of(office.sys)).id, actor_of(office.ning))
    account = db.session.scalars(select(StaffAccount).where(StaffAccount.username == "s4711")).one()
    other = keys.blind_index("identity_number", "500103198501010020")
    refused(lambda: propose_recovery(account.id, other, WHY, actor_of(office.sys)), "wrong_person")


def test_A11_the_first_recovery_binds_the_account_to_the_card(office: Office) -> None:
    number, other = (keys.blind_index("identity_number", one) for one in (NUMBER, "500103198501010020"))
    proposal = propose_recovery(office.du.id, number, WHY, actor_of(office.sys))
    confirm(proposal.id, actor_of(office.ning))
    started(office, proposal, office.du.username)
    assert again(office.du).number_index == number
    refused(lambda: propose_recovery(office.du.id, other, WHY, actor_of(office.sys)), "wrong_person")


def test_A11_no_recovery_with_the_card_of_another_account(office: Office) -> None:
    number = keys.blind_index("identity_number", NUMBER)
    before = propose_recovery(office.lang.id, number, WHY, actor_of(office.sys))
    confirm(before.id, actor_of(office.ning))
    confirm(propose_account(newcomer(), WHY, actor_of(office.sys)).id, actor_of(office.ning))
    refused(lambda: propose_recovery(office.du.id, number, WHY, actor_of(office.sys)), "person_has_account")
    with pytest.raises(Gone):
        started(office, before, office.lang.username)


def test_a_second_recovery_ends_the_code_before(office: Office) -> None:
    number = keys.blind_index("identity_number", NUMBER)
    codes = []
    for _ in range(2):
        proposal = propose_recovery(office.du.id, number, WHY, actor_of(office.sys))
        confirm(proposal.id, actor_of(office.ning))
        codes.append(start_of(office, proposal))
    with pytest.raises(BadInput):
        begin_start(office.du.username, number, codes[0], "b" * 64)
    begin_start(office.du.username, number, codes[1], "b" * 64)
    assert len(db.session.scalars(select(StaffStart)).all()) == 2


def test_every_kind_has_an_effect_and_a_judge() -> None:
    from training.staff.operations.effects import EFFECTS
    from training.staff.operations.judging import JUDGES

    assert set(EFFECTS) == set(ProposalKind)
    assert set(JUDGES) == set(ProposalKind) - {ProposalKind.ACCOUNT}
