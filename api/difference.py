"""What changed of a child between two moments, over HTTP: every field, by whom, when and why."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.checking import Checked
from api.child_record import beyond_the_record, child_record, erased_record
from api.deps import Language, RollPosition, Serving
from api.history import replayed_rows, told
from api.openapi import FRESH, NAMED, READ, answered, problems
from api.reach import Readable
from api.replaying import AsBetween, Between, after_its_end
from api.revealing import Revealing, Showing
from api.service import Service
from api.showing import kinds_of, local, shown
from application.directory import Directory
from application.store.mapper import RecordedEvent
from domain.record_fields import field_label
from projections.difference import Change, Correcting, Difference
from projections.replay import Child
from projections.sentences import kind_label

router = APIRouter(route_class=Checked, tags=["history 历史"])
NOT_COMPARED = frozenset({"student_id", "version", "position"})  # stand in `from` and `to`
WHEN_AND_WHO = ("occurred_on", "recorded_at", "recorded_by")


@router.get(
    "/v1/students/{student_id}/difference",
    summary="两个时刻之间的变化 · What changed between two moments, by whom, when and why",
    responses={
        **answered("difference", "Every field that differs, and every correction between."),
        **problems(*READ, *NAMED, *FRESH),
    },
)
async def read_difference(
    found: Readable,
    service: Serving,
    language: Language,
    position: RollPosition,
    showing: Showing,
    between: AsBetween,
) -> Response:
    """
    `from` and `to` mean what `as_of` means for the record, `…_version` what `version` does.

    `changes` names every field of the record that differs between the two, and of what is known
    beside it, with the entry that last set it: put each `after` in place of its `before`, and the
    record at `from` becomes the record at `to`. `expired` names the marks of key groups that ran
    out between, which no entry says. `corrections` are those recorded between the two: what each
    replaced, and in which entry. Without `from`, or with one before the first entry, everything
    is told. Masks are those of the record.
    """
    last = between.last.known(found.stored)
    start = 0 if between.from_nothing else len(between.first.upto(found.stored))
    if start > len(last):
        raise after_its_end()
    if found.erased:
        body = erased_record(found.stored, service.settings.zone, language)
        body |= {"changes": [], "corrections": []}
    else:
        # A stream of many entries is read many times over: others are served meanwhile.
        asked = (last, start, between, service, language, showing)
        body = await asyncio.to_thread(difference, *asked)
    return await showing.answer(
        "difference",
        body,
        position=max(position, found.stored[-1].position),
        rows=len(body["changes"]),
        filters=between.filters(),
    )


def difference(
    known: list[RecordedEvent],
    start: int,
    between: Between,
    service: Service,
    language: str,
    showing: Revealing,
) -> dict[str, Any]:
    """
    Tell the difference between when the first ``start`` entries were known and when all were.

    :raises RequestValidationError: if the first day lies after the last
    """
    tracking, directory = service.tracking, service.directory
    earlier, later = Child.replayed(known[: start or 1]), Child.replayed(known)
    last_day = between.last.day(later, tracking)
    first_day = between.first.day(earlier, tracking) if start else last_day
    if first_day > last_day:
        raise after_its_end()
    compared = Difference(
        known,
        start,
        (first_day, last_day),
        between.last.happened_by,
        lambda child, day: flat(whole_record(child, directory, day)),
    )

    def told_fields(child: Child, day: date) -> dict[str, Any]:
        cut = child.happened_by(between.last.happened_by) if between.last.happened_by else child
        return flat(shown(whole_record(cut, directory, day), language, masks=showing.masks))

    before = told_fields(earlier, first_day) if start else {}
    after = told_fields(later, last_day)
    changes, corrections = compared.changes(), compared.corrections()
    named = {change.entry for change in changes} | {one.entry for one in corrections}
    entries = {
        version: told(replayed_rows(later, only=version)[0], service, language, showing)
        for version in named
    }
    return {
        "student_id": later.student.id,
        "happened_by": between.last.happened_by,
        "from": end(known[start - 1], first_day, service) if start else None,
        "to": end(known[-1], last_day, service),
        "changes": [
            told_change(change, before, after, entries[change.entry], language)
            for change in changes
        ],
        "corrections": [
            told_correction(correction, entries[correction.entry], language, showing)
            for correction in corrections
        ],
    }


def end(event: RecordedEvent, day: date, service: Service) -> dict[str, Any]:
    """Give one end: the last entry known then, and the day as of which the child is told."""
    return {
        "version": event.originator_version,
        "position": event.position,
        "recorded_at": local(event.recorded_at, service.settings.zone),
        "day": day,
    }


def whole_record(child: Child, directory: Directory, day: date) -> dict[str, Any]:
    return {**child_record(child, directory, day), **beyond_the_record(child)}


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give a record's fields that are compared, each count by itself."""
    fields = {name: value for name, value in record.items() if name not in NOT_COMPARED}
    counts = fields.pop("counts")
    return {**fields, **{f"counts.{name}": count for name, count in counts.items()}}


def told_change(
    change: Change,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    entry: Mapping[str, Any],
    language: str,
) -> dict[str, Any]:
    """Give a changed field as answers show it, with the entry that last set it."""
    field = change.field
    answer = {
        "field": field,
        "label": field_label(field.rpartition(".")[2], language),
        "before": before.get(field),
        "after": after[field],
    }
    for end_name, fields in (("before", before), ("after", after)):
        if f"{field}_label" in fields:
            answer[f"{end_name}_label"] = fields[f"{field}_label"]
    if change.expired:
        answer["expired"] = list(change.expired)
    return {**answer, **why(entry)}


def why(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Give of an entry of the history what says who changed something, when and why."""
    data = entry["data"]
    reason = {"reason": data.get("reason")}
    if "reason_label" in data:
        reason["reason_label"] = data["reason_label"]
    return {
        "entry": entry["version"],
        "kind": entry["kind"],
        "kind_label": entry["label"],
        "sentence": entry["sentence"],
        **reason,
        "corrects": data.get("entry") if entry["kind"] == "corrected" else None,
        **{name: entry[name] for name in WHEN_AND_WHO},
    }


def told_correction(
    correction: Correcting, entry: Mapping[str, Any], language: str, showing: Revealing
) -> dict[str, Any]:
    """Give a correction as answers show it: which entry, and what stood there before."""
    kinds = kinds_of(correction.kind)
    replaced = []
    for one in correction.replaced:
        fields = {
            name: shown({one.field: value}, language, masks=showing.masks, kinds=kinds)
            for name, value in (("before", one.before), ("after", one.after))
        }
        item = {"field": one.field, "label": field_label(one.field, language)}
        for name, told_value in fields.items():
            item[name] = told_value[one.field]
            if f"{one.field}_label" in told_value:
                item[f"{name}_label"] = told_value[f"{one.field}_label"]
        replaced.append({**item, "derived": one.derived})
    return {
        "entry": correction.entry,
        "corrects": correction.corrects,
        "kind": correction.kind,
        "kind_label": kind_label(correction.kind, language),
        "reason": entry["data"]["reason"],
        "replaced": replaced,
        **{name: entry[name] for name in WHEN_AND_WHO},
    }
