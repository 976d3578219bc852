"""A newer text of the privacy notice: asked once after signing in."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import Form
from wtforms.validators import DataRequired

from portal.mine.blueprint import blueprint
from portal.session import signed_in
from training import clock
from training.people.operations.agreeing import accept_notice
from training.policy.privacy import in_force
from web.fields import Tick
from web.form_keys import sent_key
from web.i18n import local_path


class NoticeForm(Form):
    """One tick."""

    accept = Tick(
        _l("I have read how my data is used"),
        validators=[DataRequired(_l("Tick the box once you have read it"))],
    )


@blueprint.get("/notice")
def notice() -> ResponseReturnValue:
    """What is new in the text in force."""
    return _page(NoticeForm())


@blueprint.post("/notice")
def accept() -> ResponseReturnValue:
    """Accepted: on to where the person was going."""
    form = NoticeForm(request.form)
    if not form.validate():
        return _page(form), 422
    who = signed_in()
    accept_notice(who.person.id, who.actor, who.row.how, sent_key())
    return redirect(_after(), 303)


def _page(form: NoticeForm) -> str:
    text = in_force(current_app.extensions["pack"].privacy, clock.today())
    return render_template(
        "portal/mine/notice.html",
        form=form,
        text=text,
        person=signed_in().person,
        after=_after(),
    )


def _after() -> str:
    return local_path(request.args.get("next"), url_for("mine.index"))
