"""What stands in the menu, for whom."""

from typing import TYPE_CHECKING, NamedTuple

from application.roles import ASKED, READERS

if TYPE_CHECKING:
    from api.web.visit import Visit

AUDITING = frozenset({"auditor", "bureau"})


class Item(NamedTuple):
    """A page of the menu, and the roles it is for."""

    path: str
    zh: str
    en: str
    roles: frozenset[str]


ITEMS = (
    Item("/", "我的工作", "My work", READERS | ASKED),
    Item("/children", "学生", "Children", READERS),
    Item("/ledgers", "台账", "Ledgers", READERS),
    Item("/returns", "月报", "Monthly return", READERS),
    Item("/district", "全区", "District", READERS),
    Item("/audit", "审计", "Audit", AUDITING),
    Item("/admin", "管理", "Administration", frozenset({"admin", "bureau"})),
)


def menu(visit: "Visit") -> list[dict[str, object]]:
    """Give the pages for who visits, and which of them they are on."""
    path = visit.request.url.path
    return [
        {
            "path": item.path,
            "words": visit.t(item.zh, item.en),
            "current": path == item.path or (item.path != "/" and path.startswith(item.path + "/")),
        }
        for item in ITEMS
        if visit.roles & item.roles
    ]
