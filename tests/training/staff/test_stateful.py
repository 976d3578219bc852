"""Whatever administrators do, in whatever order: nobody gains a right alone, nothing contradicts, nobody is the last."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from tests.make import DISTRICT, actor_of, staff
from training import clock
from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.database import db
from training.errors import NotThere, Refused
from training.staff.models import ProposalState, Role, StaffAccount, StaffProposal, StaffRole
from training.staff.operations import (
    Place,
    Sent,
    confirm,
    disable,
    end_leave,
    end_right,
    propose_enabling,
    propose_leave,
    propose_right,
    refuse,
    withdraw,
)
from training.staff.rules import ADMINISTRATORS, PROPOSES, contradicts

GIVEN = (Role.VERIFIER, Role.PUBLICITY, Role.REVIEWER_DISTRICT, Role.FINANCE, Role.FINANCE_RELEASE)
someone = st.integers(0, 7)


class Administration(RuleBasedStateMachine):
    """Eight people: two system, two security administrators, an auditor, three at desks."""

    def __init__(self) -> None:
        super().__init__()
        roles = ["sysadmin"] * 2 + ["secadmin"] * 2 + ["auditor", "verifier", "publicity", "finance"]
        self.people = [
            staff(role, district=DISTRICT if role in ("verifier", "publicity") else None) for role in roles
        ]

    def tried(self, call: Callable[[], Any]) -> None:
        """Do it, or be refused: a refusal changes nothing but the trail (I17)."""
        before = self.rights()
        try:
            call()
        except (Refused, NotThere):
            assert self.rights() == before

    def rights(self) -> dict[str, frozenset[Role]]:
        db.session.expire_all()
        found = db.session.scalars(select(StaffAccount)).all()
        return {one.id: frozenset(right.role for right in one.roles) for one in found}

    def who(self, n: int) -> StaffAccount:
        db.session.expire_all()
        return db.session.get_one(StaffAccount, self.people[n].id)

    def proposal(self, n: int) -> str:
        found = db.session.scalars(select(StaffProposal.id).order_by(StaffProposal.proposed_at)).all()
        return found[n % len(found)] if found else "x" * 26

    @rule(by=someone, of=someone, role=st.sampled_from([*GIVEN, *ADMINISTRATORS]))
    def propose(self, by: int, of: int, role: Role) -> None:
        place = Place(DISTRICT if role in GIVEN[:3] else None)
        actor = actor_of(self.who(by))
        self.tried(lambda: propose_right(self.people[of].id, role, place, Sent("x"), actor))

    @rule(by=someone, of=someone, deputy=someone, days=st.integers(0, 2))
    def send_on_leave(self, by: int, of: int, deputy: int, days: int) -> None:
        today, actor = clock.today(), actor_of(self.who(by))
        span = (today, today + timedelta(days=days))
        self.tried(lambda: propose_leave(self.people[of].id, span, self.people[deputy].id, Sent("x"), actor))

    @rule(by=someone, of=someone)
    def bring_back(self, by: int, of: int) -> None:
        self.tried(lambda: end_leave(self.people[of].id, actor_of(self.who(by))))

    @rule(by=someone, n=st.integers(0, 40), act=st.sampled_from([confirm, confirm, refuse, withdraw]))
    def decide(self, by: int, n: int, act: Callable[..., Any]) -> None:
        actor, before = actor_of(self.who(by)), self.rights()
        self.tried(lambda: act(self.proposal(n), actor))
        gained = {one for one, roles in self.rights().items() if roles - before.get(one, frozenset())}
        if gained:
            row = db.session.get_one(StaffProposal, self.proposal(n))
            assert row.state is ProposalState.CONFIRMED
            assert row.decided_by == actor.id != row.proposed_by
            assert actor.id not in gained

    @rule(by=someone, of=someone, role=st.sampled_from(list(Role)))
    def end(self, by: int, of: int, role: Role) -> None:
        before = self.rights()
        self.tried(lambda: end_right(self.people[of].id, role, "x", actor_of(self.who(by))))
        assert all(roles <= before[one] for one, roles in self.rights().items())

    @rule(by=someone, of=someone)
    def put_out_of_force(self, by: int, of: int) -> None:
        self.tried(lambda: disable(self.people[of].id, "x", actor_of(self.who(by))))

    @rule(by=someone, of=someone)
    def ask_back(self, by: int, of: int) -> None:
        self.tried(lambda: propose_enabling(self.people[of].id, Sent("x"), actor_of(self.who(by))))

    @invariant()
    def A21_nothing_contradicts_in_one_person(self) -> None:
        for roles in self.rights().values():
            assert not [(one, other) for one in roles for other in roles if contradicts(one, other)]

    @invariant()
    def h10_of_each_kind_of_administrator_one_works(self) -> None:
        db.session.expire_all()
        working = db.session.scalars(select(StaffAccount).where(StaffAccount.disabled_at.is_(None))).all()
        for role in ADMINISTRATORS:
            assert [one for one in working if one.sits_at(role)], role

    @invariant()
    def A13_what_is_lent_is_the_lenders_own_while_away(self) -> None:
        db.session.expire_all()
        lent = db.session.scalars(select(StaffRole).where(StaffRole.deputy_for.is_not(None))).all()
        for right in lent:
            lender = db.session.get_one(StaffAccount, right.deputy_for)
            assert lender.disabled_at is None
            assert lender.is_on_leave(clock.today())
            assert right.role in {mine.role for mine in lender.roles if mine.deputy_for is None}

    @invariant()
    def A22_what_waits_is_of_somebody_who_may_propose_it(self) -> None:
        db.session.expire_all()
        waiting = select(StaffProposal).where(StaffProposal.state == ProposalState.OPEN)
        for proposal in db.session.scalars(waiting):
            assert proposal.proposer.disabled_at is None
            assert PROPOSES[proposal.kind] & {right.role for right in proposal.proposer.roles}

    @invariant()
    def I13_who_confirmed_held_the_right_then(self) -> None:
        """The trail alone, played back: each confirmation was done by an administrator of that moment."""
        held: dict[str, set[str]] = {}
        rows = select(AuditEvent).where(
            AuditEvent.kind == SubjectKind.STAFF, AuditEvent.outcome == Outcome.DONE
        )
        for event in db.session.scalars(rows.order_by(AuditEvent.id)):
            facts, mine = event.facts, held.setdefault(event.subject, set())
            if event.name in (EventName.STAFF_PROPOSED, EventName.STAFF_CONFIRMED, EventName.STAFF_DISABLED):
                assert held[event.actor_id] & {"sysadmin", "secadmin"}, event.name
                assert event.actor_id != event.subject or event.name == EventName.STAFF_DISABLED
            if event.name == EventName.STAFF_CREATED:
                mine.update(facts["roles"])
            elif event.name == EventName.STAFF_CONFIRMED and facts["kind"] == "right":
                mine.add(facts["role"])
            elif event.name == EventName.STAFF_RIGHT_ENDED and "role" in facts:
                mine.discard(facts["role"])


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_A22_I13_I17_any_order_of_any_acts(
    engine: str, anew: Callable[[str], AbstractContextManager[Any]]
) -> None:
    class Fresh(Administration):
        """Each example on an empty database."""

        def __init__(self) -> None:
            self.place = anew(engine)
            self.place.__enter__()
            super().__init__()

        def teardown(self) -> None:
            self.place.__exit__(None, None, None)

    run_state_machine_as_test(Fresh, settings=settings(max_examples=30, stateful_step_count=30))
