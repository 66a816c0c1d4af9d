"""Referrals over HTTP (转介): what units were asked, and what they are sent of a child."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.child_record import child_record
from api.deps import (
    Language,
    Limit,
    MinLogPosition,
    RollPosition,
    Serving,
    permitted_posts,
    view_position,
)
from api.listing import Cursor, Wanted, page, referrals_within_reach, stands
from api.looking import Looking
from api.openapi import FRESH, NAMED, READ, answered, problems
from api.reach import EntryPath, Reached, StudentId, entry_number, reached_child
from api.revealing import Showing
from api.showing import answer, kinds_of, shown
from application.access import Post, knows_referral
from application.roles import ASKED, MAY, ROLES
from domain.escalation import ReferralMade
from domain.refusals import NoSuchEntry
from projections.all_views import BY_NAME
from projections.replay import Child

router = APIRouter(route_class=Checked, tags=["referrals 转介"])
REGISTER = BY_NAME["referral_register"]
TOLD = (
    "student_id",
    "entry",
    "kind",
    "to_unit",
    "question",
    "answered_by",
    "answered_on",
    "answer",
)
KINDS = kinds_of("referral_made")


async def referral_posts(request: Request) -> list[Post]:
    return await permitted_posts(request, "read_referral")


async def referring_posts(request: Request) -> list[Post]:
    return await permitted_posts(request, "refer")


async def known_referral(request: Request, student_id: StudentId, entry: EntryPath) -> Reached:
    return await reached_child(request, student_id, "read_referral", knows_referral, entry)


async def register_position(request: Request, min_log_position: MinLogPosition = None) -> int:
    """Wait for ``Min-Log-Position`` if it is given; return where the register stands."""
    return await view_position(request, min_log_position, REGISTER.name)


@router.get(
    "/v1/referrals",
    summary="转介登记 · Referrals, oldest first",
    responses={
        **answered("referrals", "A page of referrals, each with the name it sends, if it does."),
        **problems(*READ, *FRESH),
    },
)
async def list_referrals(
    posts: Annotated[list[Post], Depends(referral_posts)],
    service: Serving,
    language: Language,
    position: Annotated[int, Depends(register_position)],
    looking: Looking,
    answered: Annotated[
        bool | None, Query(description="only those answered, or only those that wait")
    ] = None,
    to_unit: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Lists those of the children within reach, and those a village or member unit is asked."""
    wanted = Wanted()
    stands(wanted, None)
    referrals_within_reach(wanted, posts)
    if answered is not None:
        wanted.where("v.answered_by IS NOT NULL" if answered else "v.answered_by IS NULL")
    if to_unit is not None:
        wanted.where("v.to_unit = %s", to_unit)
    rows, following = await page(service, REGISTER, wanted, limit, cursor)
    only_asked = all(post.role in ASKED for post in posts)
    items = [listed(row, only_asked=only_asked) for row in rows]
    return await looking.answer(
        "referrals",
        {"items": shown(items, language, masks={}, kinds=KINDS), "next_cursor": following},
        {row["student_id"]: row["school_code"] for row in rows},
        position=position,
        rows=len(rows),
        filters={"answered": answered, "to_unit": None if to_unit is None else True},
    )


@router.get(
    "/v1/referral-units",
    summary="可转介的单位 · Units that can be asked here, as referrals have to name them",
    responses={
        **answered("referral_units", "Units somebody holds a post for today."),
        **problems(*READ),
    },
)
async def list_referral_units(
    _: Annotated[list[Post], Depends(referring_posts)], service: Serving, language: Language
) -> Response:
    """A referral reaches who acts for the unit of exactly the name it gives; others see none."""
    found = await service.account_list.units(MAY["answer_referral"], service.tracking.today())
    items = [
        {
            "unit": unit,
            "role": role,
            "role_label": ROLES[role][language == "en"],
            "township": township,
        }
        for unit, role, township in found
    ]
    return answer({"items": items, "next_cursor": None})


def listed(row: dict[str, Any], *, only_asked: bool) -> dict[str, Any]:
    """Give a row of the register; what it sends is over for the unit once it has answered."""
    item = {name: row[name] for name in TOLD}
    item["referred_on"] = row["day"]
    if "name" in row["fields"] and not (only_asked and row["answered_by"]):
        item["name"] = row["student_name"]
    return item


@router.get(
    "/v1/students/{student_id}/referrals/{entry}",
    summary="转介单 · One referral, with the agreed fields of the child",
    responses={
        **answered("referral", "The referral; `child` holds what it sends, and nothing else."),
        **problems(*READ, *NAMED, *FRESH, rules=[NoSuchEntry]),
    },
)
async def read_referral(
    found: Annotated[Reached, Depends(known_referral)],
    entry: str,
    service: Serving,
    language: Language,
    position: RollPosition,
    showing: Showing,
) -> Response:
    """A village or member unit reads it until it has answered; others with the child."""
    number = entry_number(entry)
    made = found.child.entries[number - 1] if number <= len(found.child.entries) else None
    if not isinstance(made, ReferralMade):
        raise NoSuchEntry(entry=number)
    record = child_record(Child.replayed(found.stored), service.directory, service.tracking.today())
    answered_by = found.child.state.referrals.get(number)
    given = found.child.entries[answered_by - 1] if answered_by else None
    body = {
        "student_id": found.child.id,
        "entry": number,
        "kind": made.kind or "other",
        "to_unit": made.to_unit,
        "question": made.question,
        "referred_on": made.occurred_on,
        "answered_by": answered_by,
        "answered_on": given and given.occurred_on,
        "answer": given and given.answer,  # type: ignore[attr-defined]
        "child": {name: record[name] for name in made.fields or () if name in record},
    }
    return await showing.answer(
        "referral",
        shown(body, language, masks=showing.masks, kinds=KINDS),
        position=max(position, found.stored[-1].position),
        entry=number,
    )
