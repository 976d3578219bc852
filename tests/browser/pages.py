"""Every page of both doors, and how to come to it. A route that is in neither list fails a test.

A path may name places of the demo: {open}, {full}, {suspended_school} … are classes by their case, {track:paid} is
the reference of an enrolment in that public status, {course}, {school}, {notice} are found on the pages.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Visit:
    """One page: the endpoint it shows, its address, and as whom it is opened (a role, `citizen` or nobody)."""

    endpoint: str
    path: str
    who: str = ""


VISITS = [
    Visit("about.index", "/"),
    Visit("about.centres", "/centres"),
    Visit("about.centres", "/centres?district=500103"),
    Visit("about.help_index", "/help"),
    Visit("about.help_topic", "/help/who_pays"),
    Visit("about.privacy", "/privacy"),
    Visit("about.accessibility", "/accessibility"),
    Visit("about.about", "/about"),
    Visit("check.start", "/check"),
    Visit("check.question", "/check/2?birth_year=1990"),
    Visit(
        "check.result",
        "/check/result?birth_year=1990&situation=unemployed&had_subsidy_this_year=no&wants=cooking",
    ),
    Visit("check.result", "/check/result?birth_year=1990&situation=unsure&had_subsidy_this_year=unknown"),
    Visit("rules.index", "/rules"),
    Visit("rules.notice", "/rules/{notice}"),
    Visit("office.sign_in.form", "/office/sign-in"),
    Visit("office.desk.home", "/office/", "counsellor"),
    Visit("office.desk.home", "/office/", "auditor"),
    Visit("office.desk.me", "/office/me", "verifier"),
]
# Addresses that are no pages: they answer a machine, or lead on to a page.
NO_PAGE = {
    "about.healthz",
    "about.readyz",
    "about.display",
    "office.display",
}
