"""What people do about a return: check classes off, submit, send back, freeze, restate."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from api.checking import Checked
from api.deps import IfMatch, Key, Serving, SignedIn, logged_refusal
from api.evidence import receipt
from api.openapi import FRESH, READ, RECORDED_HEADERS, WRITE, answered, body_example, problems
from api.return_asked import ReturnAsked, asking, whole_log
from api.return_drafts import drafts
from api.returns import SCHOOL
from api.schemas.fields import Body
from api.schemas.returns import ClassCheck, Freeze, Restatement, SendingBack, Submission
from api.service import Service
from api.showing import answer
from application.access import OutOfReach, checks_class
from application.store.store import Appended
from application.subjects import Wish
from domain import refusals, return_refusals
from domain.refusals import Refusal
from projections.return_figures import causes, classes_of

router = APIRouter(route_class=Checked, tags=["returns 报表"])
CheckClass = Annotated[ReturnAsked, asking("check_class")]
SubmitReturn = Annotated[ReturnAsked, asking("submit_return")]
DecideReturn = Annotated[ReturnAsked, asking("decide_return")]


class ReturnRecorded(BaseModel):
    """Where a fact of a return stands: in its stream (``entry``), and in the log."""

    month: str
    school_code: str
    entry: int
    version: int
    position: int


def described(
    summary: str, body: type[Body], *rules: type[Refusal], fresh: bool = False
) -> dict[str, Any]:
    """Describe a command on a return."""
    example = answered("return_recorded", "Recorded, as one fact of the return.", 201)
    return {
        "status_code": 201,
        "summary": summary,
        "responses": {
            201: {**example[201], "model": ReturnRecorded, "headers": RECORDED_HEADERS},
            **problems(
                *(*READ, *WRITE, "out-of-reach", "not-found", "version-moved"),
                *("record-damaged", "keys-away", *(FRESH if fresh else ())),
                rules=list(rules),
            ),
        },
        "openapi_extra": body_example(body),
    }


def recorded(service: Service, done: Appended) -> Response:
    """Answer a command: where its fact stands, and the log's receipt for it."""
    body = done.answer
    return answer(
        body,
        status=201,
        position=done.position,
        headers={
            "Location": f"/v1/monthly-returns/{body['month']}/schools/{body['school_code']}",
            "ETag": f'"{body["version"]}"',
            **receipt(service, done),
        },
    )


@router.post(
    f"{SCHOOL}/classes",
    **described(
        "排查核实 · Check off a class, gone through child by child",
        ClassCheck,
        return_refusals.ClassUnknown,
        return_refusals.ReturnSubmitted,
        return_refusals.ReturnFrozen,
        fresh=True,
    ),
)
async def check_class(
    request: Request,
    asked: CheckClass,
    service: Serving,
    person: SignedIn,
    body: ClassCheck,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """By the class's homeroom teacher, or the principal for it; again is well, the last stands."""
    code = asked.school.code
    try:
        post = checks_class(person, code, body.grade, body.class_name)
    except OutOfReach:
        await logged_refusal(request, "check_class")
        raise
    await whole_log(service)
    classes = (await classes_of(service.store, [code])).get(code, {})
    wish = Wish(person.actor(post), if_match, key)
    return recorded(
        service,
        await service.returns.check_class(wish, asked.period, code, classes, **body.facts()),
    )


@router.post(
    f"{SCHOOL}/submission",
    **described(
        "提交月报 · Submit the return as drafted, or a zero return in one step",
        Submission,
        return_refusals.ReturnNotDueYet,
        return_refusals.ReturnSubmitted,
        return_refusals.ReturnFrozen,
        return_refusals.ReturnNotZero,
        return_refusals.ClassesUnchecked,
        fresh=True,
    ),
)
async def submit_return(
    asked: SubmitReturn,
    service: Serving,
    person: SignedIn,
    body: Submission,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """
    From the due day on; what is recorded later with an earlier day counts in the next return.

    Every class is checked off before, or `unchecked_reason` says why not. With `zero` the
    principal says so of every class: it is refused unless nothing moved and no case was.
    """
    code = asked.school.code
    position = await whole_log(service)
    draft = (await drafts(service, asked.period, [asked.school], position))[code]
    classes = (await classes_of(service.store, [code])).get(code, {})
    wish = Wish(person.actor(asked.post), if_match, key)
    return recorded(
        service,
        await service.returns.submit(wish, asked.period, code, draft, classes, **body.facts()),
    )


@router.post(
    f"{SCHOOL}/return",
    **described(
        "退回 · Send a submitted return back to the school, with the reason",
        SendingBack,
        return_refusals.ReturnNotSubmitted,
        return_refusals.ReturnFrozen,
    ),
)
async def send_back(
    asked: DecideReturn,
    service: Serving,
    person: SignedIn,
    body: SendingBack,
    if_match: IfMatch,
    key: Key,
) -> Response:
    wish = Wish(person.actor(asked.post), if_match, key)
    return recorded(
        service,
        await service.returns.send_back(wish, asked.period, asked.school.code, body.reason),
    )


@router.post(
    f"{SCHOOL}/freeze",
    **described(
        "冻结 · Freeze a submitted return: it never changes again",
        Freeze,
        return_refusals.ReturnNotSubmitted,
        return_refusals.ReturnFrozen,
        refusals.SamePerson,
    ),
)
async def freeze(
    asked: DecideReturn,
    service: Serving,
    person: SignedIn,
    body: Freeze,
    if_match: IfMatch,
    key: Key,
) -> Response:
    del body  # says nothing, and may hold nothing
    wish = Wish(person.actor(asked.post), if_match, key)
    return recorded(service, await service.returns.freeze(wish, asked.period, asked.school.code))


@router.post(
    f"{SCHOOL}/restatements",
    **described(
        "更正 · Set another version beside a frozen return, as drafted now",
        Restatement,
        return_refusals.ReturnNotFrozen,
        return_refusals.NothingToRestate,
        refusals.SamePerson,
        fresh=True,
    ),
)
async def restate(
    asked: DecideReturn,
    service: Serving,
    person: SignedIn,
    body: Restatement,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """Names the entries that made it differ, by their places in the log; the next returns stay."""
    code = asked.school.code
    position = await whole_log(service)
    draft = (await drafts(service, asked.period, [asked.school], position))[code]
    one = (await service.returns.of(asked.period.name, [code], position))[code]
    since = one.versions[-1].position if one.versions else position
    found = await causes(service.store, asked.period, code, since, position)
    wish = Wish(person.actor(asked.post), if_match, key)
    return recorded(
        service,
        await service.returns.restate(wish, asked.period, code, body.reason, draft, found),
    )
