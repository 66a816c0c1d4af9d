"""Attendance over HTTP: a roll-call in, what screening made of each absence out."""

from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import Key, Language, Serving, SignedIn, logged_refusal, permitted_posts
from api.looking import Look, Looking
from api.openapi import READ, WRITE, answered, body_example, problems
from api.problems import Problem
from api.schemas.attendance import RollCall
from api.showing import MASKS, answer, shown
from application.access import OutOfReach, calls_roll_of
from application.screening import Missing, Screened, WrongRows
from domain import refusals
from domain.screening import OUTCOME, Place

router = APIRouter(route_class=Checked, tags=["attendance 考勤"])
LINE_LIMIT = 500  # children in a line of the access log, as on the longest page
WRONG = {
    "elsewhere": {
        "zh": "该日此班(此校)名册中没有这个学籍号。",
        "en": "Nobody with this student number was of this class or school that day.",
    },
    "twice": {
        "zh": "此学籍号在本次点名中已出现过。",
        "en": "This student number is named more than once.",
    },
}


async def may_call_roll(request: Request) -> None:
    await permitted_posts(request, "call_roll")


@router.post(
    "/v1/attendance",
    status_code=201,
    dependencies=[Depends(may_call_roll)],
    summary="点名 · Send a day's roll-call of a class or a whole school; absences are screened",
    responses={
        **answered("screened", "Kept, and screened: what became of every child named.", 201),
        **problems(
            *(*READ, *WRITE, "out-of-reach", "record-damaged", "keys-away", "rows-refused"),
            rules=[refusals.FutureDay, refusals.SchoolUnknown],
        ),
    },
    openapi_extra=body_example(RollCall),
)
async def call_roll(
    request: Request,
    person: SignedIn,
    body: RollCall,
    key: Key,
    service: Serving,
    language: Language,
    looking: Looking,
) -> Response:
    """
    Who is not named was present. A later roll-call of the same day stands in place of what it
    covers; nothing is deleted, and flags of screening are corrected after it.

    Absences of a kind that counts (truancy, not reported, out of contact) are flagged on school
    days, each once, by the account `guixue-screening`.
    """
    place = Place(body.school_code, body.grade, body.class_name)
    try:
        post = calls_roll_of(person, place)
    except OutOfReach:
        await logged_refusal(request, "call_roll")
        raise
    request.state.post = post
    if service.directory.school(body.school_code) is None:
        raise refusals.SchoolUnknown(school_code=body.school_code)
    missing = [Missing(one.student_number, one.absence_kind) for one in body.absences]
    try:
        done = await service.screening.call_roll(person.actor(post), place, body.date, missing, key)
    except WrongRows as wrong:
        errors = [
            {
                "row": row,
                "pointer": f"/absences/{row - 1}/student_number",
                "detail": WRONG[why][language],
            }
            for row, why in wrong.rows.items()
        ]
        raise Problem("rows-refused", count=len(errors), errors=errors) from None
    await log_roll_call(looking, done)
    told = shown(done.answer, language, masks=MASKS)
    for name in ("items", "present_after_all"):
        told[name] = shown(done.answer[name], language, masks=MASKS, kinds={"outcome": OUTCOME})
    return answer(told, status=201, position=told["position"])


async def log_roll_call(looking: Look, done: Screened) -> None:
    """Write the access log: whose absences were told, and what became of them shown."""
    told = done.answer
    named = [UUID(one["student_id"]) for one in (*told["items"], *told["present_after_all"])]
    details = {name: told[name] for name in ("roll_call", "absent", "flagged", "put_right")}
    for start in range(0, max(len(named), 1), LINE_LIMIT):
        some = named[start : start + LINE_LIMIT]
        children = {one: done.schools.get(one, told["school_code"]) for one in some}
        await looking.log("call_roll", "recorded", children, **details)
