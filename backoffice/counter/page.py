"""What the pages of the counter show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from flask import current_app, request, url_for

from backoffice.counter.forms import GROUPS, LookUpForm, WalkInForm
from backoffice.counter.person import declared_of, offers, person_of
from backoffice.session import clerk
from training import clock
from training.database import db, new_id
from training.enrolments import operations
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, Counter
from training.enrolments.queries import made_by, place_in_line
from training.entitlements.queries import saved_check
from training.errors import BadInput, Gone, NotEligible, NotThere
from training.numbers import Number, masked_name
from training.objections.models import Matter
from training.objections.queries import matter_by_reference
from training.policy.queries import wanted
from training.ports import RegistryAnswer
from training.references import parse_reference, written_slip_code
from web.qr import qr_path

Known = tuple[Number, RegistryAnswer]
NUMBER_LIKE = re.compile(r"\d{4}|\d{2}[ \d-]{4,}")


@dataclass(frozen=True)
class Wishes:
    """What was chosen on the way and stands in the address: no person is in it."""

    text: str = ""
    group: str = ""
    chosen: str = ""
    self_pay: bool = False
    fault: str = ""

    @classmethod
    def kept(cls, query: Mapping[str, str]) -> Wishes:
        """The words searched for, which stay for the next person; nothing that could be somebody's number."""
        words = query.get("q", "")[:60].strip()
        return cls("" if NUMBER_LIKE.search(normalize("NFKC", words)) else words)

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Wishes:
        """As chosen; the code of a saved check fills in what was not."""
        chosen = {name: query.get(name, "")[:60] for name in ("q", "group", "class")}
        said = _said(query.get("check", ""))
        text, group = (chosen[name] or said[name] for name in ("q", "group"))
        return cls(text, group, chosen["class"], query.get("self_pay") == "yes", said["fault"])

    def address(self) -> str:
        """The page of the person, with what was chosen."""
        found = {
            "q": self.text,
            "group": self.group,
            "class": self.chosen,
            "self_pay": "yes" if self.self_pay else "",
        }
        chosen: dict[str, Any] = {name: value for name, value in found.items() if value}
        return url_for("office.counter.person", **chosen)

    def form(self) -> WalkInForm:
        """The form with what was chosen."""
        form = WalkInForm(data={"group": self.group, "class_": self.chosen, "self_pay": self.self_pay})
        form.idempotency_key.data = new_id()
        return form


def _said(code: str) -> dict[str, str]:
    """Group and wish of a saved check, as searched for; `fault` says that there is no such code, or no longer."""
    said = {"q": "", "group": "", "fault": ""}
    if not code:
        return said
    try:
        answers = saved_check(db.session(), code).answers
    except (NotThere, Gone) as fault:
        return said | {"fault": "gone" if isinstance(fault, Gone) else "unknown"}
    pack = current_app.extensions["pack"]
    choices = wanted(pack, answers["wants"]).choices if answers["wants"] != "undecided" else ()
    said["q"] = next((pack.occupations[occupation].name_zh for occupation, _ in choices), "")
    said["group"] = answers["situation"] if answers["situation"] in set(GROUPS) else ""
    return said


def counter_page(
    known: Known | None,
    form: WalkInForm | None,
    wishes: Wishes | None = None,
    *,
    look_up: LookUpForm | None = None,
    refusal: NotEligible | None = None,
    fault: BadInput | None = None,
) -> dict[str, Any]:
    """The desk: empty, with a number that cannot be read, or with a person."""
    wishes, session = wishes or Wishes(), db.session()
    shown: dict[str, Any] = {
        "look_up": look_up or LookUpForm(),
        "form": form,
        "wishes": wishes,
        "refusal": refusal,
        "fault": fault,
    }
    done = made_by(session, clerk().account.id, clock.midnight(clock.today()))
    shown |= {
        "done": [(case, masked_name(case.name_typed)) for case in done],
        "person": None,
        "groups": GROUPS,
    }
    if known is None:
        return shown
    number, answer = known
    person = person_of(session, number, answer, clerk().account.district or "")
    declared = declared_of(wishes.group or person.first_group, person)
    choice = Choice("", declared, wishes.self_pay or bool(form and form.self_pay.data))
    found, total = offers(session, wishes.text, Counter(number, answer, wishes.chosen, choice))
    return shown | {"person": person, "offers": found, "total": total, "groups": _ordered(person.first_group)}


def _ordered(first: str) -> list[tuple[int, str]]:
    """Groups with the digit that selects them; the proven one stands first and is chosen."""
    numbered = [(place, group.value) for place, group in enumerate(GROUPS, 1)]
    return sorted(numbered, key=lambda item: item[1] != first)


def stopped_matter(text: str) -> Matter | None:
    """The matter that this member of staff has just opened for a caller; None for any other."""
    try:
        found = matter_by_reference(db.session(), parse_reference(text))
    except NotThere:
        return None
    return found if found.actor == clerk().account.id else None


def slip_address(case: Enrolment) -> str:
    """The slip of a case; it carries on the words that were searched for."""
    words = Wishes.kept(request.values).text
    return url_for("office.counter.slip", reference=case.reference, q=words or None)


def slip_page(case: Enrolment) -> dict[str, Any]:
    """One slip: the reference with its code picture, and, for ten minutes, the one-time code apart."""
    session, words = db.session(), Wishes.kept(request.args).text
    slip = operations.slip_of(session, clerk().row.id_hash, case.id)
    base = current_app.extensions["settings"].base_url
    return {
        "case": case,
        "name": masked_name(case.name_typed),
        "code": slip.code if slip else "",
        "written": written_slip_code(slip.code) if slip else "",
        "deny_link": f"{base}/a/{slip.deny}" if slip else "",
        "terms": current_app.extensions["pack"].counter,
        "qr_strokes": qr_path(f"{base}/t/{case.reference}"),
        "place": place_in_line(session, case),
        "words": words,
        "next_person": url_for("office.counter.start", q=words or None),
        "is_flagged": "registry_unreachable" in case.flags.split(),
    }
