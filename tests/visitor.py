"""A person at one of the doors, without a browser: opens pages, fills in forms, follows 303."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.test import Client, TestResponse

from tests.page import Node, fields, parse, swapped


class Visitor:
    """`page` is the page in front of the person, `status` its status, `path` its address."""

    def __init__(self, client: Client, language: str = "en") -> None:
        self.client = client
        client.set_cookie("display", f"{language}.standard")
        self.response: TestResponse
        self.path = ""
        self.form_path = ""

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def page(self) -> Node:
        return parse(self.response.get_data())

    def open(self, path: str, *, htmx: bool | str = False, **query: Any) -> Node:
        """GET a page, following redirects."""
        headers = {"HX-Request": "true"} if htmx else {}
        return self._arrive(self.client.get(path, query_string=query or None, headers=headers), path)

    def send(
        self, form: Node | None = None, /, *, files: Mapping[str, Any] | None = None, **typed: Any
    ) -> Node:
        """Fill in a form of this page (the only one that posts, when none is named) and press its button.

        Hidden fields go along. A field that the form does not have is an error of the test: say it with post().
        """
        form = form or self.form()
        known = {node.attrs["name"] for node in form.walk() if "name" in node.attrs}
        assert set(typed) <= known, f"no such field: {set(typed) - known}; the form has {known}"
        data = fields(form) | {name: value for name, value in typed.items() if value is not None}
        return self.post(form.attrs.get("action") or self.path, **data, **(files or {}))

    def form(self, action_ends: str = "") -> Node:
        """The form of this page that posts (to an address with this ending)."""
        forms = [f for f in self.page.all("form") if f.attrs.get("method", "get").lower() == "post"]
        forms = [f for f in forms if f.attrs.get("action", "").endswith(action_ends)]
        assert len(forms) == 1, f"{len(forms)} such forms on {self.path}: {[f.attrs for f in forms]}"
        return forms[0]

    def post(self, path: str, **data: Any) -> Node:
        """POST exactly this, with the page's token unless `csrf_token` is given; follow a 303."""
        token = self.page.first("input", name="csrf_token") if hasattr(self, "response") else None
        data.setdefault("csrf_token", token.attrs["value"] if token else "")
        return self._arrive(self.client.post(path, data=data), path)

    def press(self, button: Node, **typed: Any) -> Node:
        """Press a submit button: its name and value go along with its form."""
        form = button
        while form.tag != "form":
            assert form.parent is not None, "the button stands in no form"
            form = form.parent
        data = fields(form) | typed | {button.attrs["name"]: button.attrs.get("value", "")}
        return self.post(button.attrs.get("formaction") or form.attrs.get("action") or self.path, **data)

    def swap(self, trigger: Node, page: Node, **query: Any) -> Node:
        """What `page` looks like after htmx has followed `trigger` (hx-get)."""
        answer = self.client.get(trigger.attrs["hx-get"], query_string=query, headers={"HX-Request": "true"})
        assert answer.status_code == 200, answer.status
        return swapped(page, trigger, answer.get_data())

    def _arrive(self, response: TestResponse, path: str) -> Node:
        for _ in range(5):
            self.response, self.path = response, path
            if response.status_code not in (301, 302, 303, 308):
                break
            path = response.headers["Location"]
            response = self.client.get(path)
        return self.page
