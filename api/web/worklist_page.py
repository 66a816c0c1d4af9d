"""待办: everything due, in the lists of the contract, narrowed by place, kind and person."""

from starlette.responses import Response

from api.web.asking import Params
from api.web.places import areas_of
from api.web.routing import page
from api.web.sent import sent
from api.web.visit import Visit
from api.web.work import form_for
from domain.duties import DUTY_KIND

VIEWS = (
    ("mine", "我的", "Mine"),
    ("overdue", "已逾期", "Overdue"),
    ("awaiting-me", "等我审批或答复", "Awaiting me"),
    ("no-follow-up", "预警后无人跟进", "Not followed up"),
    ("unassigned", "没有责任人", "Nobody responsible"),
    ("all", "全部", "All"),
)
FILTERS = ("view", "school_code", "township", "kind", "responsible", "cursor")
ROWS = 50


async def worklist(visit: Visit) -> Response:
    """Show one of the lists."""
    return await listed(visit, dict(visit.request.query_params))


async def narrowed(visit: Visit) -> Response:
    """Narrow a list: a person's name that is typed never stands in an address."""
    fields = await sent(visit.request)
    return await listed(visit, {name: value for name, value in fields.pairs if value})


async def listed(visit: Visit, told: dict[str, str]) -> Response:
    wanted = {name: told.get(name, "") for name in FILTERS}
    wanted["view"] = wanted["view"] or "mine"
    asked: Params = {**wanted, "limit": ROWS}
    found = (await visit.ask.get("/v1/worklist", asked)).body
    return visit.page(
        "worklist.html",
        duties=found["items"],
        following=found["next_cursor"],
        wanted=wanted,
        narrowed=any(wanted[name] for name in FILTERS if name not in {"view", "cursor"}),
        views=[(view, visit.t(zh, en)) for view, zh, en in VIEWS],
        kinds=DUTY_KIND.values(),
        areas=areas_of(visit),
        form_for=form_for(visit),
    )


routes = [page("/worklist", worklist), page("/worklist", narrowed, methods=("POST",))]
