"""点名: a class's roll-call of a day, one tap where nobody is absent; and what came of it."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from starlette.responses import Response

from api.problems import Problem
from api.web.asking import SIGNED_OUT, Refused
from api.web.import_pages import taken_from
from api.web.reading import whole
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit
from application.roles import MAY
from domain.codes import ABSENCE_KIND

ALL = 500  # rows asked for at once: the children of a class, the roll-calls of its month
MARK = "absence-"  # and a child's id: what the form calls the kind of its absence
EVERYBODY = "everybody"  # the button that says so


@dataclass(frozen=True)
class Called:
    """Which class of which school, on which day; of a whole school where no class is named."""

    school: str
    grade: str
    class_name: str
    day: date

    @classmethod
    def of(cls, visit: Visit, fields: Any) -> "Called":
        """Read it off an address or a form; a day that is none, or has not come, is today."""
        today = visit.service.tracking.today()
        try:
            day = min(date.fromisoformat(fields.get("date") or ""), today)
        except ValueError:
            day = today
        school = fields.get("school_code") or next(iter(schools_of(visit)), "")
        return cls(school, fields.get("grade") or "", fields.get("class_name") or "", day)

    @property
    def place(self) -> dict[str, str]:
        """The school and class, as addresses and forms name them."""
        told = {"school_code": self.school, "grade": self.grade, "class_name": self.class_name}
        return {name: value for name, value in told.items() if value}

    @property
    def fields(self) -> dict[str, str]:
        return {**self.place, "date": self.day.isoformat()}

    def address(self, **others: str) -> str:
        return "/roll-call?" + urlencode({**self.fields, **others})


class Tried(NamedTuple):
    """A roll-call that was refused, or waits for a sign-in: the kinds picked, by child."""

    marks: dict[str, str]
    key: str
    refused: Refused | None = None


def schools_of(visit: Visit) -> list[str]:
    """Give the codes of the schools where the person calls rolls."""
    return sorted({code for p in visit.posts if p.role in MAY["call_roll"] for code in p.schools})


async def roll_call(visit: Visit) -> Response:
    return await shown(visit, Called.of(visit, visit.request.query_params))


async def shown(visit: Visit, called: Called, tried: Tried | None = None) -> Response:
    """Show the roll-call of a class, or the classes to choose from."""
    if not visit.may("call_roll"):
        raise Problem("not-allowed")
    path = f"/v1/schools/{called.school}/classes"
    told = (await visit.ask.get(path, {"date": called.day.isoformat()})).body
    classes = told["items"]
    if not called.class_name and len(classes) == 1:
        (only,) = classes
        called = Called(called.school, str(only["grade"]), only["class_name"], called.day)
    if called.class_name:
        return await shown_class(visit, called, tried, several=len(classes) > 1)
    directory = visit.service.directory
    return page_of(
        visit,
        "roll_call_classes.html",
        called,
        tried,
        school=told["school"],
        schools=[(code, directory.name_of(code)) for code in schools_of(visit)],
        grades={
            grade: [one for one in classes if one["grade"] == grade]
            for grade in dict.fromkeys(one["grade"] for one in classes)
        },
    )


async def shown_class(
    visit: Visit, called: Called, tried: Tried | None, *, several: bool
) -> Response:
    first = called.day.replace(day=1).isoformat()
    until = visit.service.tracking.today().isoformat()
    month: dict[str, Any] = {**called.place, "from": first, "to": until, "limit": ALL}
    listed, read = await asyncio.gather(
        visit.ask.get("/v1/students", {**called.place, "limit": ALL}),
        visit.ask.get("/v1/attendance", month),
    )
    calls = [one for one in read.body["items"] if one["date"][:7] == first[:7]]
    days = {one["date"]: one for one in calls}  # the last of a day stands
    before = absences_on(calls, called.day.isoformat())
    marks = {one["student_id"]: one["absence_kind"] for one in before}
    refused = tried.refused if tried else None
    return page_of(
        visit,
        "roll_call.html",
        called,
        tried,
        children=listed.body["items"],
        school=visit.service.directory.name_of(called.school),
        several=several,
        marks=tried.marks if tried else marks,
        errors=wrong_children(refused, list(tried.marks)) if tried and refused else {},
        stands=days.get(called.day.isoformat()),
        days=[(one, absences_on(calls, day)) for day, one in sorted(days.items(), reverse=True)],
        kinds=ABSENCE_KIND.values(),
    )


def page_of(
    visit: Visit, template: str, called: Called, tried: Tried | None, **told: Any
) -> Response:
    refused = tried.refused if tried else None
    return visit.page(
        template,
        status=refused.status if refused else 200,
        called=called,
        refused=refused,
        key=(tried and tried.key) or str(uuid4()),
        resumed=tried is not None and refused is None,
        mark=MARK,
        **told,
    )


def absences_on(calls: list[dict[str, Any]], day: str) -> list[dict[str, Any]]:
    """Give the absences of a day that no later roll-call has otherwise."""
    return [
        one for call in calls if call["date"] == day for one in call["absences"] if one["stands"]
    ]


def wrong_children(refused: Refused, named: list[str]) -> dict[str, str]:
    """Say what is wrong with each child named, by id; rows are in the order they were sent."""
    found: dict[str, str] = {}
    for error in refused.problem.get("errors", []):
        _, _, row, *_ = [*str(error.get("pointer", "")).split("/"), "", ""]
        if row.isdigit() and int(row) < len(named):
            found[named[int(row)]] = str(error["detail"])
    return found


async def take(visit: Visit) -> Response:
    """Send the roll-call, and show what came of it; sent again, it is kept once."""
    form = await sent(visit.request)
    called = Called.of(visit, form)
    marks = {
        name.removeprefix(MARK): kind
        for name, kind in form.pairs
        if name.startswith(MARK) and kind and not form.get(EVERYBODY)
    }
    key = form.get(Sent.KEY)
    if form.get(Sent.RESUME):
        return await shown(visit, called, Tried(marks, key))
    body: dict[str, Any] = {
        **called.fields,
        "grade": whole(called.grade),
        "absences": [
            {"student_id": student_id, "absence_kind": kind} for student_id, kind in marks.items()
        ],
    }
    try:
        done = await visit.ask.post("/v1/attendance", body, key=key or None)
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return await shown(visit, called, Tried(marks, key, refused))
    return await outcome(visit, called, done.body)


async def take_file(visit: Visit) -> Response:
    """Send a roll-call as a file."""
    taken = await taken_from(visit)
    called, key = Called.of(visit, taken.typed), taken.typed.get(Sent.KEY)
    try:
        done = await visit.ask.send_form(
            *("/v1/attendance/import", {}, {"file": (taken.name, taken.content)}, called.fields),
            key=key or None,
        )
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            return visit.go("/sign-in?to=/roll-call")
        return await shown(visit, called, Tried({}, key, refused))
    return await outcome(visit, called, done.body)


async def outcome(visit: Visit, called: Called, done: dict[str, Any]) -> Response:
    """Show what screening made of every child named, and of those named before and not now."""
    read = (await visit.ask.get("/v1/attendance", {**called.fields, "limit": ALL})).body
    return visit.page(
        "roll_called.html",
        called=called,
        done=done,
        school=visit.service.directory.name_of(called.school),
        names={
            one["student_id"]: one["student_name"]
            for call in read["items"]
            for one in call["absences"]
        },
    )


routes = [
    page("/roll-call", roll_call),
    page("/roll-call", take, methods=("POST",)),
    page("/roll-call/file", take_file, methods=("POST",)),
]
