"""Attendance over HTTP: a roll-call in, what screening made of each absence out."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, UploadFile
from starlette.responses import Response

from api.at_once import at_once
from api.checking import Checked, service_of
from api.deps import Key, logged_refusal, malformed, permitted_posts, signed_in_person
from api.imports.roll_call import WrongCells, missing_of
from api.imports.routes import Upload
from api.imports.sheet import UnreadableFile, read_sheet
from api.looking import Look
from api.openapi import READ, answered, body_example, problems
from api.problems import Problem, language_of
from api.schemas.attendance import HALF_EN, HALF_ZH, RollCall
from api.schemas.fields import Day, Line, SchoolCode
from api.showing import MASKS, answer, shown
from application.access import OutOfReach, Post, calls_roll_of
from application.screening import Missing, Screened, WrongRows
from application.store.store import IdempotencyKey
from domain import refusals
from domain.screening import OUTCOME, Place

router = APIRouter(route_class=Checked, tags=["attendance 考勤"])
files = APIRouter(route_class=Upload, tags=["attendance 考勤"])
REFUSED = (
    *(*READ, "out-of-reach", "record-damaged", "keys-away", "absences-refused"),
    *("too-large", "idempotency-key-reused", "busy"),
)
RULES = [refusals.FutureDay, refusals.SchoolUnknown]
LINE_LIMIT = 500  # children in a line of the access log, as on the longest page
WRONG = {
    "elsewhere": {
        "zh": "该日此班(此校)名册中没有这名学生。",
        "en": "No such child was of this class or school that day.",
    },
    "twice": {
        "zh": "这名学生在本次点名中已出现过。",
        "en": "This child is named more than once.",
    },
}


class Taking:
    """One person's roll-call: whether it is theirs to take, and the answer to it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._service = service_of(request)
        self._person = signed_in_person(request)
        self.language = language_of(request)

    async def may_call(self, place: Place) -> Post:
        """
        Give the post in which the person calls a roll; a refused attempt leaves a line.

        :raises OutOfReach: if the class or school is not theirs
        :raises SchoolUnknown: if there is no such school
        """
        try:
            post = calls_roll_of(self._person, place)
        except OutOfReach:
            await logged_refusal(self._request, "call_roll")
            raise
        if self._service.directory.school(place.school_code) is None:
            raise refusals.SchoolUnknown(school_code=place.school_code)
        self._request.state.post = post
        return post

    async def roll_call(
        self,
        place: Place,
        day: date,
        missing: Sequence[Missing],
        key: IdempotencyKey | None,
        where: Callable[[int], dict[str, str]],
    ) -> Response:
        """
        Have a roll-call kept and screened; its line stands in the access log before the answer.

        ``where`` tells what a row's student number is called in what was sent.

        :raises Problem: ``absences-refused``, naming every row that is wrong
        """
        by = self._person.actor(await self.may_call(place))
        try:
            done = await self._service.screening.call_roll(by, place, day, missing, key)
        except WrongRows as wrong:
            errors = [
                {"row": row, **where(row), "detail": WRONG[why][self.language]}
                for row, why in wrong.rows.items()
            ]
            raise Problem("absences-refused", count=len(errors), errors=errors) from None
        await log_roll_call(Look(self._request), done)
        told = shown(done.answer, self.language, masks=MASKS)
        for name in ("items", "present_after_all"):
            told[name] = shown(
                done.answer[name], self.language, masks=MASKS, kinds={"outcome": OUTCOME}
            )
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


Taken = Annotated[Taking, at_once(Taking)]


async def may_call_roll(request: Request) -> None:
    await permitted_posts(request, "call_roll")


@router.post(
    "/v1/attendance",
    status_code=201,
    dependencies=[Depends(may_call_roll)],
    summary="点名 · Send a day's roll-call of a class or a whole school; absences are screened",
    responses={
        **answered("screened", "Kept, and screened: what became of every child named.", 201),
        **problems(*REFUSED, "not-json", rules=RULES),
    },
    openapi_extra=body_example(RollCall),
)
async def call_roll(taking: Taken, body: RollCall, key: Key) -> Response:
    """
    Who is not named was present; a child is named by number or by id. A later roll-call of the
    same day stands in place of what it covers; nothing is deleted, and flags of screening are
    corrected after it.

    Absences of a kind that counts (truancy, not reported, out of contact) are flagged on school
    days, each once, by the account `guixue-screening`.
    """
    place = Place(body.school_code, body.grade, body.class_name)
    missing = [
        Missing(
            *(row, one.student_number, one.absence_kind),
            UUID(one.student_id) if one.student_id else None,
        )
        for row, one in enumerate(body.absences, start=1)
    ]
    by = ["student_id" if one.student_id else "student_number" for one in body.absences]
    return await taking.roll_call(
        *(place, body.date, missing, key),
        where=lambda row: {"pointer": f"/absences/{row - 1}/{by[row - 1]}"},
    )


@files.post(
    "/v1/attendance/import",
    status_code=201,
    dependencies=[Depends(may_call_roll)],
    summary="点名导入 · Send a day's roll-call as a file: a row for each child absent",
    responses={
        **answered("screened", "Kept, and screened: what became of every child named.", 201),
        **problems(*REFUSED, "unreadable-body", "unreadable-file", rules=RULES),
    },
)
async def import_roll_call(
    taking: Taken,
    key: Key,
    file: UploadFile,
    school_code: Annotated[SchoolCode, Query()],
    day: Annotated[Day, Query(alias="date")],
    grade: Annotated[int | None, Query(ge=1, le=9)] = None,
    class_name: Annotated[Line | None, Query()] = None,
) -> Response:
    """
    Take .xlsx, .xls or .csv with the columns 学籍号 and 缺勤类型 (a label or a code); otherwise
    like `POST /v1/attendance`. Headings alone say that nobody was absent.
    """
    if (grade is None) != (class_name is None):
        raise malformed("query", "grade" if grade is None else "class_name", HALF_EN, HALF_ZH)
    place = Place(school_code, grade, class_name)
    content = await file.read()
    if key is not None:
        told = repr((key.request, *place, day)).encode()
        key = replace(key, request=hashlib.sha256(told + content).digest())
    await taking.may_call(place)
    try:
        missing = missing_of(await read_sheet(content), taking.language)
    except UnreadableFile as unreadable:
        said = unreadable.zh if taking.language == "zh" else unreadable.en
        raise Problem("unreadable-file", why=said) from None
    except WrongCells as wrong:
        raise Problem("absences-refused", count=len(wrong.errors), errors=wrong.errors) from None
    return await taking.roll_call(place, day, missing, key, where=lambda _: {"column": "学籍号"})
