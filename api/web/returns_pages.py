"""月报总览: every school's return of a month, whom to remind, all zero returns frozen at once."""

import re
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from api.web.asking import SIGNED_OUT, Refused
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit
from domain.monthly_return import RETURN_STATE

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
CODE = re.compile(r"\d{10}", re.ASCII)
ZERO = "zero"
MONTHS = 18  # that the picker goes back
ONE_DAY = timedelta(days=1)


async def returns(visit: Visit) -> Response:
    """Go to the month picked, else this one; those of one school go to its return."""
    asked = visit.request.query_params
    month, school = asked.get("month", ""), asked.get("school", "")
    month = month if MONTH.fullmatch(month) else f"{visit.service.tracking.today():%Y-%m}"
    code = school if CODE.fullmatch(school) else own_school(visit)
    return visit.go(f"/returns/{month}" + (f"/schools/{code}" if code else ""))


def own_school(visit: Visit) -> str | None:
    """Give the school of somebody whose posts are all at one."""
    schools = {code for post in visit.posts for code in post.schools}
    at_schools = all(post.schools for post in visit.posts)
    return next(iter(schools)) if at_schools and len(schools) == 1 else None


async def overview(visit: Visit) -> Response:
    month = visit.request.path_params["month"]
    filters = {name: visit.request.query_params.get(name, "") for name in ("state", "township")}
    found = (await visit.ask.get(f"/v1/monthly-returns/{month}", filters)).body
    return visit.page(
        "returns.html",
        **picking(visit, month),
        found=found,
        filters=filters,
        states=RETURN_STATE.values(),
        townships=townships(visit),
        frozen=visit.request.query_params.get("frozen", ""),
        left=visit.request.query_params.get("left", ""),
    )


async def freeze_zero(visit: Visit) -> Response:
    """Freeze every zero return of a month: nothing moved, and there was no case to look at."""
    month = visit.request.path_params["month"]
    at, frozen, left = 0, 0, 0
    if not (await sent(visit.request)).get(Sent.RESUME):
        asked = {"state": ZERO}
        found = (await visit.ask.get(f"/v1/monthly-returns/{month}", asked)).body
        for one in found["items"]:
            school = f"/v1/monthly-returns/{month}/schools/{one['school_code']}"
            try:
                done = await visit.ask.post(f"{school}/freeze")
            except Refused as refused:
                if refused.status == SIGNED_OUT:
                    raise
                left += 1
            else:
                at, frozen = max(at, done.position or 0), frozen + 1
    return visit.go(f"/returns/{month}?at={at}&frozen={frozen}&left={left}")


async def reminders(visit: Visit) -> Response:
    month = visit.request.path_params["month"]
    found = (await visit.ask.get(f"/v1/monthly-returns/{month}/reminders")).body
    schools = [
        {
            **one,
            "unchecked": classes_named(visit, one["unchecked"]),
            "classes": len(one["unchecked"]),
        }
        for one in found["items"]
    ]
    return visit.page("reminders.html", month=month, schools=schools)


def classes_named(visit: Visit, groups: list[dict[str, Any]]) -> str:
    """Name classes in one line."""
    names = (
        visit.t(
            f"{one['grade']}年级 {one['class_name']}", f"grade {one['grade']} {one['class_name']}"
        )
        for one in groups
    )
    return visit.t("、", ", ").join(names) or visit.t("无", "none")


def picking(visit: Visit, month: str) -> dict[str, Any]:
    """Give the months to pick from, newest first, and those beside the one shown."""
    known = months_to(visit.service.tracking.today())
    at = known.index(month) if month in known else None
    return {
        "month": month,
        "months": known if at is not None else [month, *known],
        "later": known[at - 1] if at else None,
        "earlier": known[at + 1] if at is not None and at + 1 < len(known) else None,
    }


def months_to(today: date) -> list[str]:
    """Name the months back from a day's, newest first."""
    months, day = [], today.replace(day=1)
    for _ in range(MONTHS):
        months.append(f"{day:%Y-%m}")
        day = (day - ONE_DAY).replace(day=1)
    return months


def townships(visit: Visit) -> list[str]:
    """Name the townships of the district, in the order of their schools' codes."""
    directory = visit.service.directory
    schools = (directory.school(code) for code in sorted(directory.codes()))
    return list(dict.fromkeys(school.township for school in schools if school))


routes = [
    page("/returns", returns),
    page("/returns/{month}", overview),
    page("/returns/{month}/reminders", reminders),
    page("/returns/{month}/freeze-zero", freeze_zero, methods=("POST",)),
]
