"""Which column holds what: headings as districts write them, recognised by their synonyms."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence

FIELDS = ("name", "number", "occupation", "level", "amount", "paid_on")
EXTRA = ("district",)
# The first of a list counts most; a heading that holds a later word only counts where nothing better is there.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "学员姓名", "学员", "培训人员", "参训人员", "补贴对象", "人员姓名", "name", "fullname"),
    "number": (
        "身份证号码",
        "身份证号",
        "身份证",
        "公民身份号码",
        "证件号码",
        "证件号",
        "身份号码",
        "idnumber",
        "idcard",
        "idno",
    ),
    "occupation": (
        "职业工种",
        "培训工种",
        "工种",
        "培训专业",
        "职业名称",
        "职业",
        "培训项目",
        "专业",
        "鉴定工种",
        "occupation",
        "trade",
    ),
    "level": ("等级", "级别", "技能等级", "培训等级", "证书等级", "职业等级", "level", "grade"),
    "amount": (
        "补贴金额",
        "拨付金额",
        "实付金额",
        "发放金额",
        "补贴",
        "金额",
        "补贴标准",
        "amount",
        "subsidy",
    ),
    "paid_on": (
        "拨付日期",
        "拨付时间",
        "付款日期",
        "付款时间",
        "支付日期",
        "支付时间",
        "发放日期",
        "发放时间",
        "到账日期",
        "日期",
        "paidon",
        "paymentdate",
        "date",
    ),
    "district": ("区县", "所属区县", "经办区县", "行政区", "拨付区县", "district", "county"),
}
NOT_THIS = (
    "年度",
    "联系电话",
    "电话",
    "银行",
    "账号",
    "卡号",
    "出生",
    "学校",
    "机构",
    "开班",
    "结业",
    "序号",
    "发证",
)
ENOUGH = 3  # headings recognised in one row: then it is the row of headings
LOOK = 15


def heading_word(heading: str) -> str:
    """A heading as it is compared: NFKC, lower case, without spaces, signs and what stands in brackets."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"\(.*?\)|[\s\W_]+", "", text)


def recognise_columns(headings: Sequence[str]) -> dict[str, int]:
    """The column of each field, counted from 0: the same word first, then a word that is part of the heading."""
    words = [heading_word(heading) for heading in headings]
    found: dict[str, int] = {}
    for exact in (True, False):
        for field, synonyms in SYNONYMS.items():
            if field not in found:
                column = _column(words, synonyms, set(found.values()), exact)
                if column is not None:
                    found[field] = column
    return found


def _column(words: Sequence[str], synonyms: Sequence[str], taken: set[int], exact: bool) -> int | None:
    for synonym in synonyms:
        for n, word in enumerate(words):
            if n in taken or not word or any(other in word for other in NOT_THIS):
                continue
            if word == synonym or (not exact and len(synonym) > 1 and synonym in word):
                return n
    return None


def heading_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Which of the first rows holds the headings: the one in which most fields are recognised; None: none does."""
    counts = [len(recognise_columns(row)) for row in rows[:LOOK]]
    best = max(counts, default=0)
    return counts.index(best) if best >= ENOUGH else None


def says_ten_thousands(heading: str) -> bool:
    """Whether a heading says that its amounts are in units of 10,000 yuan."""
    return "万" in unicodedata.normalize("NFKC", heading)


def signature(headings: Sequence[str]) -> str:
    """The shape of a file: the same headings in the same order give the same 40 characters."""
    text = "\n".join(unicodedata.normalize("NFKC", heading).strip() for heading in headings)
    return hashlib.sha256(text.encode()).hexdigest()[:40]
