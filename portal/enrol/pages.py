"""The pages of an enrolment, each with what it shows."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, make_response, render_template, request

from portal.check.carried import carried
from portal.enrol.check import Check
from portal.enrol.classes import notice_of, others_like, pack
from portal.enrol.receipt import Receipt
from portal.enrol.wait import Line
from portal.identity import Proof, answer_with
from training.courses.models import ClassRun
from training.database import new_id
from training.numbers import masked
from training.policy.queries import paper
from training.policy.rules import Reason
from web.i18n import language
from web.reasons import code_sentence, reason_hint, reason_sentence


def step_one_page(run: ClassRun, proof: Proof) -> Response:
    """Step 1. `over`: what was typed before is gone, which the page says."""
    draft = proof.draft
    html = render_template(
        "portal/enrol/start.html",
        run=run,
        proof=proof,
        form=proof.form,
        draft=draft,
        number=masked(draft.number or "") if draft else "",
        key=draft.idempotency_key if draft else new_id(),
        carried=carried(request.values.get("check")),
        hold_days=notice_of(run).identity.hold_working_days.value,
        over="over" in request.args and draft is None,
        receipt=proof.finished is not None,
        code_words=code_sentence,
    )
    return answer_with(proof, html)


def closed_page(run: ClassRun, reasons: Sequence[Reason], status: int = 200) -> Response:
    """A class that takes nobody: why, and which ones do."""
    html = render_template(
        "portal/enrol/closed.html",
        run=run,
        reasons=reasons,
        others=others_like(run),
        sentence=reason_sentence,
        hint=reason_hint,
    )
    return make_response(html, status)


def check_page(shown: Check, status: int = 200) -> Response:
    """Step 2."""
    notice = notice_of(shown.run)
    html = render_template(
        "portal/enrol/check.html",
        check=shown,
        run=shown.run,
        draft=shown.draft,
        form=shown.form,
        notice=notice,
        written={number: paper(pack(), number).written.said(language()) for number in notice.numbers},
        lost=carried(request.args.get("check")).lost,
        sentence=reason_sentence,
        hint=reason_hint,
    )
    return make_response(html, status)


def wait_page(line: Line) -> Response:
    """The waiting list, before one joins it."""
    found = carried(request.args.get("check"))
    return make_response(render_template("portal/enrol/wait.html", line=line, run=line.run, carried=found))


def receipt_page(receipt: Receipt) -> Response:
    """Step 3."""
    return make_response(render_template("portal/enrol/done.html", receipt=receipt, run=receipt.run))
