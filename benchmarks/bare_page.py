"""The limit of pages: Flask, one query through the ORM, one template with the same twenty classes, nothing else.

No languages, no filters, no counts, no headers, no compression, no session. Served by the same server with
the same options as the product: `granian benchmarks.bare_page:application` with BARE_DATABASE_URL.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date

from flask import Flask
from sqlalchemy import Engine, Index, String, create_engine, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from training.courses.queries import Listed

ROWS = 20
TEMPLATE = """<!doctype html>
<html lang="zh-Hans-CN"><head><meta charset="utf-8"><title>找培训</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/bare.css"></head>
<body><header><a href="/">重庆职业培训</a> <a href="/courses">找培训</a> <a href="/mine">我的</a></header>
<main><h1>找培训</h1>
<form action="/courses"><label>工种 <input name="q"></label> <button>搜索</button></form>
<ol>
{% for row in rows %}<li id="class-{{ row.id }}">
<h2><a href="/classes/{{ row.id }}">{{ row.title }}</a></h2>
<p>{{ row.school }} · {{ row.district }} · {{ row.level }} 级</p>
<p>{{ row.starts_on }} – {{ row.ends_on }} · {{ row.hours }} 课时 · 合格率 {{ row.pass_rate }}%</p>
<p>余 {{ row.seats_left }} 个名额</p>
<p>学费 {{ row.fee_fen // 100 }} 元，政府补贴 {{ row.subsidy_fen // 100 }} 元</p>
<a href="/enrol/{{ row.id }}">报名 {{ row.title }}</a></li>
{% endfor %}</ol></main>
<footer><p>重庆市职业培训</p></footer></body></html>
"""


class Base(DeclarativeBase):
    """Tables of the limit."""


class BareClass(Base):
    """A class as the product's list shows it, in one row."""

    __tablename__ = "bare_class"
    __table_args__ = (Index("ix_bare_class_start", "starts_on", "id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(10))
    school: Mapped[str] = mapped_column(String(120))
    district: Mapped[str] = mapped_column(String(6))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    hours: Mapped[int]
    fee_fen: Mapped[int]
    subsidy_fen: Mapped[int]
    pass_rate: Mapped[int | None]
    seats_left: Mapped[int]


def fill(url: str, rows: Iterable[Listed]) -> None:
    """Copy the product's classes into the limit's one table."""
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    columns = [column.name for column in BareClass.__table__.columns]
    with engine.begin() as connection:
        connection.execute(
            insert(BareClass), [{name: getattr(row, name) for name in columns} for row in rows]
        )
    engine.dispose()


def create_app(engine: Engine, on: date) -> Flask:
    """The page at `/courses`: the first twenty classes that start after the day `on`."""
    app = Flask("bare")
    template = app.jinja_env.from_string(TEMPLATE)
    first = (
        select(BareClass)
        .where(BareClass.starts_on > on)
        .order_by(BareClass.starts_on, BareClass.id)
        .limit(ROWS)
    )

    @app.get("/courses")
    def courses() -> str:
        with Session(engine) as session:
            return template.render(rows=session.scalars(first).all())

    return app


def _from_environment() -> Flask:
    url, on = os.environ["BARE_DATABASE_URL"], date.fromisoformat(os.environ["BARE_DAY"])
    return create_app(create_engine(url, isolation_level="AUTOCOMMIT"), on)


if "BARE_DATABASE_URL" in os.environ:
    application = _from_environment()
