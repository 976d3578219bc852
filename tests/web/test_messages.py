"""Text messages: one thing, one message, nothing secret asked for."""

from __future__ import annotations

import re
from typing import Any

import pytest

from web.messages import SENTENCES, text_of

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
VALUES: dict[str, Any] = {
    "code": "402917",
    "course": "互联网营销师（直播销售员）五级班",
    "starts_on": "2026-12-03",
    "reference": "CQ-26-7F3KM-Q9XWS",
    "place": 3,
    "until": "2026-12-03T10:05:00+08:00",
    "count": 2,
    "act": "H7QM29XKWT4VR8",
    "office": "渝中区两路口就业服务中心",
    "due_on": "2026-12-02",
    "hours": 24,
    "tail": "**17",
    "usable_from": "2026-12-06",
}
SITE = "https://px.rlsbj.cq.example"
WITHOUT_REFERENCE = {
    "account_registered",
    "account_registered_elsewhere",
    "code",
    "deletion_announced",
    "duplicate_ask",
    "identity_changed",
    "identity_kept",
    "new_classes",
    "number_released",
    "phone_asked",
    "phone_changed",
    "phone_registered",
    "records_merged",
    "staff_deputy",
    "staff_password_changed",
    "staff_recovered",
    "staff_rights_changed",
    "staff_started",
    "staff_token_changed",
}
WITH_LINK = {message for message, said in SENTENCES.items() if "%(link)s" in str(said)}


@pytest.mark.parametrize("message", SENTENCES)
def test_each_fits_one_message_begins_with_our_name_and_links_only_for_one_act(
    portal: Any, message: str
) -> None:
    """A message with a link takes two parts; its link leads to one act on our own pages and nowhere else."""
    with portal.test_request_context("/"):
        text = text_of(message, "zh", VALUES, SITE)
    assert text.startswith("【重庆职业培训】")
    assert len(text) <= (134 if message in WITH_LINK else 70)
    links = re.findall(r"https?:[^\s，。]*|www\.", text)
    assert links == ([f"{SITE}/a/{VALUES['act']}"] if message in WITH_LINK else [])
    assert message in WITHOUT_REFERENCE or VALUES["reference"] in text


@pytest.mark.parametrize("message", SENTENCES)
def test_each_stands_in_english_too(portal: Any, message: str) -> None:
    with portal.test_request_context("/"):
        text = text_of(message, "en", VALUES)
    assert text.startswith("[Chongqing Skills]")
    assert "%" not in text
