"""Every page of both doors, and how to come to it. A route that is in neither list fails a test.

A path may name places of the demo: {open}, {full}, {suspended_school} … are classes by their case, {track:paid} is
the reference of an enrolment in that public status, {course}, {school}, {notice} are found on the pages.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Visit:
    """One page: the endpoint it shows, its address, and as whom it is opened.

    `who`: a role, `citizen:<public status>` (the person of such an enrolment of the demo), or nobody.
    `link`: the page is the first one that `path` links to with this beginning.
    `status`: what is answered; the pages that say no are looked at too.
    """

    endpoint: str
    path: str
    who: str = ""
    link: str = ""
    status: int = 200


VISITS = [
    Visit("about.index", "/"),
    Visit("about.centres", "/centres"),
    Visit("about.centres", "/centres?district=500103"),
    Visit("about.help_index", "/help"),
    Visit("about.help_topic", "/help/who_pays"),
    Visit("about.privacy", "/privacy"),
    Visit("about.privacy", "/privacy?version=2025-03"),
    Visit("about.accessibility", "/accessibility"),
    Visit("about.about", "/about"),
    Visit("check.start", "/check"),
    Visit("check.question", "/check/2?birth_year=1990"),
    Visit(
        "check.result",
        "/check/result?birth_year=1990&situation=unemployed&had_subsidy_this_year=no&wants=cooking",
    ),
    Visit("check.result", "/check/result?birth_year=1990&situation=unsure&had_subsidy_this_year=unknown"),
    Visit(
        "check.save",
        "/check/save?birth_year=1990&situation=unemployed&district=500106&had_subsidy_this_year=no&wants=cooking",
    ),
    Visit("check.kept", "/check/r/2222-2222", status=404),
    Visit("rules.index", "/rules"),
    Visit("rules.notice", "/rules/{notice}"),
    Visit("courses.courses", "/courses"),
    Visit("courses.courses", "/courses?q=diangong&district=500106&free=1"),
    Visit("alerts.alerts", "/courses/alerts"),
    Visit("alerts.alerts", "/courses/alerts?q=diangong&district=500106&free=1"),
    Visit("alerts.alerts", "/courses/alerts?level=5", "citizen:paid"),
    Visit("courses.course", "/courses/{course}"),
    Visit("courses.one_class", "/classes/{open}"),
    Visit("courses.one_class", "/classes/{full}"),
    Visit("courses.one_class", "/classes/{suspended_school}"),
    Visit("courses.school", "/schools/{school}"),
    Visit("enrol.start", "/enrol/{open}"),
    Visit("enrol.start", "/enrol/{full}"),
    Visit("enrol.start", "/enrol/{suspended_school}"),
    Visit("enrol.wait", "/enrol/{full}/wait"),
    Visit("acts.act", "/a/{act:offered}"),
    Visit("acts.act", "/a/ABCDEFGHJKMNPQ", status=404),
    Visit("track.find", "/track"),
    Visit("track.steps", "/t/{track:paid}"),
    Visit("track.steps", "/t/{track:returned}"),
    Visit("feedback.write", "/feedback"),
    Visit("feedback.done", "/feedback/done?reference=OB-26-22222-2222J", status=404),
    Visit("sign_in.start", "/sign-in"),
    Visit("demo.phone", "/demo/phone"),
    Visit("mine.index", "/mine", "citizen:paid"),
    Visit("mine.matter", "/mine/{track:paid}", "citizen:paid"),
    Visit("mine.matter", "/mine/{track:waiting}", "citizen:waiting"),
    Visit("mine.matter", "/mine/{track:refused}", "citizen:refused"),
    Visit("mine.appeal", "/mine/{track:refused}/appeal", "citizen:refused"),
    Visit("mine.appeal", "/mine/{track:enrolled}/appeal", "citizen:enrolled"),
    Visit("mine.correct", "/mine/{track:returned}/correct", "citizen:returned"),
    Visit("mine.withdraw", "/mine/{track:enrolled}/withdraw", "citizen:enrolled"),
    Visit("mine.ledger", "/mine/ledger", "citizen:enrolled"),
    Visit("mine.ledger", "/mine/ledger", "citizen:paid"),
    Visit("mine.access", "/mine/access", "citizen:paid"),
    Visit("mine.data", "/mine/data", "citizen:paid"),
    Visit("mine.data", "/mine/data?line=1", "citizen:enrolled"),
    Visit("mine.account", "/mine/account", "citizen:paid"),
    Visit("mine.account", "/mine/account", "citizen:enrolled"),
    Visit("mine.consents", "/mine/consents", "citizen:paid"),
    Visit("mine.messages", "/mine/messages", "citizen:paid"),
    Visit("mine.certificate", "/mine/{track:enrolled}/certificate", "citizen:enrolled"),
    Visit("mine.certificate", "/mine/{track:waiting}/certificate", "citizen:waiting", status=409),
    Visit("mine.change", "/mine/{track:enrolled}/change", "citizen:enrolled"),
    Visit("mine.change", "/mine/{track:waiting}/change", "citizen:waiting"),
    Visit("office.seats.classes", "/office/seats", "counsellor"),
    Visit("office.seats.classes", "/office/seats", "institution"),
    Visit("office.seats.one_class", "/office/seats/{full}", "counsellor"),
    Visit("office.seats.present", "/office/seats/{full}", "counsellor", link="/office/seats/{full}/CQ-"),
    Visit("office.sign_in.form", "/office/sign-in"),
    Visit("office.counter.start", "/office/counter", "counsellor"),
    Visit("office.verify.queue", "/office/verify", "verifier"),
    Visit("office.verify.case", "/office/verify", "verifier", link="/office/verify/CQ-"),
    Visit("office.duplicates.queue", "/office/duplicates", "verifier"),
    Visit("office.duplicates.queue", "/office/duplicates?tab=decided", "verifier"),
    Visit("office.duplicates.group", "/office/duplicates", "verifier", link="/office/duplicates/"),
    Visit("office.corrections.queue", "/office/corrections", "counsellor"),
    Visit("office.corrections.queue", "/office/corrections?kind=taken", "verifier"),
    Visit("office.corrections.new", "/office/corrections/new", "counsellor"),
    Visit("office.objections.queue", "/office/objections", "reviewer_district"),
    Visit("office.objections.queue", "/office/objections", "publicity"),
    Visit("office.objections.queue", "/office/objections?tab=answered", "reviewer_municipal"),
    Visit(
        "office.objections.matter",
        "/office/objections?tab=appeal",
        "reviewer_district",
        link="/office/objections/OB-",
    ),
    Visit(
        "office.objections.matter",
        "/office/objections?tab=answered",
        "publicity",
        link="/office/objections/OB-",
    ),
    Visit("office.claims.queue", "/office/claims", "reviewer_district"),
    Visit("office.claims.queue", "/office/claims", "reviewer_municipal"),
    Visit("office.claims.claim", "/office/claims", "reviewer_district", link="/office/claims/CL-"),
    Visit("office.claims.batches", "/office/claims/batches", "reviewer_district"),
    Visit("office.claims.batch", "/office/claims/batches", "reviewer_district", link="/office/claims/batch/"),
    Visit("office.counter.start", "/office/counter", "counsellor"),
    Visit("office.phones.start", "/office/counter/phone", "counsellor"),
    Visit("office.phones.start", "/office/counter/phone", "verifier"),
    Visit("office.phones.request_of", "/office/counter/phone", "verifier", link="/office/counter/phone/"),
    Visit("office.search.search", "/office/search", "verifier"),
    Visit("office.search.case", "/office/search/{track:paid}", "verifier"),
    Visit("office.exports.requests", "/office/exports", "reviewer_district"),
    Visit("office.audit.events", "/office/audit", "auditor"),
    Visit("office.audit.events", "/office/audit?subject={track:paid}&name=enrolled", "auditor"),
    Visit("office.audit.subject", "/office/audit", "auditor", link="/office/audit/person/"),
    Visit("office.audit.exports", "/office/audit/exports", "auditor"),
    Visit("office.status.systems", "/office/status", "sysadmin"),
    Visit("office.readers.counts", "/office/readers", "secadmin"),
    Visit("office.desk.home", "/office/", "secadmin"),
    Visit("office.letters.waiting", "/office/counter/letters", "counsellor"),
    Visit("office.letters.waiting", "/office/counter/letters?tab=handed", "counsellor"),
    Visit("office.letters.one", "/office/counter/letters", "counsellor", link="/office/counter/letters/"),
    Visit("mine.notice", "/mine/notice", "citizen:paid"),
    Visit("office.desk.home", "/office/", "counsellor"),
    Visit("office.desk.home", "/office/", "auditor"),
    Visit("office.me.page", "/office/me", "verifier"),
    Visit("office.me.token", "/office/me/token", "verifier"),
    Visit("office.sign_in.first", "/office/sign-in/first"),
    Visit("office.sign_in.choose", "/office/sign-in/first/choose", status=410),
    Visit("office.staff.accounts", "/office/staff", "secadmin"),
    Visit("office.staff.accounts", "/office/staff?tab=waiting", "secadmin"),
    Visit("office.staff.accounts", "/office/staff?tab=leave", "sysadmin"),
    Visit("office.staff.rights", "/office/staff/rights", "sysadmin"),
    Visit("office.staff.new", "/office/staff/new", "sysadmin"),
    Visit("office.records.imports", "/office/records", "reviewer_municipal"),
    Visit("office.records.one", "/office/records", "reviewer_municipal", link="/office/records/"),
    Visit("office.records.imports", "/office/records", "reviewer_district", status=403),
    Visit("track.steps", "/t/CQ-26-22222-2222J", status=404),
    Visit("office.verify.case", "/office/verify/CQ-26-22222-2222J", "verifier", status=404),
    Visit("office.verify.queue", "/office/verify", "counsellor", status=403),
]
# Pages one comes to by doing something: the test that does it, and looks at them with `well_made`.
ON_THE_WAY = {
    "office.staff.account": "test_rights.py",
    "office.staff.errand": "test_rights.py",
    "office.staff.proposal": "test_rights.py",
    "office.staff.code": "test_rights.py",
    "enrol.check": "test_journeys.py",
    "enrol.done": "test_journeys.py",
    "acts.done": "test_seats.py",
    "office.counter.person": "test_counter.py",
    "office.counter.slip": "test_counter.py",
    "office.corrections.change": "test_duplicates.py",
    "office.records.errors": "test_records.py",
    "office.records.doubles": "test_records.py",
}
# Addresses that are no pages: they answer a machine, or lead on to a page.
NO_PAGE = {
    "about.figures",
    "about.healthz",
    "about.readyz",
    "about.display",
    "demo.messages",
    "mine.access_file",
    "mine.data_file",
    "office.counter.classes",
    "office.records.errors_csv",
    "office.records.doubles_csv",
    "office.display",
}
