"""一票否决: the evidence of a rebound by school with the cases behind, and the forms to decide."""

from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.schemas.supervision import VetoDecision
from api.web.act_forms import ActForm, form_pages, with_known
from api.web.fields import called, fields_of, shaped
from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_pages import narrowed
from api.web.periods import period_named, periods_offered, this_year
from api.web.places import areas_of
from api.web.routing import page
from api.web.visit import Visit

CONTRACT, HERE = "/v1/vetoes", "/supervision/vetoes"
FILTERS = ("period", "school_code", "township", "all")
FIELDS = shaped(
    tuple(field for field in fields_of(VetoDecision) if field.name in {"veto", "reason"}),
    {"veto": {"called": called("是否一票否决", "Veto the school")}},
)


async def vetoes(visit: Visit) -> Response:
    """Show the schools whose dropouts or relapses rebounded, and what was decided."""
    asked = LedgerAsked.of(visit, FILTERS)
    found, refused = await narrowed(visit, CONTRACT, asked)
    following = found["next_cursor"]
    periods = periods_offered(visit, asked.wanted["period"])
    wanted = asked.wanted["period"] or this_year(visit).name
    return visit.page(
        "vetoes.html",
        status=refused.status if refused else 200,
        schools=found["items"],
        following=following and asked.query(**{PLACE: following}),
        wanted=asked.wanted,
        filtered=any(asked.wanted.values()),
        refused=refused,
        areas=areas_of(visit),
        periods=periods,
        period=period_named(wanted).label(visit.language),
        saved=bool(visit.request.query_params.get("saved")),
    )


async def evidence(visit: Visit) -> dict[str, Any]:
    """
    Read the evidence of the school a page is about.

    :raises Problem: ``not-found`` if there is none of such a school
    """
    params = visit.request.path_params
    asked = {"period": params["period"], "school_code": params["school"], "all": True}
    items: list[dict[str, Any]] = (await visit.ask.get(CONTRACT, asked)).body["items"]
    if not items:
        raise Problem("not-found")
    return items[0]


def about(visit: Visit, one: dict[str, Any]) -> str:
    """Say in a line what the evidence of a school is."""
    period = period_named(one["period"]).label(visit.language)
    return visit.t(
        f"{one['school']} · {period}:确认辍学 {one['dropouts']} 人(上期 {one['dropouts_before']})"
        f",反弹 {one['relapses']} 人次(上期 {one['relapses_before']})。数字随决定存档。",
        f"{one['school']} · {period}: {one['dropouts']} dropouts (before: {one['dropouts_before']})"
        f", {one['relapses']} relapses (before: {one['relapses_before']}), kept with the decision.",
    )


async def decision_form(visit: Visit) -> ActForm:
    """Give the form of a first decision."""
    return form_of(visit, await evidence(visit), visit.t("研究决定", "Decide"))


async def restating_form(visit: Visit) -> ActForm:
    """Give the form that restates the decision the page named, and no later one."""
    entry = visit.request.path_params["entry"]
    one = await evidence(visit)
    known = {str(decided["entry"]): decided for decided in one["decisions"]}
    if entry not in known:
        raise Problem("not-found")
    title = visit.t("改变决定", "Restate the decision")
    return form_of(visit, one, title, restates=known[entry]["entry"])


def form_of(visit: Visit, one: dict[str, Any], title: str, **known: Any) -> ActForm:
    return ActForm(
        title=title,
        fields=FIELDS,
        sent_to=CONTRACT,
        then=f"{HERE}?period={one['period']}&school_code={one['school_code']}&all=true",
        back=(f"{HERE}?period={one['period']}", visit.t("一票否决", "Vetoes")),
        about=about(visit, one),
        button=title,
        body=with_known(period=one["period"], school_code=one["school_code"], **known),
    )


ONE = f"{HERE}/{{period}}/{{school}}"
routes = [
    page(HERE, vetoes),
    *form_pages(f"{ONE}/decide", decision_form, "decide_veto"),
    *form_pages(f"{ONE}/restate/{{entry}}", restating_form, "decide_veto"),
]
