"""How answers show pledges (责任书): terms, signatures, what became of them; and as printed."""

from collections.abc import Iterable, Iterator
from typing import Any

from api.ledger_lines import Value
from api.printed_register import Column, Printed
from api.service import Service
from api.showing import local, shown
from api.subjects import Standing, id_of
from application.pledges import Bundle
from application.units import unit_of
from domain.pledges import PLEDGE_LEVEL, PLEDGE_SIDE, PLEDGE_STATE, UNSIGNED, Pledge, PledgeIssued

LISTS = {"level": PLEDGE_LEVEL, "state": PLEDGE_STATE, "side": PLEDGE_SIDE}
REGISTER = Printed(
    "pledges",
    "责任书登记表",
    "Register of pledges",
    (
        Column("序号", "No.", 6),
        Column("类型", "Level", 22),
        Column("乡镇", "Township", 12),
        Column("责任单位", "Unit", 18),
        Column("责任人", "Person", 10),
        Column("班级", "Class", 10),
        Column("发出日期", "Issued on", 12),
        Column("签订期限", "Due on", 12),
        Column("状态", "State", 10),
        Column("发出方签订", "Signed by issuer", 20),
        Column("责任方签订", "Signed by unit", 20),
    ),
)


def pledge_id_of(bundle: Bundle, entry: int) -> str:
    return id_of(bundle.level, bundle.unit, bundle.year, entry)


def told(
    service: Service, language: str, stands: Standing, bundle: Bundle, pledge: Pledge
) -> dict[str, Any]:
    """Give a pledge as answers show it."""
    zone, directory, issued = service.settings.zone, service.directory, pledge.issued
    unit = unit_of(directory, bundle.unit)
    state = pledge.state(stands.today)
    item: dict[str, Any] = {
        "id": pledge_id_of(bundle, pledge.entry),
        "level": bundle.level,
        "state": state,
        "school_year": bundle.year,
        "entry": pledge.entry,
        "township": unit.township,
        "from_unit": issued.from_unit,
        "from_unit_name": unit_of(directory, issued.from_unit).named(language),
        "to_unit": bundle.unit,
        "to_unit_name": unit.named(language),
        **terms_of(issued),
        "signatures": [
            {
                "side": side,
                "entry": one.originator_version,
                "signed_on": one.occurred_on,
                "signed_by": one.by,
                "recorded_at": local(one.timestamp, zone),
            }
            for side, one in sorted(pledge.signatures.items())
        ],
        "awaiting": sorted(PLEDGE_SIDE.keys() - pledge.signatures) if state in UNSIGNED else [],
        "signed_late": pledge.late,
        "replaced_by": pledge.replaced_by,
        "withdrawn_because": pledge.withdrawn.reason if pledge.withdrawn else None,
        "recorded_at": local(issued.timestamp, zone),
        "recorded_by": issued.by,
    }
    answer: dict[str, Any] = shown(item, language, masks={}, kinds=LISTS)
    answer["signatures"] = shown(item["signatures"], language, masks={}, kinds=LISTS)
    return answer


def terms_of(issued: PledgeIssued) -> dict[str, Any]:
    """Give what a pledge says, as it was issued."""
    names = (
        *("to_person", "grade", "class_name", "term_from", "term_to", "due_on", "terms", "text"),
        *("replaces", "reason"),
    )
    return {"issued_on": issued.occurred_on, **{name: getattr(issued, name) for name in names}}


def lines(items: Iterable[dict[str, Any]], language: str) -> Iterator[list[Value]]:
    """Give the lines of the register, a pledge each."""
    of_class = "Grade {}, {}" if language == "en" else "{}年级{}"
    for seq, item in enumerate(items, 1):
        signed = {
            one["side"]: f"{one['signed_on']} {one['signed_by']['name']}"
            for one in item["signatures"]
        }
        class_name = item["class_name"]
        yield [
            *(seq, item["level_label"], item["township"], item["to_unit_name"], item["to_person"]),
            of_class.format(item["grade"], class_name) if class_name else None,
            *(item["issued_on"], item["due_on"], item["state_label"]),
            *(signed.get("from"), signed.get("to")),
        ]
