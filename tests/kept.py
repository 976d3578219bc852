"""What is kept from test to test, as a running door keeps it: each test builds its doors anew, and would pay again for
what is always the same.

An engine for each of the few addresses at which the tests have their databases, so that SQLAlchemy compiles a
statement once; the read translations; the addresses of pages, which Werkzeug compiles when one is first written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from babel.support import Translations
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, make_url
from werkzeug.routing import Rule

from training import database

_shared: dict[str, list[tuple[str, Engine]]] = {}


def share(url: str) -> None:
    """From now on all who ask for this address with the same options get the same engine."""
    _shared.setdefault(url, [])


def release(url: str) -> None:
    """Let go of every connection to the address: the database there is about to be another one."""
    for _, engine in _shared.get(url, []):
        engine.dispose()


def keep(patch: pytest.MonkeyPatch) -> None:
    """Give out what is kept, for as long as the patch lasts."""
    patch.setattr(SQLAlchemy, "_make_engine", _kept(SQLAlchemy._make_engine))
    for name in ("_prepare_sqlite", "_ping_the_idle"):
        patch.setattr(database, name, _once_each(getattr(database, name)))
    patch.setattr(Translations, "load", staticmethod(_read(Translations.load)))
    patch.setattr(Rule, "_compile_builder", _when_needed(Rule._compile_builder))


def _kept(make: Callable[..., Engine]) -> Callable[..., Engine]:
    def kept(self: SQLAlchemy, bind: str | None, options: dict[str, Any], app: Any) -> Engine:
        url = make_url(options["url"]).render_as_string(hide_password=False)
        asked = repr(sorted(options.items()))
        for known, engine in _shared.get(url, []):
            if known == asked:
                return engine
        engine = make(self, bind, options, app)
        if url in _shared:
            _shared[url].append((asked, engine))
        return engine

    return kept


def _once_each(prepare: Callable[[Engine], None]) -> Callable[[Engine], None]:
    done: set[int] = set()

    def prepare_once(engine: Engine) -> None:
        if id(engine) not in done:
            prepare(engine)
        if any(engine is kept for kind in _shared.values() for _, kept in kind):
            done.add(id(engine))

    return prepare_once


def _read(load: Callable[..., Any]) -> Callable[..., Any]:
    once = lru_cache(maxsize=8)(lambda folder, locales, domain: load(folder, list(locales), domain))

    def read(folder: str, locales: list[Any], domain: str | None = None) -> Any:
        return once(folder, tuple(map(str, locales)), domain)

    return read


def _when_needed(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    def later(rule: Rule, append_unknown: bool = True) -> Any:
        compiled: list[Any] = []

        def build(self: Rule, *args: Any, **values: Any) -> Any:
            if not compiled:
                compiled.append(compile_builder(rule, append_unknown))
            return compiled[0](self, *args, **values)

        return build

    return later
