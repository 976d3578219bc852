"""Everything behind the staff door is closed: to strangers, and to those whose desk it is not."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from backoffice.blueprint import OPEN
from backoffice.roles import DESKS, may_open
from tests.backoffice.staff import arrive
from tests.visitor import Visitor
from training.staff.models import Role

STRANGE = {"reference": "CQ-26-7F3KM-Q9XWS", "claim": "CL-26-7F3KM-Q9XWS", "other": "a" * 26}


def rules(app: Flask) -> list[tuple[str, str, Rule]]:
    """Every (method, path, rule) of the door, with something strange in its places."""
    found = []
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<{name}>", STRANGE.get(name, STRANGE["other"]))
        found += [(method, path, rule) for method in sorted(rule.methods or ()) if method in ("GET", "POST")]
    return found


def answer(visitor: Visitor, method: str, path: str) -> Any:
    if method == "GET":
        return visitor.client.get(path)
    token = visitor.page.first("input", name="csrf_token")
    return visitor.client.post(path, data={"csrf_token": token.attrs["value"] if token else ""})


def test_strangers_find_every_page_closed(office: Flask, clerk: Visitor) -> None:
    clerk.open("/office/sign-in")
    for method, path, rule in rules(office):
        if rule.endpoint in OPEN:
            continue
        reply = answer(clerk, method, path)
        assert reply.status_code == 303, (method, path, reply.status)
        assert reply.headers["Location"].startswith("/office/sign-in"), path


def test_what_is_open_is_a_handful() -> None:
    """Signing in, the first time too; language and size."""
    first = {f"office.sign_in.{step}" for step in ("first", "begin", "choose", "finish")}
    assert (
        first
        | {
            "office.sign_in.form",
            "office.sign_in.submit",
            "office.sign_in.challenge",
            "office.display",
        }
        == OPEN
    )


def test_a_part_of_a_page_sends_a_stranger_to_the_door(clerk: Visitor) -> None:
    reply = clerk.client.get("/office/me", headers={"HX-Request": "true"})
    assert reply.status_code == 401
    assert reply.headers["HX-Redirect"].startswith("/office/sign-in")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_desk_is_open_to_its_roles_only(office: Flask) -> None:
    for number, role in enumerate(Role):
        visitor = arrive(office, f"s{number}", role, institution="i" * 26)
        for method, path, rule in rules(office):
            desk = rule.endpoint.split(".")[1]
            if desk not in DESKS:
                continue
            reply = answer(visitor, method, path)
            assert (reply.status_code == 403) == (role not in may_open(rule.endpoint, method)), (
                role,
                method,
                path,
                reply.status,
            )


def test_every_desk_has_a_line_in_the_table(office: Flask) -> None:
    """A blueprint nested in the back office is a desk of the table, or one of the three for everybody."""
    nested = {
        rule.endpoint.split(".")[1] for rule in office.url_map.iter_rules() if rule.endpoint.count(".") == 2
    }
    assert nested <= set(DESKS) | {"sign_in", "desk", "me"}


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_shows_the_desks_of_the_role_and_no_other(office: Flask, role: Role) -> None:
    visitor = arrive(office, "s1", role)
    shown = {link.attrs["href"].rstrip("/") for link in visitor.page.one("nav", class_="side").all("a")}
    there = [desk for desk in DESKS.values() if desk.endpoint in office.view_functions and role in desk.roles]
    with office.test_request_context():
        own = {url_for(desk.endpoint).rstrip("/") for desk in there}
    assert shown == {"/office"} | own


def test_display_works_signed_in_or_not(office: Flask, clerk: Visitor) -> None:
    reply = clerk.client.get("/office/display?lang=zh&size=large&next=/office/sign-in")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/office/sign-in")
    visitor = arrive(office, "s1", Role.VERIFIER)
    assert visitor.client.get("/office/display?lang=zh&next=/office/me").headers["Location"] == "/office/me"
