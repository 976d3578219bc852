"""Where a person's money goes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training.database import Model, Moment, new_id
from training.people.models.records import Person
from training.sealed import Sealed


class BankAccount(Model):
    """A bank account in the person's own name; at most one of a person is in force.

    Nothing is paid to it before `usable_from`. `ended_why` is changed, not_me or empty.
    """

    __tablename__ = "bank_account"
    __table_args__ = (
        Index("uq_bank_account_form", "person_id", "idempotency_key", unique=True),
        Index(
            "uq_bank_account_in_force",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "person_id", "registered_at"),
        Index(None, "number_index"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    number_sealed: Mapped[str] = mapped_column(String)
    number_index: Mapped[str] = mapped_column(String(40))
    holder_sealed: Mapped[str] = mapped_column(String)
    how: Mapped[str] = mapped_column(String(10))
    idempotency_key: Mapped[str | None] = mapped_column(String(40))
    registered_at: Mapped[datetime] = mapped_column(Moment)
    usable_from: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_why: Mapped[str] = mapped_column(String(20), default="")

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    number = Sealed("number", index="bank_account")
    holder = Sealed("holder")

    def own_key(self) -> bytes | None:
        return self.person.own_key()
