"""Scores over HTTP (考评): given by a rubric, corrected, commended, listed; never a ranking."""

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.checking import Checked, service_of
from api.deps import (
    AsOf,
    IfMatch,
    Key,
    Language,
    Limit,
    Serving,
    SignedIn,
    permitted_posts,
    signed_in_person,
)
from api.looking import Looking
from api.openapi import FRESH, READ, WRITE, answered, body_example, problems
from api.printed_register import answered_as, send_register
from api.schemas.supervision import ScoreBody, ScoreCommendation, ScoreCorrection
from api.score_shown import REGISTER, lines, scores_of, told
from api.showing import answer
from api.subjects import (
    NEXT,
    Stands,
    cursor_of,
    id_of,
    names_in,
    page_of,
    subject_recorded,
    subject_recorded_as,
    unknown,
)
from api.supervision_reach import (
    Area,
    PeriodAsked,
    acting_at,
    area_of_step,
    check_seen,
    period_asked,
)
from application.access import Post
from application.inspecting import own_schools, sees
from application.inspections import InspectionId
from application.subjects import Wish
from application.supervising import Names
from domain import inspection_refusals, refusals
from domain import supervision_refusals as rules
from domain.inspection import Inspection
from domain.scores import SchoolScores, Score

router = APIRouter(route_class=Checked, tags=["scores 考评"])
PATH = "/v1/scores"
NAMED = (*READ, "not-found", "out-of-reach", "record-damaged", "keys-away")
POINTS = [rules.ItemsDiffer, rules.PointsBeyondItem, rules.DeductionUnproven]


class Named(NamedTuple):
    """A score that a path names, the stream it stands in, and its rubric's points."""

    names: Names
    scores: SchoolScores
    score: Score


async def score_named(request: Request, text: str, upto: int | None = None) -> Named:
    """
    Load the score a path names.

    :raises Problem: ``not-found`` for one there is none of
    """
    names = names_in(text, str, str, int)
    if names is None:
        raise unknown()
    school, period, entry = names
    scores = await service_of(request).supervision.scores.one(school, period, upto=upto)
    if entry not in scores.scores:
        raise unknown()
    return Named((school, period), scores, scores.score(entry))


Id = Annotated[str, Path(description="the score's id")]


async def score_read(request: Request, score_id: Id, stands: Stands) -> Named:
    await permitted_posts(request, "read_scores")
    named = await score_named(request, score_id, stands.position)
    await check_seen(request, "read_scores", named.names[0])
    return named


async def score_kept(request: Request, score_id: Id) -> Named:
    await permitted_posts(request, "score")
    named = await score_named(request, score_id)
    await acting_at(request, "score", named.names[0])
    return named


async def score_commended(request: Request, score_id: Id) -> Named:
    await permitted_posts(request, "commend")
    named = await score_named(request, score_id)
    await acting_at(request, "commend", named.names[0])
    return named


async def scoring(request: Request) -> list[Post]:
    """Give the posts in which the person scores schools."""
    return await permitted_posts(request, "score")


async def inspection_of(request: Request, number: str, school_code: str) -> Inspection:
    """
    Load an inspection that somebody names as evidence of a school's score.

    :raises InspectionElsewhere: if there is none, for them, of that school
    """
    asked, person = InspectionId.read(number), signed_in_person(request)
    posts = await permitted_posts(request, "read_inspections")
    one = await service_of(request).inspections.one(asked) if asked else None
    if one is None or school_code not in one.planned.schools or not sees(person, posts, one):
        raise rules.InspectionElsewhere(inspection=number)
    return one


@router.post(
    PATH,
    status_code=201,
    summary="考评 · Score a school by a rubric",
    description="By the bureau, or an inspector of the school's running inspection. Each item of"
    " the rubric once, within its points; every deduction with its evidence.",
    responses={
        **subject_recorded_as("score_given", "Scored."),
        **problems(
            *(*READ, *WRITE, "out-of-reach", "version-moved", "record-damaged", "keys-away"),
            rules=[
                *(inspection_refusals.OwnSchool, rules.NotInspecting, rules.InspectionElsewhere),
                *(rules.NoSuchRubric, rules.RubricNotInForce, rules.ScoredBeforePeriod, *POINTS),
                *(refusals.SchoolUnknown, refusals.FutureDay),
            ],
        ),
    },
    openapi_extra=body_example(ScoreBody),
)
async def give(
    request: Request,
    _: Annotated[list[Post], Depends(scoring)],
    person: SignedIn,
    service: Serving,
    body: ScoreBody,
    if_match: IfMatch,
    key: Key,
) -> Response:
    facts = body.facts()
    school, period = body.school_code, period_asked(service, facts.pop("period"))
    post = await acting_at(request, "score", school)
    if service.directory.school(school) is None:
        raise refusals.SchoolUnknown(school_code=school)
    running = False
    for number in dict.fromkeys(filter(None, (body.inspection, *named_by(body)))):
        one = await inspection_of(request, number, school)
        running |= number == body.inspection and one.state == "running"
    done = await service.supervision.score(
        Wish(person.actor(post), if_match, key),
        period,
        own=own_schools(person),
        inspecting=running,
        **facts,
    )
    return subject_recorded(service, done, id_of(school, period.name, done.answer["entry"]), PATH)


def named_by(body: ScoreBody | ScoreCorrection) -> Iterator[str]:
    """Give the inspections that a score's items name."""
    return (item.inspection for item in body.points if item.inspection)


@router.post(
    f"{PATH}/{{score_id}}/corrections",
    status_code=201,
    summary="更正考评 · Put a new version of a score beside the old",
    responses={
        **subject_recorded_as("score_corrected", "Corrected; both versions stay visible."),
        **problems(
            *(*NAMED, *WRITE, "version-moved"),
            rules=[
                *(inspection_refusals.OwnSchool, refusals.NothingChanged, *POINTS),
                rules.InspectionElsewhere,
            ],
        ),
    },
    openapi_extra=body_example(ScoreCorrection),
)
async def correct(
    request: Request,
    named: Annotated[Named, Depends(score_kept)],
    person: SignedIn,
    service: Serving,
    body: ScoreCorrection,
    if_match: IfMatch,
    key: Key,
) -> Response:
    for number in dict.fromkeys(named_by(body)):
        await inspection_of(request, number, named.names[0])
    score, wish = named.score, Wish(person.actor(request.state.post), if_match, key)
    done = await service.supervision.correct_score(
        wish,
        named.names,
        score.entry,
        score.given.rubric,
        own=own_schools(person),
        **body.facts(),
    )
    return subject_recorded(service, done, id_of(*named.names, score.entry), PATH)


@router.post(
    f"{PATH}/{{score_id}}/commendation",
    status_code=201,
    summary="表扬 · Decide whether a school is commended for a score",
    description="A person decides, and says why; no number of points does.",
    responses={
        **subject_recorded_as("score_commended", "Decided."),
        **problems(
            *(*NAMED, *WRITE, "version-moved"),
            rules=[inspection_refusals.OwnSchool, refusals.NothingChanged],
        ),
    },
    openapi_extra=body_example(ScoreCommendation),
)
async def commend(
    request: Request,
    named: Annotated[Named, Depends(score_commended)],
    person: SignedIn,
    service: Serving,
    body: ScoreCommendation,
    if_match: IfMatch,
    key: Key,
) -> Response:
    wish, entry = Wish(person.actor(request.state.post), if_match, key), named.score.entry
    done = await service.supervision.commend(
        wish, named.names, entry, own=own_schools(person), **body.facts()
    )
    return subject_recorded(service, done, id_of(*named.names, entry), PATH)


@router.get(
    f"{PATH}/{{score_id}}",
    summary="考评内容 · One score, with every version of it",
    responses={
        **answered("score", "The score; `ETag` is the version of its stream."),
        **problems(*NAMED, *FRESH),
    },
)
async def read_score(
    named: Annotated[Named, Depends(score_read)],
    service: Serving,
    language: Language,
    stands: Stands,
) -> Response:
    rubrics = await service.supervision.rubrics.one(upto=stands.position)
    body = told(service, language, rubrics, named.score)
    headers = {"ETag": f'"{named.scores.version}"'}
    return answer(body, position=stands.position, headers=headers)


@router.get(
    PATH,
    summary="考评 · The scores of a period, by school code and never by rank",
    description="Sorted by school code alone: nothing here ranks schools or children, and there is"
    " no sum, mean or place over schools (domain.md section 8, duty 12).",
    responses={
        **answered_as("scores", "A page; as `xlsx` or `csv` the register (考评登记表)."),
        **problems(*READ, *FRESH, "not-found", "record-damaged", "keys-away"),
    },
)
async def list_scores(
    request: Request,
    area: Annotated[Area, area_of_step("read_scores")],
    service: Serving,
    language: Language,
    looking: Looking,
    stands: Stands,
    period: PeriodAsked = None,
    commended: Annotated[bool | None, Query(description="only those, or the others")] = None,
    as_of: AsOf = None,
    limit: Limit = 50,
    cursor: Annotated[str | None, cursor_of(str, int), Query(description=NEXT)] = None,
    form: Annotated[Literal["json", "xlsx", "csv"], Query(alias="format")] = "json",
) -> Response:
    asked = period_asked(service, period)
    found = [
        (school, score)
        for school, score in await scores_of(service, area, asked, stands.position)
        if commended in {None, score.commended}
    ]
    some, following = page_of(found, lambda one: (one[0], one[1].entry), limit, cursor)
    rubrics = await service.supervision.rubrics.one(upto=stands.position)

    if form != "json":
        printed = list(lines(service, language, rubrics, (one for _, one in found)))
        filters = {"period": asked.name, "commended": commended, "as_of": as_of}
        return await send_register(
            *(request, looking, REGISTER, printed),
            of=asked.name,
            form=form,
            position=stands.position,
            language=language,
            filters=filters,
        )
    items = [told(service, language, rubrics, score) for _, score in some]
    return answer({"items": items, "next_cursor": following}, position=stands.position)
