"""The history of a child (完整历史): every entry as a dated sentence with its data."""

from collections.abc import Iterable, Sequence

from eventsourcing.utils import resolve_topic

from application.store.mapper import RecordedEvent
from domain.corrections import Corrected
from domain.entry import Entry
from projections.replay import Child
from projections.sentences import sentence
from projections.view import CHILD_IN_SCOPE, Row, View, stored_json

NOT_DATA = frozenset({"originator_id", "originator_version", "timestamp", "occurred_on", "by"})
SEALED = "notes"  # of counselling: that there are some is shown, what they say is not kept here
SPELT = {"from_day": "from"}
ERASED = ("已依法销毁。", "Destroyed as the law demands.")


class History(View):
    """``data`` is what was recorded, whatever corrected it since; both stay visible."""

    name = "history"
    columns = (
        ("opened", "bigint NOT NULL"),
        ("version", "bigint"),
        ("kind", "text"),
        ("sentence_zh", "text"),
        ("sentence_en", "text"),
        ("occurred_on", "date"),
        ("recorded_at", "timestamptz"),
        ("recorded_by", "jsonb"),
        ("data", "jsonb"),
        ("corrected_by", "bigint"),
        ("episode", "integer"),
    )

    within_scope = CHILD_IN_SCOPE

    def all_keys(self, child: Child) -> Iterable[int]:
        return range(1, len(child.recorded) + 1)

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        return (len(child.recorded),)

    def erased_rows(self, events: Sequence[RecordedEvent]) -> Iterable[tuple[int, int, Row]]:
        for event in events:
            yield event.originator_version, event.position, erased_row(event)

    def corrected_keys(self, child: Child, entry: Corrected) -> Iterable[int]:
        return (entry.entry, len(child.recorded))

    def row(self, child: Child, key: int) -> Row:
        """Row ``key`` is the entry at that place among those replayed."""
        entry = child.recorded[key - 1]
        corrected_by = child.student.corrected_by.get(entry.originator_version)
        return (
            child.positions[key - 1],
            entry.originator_version,
            entry.entry_kind(),
            sentence(entry, "zh"),
            sentence(entry, "en"),
            entry.occurred_on,
            child.moments[key - 1],
            stored_json(entry.by),
            stored_json(shown_data(entry)),
            corrected_by[-1] if corrected_by else None,
            child.student.standings[entry.originator_version - 1].episode,
        )


def erased_row(event: RecordedEvent) -> Row:
    """Give what is left of an entry: its kind, and when it was recorded."""
    kind: type[Entry] = resolve_topic(event.topic)
    nobody = nothing = stored_json({})
    return (
        event.position,
        event.originator_version,
        kind.entry_kind(),
        *ERASED,
        None,
        event.recorded_at,
        nobody,
        nothing,
        None,
        None,
    )


def shown_data(entry: Entry) -> dict[str, object]:
    """Give the fields of an entry as its body named them; sealed text only as being there."""
    data = {
        SPELT.get(name, name): value for name, value in vars(entry).items() if name not in NOT_DATA
    }
    if data.pop(SEALED, None) is not None:
        data["notes_sealed"] = True
    if isinstance(entry, Corrected) and SEALED in entry.changes:
        data["changes"] = {**entry.changes, SEALED: None}
    return data
