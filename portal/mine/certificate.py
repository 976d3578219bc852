"""A certificate of enrolment to print: who, which class, where it stands, and a code that others can check."""

from __future__ import annotations

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.mine.blueprint import blueprint
from portal.mine.matters import CERTIFIED, my_enrolment
from training import clock
from training.errors import NotAllowedNow
from training.numbers import masked
from web.qr import qr_path


@blueprint.get("/<reference>/certificate")
def certificate(reference: str) -> ResponseReturnValue:
    """One page of A4. 409 for an enrolment that was never confirmed, or is over without having been finished."""
    mine = my_enrolment(reference)
    if mine.status not in CERTIFIED:
        raise NotAllowedNow("not_enrolled")
    site = current_app.extensions["settings"].base_url
    return render_template(
        "portal/mine/certificate.html",
        it=mine,
        run=mine.class_run,
        number=masked(mine.number or ""),
        today=clock.today(),
        qr_code=qr_path(site + url_for("track.steps", reference=mine.reference)),
        site=site,
    )
