"""考评细则: every version of every rubric, one of them, and the forms to issue one or the next."""

from typing import Any

from starlette.responses import Response

from api.schemas.supervision import RubricBody
from api.web.act_forms import ActForm, form_pages, with_known
from api.web.fields import Field, called, fields_of, shaped
from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_pages import narrowed
from api.web.routing import page
from api.web.visit import Visit

CONTRACT, HERE = "/v1/rubrics", "/supervision/rubrics"
BLANK_ROWS = 12  # items a form has room for, beside those of the version it replaces
MOST_ITEMS = 200
ITEM = {
    "code": {"called": called("项目代码", "Code")},
    "title": {"called": called("考评项目", "Item")},
    "points": {"called": called("分值", "Points")},
}


async def rubrics(visit: Visit) -> Response:
    """Show the rubrics by their number."""
    asked = LedgerAsked.of(visit, ())
    found, refused = await narrowed(visit, CONTRACT, asked)
    following = found["next_cursor"]
    return visit.page(
        "rubrics.html",
        status=refused.status if refused else 200,
        rubrics=found["items"],
        following=following and asked.query(**{PLACE: following}),
        refused=refused,
    )


async def read(visit: Visit) -> dict[str, Any]:
    number = visit.request.path_params["rubric"]
    found: dict[str, Any] = (await visit.ask.get(f"{CONTRACT}/{number}")).body
    return found


async def rubric(visit: Visit) -> Response:
    """Show one rubric, item by item."""
    saved = bool(visit.request.query_params.get("saved"))
    return visit.page("rubric.html", rubric=await read(visit), saved=saved)


def items_of(rows: int) -> tuple[Field, ...]:
    """Give the fields of a rubric with room for so many items."""
    fields = tuple(field for field in fields_of(RubricBody) if field.name != "replaces")
    parts = next(shaped(field.parts, ITEM) for field in fields if field.name == "items")
    return shaped(fields, {"items": {"parts": parts, "rows": min(rows, MOST_ITEMS)}})


async def issue_form(visit: Visit) -> ActForm:
    """Give the form of a rubric that replaces none."""
    return ActForm(
        title=visit.t("印发考评细则", "Issue a rubric"),
        fields=items_of(BLANK_ROWS),
        sent_to=CONTRACT,
        then=f"{HERE}/{{id}}",
        back=(HERE, visit.t("考评细则", "Rubrics")),
        about=visit.t("印发后不再改动;要改就印发新的一版。", "It is never changed, but replaced."),
        button=visit.t("印发", "Issue"),
    )


async def next_form(visit: Visit) -> ActForm:
    """Give the form of the version that takes over from a rubric, filled in with its items."""
    old = await read(visit)
    return ActForm(
        title=visit.t("印发新的一版", "Issue the next version"),
        fields=items_of(len(old["items"]) + BLANK_ROWS),
        sent_to=CONTRACT,
        then=f"{HERE}/{{id}}",
        back=(f"{HERE}/{old['number']}", old["title"]),
        known={"title": old["title"], "items": old["items"]},
        about=visit.t(
            f"自新的施行日期起,替代第 {old['number']} 号细则;原细则保留。",
            f"From its day it replaces number {old['number']}, which stays as it is.",
        ),
        button=visit.t("印发", "Issue"),
        body=with_known(replaces=old["number"]),
    )


routes = [
    page(HERE, rubrics),
    *form_pages(f"{HERE}/new", issue_form, "issue_rubric"),
    page(f"{HERE}/{{rubric}}", rubric),
    *form_pages(f"{HERE}/{{rubric}}/next", next_form, "issue_rubric"),
]
