"""Staff accounts, the rights they hold, what is proposed about them, and how they sign in."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training import clock
from training.database import Model, Moment, new_id, whole, words
from training.sealed import Sealed


class Role(StrEnum):
    """The desks' roles of contract §5."""

    COUNSELLOR = "counsellor"
    VERIFIER = "verifier"
    REVIEWER_DISTRICT = "reviewer_district"
    REVIEWER_MUNICIPAL = "reviewer_municipal"
    PUBLICITY = "publicity"
    FINANCE = "finance"
    FINANCE_RELEASE = "finance_release"
    INSTITUTION = "institution"
    INSPECTOR = "inspector"
    PLANNER = "planner"
    POLICY_EDITOR = "policy_editor"
    POLICY_APPROVER = "policy_approver"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"
    SECADMIN = "secadmin"


class ProposalKind(StrEnum):
    """What two administrators do together: one proposes, another confirms."""

    ACCOUNT = "account"
    RIGHT = "right"
    LEAVE = "leave"
    ENABLE = "enable"
    RECOVERY = "recovery"


class ProposalState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


NO_PASSWORD = "none"  # no hash: nothing fits it
_ADMINISTRATORS = "role IN ('sysadmin', 'secadmin', 'auditor') AND deputy_for IS NULL"
_OPEN = "state = 'open'"


class StaffAccount(Model):
    """One member of staff, one account. The phone is indexed, because it may not be given as a client's.

    `version` grows with every change of rights, leave and standing. `number_index`: the identity number is not
    kept, only its keyed index, so that one person has one account.
    """

    __tablename__ = "staff_account"

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_sealed: Mapped[str] = mapped_column(String)
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    phone_sealed: Mapped[str | None] = mapped_column(String)
    phone_index: Mapped[str | None] = mapped_column(String(40), index=True)
    number_index: Mapped[str | None] = mapped_column(String(40), index=True, unique=True)
    centre: Mapped[str] = mapped_column(String(20), default="")
    office: Mapped[str] = mapped_column(String(120))
    shortcuts_on: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    leave_from: Mapped[date | None] = mapped_column(Date)
    leave_until: Mapped[date | None] = mapped_column(Date)
    deputy_id: Mapped[str | None] = mapped_column(String(26))

    held: Mapped[list[StaffRole]] = relationship(
        lazy="selectin", back_populates="account", order_by="StaffRole.role"
    )
    totp = Sealed("totp")
    phone = Sealed("phone", index="phone")

    @property
    def roles(self) -> list[StaffRole]:
        """The rights in force today: one's own, and those of somebody on leave whose deputy one is."""
        today = clock.today()
        return [right for right in self.held if right.is_in_force(today)]

    @roles.setter
    def roles(self, rights: list[StaffRole]) -> None:
        self.held = rights

    def is_on_leave(self, on: date) -> bool:
        return self.leave_from is not None and self.leave_from <= on <= (self.leave_until or date.max)

    def sits_at(self, role: Role) -> bool:
        return any(held.role is role for held in self.roles)

    @property
    def district(self) -> str | None:
        """The district whose cases this person serves; None for municipal desks."""
        return next((held.district for held in self.roles if held.district), None)


class StaffRole(Model):
    """A role held, bound to a district or an institution where the desk is.

    `until_on`: its last day; `deputy_for` and `from_on`: held in place of somebody on leave.
    """

    __tablename__ = "staff_role"
    __table_args__ = (
        UniqueConstraint("account_id", "role"),
        # System, security and audit administrators exclude each other in one person.
        Index(
            "uq_staff_role_administrator",
            "account_id",
            unique=True,
            sqlite_where=text(_ADMINISTRATORS),
            postgresql_where=text(_ADMINISTRATORS),
        ),
        Index(None, "deputy_for"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("staff_account.id"))
    role: Mapped[Role] = mapped_column(words(Role, "role"))
    district: Mapped[str | None] = mapped_column(String(6))
    institution_id: Mapped[str | None] = mapped_column(String(26))
    from_on: Mapped[date | None] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    deputy_for: Mapped[str | None] = mapped_column(String(26))

    account: Mapped[StaffAccount] = relationship(back_populates="held")

    def is_in_force(self, on: date) -> bool:
        return (self.from_on or date.min) <= on <= (self.until_on or date.max)


class StaffProposal(Model):
    """Something about an account that one administrator proposes and another confirms or refuses (A22).

    `content` holds codes, days and ids; of a new account also its name and office, and `number_index`.
    """

    __tablename__ = "staff_proposal"
    __table_args__ = (
        Index(
            "uq_staff_proposal_open",
            "account_id",
            "kind",
            "about",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index("ix_staff_proposal_state", "state", "proposed_at"),
        UniqueConstraint("proposed_by", "idempotency_key"),
        CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("state = 'withdrawn' OR decided_by <> proposed_by", name="two_persons"),
        CheckConstraint("account_id <> proposed_by AND account_id <> decided_by", name="not_for_oneself"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    kind: Mapped[ProposalKind] = mapped_column(words(ProposalKind, "kind"))
    state: Mapped[ProposalState] = mapped_column(words(ProposalState, "state"), default=ProposalState.OPEN)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("staff_account.id"))
    about: Mapped[str] = mapped_column(String(40), default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(String(200))
    idempotency_key: Mapped[str] = mapped_column(String(40), default=new_id)
    proposed_by: Mapped[str] = mapped_column(ForeignKey("staff_account.id"))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("staff_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)

    account: Mapped[StaffAccount | None] = relationship(foreign_keys=[account_id], lazy="joined")
    proposer: Mapped[StaffAccount] = relationship(foreign_keys=[proposed_by], lazy="joined", innerjoin=True)


class StaffStart(Model):
    """A first sign-in, or a new one after a loss: password and token are chosen once, with a code on paper.

    Who proposed reads one half of the code, who confirmed (`made_by`) the other: neither can take the account alone,
    whatever they know of the person. `browser_hash` and `totp_sealed`: the second step.
    """

    __tablename__ = "staff_start"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("staff_account.id"))
    proposal_id: Mapped[str] = mapped_column(ForeignKey("staff_proposal.id"), unique=True)
    number_index: Mapped[str] = mapped_column(String(40))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_sealed: Mapped[str | None] = mapped_column(String)
    made_by: Mapped[str] = mapped_column(ForeignKey("staff_account.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    browser_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    totp_sealed: Mapped[str | None] = mapped_column(String)

    account: Mapped[StaffAccount] = relationship(foreign_keys=[account_id], lazy="joined", innerjoin=True)
    code = Sealed("code")
    totp = Sealed("totp")


class StaffPasskey(Model):
    """A passkey of an account: the public half, and how often it has signed."""

    __tablename__ = "staff_passkey"
    __table_args__ = (
        Index("uq_staff_passkey_form", "account_id", "idempotency_key", unique=True),
        Index(None, "account_id"),
        whole("sign_count"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("staff_account.id"))
    credential_hash: Mapped[str] = mapped_column(String(64), unique=True)
    credential_id: Mapped[str] = mapped_column(String(1400))
    public_key: Mapped[str] = mapped_column(String(2000))
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(40))
    idempotency_key: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class StaffChallenge(Model):
    """What a passkey must sign next in one browser: used once, within minutes."""

    __tablename__ = "staff_challenge"

    browser_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10), primary_key=True)
    challenge: Mapped[str] = mapped_column(String(100))
    until: Mapped[datetime] = mapped_column(Moment)


class StaffSession(Model):
    """A signed-in staff browser; read at every request, so that leaving, disabling and role loss bite at once."""

    __tablename__ = "staff_session"
    __table_args__ = (Index(None, "account_id"),)

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("staff_account.id"))
    fresh_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    account: Mapped[StaffAccount] = relationship(lazy="joined", innerjoin=True)
