"""`guixue privacy`: whose retention period is over, and the evidence a district files each year."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api import reaching
from api.cli_options import DataFolder, settings_for
from api.showing import MASKS, STRICT_MASKS
from application.privacy_pack import YES, Shown, pack
from application.retention import due
from application.roll_calls import drop, kept_from, past_retention
from application.store.rule_book import book_at
from projections.history import SEALED

privacy_app = typer.Typer(
    help="Retention (保存期) and the evidence filed each year.", no_args_is_help=True
)
console = Console()
SHOWN = Shown(
    {
        **dict.fromkeys(STRICT_MASKS, "对部分岗位 for some roles"),
        **dict.fromkeys(MASKS, YES),
        **dict.fromkeys(("changes", "derived"), "随所更正的字段 as the field corrected"),
    },
    frozenset({SEALED}),
)


@privacy_app.command("due")
def privacy_due(data: DataFolder = None) -> None:
    """List children whose retention period is over, by id; proposes, and never does it."""
    settings = settings_for(data)
    today = datetime.now(settings.zone).date()
    table = Table("student_id", "保存期届满 ended on", "建议 proposed")
    with reaching.owning(settings) as log:
        rules = book_at(log, log.head()).on(today)
        calls, oldest = past_retention(log.connection, today, rules)
        for one in due(log, today, rules):
            proposed = "销毁 erasure" if one.restricted else "封存 restriction"
            table.add_row(str(one.student_id), one.ended_on.isoformat(), proposed)
    if table.row_count:
        console.print(table)
    if calls:
        console.print(
            f"{calls} 次点名保存期届满 roll-calls, 最早 from {oldest}: "
            f"guixue privacy drop-roll-calls --before {kept_from(today, rules)}",
            soft_wrap=True,
        )
    console.print(f"{table.row_count} 名儿童保存期届满 children; nothing was changed 未作改动。")


@privacy_app.command("drop-roll-calls")
def drop_roll_calls(
    before: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day that is kept.")
    ],
    data: DataFolder = None,
) -> None:
    """Drop roll-calls (点名) of days before one whose retention period is over, for ever."""
    settings = settings_for(data)
    today = datetime.now(settings.zone).date()
    with reaching.owning(settings) as log:
        rules = book_at(log, log.head()).on(today)
        kept = kept_from(today, rules)
        if before.date() > kept:
            raise reaching.Refused(
                f"roll-calls from {kept} on are still to be kept. {kept} 起的点名仍在保存期内。"
            )
        done = drop(log.connection, before.date(), rules)
    console.print(
        f"{done.roll_calls} 次点名、{done.absences} 条缺勤已删除"
        f" roll-calls and absences dropped, before {before.date()}.",
        soft_wrap=True,
    )


@privacy_app.command("pack")
def privacy_pack(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; new or empty.")],
    data: DataFolder = None,
) -> None:
    """Write the evidence a district files each year, as Markdown and CSV; no child's content."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise reaching.Refused(
            f"{folder} is there and not empty: name a new folder. 目录已存在且非空,请另选。"
        )
    settings = settings_for(data)
    today = datetime.now(settings.zone).date()
    with reaching.owning(settings) as log:
        rules = book_at(log, log.head()).on(today)
        files = pack(log.connection, today, settings.zone, rules, SHOWN)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        coded = "utf-8-sig" if name.endswith(".csv") else "utf-8"  # spreadsheets ask for the mark
        (folder / name).write_text(text, coded, newline="")
    console.print(f"{len(files)} 个文件 files: {folder}", soft_wrap=True)
