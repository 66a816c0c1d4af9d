"""How the tests of returns go through the months: a clock that is set, and what people do then."""

from datetime import UTC, date, datetime
from typing import Any

from domain.return_facts import SchoolClass
from tests.people import SCHOOL, Caller, enrol

OCTOBER, NOVEMBER = "2026-10", "2026-11"


class Days:
    """The present, which tests set; noon in the district."""

    def __init__(self, day: date) -> None:
        self.day = day

    def __call__(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 4, tzinfo=UTC)


def path_of(month: str, what: str = "", school: str = SCHOOL) -> str:
    return f"/v1/monthly-returns/{month}/schools/{school}{what}"


async def done(caller: Caller, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """Do something about a return; it must succeed."""
    answer = await caller.post(path, body, **headers)
    assert answer.status_code == 201, answer.text
    recorded: dict[str, Any] = answer.json()
    return recorded


async def seen(caller: Caller, path: str) -> Any:
    """Read something of a return, with all that is recorded told; it must succeed."""
    answer = await caller.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def checked(caller: Caller, month: str, *classes: SchoolClass) -> None:
    for grade, class_name in classes:
        body = {"grade": grade, "class_name": class_name}
        await done(caller, path_of(month, "/classes"), body)


async def frozen(bureau: Caller, principal: Caller, month: str, **body: Any) -> None:
    """Submit a return as it is drafted, and freeze it."""
    await done(principal, path_of(month, "/submission"), {"unchecked_reason": "试", **body})
    await done(bureau, path_of(month, "/freeze"))


async def told_of(caller, month=NOVEMBER, query="", position=None):
    """A school's return, once the views have reached a position if one is given."""
    if position:
        return await caller.fresh(path_of(month) + query, position)
    return await seen(caller, path_of(month) + query)


def line(whole, grade=7):
    """The line of a grade, without what is nothing."""
    (found,) = (one for one in whole["return"]["lines"] if one["grade"] == grade)
    return {name: count for name, count in found.items() if count and name != "grade"}


async def a_roll(registrar: Caller, clock: Days) -> list[str]:
    """Three children of two classes, on the roll since the term began, told of in the views."""
    today, clock.day = clock.day, date(2026, 9, 1)
    made = [
        await enrol(registrar, serial, class_name=name)
        for serial, name in ((1, "1班"), (2, "1班"), (3, "2班"))
    ]
    clock.day = today
    await registrar.fresh("/v1/ledgers/mobility", made[-1]["position"])
    return [one["student_id"] for one in made]
