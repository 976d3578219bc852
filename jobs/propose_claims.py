"""Enjoy without applying: whoever passed gets the claim made for them."""

from __future__ import annotations

import logging

from flask import Flask

from training import clock
from training.claims.operations import propose
from training.claims.queries import enrolments_to_claim
from training.database import db
from training.errors import Refused

BATCH = 100
log = logging.getLogger(__name__)


def propose_claims(app: Flask) -> int:
    """Propose or put forward every claim that is due, each in a transaction of its own. Returns how many moved.

    Safe to run twice and to kill: what is done is found done. One case that fails does not hold up the rest.
    """
    moved, after = 0, ""
    while found := enrolments_to_claim(db.session(), after=after, limit=BATCH):
        moved += sum(_moves(app, enrolment_id, version) for enrolment_id, version in found)
        after, _ = found[-1]
    return moved


def _moves(app: Flask, enrolment_id: str, version: int | None) -> bool:
    try:
        claim = propose(enrolment_id, app.extensions["pack"], clock.today())
    except Refused as refusal:
        log.info("no claim for %s: %s", enrolment_id, " ".join(refusal.reasons))
        return False
    except Exception:
        log.exception("proposing a claim for %s", enrolment_id)
        return False
    return claim is not None and claim.version != version
