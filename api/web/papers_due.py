"""What awaits a person beside the children: pledges to sign, findings to answer, the quarter."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from api.web.quarter_pages import own_units, quarters_to
from api.web.visit import Visit
from domain.inspection_codes import TO_DO
from domain.pledges import WITHIN_SCHOOL

LOOKED_AT = 50  # of each list
TO_REPORT = frozenset({"due", "late"})
PLEDGING = frozenset({"principal", "township"})  # for their units, to the bureau


class Paper(NamedTuple):
    """One of them: the page that does it, what it is, of where, and by when."""

    path: str
    words: str
    where: str
    due_on: str


async def papers_due(visit: Visit) -> list[Paper]:
    """Give all of them, the first due first."""
    found = await asyncio.gather(pledges(visit), findings(visit), quarters(visit))
    return sorted((paper for some in found for paper in some), key=lambda paper: paper.due_on)


async def pledges(visit: Visit) -> list[Paper]:
    """Give the pledges that await the signature of who visits."""
    if not visit.may("sign_pledge"):
        return []
    asked = {"unsigned": True, "limit": LOOKED_AT}
    return [
        Paper(
            f"/pledges/{one['id']}/sign",
            visit.t("签订责任书", "Sign a pledge"),
            f"{one['level_label']} · {one['to_unit_name']}",
            one["due_on"],
        )
        for one in (await visit.ask.get("/v1/pledges", asked)).body["items"]
        if theirs(visit, one)
    ]


def theirs(visit: Visit, pledge: Mapping[str, Any]) -> bool:
    """Say whether the side of who visits has not signed."""
    within = pledge["level"] in WITHIN_SCHOOL
    if ("principal" if within else "bureau") in visit.roles:
        return "from" in pledge["awaiting"]
    assert visit.person is not None
    named = pledge["to_person"] in {None, visit.person.name}
    return "to" in pledge["awaiting"] and named and (within or bool(PLEDGING & visit.roles))


async def findings(visit: Visit) -> list[Paper]:
    """Give the findings a school has to put right, or those put right that somebody accepts."""
    if not (visit.may("rectify") or visit.may("inspect")):
        return []
    mine = TO_DO if visit.may("rectify") else frozenset({"rectified"})
    page, words = (
        ("rectification", visit.t("登记整改", "Put a finding right"))
        if visit.may("rectify")
        else ("decision", visit.t("整改销号", "Close a finding"))
    )
    asked = {"limit": LOOKED_AT}
    return [
        Paper(
            f"/inspections/{one['inspection']}/schools/{one['school_code']}"
            f"/findings/{one['finding']}/{page}",
            words,
            f"{one['school']} · {one['what']}",
            one["due_on"],
        )
        for one in (await visit.ask.get("/v1/inspections/rectifications", asked)).body["items"]
        if one["state"] in mine
    ]


async def quarters(visit: Visit) -> list[Paper]:
    """Give the quarters, this one and the one before, that a unit of theirs has not reported."""
    own = own_units(visit) if visit.may("report_quarter") else []
    if not own:
        return []
    names = quarters_to(visit.service.tracking.today())[:2]
    answered = await asyncio.gather(
        *(visit.ask.get(f"/v1/quarterly-reports/{name}") for name in names)
    )
    return [
        Paper(
            f"/quarterly/{one.body['quarter']}",
            visit.t("季度末报送", "Quarterly report"),
            f"{one.body['quarter']} · {unit['unit']}",
            one.body["due_on"],
        )
        for one in answered
        for unit in one.body["items"]
        if unit["unit"] in own and unit["state"] in TO_REPORT
    ]
