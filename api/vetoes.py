"""Vetoes over HTTP (一票否决): the evidence by school, and what a person decided upon it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import (
    IfMatch,
    Key,
    Language,
    Limit,
    MinLogPosition,
    Serving,
    SignedIn,
    permitted_posts,
)
from api.inspection_shown import place
from api.looking import Looking
from api.openapi import FRESH, READ, WRITE, answered, body_example, problems
from api.schemas.supervision import VetoDecision
from api.service import Service
from api.showing import local, shown
from api.subjects import NEXT, cursor_of, id_of, page_of, subject_recorded, subject_recorded_as
from api.supervision_reach import Area, PeriodAsked, acting_at, area_of_step, period_asked
from api.veto_evidence import VIEWS, cases_behind, evidence_of
from application.access import Post
from application.inspecting import own_schools
from application.subjects import Wish
from domain import inspection_refusals, refusals
from domain import supervision_refusals as rules
from domain.supervision_periods import Period
from domain.vetoes import VETO_STATE, Evidence, Veto, rebounded

router = APIRouter(route_class=Checked, tags=["vetoes 一票否决"])
PATH = "/v1/vetoes"


async def deciding(request: Request) -> list[Post]:
    """Give the posts in which the person decides on vetoes."""
    return await permitted_posts(request, "decide_veto")


async def views_position(service: Serving, min_log_position: MinLogPosition = None) -> int:
    """Wait for ``Min-Log-Position`` if it is given; say where the cases stand."""
    if min_log_position is None:
        return await service.freshness.position(VIEWS)
    return await service.freshness.reached(min_log_position, views=VIEWS)


ViewsPosition = Annotated[int, Depends(views_position)]


@router.get(
    PATH,
    summary="一票否决证据 · Schools whose dropouts or relapses rebounded, and what was decided",
    description="Confirmed dropouts and relapses of the period against the period before, counted"
    " as the indicators count them, with the cases behind within one's reach. `state` is"
    " `evidence` until a person decides; the service never does.",
    responses={
        **answered("vetoes", "A page, by school code: schools that rebounded or were decided on."),
        **problems(*READ, *FRESH, "not-found", "record-damaged", "keys-away"),
    },
)
async def list_vetoes(
    area: Annotated[Area, area_of_step("read_vetoes")],
    service: Serving,
    language: Language,
    looking: Looking,
    position: ViewsPosition,
    period: PeriodAsked = None,
    every: Annotated[
        bool, Query(alias="all", description="schools without a rebound as well")
    ] = False,
    limit: Limit = 50,
    cursor: Annotated[str | None, cursor_of(str), Query(description=NEXT)] = None,
) -> Response:
    asked = period_asked(service, period)
    evidence = await evidence_of(service, asked, area.schools, position)
    names = [(school, asked.name) for school in evidence]
    decided = {school: one for (school, _), one in await service.supervision.vetoes.told(names)}
    found = [
        school
        for school, figures in evidence.items()
        if every or school in decided or rebounded(figures)
    ]
    some, following = page_of(found, lambda school: (school,), limit, cursor)
    cases = await cases_behind(service, asked, some, position, area.posts, language)
    items = [
        {
            **told(service, language, asked, school, evidence[school], decided.get(school)),
            "cases": cases.get(school, []),
        }
        for school in some
    ]
    children = {case["student_id"]: item["school_code"] for item in items for case in item["cases"]}
    return await looking.answer(
        "vetoes",
        {"items": items, "next_cursor": following},
        children,
        position=position,
        rows=len(items),
        filters={"period": asked.name},
    )


@router.post(
    PATH,
    status_code=201,
    summary="一票否决决定 · Decide, by the evidence, whether a school is vetoed for a period",
    description="Recorded with the figures as they stand and the place in the log they stand at."
    " A decision is final; it is restated, with its reason, by naming it in `restates`.",
    responses={
        **subject_recorded_as("veto_decided", "Decided."),
        **problems(
            *(*READ, *WRITE, *FRESH, "out-of-reach", "version-moved"),
            *("record-damaged", "keys-away"),
            rules=[
                *(inspection_refusals.OwnSchool, rules.PeriodNotBegun, rules.VetoDecided),
                *(refusals.NoSuchEntry, refusals.SchoolUnknown),
            ],
        ),
    },
    openapi_extra=body_example(VetoDecision),
)
async def decide(
    request: Request,
    _: Annotated[list[Post], Depends(deciding)],
    person: SignedIn,
    service: Serving,
    position: ViewsPosition,
    body: VetoDecision,
    if_match: IfMatch,
    key: Key,
) -> Response:
    facts = body.facts()
    school, period = facts.pop("school_code"), period_asked(service, facts.pop("period"))
    post = await acting_at(request, "decide_veto", school)
    if service.directory.school(school) is None:
        raise refusals.SchoolUnknown(school_code=school)
    evidence = (await evidence_of(service, period, [school], position))[school]
    done = await service.supervision.decide_veto(
        Wish(person.actor(post), if_match, key),
        period,
        school,
        evidence=evidence,
        position=position,
        own=own_schools(person),
        **facts,
    )
    told_of = subject_recorded(service, done, id_of(school, period.name), PATH)
    told_of.headers["Location"] = f"{PATH}?period={period.name}&school_code={school}&all=true"
    return told_of


def told(
    service: Service,
    language: str,
    period: Period,
    school: str,
    evidence: Evidence,
    veto: Veto | None,
) -> dict[str, Any]:
    """Give a school's evidence, and what was decided, as answers show it."""
    item = {
        **place(school, service),
        "period": period.name,
        "period_before": period.before.name,
        **evidence,
        "rebounded": rebounded(evidence),
        "state": veto.state if veto else "evidence",
        "decisions": [
            {
                "entry": one.originator_version,
                "veto": one.veto,
                "reason": one.reason,
                "evidence": one.evidence,
                "position": one.position,
                "restates": one.restates,
                "recorded_at": local(one.timestamp, service.settings.zone),
                "recorded_by": one.by,
            }
            for one in (veto.decisions if veto else [])
        ],
    }
    answer: dict[str, Any] = shown(item, language, masks={}, kinds={"state": VETO_STATE})
    return answer
