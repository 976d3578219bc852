"""Old records in a real browser: a dirty file read dry, mapped, corrected, imported, undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.looks import DESK, PHONE, Look
from tests.training.records.files import JIULONGPO, payments, text

Open = Callable[..., Page]
HEADINGS = ["姓名", "身份证号码", "职业（工种）", "等级", "发了多少", "付款日期"]
OWN_WORD = {
    30_000: "灶上活",
    31_000: "掌勺活",
    32_000: "案上活",
}  # each learnt once: the town is the same for all
READ_MS = 40_000  # the worker looks once a second, and the machine is busy


def dirty(first: int, *, is_corrected: bool) -> FilePayload:
    """Twelve payments: amounts under a heading nobody knows, a word of the district's own, one paid twice, and one
    number that Excel has spoilt, unless it is corrected."""
    rows = [JIULONGPO.row(n, one)[:6] for n, one in enumerate(payments(12, first=first))]
    rows[3][2] = rows[8][2] = OWN_WORD[first]
    rows[11] = [*rows[10][:5], "2021年5月6日"]
    if not is_corrected:
        rows[5][1] = "5.00101197001011E+17"
    content = text(",", "gb18030")([HEADINGS, *rows])
    return {"name": f"九龙坡{first}.csv", "mimeType": "text/csv", "buffer": content}


@pytest.mark.parametrize(
    ("look", "first"),
    [
        pytest.param(Look(DESK, "zh"), 30_000, marks=pytest.mark.soak),
        (Look(PHONE, "en"), 31_000),
        (Look(DESK, "zh", script=False), 32_000),
    ],
    ids=str,
)
def test_a_dirty_file_is_mapped_corrected_imported_and_undone(
    look: Look, first: int, signed_in: Open, well_made: Callable[..., None]
) -> None:
    desk = signed_in("reviewer_municipal", look)

    def looked(page: Page) -> None:
        if look.script:  # axe itself is a script
            well_made(page)

    send(desk, dirty(first, is_corrected=False))
    kpis = desk.locator(".kpis")
    expect(kpis).to_have_attribute("data-rows", "12", timeout=READ_MS)
    looked(desk)
    if desk.locator("#c-amount").input_value() == "amount:":
        desk.select_option("#c-amount", "amount:4")
        desk.click("form:has(#c-amount) button.btn")
    if desk.locator("[name=word]").count() == 0:
        expect(desk.locator("[name=word]")).to_have_count(1, timeout=READ_MS)
    expect(kpis).to_have_attribute("data-errors", "1")
    looked(desk)
    desk.fill("[name=occupation]", "hg" if look.lang == "zh" else "中式烹调师 4-03-02-01")
    desk.click("form:has([name=occupation]) button.btn")
    expect(desk.locator("[name=word]")).to_have_count(0, timeout=READ_MS)
    expect(kpis).to_have_attribute("data-errors", "1", timeout=READ_MS)
    expect(kpis).to_have_attribute("data-duplicates", "1")
    expect(desk.locator("button[value=import]")).to_be_disabled()
    here = desk.url.partition("?")[0]
    for page in ("errors", "doubles"):
        desk.goto(f"{here}/{page}")
        expect(desk.locator("tr[data-row]")).to_have_count(1)
        looked(desk)

    send(desk, dirty(first, is_corrected=True))
    expect(kpis).to_have_attribute("data-errors", "0", timeout=READ_MS)
    expect(desk.locator("[name=word]")).to_have_count(0)
    looked(desk)
    desk.click("button[value=import]")
    expect(desk.locator("[data-status=imported]")).to_be_visible(timeout=READ_MS)
    looked(desk)
    desk.click("button[value=undo]")
    expect(desk.locator("[data-status=undone]")).to_be_visible(timeout=READ_MS)
    looked(desk)


def send(desk: Page, file: FilePayload) -> None:
    desk.goto("/office/records")
    desk.set_input_files("#file", files=[file])
    desk.select_option("#district", "500107")
    desk.click("button[value=check]")
    desk.wait_for_url("**/office/records/**")
