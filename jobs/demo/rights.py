"""Staff and rights of the demo: what waits for a second person, somebody on leave with a deputy, somebody who left.

The accounts that demo.json names keep their roles; leave and deputy are two colleagues in the other district.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from jobs.demo.catalogue import ELSEWHERE, HOME
from jobs.demo.chance import Chance
from jobs.demo.staff import DISTRICT, Desks
from jobs.demo.trail import as_of
from training import audit, clock, keys
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.staff.models import ProposalKind, ProposalState, Role, StaffAccount, StaffProposal
from training.staff.operations import add_account
from training.staff.operations.accounts import about_proposal
from training.staff.operations.effects import EFFECTS

HIRED = timedelta(days=300)
NUMBER = "50010119880312002X"  # of nobody: check digit and all
LOST = "500101197905210048"  # of nobody, who has lost the token


@dataclass
class Rights:
    """Writes it in the caller's transaction, after everything else, so that nothing else is drawn otherwise."""

    session: Session
    chance: Chance
    desks: Desks
    accounts: Mapping[Role, Sequence[StaffAccount]]
    now: datetime

    def write(self) -> None:
        """Three that wait, one leave, one account out of force."""
        with as_of(self.now - HIRED):
            away, deputy, gone = self._colleagues()
        with as_of(self.now - timedelta(days=2)):
            self._leave(away, deputy)
            self._disable(gone)
        with as_of(self.now - timedelta(hours=20)):
            self._wait()
        self.session.flush()

    def _colleagues(self) -> list[StaffAccount]:
        office = self.desks.pack.districts[ELSEWHERE].name_zh.removesuffix("区")
        wanted = [
            (Role.VERIFIER, ELSEWHERE, office + DISTRICT[Role.VERIFIER]),
            (Role.PUBLICITY, ELSEWHERE, office + DISTRICT[Role.PUBLICITY]),
            (Role.INSPECTOR, HOME, self.accounts[Role.INSPECTOR][0].office),
        ]
        members = [self.desks.member(role, 4, district, place) for role, district, place in wanted]
        system = Actor.system("demo")
        made = [add_account(self.session, one.account, one.password_hash, system) for one in members]
        for account in made:
            account.phone = None  # nobody is called from here
        self.session.flush()
        return made

    def _leave(self, away: StaffAccount, deputy: StaffAccount) -> None:
        today = clock.today()
        days = {"from": today.isoformat(), "until": (today + timedelta(days=12)).isoformat()}
        content = {**days, "deputy": deputy.id}
        first, second = self.accounts[Role.SECADMIN][:2]
        proposal = self._proposal(ProposalKind.LEAVE, away, "", content, "年休假", first)
        proposal.state, proposal.decided_by = ProposalState.CONFIRMED, second.id
        proposal.decided_at = clock.now() + timedelta(hours=1)
        self._told(proposal, EventName.STAFF_PROPOSED, first)
        self.session.flush()
        self._told(proposal, EventName.STAFF_CONFIRMED, second)
        EFFECTS[ProposalKind.LEAVE](self.session, proposal, _actor(second))
        self.session.flush()

    def _disable(self, gone: StaffAccount) -> None:
        who = self.accounts[Role.SYSADMIN][1]
        gone.disabled_at, gone.version = clock.now(), gone.version + 1
        entry = Entry(EventName.STAFF_DISABLED, SubjectKind.STAFF, gone.id, facts={"reason": "调离"})
        audit.record(self.session, _actor(who), entry)

    def _wait(self) -> None:
        secadmin, sysadmin = self.accounts[Role.SECADMIN][0], self.accounts[Role.SYSADMIN]
        until = (clock.today() + timedelta(days=180)).isoformat()
        right = _right(Role.PUBLICITY, HOME, until)
        verifier, planner = self.accounts[Role.VERIFIER][1], self.accounts[Role.PLANNER][0]
        new = {
            "id": self.chance.id(),
            "name": next(self.desks.names),
            "office": verifier.office,
            "centre": "",
            "number_index": keys.blind_index("identity_number", NUMBER),
            "rights": [_right(Role.VERIFIER, HOME, None)],
        }
        lost = {"number_index": keys.blind_index("identity_number", LOST)}
        waiting = [
            (ProposalKind.RIGHT, verifier, "publicity", right, "公示岗暂缺一人", secadmin),
            (ProposalKind.ACCOUNT, None, "verifier-5", new, "新到岗", sysadmin[0]),
            (ProposalKind.RECOVERY, planner, "", lost, "令牌丢了，本人持证到场", sysadmin[1]),
        ]
        for kind, account, about, content, reason, by in waiting:
            proposal = self._proposal(kind, account, about, content, reason, by)
            proposal.state = ProposalState.OPEN
            self._told(proposal, EventName.STAFF_PROPOSED, by)

    def _proposal(
        self,
        kind: ProposalKind,
        account: StaffAccount | None,
        about: str,
        content: dict[str, Any],
        reason: str,
        by: StaffAccount,
    ) -> StaffProposal:
        row = StaffProposal(id=self.chance.id(), kind=kind, about=about, content=content, reason=reason)
        row.account_id = account.id if account else None
        row.idempotency_key = self.chance.id()
        row.proposed_by, row.proposed_at = by.id, clock.now()
        self.session.add(row)
        return row

    def _told(self, proposal: StaffProposal, name: EventName, by: StaffAccount) -> None:
        audit.record(self.session, _actor(by), about_proposal(proposal, name))


def _right(role: Role, district: str, until: str | None) -> dict[str, Any]:
    return {"role": role.value, "district": district, "institution": None, "until": until}


def _actor(account: StaffAccount) -> Actor:
    return Actor(ActorKind.STAFF, account.id, account.office, account.district)
