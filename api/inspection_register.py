"""督查登记表 as printed: a line for each school of each inspection, as a workbook or as CSV."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from api.cells import without_unfit
from api.inspection_shown import finding_sums, head_sums
from api.ledger_csv import BOM, csv_lines
from api.ledger_lines import Value
from api.ledger_workbook import PRINTED
from api.return_form import WORDS, Taker
from api.service import Service
from api.workbook import Sheet, StreamedWorkbook
from domain.inspection import Inspection
from domain.inspection_codes import INSPECTION_KIND, INSPECTION_METHOD

TITLE = {"zh": "督查登记表", "en": "Register of inspections"}


class Column(NamedTuple):
    """A column of the register; its width in characters."""

    zh: str
    en: str
    width: int

    def heading(self, language: str) -> str:
        return self.en if language == "en" else self.zh


COLUMNS = (
    Column("序号", "No.", 6),
    Column("编号", "Inspection", 9),
    Column("类型", "Kind", 10),
    Column("名称", "Title", 24),
    Column("学校", "School", 16),
    Column("起", "From", 11),
    Column("止", "To", 11),
    Column("方式", "Methods", 20),
    Column("点名应到", "On roll", 9),
    Column("点名实到", "Counted", 9),
    Column("问题数", "Findings", 8),
    Column("已整改", "Closed", 8),
    Column("未整改", "Not closed", 8),
)
Seen = Iterable[tuple[Inspection, Sequence[str]]]


def lines(seen: Seen, service: Service, language: str) -> Iterator[list[Value]]:
    """
    Give the lines of inspections, each with the schools that are seen of it.

    已整改 are findings closed (销号); what awaits the inspecting side is not.
    """
    between = ", " if language == "en" else "、"
    schools = ((one, code) for one, codes in seen for code in codes)
    for seq, (one, code) in enumerate(schools, 1):
        plan = one.planned
        heads = head_sums(count for count in one.heads.values() if count.school_code == code)
        found = finding_sums(one.findings_at(code), service.tracking.today())
        yield [
            seq,
            plan.inspection,
            INSPECTION_KIND.label(plan.kind, language),
            plan.title,
            service.directory.name_of(code),
            plan.starts_on,
            plan.ends_on,
            between.join(INSPECTION_METHOD.label(method, language) for method in plan.methods),
            heads["on_roll"] if heads["classes"] else None,
            heads["counted"] if heads["classes"] else None,
            found["noted"],
            found["closed"],
            found["noted"] - found["closed"],
        ]


def as_csv(told: Iterable[list[Value]], language: str) -> bytes:
    headings: list[Value] = [column.heading(language) for column in COLUMNS]
    return BOM.encode() + csv_lines([headings, *told])


def as_workbook(told: Iterable[list[Value]], year: int, taker: Taker, language: str) -> bytes:
    """Give the register of a school year as a workbook to print."""
    words = WORDS[language]
    mark = f"{words.taken.format(taker.name, taker.username)}  {words.taken_at.format(taker.at)}"
    title = f"{TITLE[language]} {year}-{year + 1}"
    sheet = Sheet(
        language=language,
        title=title,
        above=[mark],
        headings=[column.heading(language) for column in COLUMNS],
        widths=[column.width for column in COLUMNS],
        below=PRINTED[language].signatures.format(" " * 30),
        footer=f"&L{without_unfit(mark).replace('&', '&&')}&C{title}&R{PRINTED[language].pages}",
        paper="A4",
        author=without_unfit(f"{taker.name} ({taker.username})"),
        mark=without_unfit(mark),
        made_at=taker.at,
    )
    file = io.BytesIO()
    with StreamedWorkbook(file, sheet) as book:
        book.add(told)
    return file.getvalue()


def named(year: int, form: str, language: str) -> tuple[str, str]:
    """Give the file's name, in ASCII and in the language."""
    return f"inspections_{year}.{form}", f"{TITLE[language]}_{year}.{form}"
