"""Roll files of the national template, as invented schools send them."""

import io
import random
from collections.abc import Sequence
from typing import Any

import xlsxwriter
import xlwt

from tests.people import SCHOOL, student_number

TEMPLATE = [
    *("学校标识码", "姓名", "性别", "出生日期", "学籍号", "身份证件类型", "身份证件号"),
    *("户口所在地行政区划", "年级", "班号", "入学年月", "就读方式", "现住址", "联系电话"),
    *("是否留守儿童", "是否享受一补", "是否孤儿", "残疾类型", "随班就读"),
    *("是否进城务工人员随迁子女", "成员1姓名", "成员1关系", "成员1联系电话", "成员1是否监护人"),
    *("成员2姓名", "成员2关系", "成员2联系电话", "成员2是否监护人"),
]
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}
NO_PLACE = ["就读方式", "是否享受一补", "随班就读"]


def child(serial: int, **changes: Any) -> dict[str, Any]:
    """A row of the whole template, by heading; changed as given."""
    number = student_number(serial)
    cells = [
        *(SCHOOL, f"测小{serial}", "女", "2014-09-15", number, "居民身份证", number[1:]),
        *("410399", "七年级", "1班", "202309", "走读", "晴川镇测一村1号", "19000000001"),
        *("否", "是", "否", "无", "否", "否"),
        *("测大一", "父亲", "19000000001", "是", "测大二", "母亲", "19000000002", "是"),
    ]
    return {**dict(zip(TEMPLATE, cells, strict=True)), **changes}


def table(*children: dict[str, Any], shuffle: bool = False) -> list[list[Any]]:
    """Headings and rows; in any order of columns."""
    headings = list(dict.fromkeys(heading for one in children for heading in one))
    if shuffle:
        random.Random(7).shuffle(headings)
    return [headings, *([one.get(heading, "") for heading in headings] for one in children)]


def xlsx(rows: Sequence[Sequence[Any]], *before: Sequence[Sequence[Any]]) -> bytes:
    """A workbook; ``before`` are sheets that stand before the roll's."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        for lines in (*before, rows):
            sheet = book.add_worksheet()
            for place, line in enumerate(lines):
                sheet.write_row(place, 0, line)
    return file.getvalue()


def xls(rows: Sequence[Sequence[Any]]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("学籍")
    for place, line in enumerate(rows):
        for column, cell in enumerate(line):
            sheet.write(place, column, cell)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csv(rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> bytes:
    return "\r\n".join(",".join(map(str, line)) for line in rows).encode(encoding)
