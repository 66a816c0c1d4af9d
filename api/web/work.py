"""我的工作: what is due today, overdue, coming, and awaiting who visits."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from api.web.entry_words import BY_PATH
from api.web.papers_due import papers_due
from api.web.routing import page
from api.web.visit import Visit

ONE_DAY = timedelta(days=1)
SOON = timedelta(days=7)
ROWS = 100
# Which form does what a duty asks for.
FORM_FOR = {
    "contact_guardian": "home-visits?mode=phone",
    "first_home_visit": "home-visits",
    "principal_visit": "home-visits",
    "written_report": "written-reports",
    "persuasion": "persuasion-attempts",
    "order_due": "orders/{entry}/service",
    "confirm_dropout": "dropout-confirmations",
    "observation_check": "observations",
    "recheck": "home-visits",
    "close_out_decision": "close-out-decisions",
    "transfer_answer": "transfers/{entry}/decision",
    "home_teaching_hours": "home-teaching-sessions",
    "missing_papers": "roll-changes/{entry}/papers",
}


def form_for(visit: Visit) -> Callable[[dict[str, Any], str], str | None]:
    """Make the question for the form that does what a duty asks for: none, if others take it."""
    district = any(post.whole_district for post in visit.posts)
    schools = {code for post in visit.posts for code in post.schools}

    def form(duty: dict[str, Any], student_id: str) -> str | None:
        path = FORM_FOR.get(duty["kind"])
        if path is None or ("{entry}" in path and duty.get("entry") is None):
            return None
        answers = (
            district or duty["kind"] != "transfer_answer" or duty.get("school_code") in schools
        )
        if not (answers and visit.may(BY_PATH[path.partition("?")[0]].step)):
            return None
        return f"/children/{student_id}/record/{path.format(entry=duty.get('entry'))}"

    return form


async def my_work(visit: Visit) -> Response:
    if visit.only_asked:
        return await asked(visit)
    if not visit.may("read"):
        return visit.go("/admin")
    mine, awaiting, papers = await asyncio.gather(
        visit.ask.get("/v1/worklist", {"view": "mine", "limit": ROWS}),
        visit.ask.get("/v1/worklist", {"view": "awaiting-me", "limit": ROWS}),
        papers_due(visit),
    )
    today = visit.service.tracking.today()
    waiting = awaiting.body["items"]
    known = {(duty["student_id"], duty["kind"], duty["entry"]) for duty in waiting}
    rest = [
        duty
        for duty in mine.body["items"]
        if (duty["student_id"], duty["kind"], duty["entry"]) not in known
    ]
    returns = awaiting.body["returns"]
    zero = Counter(one["month"] for one in returns if one["state"] == "zero")
    decides = visit.may("decide_return")
    return visit.page(
        "work.html",
        groups=grouped(rest, waiting, today, visit),
        returns=[one for one in returns if not (decides and one["state"] == "zero")],
        zero=sorted(zero.items()) if decides else [],
        referrals=awaiting.body["referrals"],
        papers=papers,
        watches=visit.may("count_cases"),
        tomorrow=(today + ONE_DAY).isoformat(),
        more=mine.body["next_cursor"] is not None,
        form_for=form_for(visit),
        saved=visit.request.query_params.get("saved", ""),
    )


async def asked(visit: Visit) -> Response:
    """Show a village or member unit what it was asked, and has not answered."""
    waiting = await visit.ask.get("/v1/referrals", {"answered": False, "limit": ROWS})
    return visit.page(
        "asked.html",
        referrals=waiting.body["items"],
        saved=visit.request.query_params.get("saved", ""),
    )


def grouped(
    mine: list[dict[str, Any]], waiting: list[dict[str, Any]], today: date, visit: Visit
) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Give the duties under their headings: a name for the style, the words, the duties."""
    until = (today + SOON).isoformat()
    now = today.isoformat()
    return [
        ("overdue", visit.t("已逾期", "Overdue"), [d for d in mine if d["due_on"] < now]),
        ("today", visit.t("今天到期", "Due today"), [d for d in mine if d["due_on"] == now]),
        ("waiting", visit.t("等我审批或答复", "Awaiting me"), waiting),
        (
            "soon",
            visit.t("七天之内", "Within seven days"),
            [d for d in mine if now < d["due_on"] <= until],
        ),
        ("later", visit.t("以后", "Later"), [d for d in mine if d["due_on"] > until]),
    ]


routes = [page("/", my_work)]
