"""A child's full history over HTTP: every entry as a sentence with its data, and each by itself."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic_core import from_json
from starlette.responses import Response

from api.checking import Checked
from api.deps import Language, Limit, MinLogPosition, RollPosition, Serving, SignedIn, view_position
from api.listing import Cursor, Wanted, cursor_of, page, stands
from api.openapi import FRESH, NAMED, READ, answered, problems
from api.reach import Reached, Readable, ReadableEntry, entry_number
from api.replaying import AsCut, Cut, InWindow, Window
from api.revealing import Revealing, Showing
from api.service import Service
from api.showing import kinds_of, local, shown
from application.access import Person, scope_of
from domain.care import CounsellingGiven
from domain.child_duties import DutyEscalated, DutyMissed
from domain.corrections import Corrected
from domain.duties import DUTY_KIND
from domain.entry import Entry
from domain.refusals import NoSuchEntry
from projections.all_views import BY_NAME
from projections.fact_words import duty_sentence, fact_label
from projections.history import SEALED, erased_row
from projections.replay import Child
from projections.sentences import kind_label
from projections.view import Row

router = APIRouter(route_class=Checked, tags=["history 历史"])
HISTORY = BY_NAME["history"]
JSON_COLUMNS = ("recorded_by", "data")


@router.get(
    "/v1/students/{student_id}/history",
    summary="完整历史 · Every entry, oldest first",
    responses={
        **answered("history", "A page of entries."),
        **problems(*READ, *NAMED, *FRESH),
    },
)
async def read_history(
    request: Request,
    found: Readable,
    service: Serving,
    language: Language,
    cut: AsCut,
    showing: Showing,
    window: InWindow,
    min_log_position: MinLogPosition = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """
    `from` and `to` keep the entries recorded after the one moment and up to the other.

    So what `as_of=to` tells and `as_of=from` did not is what they keep. How an entry is told,
    `corrected_by` above all, is as of `as_of`, `version` and `happened_by`, else as of now.
    `duties`, on the first page, tells which were missed, and how they rose: what the service put on
    record beside the child's stream, cut by the same moments.
    """
    last = cut.known(found.stored)[-1].position
    least = max(min_log_position or 0, found.stored[-1].position)
    position = await view_position(request, least, HISTORY.name)
    duties = await duties_told(found, service, cut, window, language) if cursor is None else []
    following = None
    withdrawn = found.child.state.restricted_by is not None  # no view tells of it
    if not found.erased and (withdrawn or cut.happened_by is not None):
        rows = replayed_rows(cut.child(found.stored))
        rest = [
            row
            for row in rows
            if row["opened"] > (cursor or 0) and window.holds(row["recorded_at"])
        ]
        rows = rest[:limit]
        following = cursor_of(rows[-1]["opened"]) if len(rest) > limit else None
    else:
        wanted = Wanted(scope=scope_of([found.post], [found.child.id]))
        wanted.where("v.student_id = %s", found.child.id)
        whole = cut.as_of is None and cut.version is None
        stands(wanted, None if whole else last)
        if window.first is not None:
            wanted.where("v.recorded_at > %s", window.first)
        if window.last is not None:
            wanted.where("v.recorded_at <= %s", window.last)
        rows, following = await page(service, HISTORY, wanted, limit, cursor)
    return await showing.answer(
        "history",
        {
            "items": [told(row, service, language, showing) for row in rows],
            "next_cursor": following,
            "duties": duties,
        },
        position=position,
        rows=len(rows),
        filters={**cut.filters(), **window.filters()},
    )


@router.get(
    "/v1/students/{student_id}/history/{version}",
    summary="单条记录 · One entry",
    responses={
        **answered("entry", "The entry."),
        **problems(*READ, *NAMED, *FRESH, rules=[NoSuchEntry]),
    },
)
async def read_entry(
    found: ReadableEntry,
    version: str,
    person: SignedIn,
    service: Serving,
    language: Language,
    position: RollPosition,
    showing: Showing,
) -> Response:
    number = entry_number(version)
    if number > len(found.stored):
        raise NoSuchEntry(entry=number)
    if found.erased:
        entry = told(as_told(erased_row(found.stored[number - 1])), service, language, showing)
    else:
        child = Child.replayed(found.stored)
        entry = told(replayed_rows(child, only=number)[0], service, language, showing)
        show_notes(entry["data"], child.recorded[number - 1], found, person, showing)
    return await showing.answer(
        "entry", entry, position=max(position, found.stored[-1].position), entry=number
    )


async def duties_told(
    found: Reached, service: Service, cut: Cut, window: Window, language: str
) -> list[dict[str, Any]]:
    """Tell what is on record of a child's duties: missed, and risen, oldest first."""
    if found.erased:
        return []
    return [
        {
            "kind": fact.KIND,
            "label": fact_label(fact.TOPIC, language),
            "sentence": duty_sentence(fact, language),
            "duty": fact.kind,
            "duty_label": DUTY_KIND.label(fact.kind, language),
            "due_on": fact.due_on,
            "entry": fact.arose,
            "episode": fact.episode,
            "occurred_on": fact.occurred_on,
            "recorded_at": local(fact.timestamp, service.settings.zone),
        }
        for fact in (await service.missed_duties.of(found.child.id)).facts
        if isinstance(fact, DutyMissed | DutyEscalated)
        and cut.holds(fact.timestamp, fact.occurred_on, found.stored)
        and window.holds(fact.timestamp)
    ]


def show_notes(
    data: dict[str, Any], entry: Entry, found: Reached, person: Person, showing: Revealing
) -> None:
    """Show counselling notes to who wrote them, and to an auditor with a reason; to nobody else."""
    own = entry.by["account"] == person.account
    if not own and (found.post.role != "auditor" or showing.masked):
        return
    if isinstance(entry, CounsellingGiven) and entry.notes is not None:
        data["notes"] = entry.notes
    if isinstance(entry, Corrected) and SEALED in entry.changes:
        data["changes"] = {**data["changes"], SEALED: entry.changes[SEALED]}


def replayed_rows(child: Child, only: int | None = None) -> list[dict[str, Any]]:
    """Give the rows of a replayed child's history, as the view would hold them."""
    keys = [only] if only is not None else list(HISTORY.all_keys(child))
    return [as_told(HISTORY.row(child, key)) for key in keys]


def as_told(values: Row) -> dict[str, Any]:
    """Give the values of a row as the view's table gives them back."""
    row = dict(zip((name for name, _ in HISTORY.columns), values, strict=True))
    row.update({name: from_json(row[name]) for name in JSON_COLUMNS})
    return row


def told(
    row: dict[str, Any], service: Service, language: str, showing: Revealing
) -> dict[str, Any]:
    """Give one entry as answers show it."""
    kind = row["kind"]
    entry = {
        "version": row["version"],
        "position": row["opened"],
        "kind": kind,
        "label": kind_label(kind, language),
        "sentence": row[f"sentence_{language}"],
        "occurred_on": row["occurred_on"],
        "recorded_at": local(row["recorded_at"], service.settings.zone),
        "recorded_by": row["recorded_by"],
        "data": shown(row["data"], language, masks=showing.masks, kinds=kinds_of(kind)),
        "episode": row["episode"],
    }
    if row["corrected_by"] is not None:
        entry["corrected_by"] = row["corrected_by"]
    return entry
