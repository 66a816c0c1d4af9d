"""`guixue events`: stored entries opened and shown as they are, by child or by place in the log."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import takewhile
from typing import Annotated, Any, NamedTuple, cast
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from api import reaching
from api.cli_options import OPERATOR, DataFolder, settings_for
from api.schemas.fields import Line as OneLine
from api.showing import local
from application.access_log import Line, write_line
from application.store.heads import TOPIC
from application.store.log import Log
from application.store.mapper import EntryMapper, RecordedEvent
from application.store.streams import is_childs
from domain.entry import Entry
from domain.student import Student
from projections.fact_words import fact_label
from projections.history import ERASED
from projections.sentences import kind_label

PLACES = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?")
MOST = 500  # entries shown at once by their place in the log
WHOLE = 2**62  # a version beyond every child's last
DAMAGED = "无法解开,请从备份恢复。 It does not open; put it back from a backup."
OWN = "日志自有:各个案末条的承诺 the log's own: commits where histories end"
ACTORS = "SELECT notification_id, actor FROM log.stored_events WHERE notification_id = ANY(%s)"

app = typer.Typer(help="Look at stored entries (登记), opened.", no_args_is_help=True)


class Places(NamedTuple):
    """From which place in the log to which, both of them too."""

    first: int
    last: int


@app.command("show")
def events_show(
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="A child's id, a place in the log, or FROM-TO.")
    ],
    reason: Annotated[str, typer.Option(help="Why you look (事由); kept in the access log.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    data: DataFolder = None,
) -> None:
    """Show stored entries opened, each with place, kind, moment, account and payload.

    This opens children's sealed data: the look is written to the access log, with the reason,
    before anything is shown.
    """
    wanted = wanted_of(what)
    try:
        why = TypeAdapter[str](OneLine).validate_python(reason)
    except ValidationError as wrong:
        raise reaching.Refused(f"--reason: {wrong.errors()[0]['msg']}") from None
    settings = settings_for(data)
    with reaching.owning(settings) as log:
        events = stored(log, wanted)
        if not events:
            raise reaching.Refused(f"There is no entry of {what}. 没有这样的登记。")
        actors = dict(
            log.connection.execute(ACTORS, [[event.position for event in events]]).fetchall()
        )
        told = [as_told(event, actors[event.position]) for event in events]
        write_line(
            log.connection,
            Line(
                OPERATOR,
                "view events",
                "shown",
                unit="命令行 guixue events",
                children=schools_of(log, events),
                reason=why,
                details={"entries": len(events), "first": told[0]["position"]},
            ),
        )
    if as_json:
        for one in told:
            one["recorded_at"] = one["recorded_at"].isoformat()
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for one in told:
        one["recorded_at"] = local(one["recorded_at"], settings.zone)
        typer.echo(in_words(one))


def wanted_of(what: str) -> UUID | Places:
    """
    Read what is to be shown.

    :raises Refused: if it is neither a child's id nor places of the log, or too many of them
    """
    with suppress(ValueError):
        return UUID(what)
    if (typed := PLACES.fullmatch(what)) is None:
        raise reaching.Refused(
            f"{what} is no child's id, no place in the log, and no range of them (100-120)."
            " 请给出学生编号、日志位置或范围。"
        )
    places = Places(int(typed[1]), int(typed[2] or typed[1]))
    if places.last - places.first >= MOST:
        raise reaching.Refused(f"At most {MOST:,} entries at once. 一次最多 {MOST:,} 条。")
    return places


def stored(log: Log, wanted: UUID | Places) -> list[RecordedEvent]:
    """Read the entries wanted, opened where they open."""
    if isinstance(wanted, UUID):
        return log.before({wanted: WHOLE}).get(wanted, [])
    return log.page(wanted.first - 1, MOST, wanted.last)


def as_told(event: RecordedEvent, actor: str) -> dict[str, Any]:
    """Give an entry with its payload as it is stored; none if it is erased or does not open."""
    return {
        "position": event.position,
        "student_id": str(event.originator_id),
        "version": event.originator_version,
        "topic": event.topic,
        "recorded_at": event.recorded_at,
        "actor": actor,
        "erased": event.erased,
        "damaged": event.damaged,
        "payload": from_json(event.state) if event.state else None,
    }


def schools_of(log: Log, events: Sequence[RecordedEvent]) -> dict[UUID, str | None]:
    """Give the children of some entries, each with its school as far as its entries tell."""
    ids = {cast("UUID", event.originator_id) for event in events}
    ids = set(filter(is_childs, ids))  # of subjects and the log's own there is no school to tell
    entries = log.before(dict.fromkeys(ids, WHOLE))
    return {student_id: school_of(entries[student_id]) for student_id in ids}


def school_of(events: Sequence[RecordedEvent]) -> str | None:
    mapper = EntryMapper()
    readable = takewhile(lambda event: event.state, events)
    entries = [cast("Entry", mapper.to_domain_event(event)) for event in readable]
    return Student.of(entries).state.school_code if entries else None


def label_of(topic: str) -> str:
    """Name what an entry is, of a child, of another subject, or of the log itself."""
    subject, _, kind = topic.partition(".")
    if topic == TOPIC:
        return OWN
    if subject != "student":
        return " ".join(dict.fromkeys(fact_label(topic, one) for one in ("zh", "en")))
    return f"{kind_label(kind, 'zh')} {kind_label(kind, 'en')}"


def in_words(told: dict[str, Any]) -> str:
    """Give an entry as lines to read."""
    lines = [
        f"位置 position {told['position']} · {told['student_id']} · 第 entry {told['version']} 条",
        f"{told['topic']} · {label_of(told['topic'])}",
        f"{told['recorded_at']} · 登记人 actor {told['actor']}",
    ]
    if told["erased"]:
        lines.append(" ".join(ERASED))
    elif told["damaged"]:
        lines.append(DAMAGED)
    else:
        lines.append(json.dumps(told["payload"], ensure_ascii=False, indent=2))
    return "\n".join(lines) + "\n"
