"""Staff accounts, the desks they sit at, and their sessions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.database import Model, Moment, new_id, words
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


class StaffAccount(Model):
    """One member of staff. The phone is indexed, because it may not be given as a client's."""

    __tablename__ = "staff_account"

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_sealed: Mapped[str] = mapped_column(String)
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    phone_sealed: Mapped[str | None] = mapped_column(String)
    phone_index: Mapped[str | None] = mapped_column(String(40), index=True)
    number_index: Mapped[str | None] = mapped_column(String(40), index=True)
    centre: Mapped[str] = mapped_column(String(20), default="")
    office: Mapped[str] = mapped_column(String(120))
    shortcuts_on: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)

    roles: Mapped[list[StaffRole]] = relationship(lazy="selectin", back_populates="account")
    totp = Sealed("totp")
    phone = Sealed("phone", index="phone")

    def sits_at(self, role: Role) -> bool:
        return any(held.role is role for held in self.roles)

    @property
    def district(self) -> str | None:
        """The district whose cases this person serves; None for municipal desks."""
        return next((held.district for held in self.roles if held.district), None)


class StaffRole(Model):
    """A role held, bound to a district or an institution where the desk is."""

    __tablename__ = "staff_role"
    __table_args__ = (UniqueConstraint("account_id", "role"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("staff_account.id"))
    role: Mapped[Role] = mapped_column(words(Role, "role"))
    district: Mapped[str | None] = mapped_column(String(6))
    institution_id: Mapped[str | None] = mapped_column(String(26))

    account: Mapped[StaffAccount] = relationship(back_populates="roles")


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
