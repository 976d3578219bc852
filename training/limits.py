"""How often something may be asked: exact counters in the database, over all processes.

Counters are keyed by a blind index of what is limited (person, 14-digit prefix, network, account), never by
the thing itself. Windows are fixed and follow the real clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BigInteger, Integer, String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from training import clock, keys
from training.database import Model, db, transaction
from training.errors import TooMany


@dataclass(frozen=True)
class Limit:
    """At most `count` in each window of `per`; `name` keeps different limits apart."""

    name: str
    count: int
    per: timedelta


class LimitCounter(Model):
    __tablename__ = "limit_counter"

    bucket: Mapped[str] = mapped_column(String(40), primary_key=True)
    window: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


def count(session: Session, limit: Limit, who: str) -> int:
    """Count one more and say how many that makes in this window. One statement, safe in parallel."""
    window, bucket = _window(limit), _bucket(limit, who)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(LimitCounter).values(bucket=bucket, window=window, n=1)
    statement = statement.on_conflict_do_update(
        index_elements=["bucket", "window"], set_={"n": LimitCounter.n + 1}
    )
    return session.execute(statement.returning(LimitCounter.n)).scalar_one()


def check(session: Session, limits: Sequence[tuple[Limit, str]]) -> None:
    """Count one more against each limit. Raises TooMany, with the longest wait, when any is passed."""
    waits = [seconds_left(limit) for limit, who in limits if count(session, limit, who) > limit.count]
    if waits:
        raise TooMany(max(waits))


def so_far(session: Session, limit: Limit, who: str) -> int:
    """How many stand in this window, without counting one more."""
    wanted = (LimitCounter.bucket == _bucket(limit, who), LimitCounter.window == _window(limit))
    return session.scalar(select(LimitCounter.n).where(*wanted)) or 0


def use(limit: Limit, who: str) -> None:
    """Count one more, in a transaction of its own. Raises TooMany when that passes the limit."""
    transaction(lambda session: check(session, [(limit, who)]))


def refuse_when_used_up(limit: Limit, who: str) -> None:
    """Raises TooMany when the next one would pass the limit; counts nothing."""
    if so_far(db.session(), limit, who) >= limit.count:
        raise TooMany(seconds_left(limit))


def clear(session: Session, limit: Limit, who: str) -> None:
    """Begin this window anew: after a right password the wrong ones before it no longer count."""
    wanted = (LimitCounter.bucket == _bucket(limit, who), LimitCounter.window == _window(limit))
    session.execute(delete(LimitCounter).where(*wanted))


def seconds_left(limit: Limit) -> int:
    """Seconds until the present window ends."""
    length = int(limit.per.total_seconds())
    return max(1, length - int(clock.real_now().timestamp()) % length)


def forget_old(session: Session, older_than: timedelta = timedelta(days=2)) -> None:
    """Drop counters whose window is long over."""
    edge = int((clock.real_now() - older_than).timestamp())
    session.execute(delete(LimitCounter).where(LimitCounter.window < edge))


def _window(limit: Limit) -> int:
    length = int(limit.per.total_seconds())
    return int(clock.real_now().timestamp()) // length * length


def _bucket(limit: Limit, who: str) -> str:
    return keys.blind_index(f"limit:{limit.name}", who)
