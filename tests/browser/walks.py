"""What people do in a browser on their way: the steps that several journeys share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page

from tests.browser.town import Town

Person = Mapping[str, Any]
# What the message about a status says and no other does.
NEWS = {
    "zh": {
        "verifying": "正在核对身份",
        "returned": "有地方要改",
        "enrolled": "您报上了",
        "refused": "没有通过",
        "withdrawn": "您已撤回",
        "municipal_review": "区里已同意",
        "paying": "补贴已批准",
    },
    "en": {
        "verifying": "We check your identity",
        "returned": "Please correct",
        "enrolled": "You are enrolled in Electrician",
        "refused": "was refused",
        "withdrawn": "You have withdrawn",
        "municipal_review": "The district has agreed",
        "paying": "Your subsidy is approved",
    },
}
SLOWEST = 30.0  # seconds: the card system takes ten for some people, on a busy machine


def typed_number(person: Person) -> str:
    """What this person types: the old number where there is one, a Hong Kong number, else the card."""
    return str(person.get("number15") or (person["number"] if person["case"] == "hmt" else person["card"]))


def press(page: Page, action: str) -> None:
    page.click(f"button[name=action][value={action}]")


def step_one(page: Page, class_id: str, person: Person, number: str = "") -> None:
    """Name and number of an enrolment, and the wish for a code."""
    page.goto(f"/enrol/{class_id}")
    page.fill("[name=name]", person["name"])
    page.fill("[name=number]", number or typed_number(person))
    press(page, "send_code")


def prove(page: Page, town: Town, class_id: str, person: Person) -> None:
    """The same, and the code from the phone: as far as the last page before the seat is taken."""
    seen = coded(town, person)
    step_one(page, class_id, person)
    page.fill("[name=code]", town.code(dict(person), seen=seen, within=SLOWEST))
    press(page, "next")
    page.wait_for_url("**/check**")


def sign_in(page: Page, town: Town, person: Person) -> None:
    """At the citizens' door, by a code to the phone."""
    seen = coded(town, person)
    page.goto("/sign-in")
    page.fill("[name=name]", person["name"])
    page.fill("[name=number]", person["number"])
    press(page, "send_code")
    page.fill("[name=code]", town.code(dict(person), seen=seen, within=SLOWEST))
    press(page, "next")
    page.wait_for_url("**/mine**")


def coded(town: Town, person: Person) -> int:
    """How many codes the phone has had."""
    return sum(1 for message in town.messages(dict(person)) if message["code"])


def declare(page: Page, person: Person) -> str:
    """Agree and enrol; what the register does not prove is said. Returns the reference on the receipt."""
    if page.locator("select[name=group]").count():
        page.select_option("select[name=group]", person["group"])
    page.check("[name=declaration]")
    page.click("main form[method=post]:has([name=declaration]) button.go")
    return receipt(page)


def receipt(page: Page) -> str:
    page.wait_for_url("**/done**")
    return str(page.locator("[data-reference]").first.get_attribute("data-reference"))


def status(page: Page, reference: str) -> str:
    """What everybody may see under the reference."""
    page.goto(f"/t/{reference}")
    return str(page.locator("[data-status]").first.get_attribute("data-status"))


def refusals(page: Page) -> set[str]:
    """The reasons that stand in the way."""
    found = page.locator("[data-reason][data-met=no]")
    return {str(one.get_attribute("data-reason")) for one in found.all()}


def told(town: Town, person: Person, reference: str, status: str, lang: str = "zh") -> None:
    """The phone says, in the language of the enrolment, that it has come so far."""
    town.hears(dict(person), reference, NEWS[lang][status])
