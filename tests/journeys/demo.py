"""The demo set behind both doors, in this process: its people, their phones, its staff, the worker's errands."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import func, select
from werkzeug.test import Client

from backoffice.app import create_app as create_office
from jobs.errands import do_errand
from portal.app import create_app as create_portal
from registries.fake import Fake
from tests.conftest import FOLDER
from tests.demo_set import DemoSet
from tests.make import staff_browser
from tests.page import Node
from tests.visitor import Visitor
from training import outbox
from training.courses.models import ClassRun
from training.database import db, transaction
from training.enrolments.models import Enrolment
from training.entitlements.models import Entitlement
from training.staff.models import StaffAccount

AT_ONCE = 200  # more errands than any test makes


@dataclass
class Demo:
    """People are handed out once each. Visitors come to both doors, behind one address, as wsgi.py joins them."""

    told: DemoSet
    portal: Flask
    office: Flask
    world: Fake
    _given: Counter[str] = field(default_factory=Counter)

    @classmethod
    def opened(cls, told: DemoSet) -> Demo:
        """Both doors on the loaded set, and a card system that knows its people."""
        world = Fake()
        world.put_records(told.records)
        demo = cls(told, create_portal(told.settings), create_office(told.settings), world)
        for app in (demo.portal, demo.office):
            app.extensions["ports"] = world.ports
            app.jinja_env.bytecode_cache = FileSystemBytecodeCache(os.environ[FOLDER], "%s.template")
        return demo

    def close(self) -> None:
        for app in (self.portal, self.office):
            with app.app_context():
                db.session.remove()
                db.engine.dispose()

    def person(self, case: str) -> dict[str, Any]:
        """The next person of this case whom no test has used."""
        self._given[case] += 1
        return self.told.people(case)[self._given[case] - 1]

    def visitor(self) -> Visitor:
        """Somebody with a browser, in English."""
        return Visitor(Client(self._answer))

    def clerk(self, role: str, n: int = 0) -> Visitor:
        """The n-th member of staff who holds `role`, signed in."""
        username = [one["username"] for one in self.told.told["staff"] if one["role"] == role][n]
        visitor = self.visitor()
        with self.office.app_context():
            account = db.session.scalars(select(StaffAccount).where(StaffAccount.username == username)).one()
            staff_browser(visitor.client, account)
        visitor.open("/office/")
        assert visitor.path == "/office/", visitor.page.text
        return visitor

    def work_off(self) -> None:
        """What the worker does with what is due, by its own functions, until nothing is."""
        with self.portal.app_context():
            while rows := transaction(lambda session: [r.id for r in outbox.take_due(session, AT_ONCE)]):
                for row in rows:
                    do_errand(self.portal, row)
            db.session.remove()

    def messages(self, person: Mapping[str, Any]) -> list[str]:
        """What came to the person's phone, newest first."""
        return [str(one["text"]) for one in self.world.messages(person["phone"])] if person["phone"] else []

    def code(self, person: Mapping[str, Any]) -> str | None:
        """The newest code on the person's phone."""
        for text in self.messages(person):
            digits = "".join(c if c.isdigit() else " " for c in text).split()
            if found := [piece for piece in digits if len(piece) == 6]:
                return found[0]
        return None

    def standing(self) -> dict[str, Any]:
        """What an enrolment would change: enrolments, seats, lines, subsidies held."""
        with self.portal.app_context():
            counted: dict[str, Any] = {
                name: db.session.scalar(query)
                for name, query in {
                    "enrolments": select(func.count()).select_from(Enrolment),
                    "versions": select(func.sum(Enrolment.version)),
                    "seats left": select(func.sum(ClassRun.seats_left)),
                    "in line": select(func.sum(ClassRun.waiting)),
                    "entitlements": select(func.count()).select_from(Entitlement),
                }.items()
            }
            db.session.remove()
        return counted

    def status(self, reference: str) -> str:
        """What everybody may see under a reference."""
        page = self.visitor().open(f"/t/{reference}")
        return page.marks("data-status")[0]

    def flags(self, verifier: Visitor, reference: str) -> set[str]:
        """The flags in the verifiers' queue, which must hold the case on one of its pages."""
        page = verifier.open("/office/verify")
        while not (row := page.first("tr", data_reference=reference)):
            following = page.first("a", rel="next")
            assert following, f"{reference} waits on no page of the queue"
            page = verifier.open(following.attrs["href"])
        return set(row.attrs["data-flags"].split())

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = environ.get("PATH_INFO", "")
        door = self.office if path == "/office" or path.startswith("/office/") else self.portal
        return door(environ, start_response)


def refusals(page: Node) -> set[str]:
    """The reasons that stand in the way on this page."""
    return {node.attrs["data-reason"] for node in page.all(data_reason=True, data_met="no")}
