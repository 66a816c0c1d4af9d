"""学生: finding a child, and one child's file with what is due and everything recorded."""

import asyncio
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from api.web.asking import SIGNED_OUT, Params, Refused
from api.web.child_papers import paper_of, papers_of
from api.web.correcting import correctable
from api.web.entry_words import BY_PATH, title
from api.web.places import areas_of
from api.web.routing import page
from api.web.sent import sent
from api.web.timeline import told_beside
from api.web.visit import Visit
from api.web.work import form_for
from domain.codes import KEY_GROUP, STATUS

DECIDED = frozenset({"close_out_approved", "close_out_rejected", "dropout_confirmed"})
FEW = 2  # things to decide, one of which may be of the child just decided
LATEST = 50  # entries a child's file begins with
WHOLE = 500  # entries of a child asked for at once
# What is mostly done next, by where a case stands; every other form stands under "more".
NEXT = {
    "none": ("absence-flags", "home-visits", "counselling-sessions", "support"),
    "watched": ("home-visits", "suspicions", "close-out-requests", "persuasion-attempts"),
    "suspected": ("home-visits", "persuasion-attempts", "returns", "written-reports"),
    "returned": ("observations", "home-visits", "counselling-sessions", "close-out-requests"),
    "home_taught": ("home-teaching-sessions", "home-visits", "support"),
    "placed": ("home-visits", "support", "close-out-requests"),
    "unreachable": ("home-visits", "persuasion-attempts", "returns", "dropout-marks"),
    "dropped_out": ("persuasion-attempts", "home-visits", "returns"),
    "closed": ("absence-flags", "home-visits", "counselling-sessions", "support"),
}


async def find(visit: Visit) -> Response:
    """Show the children within reach, none of them named in the address."""
    return await listed(visit, dict(visit.request.query_params))


async def search(visit: Visit) -> Response:
    """Find children by name, initials or number: what is typed never stands in an address."""
    fields = await sent(visit.request)
    return await listed(visit, {name: value for name, value in fields.pairs if value})


# Which form of ours a printed form is entered in.
FORM_OF_PAPER = {
    "home-visit": "home-visits",
    "persuasion": "persuasion-attempts",
    "home-teaching": "home-teaching-sessions",
}


async def by_code(visit: Visit) -> Response:
    """Open the form that a paper form is entered in, by the code printed on it."""
    code = (await sent(visit.request)).get("code").strip()
    try:
        known = (await visit.ask.get(f"/v1/form-codes/{quote(code or '0', safe='')}")).body
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return await listed(visit, {}, code_wrong=refused.detail, code_typed=code)
    path = FORM_OF_PAPER.get(known["form"])
    child = f"/children/{known['student_id']}"
    return visit.go(f"{child}/record/{path}" if path else child)


FILTERS = ("q", "status", "school_code", "grade", "key_group", "cursor")


async def listed(
    visit: Visit, wanted: dict[str, str], *, code_wrong: str = "", code_typed: str = ""
) -> Response:
    asked: Params = {name: wanted.get(name) for name in FILTERS}
    found = (await visit.ask.get("/v1/students", {**asked, "limit": 50})).body
    areas = areas_of(visit)
    return visit.page(
        "children.html",
        areas=areas,
        several=sum(len(area.schools) for area in areas) > 1,
        children=found["items"],
        following=found["next_cursor"],
        wanted={name: wanted.get(name) or "" for name in FILTERS},
        statuses=STATUS.values(),
        key_groups=KEY_GROUP.values(),
        code_wrong=code_wrong,
        code_typed=code_typed,
    )


async def child_page(visit: Visit) -> Response:
    student_id = visit.request.path_params["student_id"]
    child, history, due = await asyncio.gather(
        visit.ask.get(f"/v1/students/{student_id}"),
        whole_history(visit, student_id),
        visit.ask.get(f"/v1/students/{student_id}/duties"),
    )
    if child.body.get("erased"):
        return visit.page("erased.html", record=child.body, student_id=student_id)
    entries = told_beside(history["items"], history["duties"], visit.language)
    saved = visit.request.query_params.get("saved", "")
    done = next((entry for entry in history["items"] if str(entry["version"]) == saved), None)
    shown = len(entries) if visit.request.query_params.get("all") else LATEST
    return visit.page(
        "child.html",
        child=child.body,
        entries=entries[:shown],
        earlier=len(entries[shown:]),
        due=due.body["items"],
        missed=due.body["missed"],
        referrals=waiting(history["items"]) if visit.may("answer_referral") else [],
        form_for=form_for(visit),
        next_forms=forms(visit, child.body, NEXT.get(child.body.get("status", "none"), ())),
        other_forms=forms(
            visit,
            child.body,
            [
                path
                for path in BY_PATH
                if "{" not in path
                and path != "corrections"
                and path not in NEXT.get(child.body.get("status", "none"), ())
            ],
        ),
        correctable=correctable() if visit.may("correct") else frozenset(),
        papers=papers_of(visit, student_id, (entry["kind"] for entry in history["items"])),
        paper_of=paper_of,
        saved=saved,
        done=done,
        following=await awaited(visit, student_id) if done and done["kind"] in DECIDED else None,
    )


async def awaited(visit: Visit, student_id: str) -> dict[str, Any] | None:
    """Give the next thing of another child that awaits a decision of who visits."""
    waits = (await visit.ask.get("/v1/worklist", {"view": "awaiting-me", "limit": FEW})).body
    return next((duty for duty in waits["items"] if duty["student_id"] != student_id), None)


def waiting(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the referrals nobody has answered."""
    answered = {
        one["data"].get("referral") for one in entries if one["kind"] == "referral_answered"
    }
    return [
        one for one in entries if one["kind"] == "referral_made" and one["version"] not in answered
    ]


async def whole_history(visit: Visit, student_id: str) -> dict[str, Any]:
    """Give all that is told of a child, however many pages of the contract that takes."""
    told: dict[str, Any] = {"items": [], "duties": [], "next_cursor": ""}
    while told["next_cursor"] is not None:
        asked = {"limit": WHOLE, "cursor": told["next_cursor"]}
        more = (await visit.ask.get(f"/v1/students/{student_id}/history", asked)).body
        told = {
            "items": told["items"] + more["items"],
            "duties": more["duties"],
            "next_cursor": more["next_cursor"],
        }
    return told


def forms(visit: Visit, child: dict[str, Any], paths: Any) -> list[tuple[str, str]]:
    """Give the address and name of each form that who visits may fill in."""
    at_school = child.get("school_code") is not None
    return [
        (f"/children/{child['student_id']}/record/{path}", title(BY_PATH[path], visit.language))
        for path in paths
        if visit.may(BY_PATH[path].step) or (not at_school and visit.takes(BY_PATH[path].step))
    ]


routes = [
    page("/children", find),
    page("/children", search, methods=("POST",)),
    page("/children/by-code", by_code, methods=("POST",)),
    page("/children/{student_id}", child_page),
]
