"""A bulletin as printed (督查结果公告): a workbook of its schools, or a page to put up."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from api.forms.sheet import Sheet, closing, heading, listing, prose, written_day
from api.ledger_lines import Value
from api.printed_register import Column, Printed, as_workbook
from api.return_form import Taker
from api.service import Service
from domain.bulletins import BULLETIN_STATE
from domain.inspection_codes import INSPECTION_KIND

Content = Mapping[str, Any]
WITHHELD = {"zh": "不足5人,不公布", "en": "under 5, withheld"}
WIDTHS = (16, 8, 6, 6, 6, 7, 8, 8, 8, 30)
REGISTER = Printed(
    "bulletin",
    "督查结果公告",
    "Bulletin of inspections",
    (
        Column("序号", "No.", 6),
        Column("学校", "School", 18),
        Column("乡镇", "Township", 12),
        Column("表扬", "Commended", 10),
        Column("问题数", "Findings", 9),
        Column("已销号", "Closed", 9),
        Column("待整改", "To be put right", 12),
        Column("已整改待销号", "To be accepted", 12),
        Column("点名应到", "On roll", 14),
        Column("点名实到", "Counted", 14),
        Column("未到原因不明", "Unaccounted for", 14),
        Column("情况", "Summary", 40),
    ),
)


def school_line(seq: int | None, school: Content, language: str) -> list[Value]:
    """Give the line of a school, or of the total."""
    found, heads = school["findings"], school["heads"]
    names = ("on_roll", "counted", "unaccounted")
    hidden: list[Value] = [WITHHELD[language] if school["heads_withheld"] else None] * 3
    yes = ("是", "Yes")[language == "en"]
    return [
        *(seq, school.get("school"), school.get("township")),
        yes if school.get("commended") else None,
        *(found["noted"], found["closed"], found["open"] + found["rejected"], found["rectified"]),
        *([heads[name] for name in names] if heads else hidden),
        school.get("summary"),
    ]


def bulletin_workbook(
    content: Content, state: str, taker: Taker | None, at: datetime, language: str
) -> bytes:
    """Give a bulletin as a workbook; a published one is the same bytes whoever takes it."""
    lines = [school_line(seq, one, language) for seq, one in enumerate(content["schools"], 1)]
    total = {**content["total"], "school": ("合计", "Total")[language == "en"]}
    above = [content["title"], content["text"].replace("\n", " ")]
    if state == "draft":
        above.insert(0, BULLETIN_STATE.label(state, language))
    told = [*lines, school_line(None, total, language)]
    return as_workbook(REGISTER, told, content["period"], taker, at, language, above)


async def bulletin_page(
    service: Service,
    content: Content,
    state: str,
    foot: str,
    published_on: date | None,
    at: datetime,
) -> bytes:
    """
    Give a bulletin as a page to put up.

    :raises FontMissing: if no font is found
    """
    zh = [column.zh for column in REGISTER.columns]
    rows = [school_line(None, one, "zh") for one in content["schools"]]
    total = school_line(None, {**content["total"], "school": "合计"}, "zh")
    shown = [
        ["" if cell is None else str(cell) for cell in [row[1], *row[3:]]] for row in [*rows, total]
    ]
    commended = "、".join(one["school"] for one in content["commended"])
    inspected = ";".join(
        f"{INSPECTION_KIND.label(one['kind'], 'zh')}({one['starts_on']} 至 {one['ends_on']},"
        f"{one['schools']} 所学校)"
        for one in content["inspections"]
    )
    blocks = [
        prose(*([line] for line in content["text"].split("\n") if line.strip())),
        *([prose([f"督查:{inspected}。"])] if inspected else []),
        *([heading("表扬学校"), prose([commended + "。"])] if commended else []),
        heading("各校情况"),
        listing([zh[1], *zh[3:]], WIDTHS, shown),
        closing(["区教体局"], [written_day(published_on) or "(草稿,未发布)"]),
    ]
    title = content["title"] if state == "published" else f"{content['title']}(草稿)"
    return await service.press.printed(title, [Sheet(title, blocks)], foot, at)
