"""The worklist (待办): what is due, overdue, awaiting somebody, or followed up by nobody."""

import base64
import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator
from starlette.responses import Response

from api.awaiting import REFERRALS, referrals_awaiting, returns_awaiting
from api.checking import Checked
from api.deps import Language, Limit, MinLogPosition, Serving, SignedIn, view_position
from api.listing import Listing, Wanted, case_rows_within_reach, place_filters
from api.openapi import FRESH, READ, answered, problems
from api.revealing import Showing
from api.schemas.fields import OneOf, wrong
from api.service import Service
from api.showing import shown
from application.access import Person, Post
from application.roles import MAY, ROLES, SCHOOL
from domain.codes import ESCALATION_LEVEL
from domain.duties import DUTY_KIND, month_end
from domain.duty_levels import LEVELS, role_at, rungs
from domain.rechecks import deadlines
from domain.rules import RuleBook
from projections.duties import Duties
from projections.duty_levels import level_sql

router = APIRouter(route_class=Checked, tags=["duties 应办"])
VIEW = Duties.name
View = Literal["mine", "overdue", "awaiting-me", "no-follow-up", "unassigned", "all"]
# The steps that do what only somebody else can: a decision, an answer.
DECIDED_BY = {
    "close_out_decision": "decide_close_out",
    "transfer_answer": "decide_transfer",
    "confirm_dropout": "confirm_dropout",
}
DUE = """coalesce(v.due_on, CASE
    WHEN v.kind <> 'recheck' THEN %s::date
    WHEN greatest(v.looked_on, v.since_on) >= %s THEN %s::date ELSE %s::date
END)"""
SHORT = f"CASE WHEN l.level > l.below THEN {len(LEVELS)} - l.level ELSE {len(LEVELS)} END"
COLUMNS = (
    *("student_id", "student_name", "school_code", "grade", "class_name", "township", "status"),
    *("escalation_level", "episode", "kind", "for_role", "person", "since_on", "arose"),
    *("planned", "taught", "opened", "row_key"),
)
# The level at which a role answers for what rose to it.
LEVEL_OF = {"principal": 1, "township": 2, "township_office": 2, "bureau": 3}
PLACE = re.compile(r"([0-3])-(\d{1,7})-(\d{1,18})-(\d{1,18})", re.ASCII)
LONGEST_CURSOR = 80


class Place(NamedTuple):
    """Where a page of the worklist ended: how many levels up at most, the day due, the row."""

    short: int
    due: date
    opened: int
    row_key: int

    @property
    def cursor(self) -> str:
        said = f"{self.short}-{self.due.toordinal()}-{self.opened}-{self.row_key}"
        return base64.urlsafe_b64encode(said.encode()).decode()


FIRST = Place(0, date.min, 0, 0)


def place_of(cursor: str) -> Place:
    """
    Read a cursor.

    :raises PydanticCustomError: if it is none of ours
    """
    if len(cursor) <= LONGEST_CURSOR and cursor.isascii():
        try:
            text = base64.urlsafe_b64decode(cursor.encode()).decode("ascii")
        except ValueError:
            text = ""
        found = PLACE.fullmatch(text)
        if found is not None and 0 < int(found[2]) <= date.max.toordinal():
            short, day, opened, row_key = map(int, found.groups())
            return Place(short, date.fromordinal(day), opened, row_key)
    raise wrong(
        "cursor", "The cursor is not one we gave.", "cursor 不是本服务给出的,请从首页重新读取。"
    )


Cursor = Annotated[
    str | None,
    AfterValidator(lambda told: told if told is None else place_of(told).cursor),
    Query(description="`next_cursor` of the page before"),
]


@router.get(
    "/v1/worklist",
    summary="待办 · What is due, and for whom",
    responses={
        **answered(
            "worklist", "A page of duties: what rose highest first, then the longest overdue."
        ),
        **problems(*READ, *FRESH, "not-found", "record-damaged", "keys-away"),
    },
)
async def read_worklist(
    request: Request,
    listing: Listing,
    person: SignedIn,
    service: Serving,
    language: Language,
    showing: Showing,
    min_log_position: MinLogPosition = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    view: Annotated[View, Query()] = "mine",
    kind: Annotated[Annotated[str, OneOf(DUTY_KIND)] | None, Query()] = None,
    responsible: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """
    What rose highest comes first, then the longest overdue; `level` is the one a missed duty rose
    to, `escalated_to` the role that answers for it there.

    `mine`: due from my post, from me by name, or risen to my post; `overdue`: past their day;
    `awaiting-me`: close-outs, transfers and dropouts I may decide; `no-follow-up`: flagged, and
    nobody did anything for the child since; `unassigned`: cases of children for whom nobody is
    responsible. With `awaiting-me` go, on its first page, the `returns` to submit or to freeze, and
    the `referrals` that await one's unit or are overdue.
    """
    awaits = view == "awaiting-me" and cursor is None
    position = await view_position(request, min_log_position, VIEW)
    if awaits:
        position = min(position, await view_position(request, min_log_position, REFERRALS))
    today = service.tracking.today()
    wanted = Wanted(["v.ended IS NULL"])
    case_rows_within_reach(wanted, listing.posts)
    of_view(wanted, view, person, listing.posts, today)
    for column, value in (
        ("school_code", listing.school_code),
        ("township", listing.township),
        ("kind", kind),
        ("person", responsible),
    ):
        if value is not None:
            wanted.where(f"v.{column} = %s", value)
    after = place_of(cursor) if cursor else None
    rows, following = await page(service, wanted, today, limit, after)
    referrals = await referrals_awaiting(service, listing.posts, language) if awaits else []
    return await showing.answer(
        f"worklist {view}",
        {
            "items": [told(row, service, language, today) for row in rows],
            "next_cursor": following,
            "returns": await returns_awaiting(service, listing.posts, language) if awaits else [],
            "referrals": referrals,
        },
        {row["student_id"]: row["school_code"] for row in (*rows, *referrals)},
        position=position,
        rows=len(rows) + len(referrals),
        filters={
            **place_filters(service.directory, listing.school_code, listing.township),
            "kind": kind,
            "responsible": None if responsible is None else True,
        },
    )


def of_view(wanted: Wanted, view: str, person: Person, posts: Sequence[Post], today: date) -> None:
    """Ask for the duties of one of the lists."""
    if view == "mine":
        roles = [post.role for post in posts]
        wanted.where(
            "(v.for_role = ANY(%s) OR v.person = %s OR"
            " EXISTS (SELECT FROM unnest(%s::int[]) AS mine WHERE mine > l.below"
            " AND mine <= l.level))",
            *(roles, person.name, levels_of(posts)),
        )
    elif view == "overdue":
        wanted.where("v.due_on < %s", today)
    elif view == "awaiting-me":
        wanted.where(*awaiting(posts))
    elif view == "no-follow-up":
        wanted.where("v.kind = 'contact_guardian' AND NOT v.followed_up")
    elif view == "unassigned":
        wanted.where("v.episode IS NOT NULL AND v.person IS NULL")


def levels_of(posts: Sequence[Post]) -> list[int]:
    """Number the levels at which some posts answer for what rose to them, from 1 on."""
    return sorted({LEVEL_OF[post.role] for post in posts if post.role in LEVEL_OF})


def awaiting(posts: Sequence[Post]) -> tuple[str, list[str], list[str], list[str]]:
    """
    Give the condition of what the posts may decide; a school, of a warning alone, and of a transfer
    to itself.
    """
    roles = {post.role for post in posts}
    above = [kind for kind, step in DECIDED_BY.items() if roles & (MAY[step] - SCHOOL)]
    answering = [post for post in posts if post.role in MAY["decide_transfer"]]
    schools = sorted(frozenset[str]().union(*(post.schools for post in answering)))
    at_school = ["close_out_decision"] if roles & SCHOOL else []
    condition = (
        "(v.kind = ANY(%s)"
        " OR (v.kind = 'transfer_answer' AND v.school_code = ANY(%s))"
        " OR (v.kind = ANY(%s) AND v.status = 'watched'))"
    )
    return condition, above, schools, at_school


def dated(
    rule_book: RuleBook, zone: ZoneInfo, today: date, wanted: Wanted, columns: Sequence[str]
) -> tuple[str, list[Any]]:
    """Give the duties wanted, each with its day due and its level, as a query to read from."""
    level, params = level_sql(rungs(rule_book, today), zone.key)
    terms = deadlines(rule_book.on(today).calendar, today)
    again = [month_end(today), terms.starts, terms.following, terms.this]
    named = ", ".join(f"v.{name}" for name in columns)
    sql = (
        f"SELECT {SHORT} AS short, {DUE} AS due, {named}, l.below, l.level"  # noqa: S608
        f" FROM views.{VIEW} v, {level} WHERE {wanted.sql()}"
    )
    return sql, [*again, *params, *wanted.params]


async def page(
    service: Service, wanted: Wanted, today: date, limit: int, after: Place | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Read one page: what rose highest first, then the longest overdue."""
    inner, params = dated(service.tracking.rule_book, service.settings.zone, today, wanted, COLUMNS)
    rows = await service.store.query(
        f"SELECT * FROM ({inner}) w WHERE (short, due, opened, row_key) > (%s, %s, %s, %s)"  # noqa: S608
        " ORDER BY short, due, opened, row_key LIMIT %s",
        [*params, *(after or FIRST), limit + 1],
        scope=wanted.scope,
    )
    names = ("short", "due_on", *COLUMNS, "below", "level")
    items = [dict(zip(names, row, strict=True)) for row in rows[:limit]]
    if len(rows) <= limit:
        return items, None
    last = items[-1]
    return items, Place(last["short"], last["due_on"], last["opened"], last["row_key"]).cursor


def told(row: dict[str, Any], service: Service, language: str, today: date) -> dict[str, Any]:
    """Give a duty as the list shows it."""
    due: date = row["due_on"]
    taught = row["taught"]
    item = {
        "student_id": row["student_id"],
        "name": row["student_name"],
        "school": service.directory.name_of(row["school_code"]),
        **{name: row[name] for name in ("school_code", "grade", "class_name", "township")},
        **{name: row[name] for name in ("status", "escalation_level", "episode", "kind")},
        "due_on": due,
        "overdue": due < today,
        "days_overdue": max((today - due).days, 0),
        "for_role": row["for_role"],
        "for_role_label": ROLES[row["for_role"]][1 if language == "en" else 0],
        **{name: row[name] for name in ("person", "since_on")},
        "entry": row["arose"],
        **level_told(row, language),
    }
    if taught is not None:
        item["planned_minutes"] = 60 * (row["planned"] or 0)
        item["taught_minutes"] = taught.get(f"{today:%Y-%m}", 0)
    answer: dict[str, Any] = shown(item, language, masks={}, kinds={"kind": DUTY_KIND})
    return answer


def level_told(row: dict[str, Any], language: str) -> dict[str, Any]:
    """Tell the level a duty has risen to and whose it is there, if it has."""
    if row["level"] <= row["below"]:
        return {"level": None, "level_label": None, "escalated_to": None}
    name = LEVELS[row["level"] - 1]
    role = role_at(name, at_school=row["school_code"] is not None)
    return {
        "level": name,
        "level_label": ESCALATION_LEVEL.label(name, language),
        "escalated_to": role,
        "escalated_to_label": ROLES[role][language == "en"],
    }
