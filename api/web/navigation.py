"""What stands in the menu, for whom."""

from typing import TYPE_CHECKING, NamedTuple

from application.roles import ASKED, MAY, READERS

if TYPE_CHECKING:
    from api.web.visit import Visit

AUDITING = frozenset({"auditor", "bureau", "principal"})
RUNNING = frozenset({"admin", "bureau"})


class Item(NamedTuple):
    """A page of the menu, and the roles it is for."""

    path: str
    zh: str
    en: str
    roles: frozenset[str]
    below: tuple[str, ...] = ()  # other places whose pages belong to it

    def holds(self, path: str) -> bool:
        """Say whether a page is this one, or below it."""
        return path == self.path or any(
            path == one or path.startswith(one + "/")
            for one in (self.path, *self.below)
            if one != "/"
        )


ITEMS = (
    Item("/", "我的工作", "My work", READERS | ASKED),
    Item("/roll-call", "点名", "Roll-call", MAY["call_roll"]),
    Item("/children", "学生", "Children", READERS),
    Item("/ledgers", "台账", "Ledgers", READERS),
    Item(
        "/supervision", "督导", "Supervision", MAY["read_bulletins"], ("/inspections", "/pledges")
    ),
    Item("/returns", "月报", "Monthly return", MAY["read_return"]),
    Item("/quarterly", "季报", "Quarterly report", MAY["read_quarter"]),
    Item("/district", "全区", "District", MAY["count_cases"]),
    Item("/audit", "审计", "Audit", AUDITING),
    Item("/admin", "管理", "Administration", RUNNING),
)


def menu(visit: "Visit") -> list[dict[str, object]]:
    """Give the pages for who visits, and which of them they are on."""
    path = visit.request.url.path
    return [
        {
            "path": item.path,
            "words": visit.t(item.zh, item.en),
            "current": item.holds(path),
        }
        for item in ITEMS
        if visit.roles & item.roles
    ]
