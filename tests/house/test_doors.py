"""What holds for every address of both doors, found by walking their `url_map`s."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from backoffice.blueprint import OPEN
from backoffice.roles import DESKS
from tests import make
from tests.house import tree
from tests.visitor import Visitor
from web.headers import SECURITY_HEADERS

# These walk every address; what they look at does not depend on the database.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
SAFE = {"GET", "HEAD", "OPTIONS"}
SAMPLES = {"int": "1", "string": "x", "default": "x", "path": "x", "uuid": "x"}
# Signed in is enough here: one's own start page and settings, and the way in and out.
FOR_ALL_STAFF = {"desk", "sign_in", "me"}


def address(rule: Rule) -> str:
    """The rule's address with something in each of its places."""
    converters = {
        name: re.sub(r"Converter$", "", type(kind).__name__).lower()
        for name, kind in rule._converters.items()
    }
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda m: SAMPLES.get(converters[m[1]], "x"), rule.rule)


def rules(app: Flask, *, changing: bool) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if bool(methods(rule) - SAFE) == changing or (not changing and "GET" in methods(rule)):
            yield rule


def methods(rule: Rule) -> set[str]:
    return set(rule.methods or ())


def posts(app: Flask) -> list[tuple[str, str]]:
    return [
        (method, address(rule))
        for rule in rules(app, changing=True)
        for method in sorted(methods(rule) - SAFE)
    ]


def test_A53_nothing_changes_without_the_token(portal: Flask, office: Flask) -> None:
    for app in (portal, office):
        assert posts(app)
        open_doors = []
        for method, path in posts(app):
            answer = app.test_client().open(path, method=method, data={"name": "x"})
            if answer.status_code != 403:
                open_doors.append(f"{method} {path}: {answer.status_code}")
        assert not open_doors, open_doors


def test_A53_the_token_of_another_browser_does_not_fit(portal: Flask, office: Flask) -> None:
    for app, form in ((portal, "/sign-in"), (office, "/office/sign-in")):
        stranger = Visitor(app.test_client())
        stranger.open(form)
        token = stranger.form().one("input", name="csrf_token").attrs["value"]
        mine = app.test_client()
        mine.get(form)
        for method, path in posts(app):
            assert mine.open(path, method=method, data={"csrf_token": token}).status_code == 403, path


def test_A53_a_form_on_another_site_is_refused_even_with_the_token(portal: Flask, office: Flask) -> None:
    for app, form in ((portal, "/sign-in"), (office, "/office/sign-in")):
        visitor = Visitor(app.test_client())
        visitor.open(form)
        token = visitor.form().one("input", name="csrf_token").attrs["value"]
        for method, path in posts(app):
            for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
                answer = visitor.client.open(path, method=method, data={"csrf_token": token}, headers=foreign)
                assert answer.status_code == 403, (path, foreign)


def test_the_back_office_is_closed_to_strangers(office: Flask) -> None:
    """Every page but the listed few leads to the sign-in form, whether or not what it names exists."""
    ajar = []
    for rule in rules(office, changing=False):
        if rule.endpoint not in OPEN:
            answer = office.test_client().get(address(rule))
            if answer.status_code != 303 or not answer.headers["Location"].startswith("/office/sign-in"):
                ajar.append(f"{rule.rule}: {answer.status_code}")
    assert not ajar, ajar


def test_only_the_way_in_and_the_display_are_open(engine: str) -> None:
    assert {endpoint.split(".")[1] for endpoint in OPEN} == {"sign_in", "display"}


def test_every_back_office_address_belongs_to_a_desk_of_the_table(office: Flask) -> None:
    """A blueprint that is in no table is found here, before somebody finds it at work."""
    unlisted = []
    for rule in office.url_map.iter_rules():
        parts = rule.endpoint.split(".")
        listed = parts[0] == "office" and (len(parts) == 2 or parts[1] in DESKS or parts[1] in FOR_ALL_STAFF)
        if not listed or not rule.rule.startswith("/office"):
            unlisted.append(f"{rule.rule} ({rule.endpoint})")
    assert not unlisted, unlisted


def test_a_desk_is_closed_to_staff_of_other_desks(office: Flask) -> None:
    """Somebody signed in with no role at all gets 403 at every desk, before anything is looked up."""
    visitor = Visitor(office.test_client())
    with office.app_context():
        make.staff_browser(visitor.client, make.staff())
    ajar = []
    for rule in rules(office, changing=False):
        desk = rule.endpoint.split(".")[1]
        if desk in DESKS:
            answer = visitor.client.get(address(rule))
            if answer.status_code != 403:
                ajar.append(f"{rule.rule}: {answer.status_code}")
    assert not ajar, ajar
    visitor.open("/office/")
    assert visitor.status == 200


def test_a_blueprint_that_nobody_listed_is_closed(office: Flask) -> None:
    office.add_url_rule("/office/forgotten", "office.forgotten.page", lambda: "open")
    assert office.test_client().get("/office/forgotten").status_code == 303


def test_A52_A54_security_headers_stand_on_every_answer(portal: Flask, office: Flask) -> None:
    """Pages, redirects, refusals and errors alike."""
    for app in (portal, office):
        client = app.test_client()
        answers = [client.get(address(rule)) for rule in rules(app, changing=False)]
        answers += [client.open(path, method=method) for method, path in posts(app)]
        answers += [client.get("/no-such-page"), client.get("/office/no-such-page"), client.delete("/")]
        for answer in answers:
            for name, value in SECURITY_HEADERS.items():
                assert answer.headers.get(name) == value, (answer.request.path, name)


def test_A63_no_address_fails_on_nonsense(portal: Flask, office: Flask) -> None:
    """A stranger's nonsense is never a 500, and never says more than the page."""
    for app in (portal, office):
        for rule in rules(app, changing=False):
            for query in (
                "",
                "?page=abc&sort=%00&q=%F0%9F%98%80&lang=xx&next=//evil.example",
                "?" + "a=1&" * 500,
            ):
                answer = app.test_client().get(address(rule) + query)
                assert answer.status_code < 500, (rule.rule, query[:40], answer.status_code)
                assert "Traceback" not in answer.get_data(as_text=True)
                assert not answer.headers.get("Location", "").startswith("//")


def test_A20_methods_are_fixed(portal: Flask, office: Flask) -> None:
    for app in (portal, office):
        client = app.test_client()
        for rule in app.url_map.iter_rules():
            for method in {"PUT", "PATCH", "DELETE", "TRACE"} - methods(rule):
                assert client.open(address(rule), method=method).status_code in (403, 404, 405), rule.rule


def test_A65_pages_of_a_person_are_never_kept(office: Flask) -> None:
    for rule in rules(office, changing=False):
        assert "no-store" in office.test_client().get(address(rule)).headers["Cache-Control"], rule.rule


def test_addresses_hold_no_number_of_a_person(portal: Flask, office: Flask) -> None:
    """Numbers, names and phones never stand in an address. Notices and help topics have names."""
    for app in (portal, office):
        for rule in app.url_map.iter_rules():
            if not rule.rule.startswith(("/rules/", "/help/")):
                assert not rule.arguments & {"number", "name", "phone", "card", "person"}, rule.rule


def test_every_page_is_visited_by_a_browser(portal: Flask, office: Flask) -> None:
    """axe and the checks of tests/browser look at every page of both doors; a new route needs a visit."""
    from tests.browser.pages import NO_PAGE, ON_THE_WAY, VISITS

    here = {rule.endpoint for app in (portal, office) for rule in rules(app, changing=False)}
    listed = {visit.endpoint for visit in VISITS} | NO_PAGE | set(ON_THE_WAY)
    assert not here - listed, f"no visit in tests/browser/pages.py: {sorted(here - listed)}"
    gone = {
        endpoint for endpoint in listed - here if not endpoint.startswith("demo.")
    }  # a demo alone has these
    assert not gone, f"no such route: {sorted(gone)}"
    for endpoint, test in ON_THE_WAY.items():
        assert "well_made(" in (tree.ROOT / "tests/browser" / test).read_text(), endpoint
