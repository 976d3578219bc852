"""What a reference leads to. Wrong ones are counted by network, so that nobody tries them out."""

from __future__ import annotations

from flask import current_app, request

from training import limits
from training.database import db
from training.enrolments.models import Enrolment
from training.enrolments.queries import enrolment_by_reference
from training.errors import NotThere
from training.limits import Limit
from training.objections.models import Matter
from training.objections.queries import matter_by_reference
from training.references import parse_reference


def found(typed: str) -> Enrolment | Matter:
    """The enrolment or the matter with this reference. Raises NotThere (Mistyped where it cannot be one), TooMany."""
    limit: Limit = current_app.extensions["settings"].limits.references_network
    network = request.remote_addr or ""
    limits.refuse_when_used_up(limit, network)
    try:
        reference, session = parse_reference(typed), db.session()
        if reference.startswith("OB"):
            return matter_by_reference(session, reference)
        return enrolment_by_reference(session, reference)
    except NotThere:
        limits.use(limit, network)
        raise


def found_matter(typed: str) -> Matter:
    """The matter with this reference. Raises NotThere, for something else too; TooMany."""
    thing = found(typed)
    if isinstance(thing, Enrolment):
        raise NotThere(typed)
    return thing
