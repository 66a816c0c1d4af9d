"""督查登记表 as printed: a line for each school of each inspection."""

from collections.abc import Iterable, Iterator, Sequence

from api.inspection_shown import finding_sums, head_sums
from api.ledger_lines import Value
from api.printed_register import Column, Printed
from api.service import Service
from domain.inspection import Inspection
from domain.inspection_codes import INSPECTION_KIND, INSPECTION_METHOD

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
REGISTER = Printed("inspections", "督查登记表", "Register of inspections", COLUMNS)
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
