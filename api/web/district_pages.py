"""全区: open cases now and over time, by township and school; every indicator with its cases."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from starlette.responses import Response

from api.showing import local
from api.web.asking import Params
from api.web.charts import bars, line
from api.web.routing import page
from api.web.visit import Visit
from application.access import counts_whole_district
from domain.codes import OPEN_STATUS, STATUS
from projections.indicators import BY_NAME

PLACE = ("school_code", "township")
DAYS = ("from", "to")
BY = ("", "township", "school")
STATUSES = [code for code in STATUS if code in OPEN_STATUS]
PARTS = ("numerator", "denominator")
PAGE = 50


class Place(NamedTuple):
    """The open cases of a school, of a township, or of all: how many, and of which status."""

    school_code: str | None
    name: str
    township: str | None
    open: int
    counts: Mapping[str, int]


async def district(visit: Visit) -> Response:
    """Show the open cases of one's area, live, and how many there were."""
    wanted = asked_of(visit, PLACE)
    live, trend = await asyncio.gather(
        visit.ask.get("/v1/live-counts"), visit.ask.get("/v1/case-trend", wanted)
    )
    every = live.body["items"]
    items = [one for one in every if lies_in(one, wanted)]
    schools = [place_of(visit, one) for one in items]
    townships = by_township(visit, schools)
    months = trend.body["items"]
    return visit.page(
        "district.html",
        wanted=wanted,
        places=every,
        total=added("", None, schools),
        townships=townships,
        schools=schools,
        statuses=[STATUS[code] for code in STATUSES],
        bars=bars([(place.name, place.open) for place in townships]),
        months=months,
        line=line([(str(int(one["month"][5:])), one["open"]) for one in months]),
    )


async def indicators(visit: Visit) -> Response:
    """Show every indicator of a place and period, and of each place below it."""
    asked = visit.request.query_params
    wanted = asked_of(visit, (*PLACE, *DAYS, "as_of"))
    by = asked.get("by", "") if asked.get("by", "") in BY else ""
    public = bool(asked.get("public"))
    live, found = await asyncio.gather(
        visit.ask.get("/v1/live-counts"),
        visit.ask.get("/v1/indicators", {**contract(visit, wanted), "by": by, "public": public}),
    )
    return visit.page(
        "indicators.html",
        wanted=wanted,
        by=by,
        public=public,
        may_public=any(counts_whole_district(post) for post in visit.posts),
        places=live.body["items"],
        found=found.body,
        carried={name: value for name, value in wanted.items() if value},
    )


async def cases(visit: Visit) -> Response:
    """Show the cases a figure adds up."""
    name = visit.request.path_params["indicator"]
    asked = visit.request.query_params
    wanted = asked_of(visit, (*PLACE, *DAYS, "as_of"))
    part = asked.get("part", "") if asked.get("part", "") in PARTS else PARTS[0]
    found = await visit.ask.get(
        f"/v1/indicators/{name}/cases",
        {**contract(visit, wanted), "part": part, "cursor": asked.get("cursor"), "limit": PAGE},
    )
    carried = {word: value for word, value in wanted.items() if value}
    return visit.page(
        "indicator_cases.html",
        indicator=BY_NAME[name],
        said=getattr(BY_NAME[name], part).said[visit.language == "en"],
        part=part,
        rows=found.body["items"],
        following=found.body["next_cursor"],
        carried=carried,
        place=visit.service.directory.name_of(wanted["school_code"]) or wanted["township"],
    )


def asked_of(visit: Visit, names: Iterable[str]) -> dict[str, str]:
    return {name: visit.request.query_params.get(name, "") for name in names}


def contract(visit: Visit, wanted: Mapping[str, str]) -> Params:
    """Give filters as the contract takes them: a day is seen from its end."""
    day = wanted["as_of"]
    offset = local(visit.service.tracking.now(), visit.service.settings.zone).isoformat()[-6:]
    return {**wanted, "as_of": f"{day}T23:59:59{offset}" if day else ""}


def lies_in(one: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return all(not wanted[name] or one[name] == wanted[name] for name in PLACE)


def place_of(visit: Visit, one: Mapping[str, Any]) -> Place:
    """Read what live counts tell of a school, or of the children of a township at none."""
    name = one["school"] or visit.t("不在任何学校", "at no school")
    counts = {count["status"]: count["cases"] for count in one["counts"]}
    return Place(one["school_code"], name, one["township"], one["open"], counts)


def by_township(visit: Visit, schools: Iterable[Place]) -> list[Place]:
    """Add schools up by township, the townships in the order of their names."""
    found: dict[str, list[Place]] = {}
    for school in schools:
        found.setdefault(school.township or "", []).append(school)
    unknown = visit.t("未定镇(街道)", "no township")
    return [added(name or unknown, name, found[name]) for name in sorted(found)]


def added(name: str, township: str | None, places: Iterable[Place]) -> Place:
    counts = dict.fromkeys(STATUSES, 0)
    for place in places:
        for status, cases_ in place.counts.items():
            counts[status] += cases_
    return Place(None, name, township, sum(counts.values()), counts)


routes = [
    page("/district", district),
    page("/district/indicators", indicators),
    page("/district/{indicator}/cases", cases),
]
