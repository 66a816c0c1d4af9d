"""The `guixue import-roll` command: a roll file in, the report of every row in words."""

import asyncio
from functools import partial as bound
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.cli_options import DataFolder, settings_for
from api.progress import counting
from api.reaching import reached

console = Console()
SHOWN = 200  # lines of a table on the terminal


def import_roll_command(
    file: Annotated[
        Path, typer.Argument(help="The roll, as .xlsx, .xls or .csv.", exists=True, dir_okay=False)
    ],
    data: DataFolder = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is wrong and new; record nothing.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Record the good rows even if others are wrong.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            help="Write the roll as .xlsx with what is wrong marked, to mend and import again.",
            dir_okay=False,
            writable=True,
        ),
    ] = None,
) -> None:
    """Bring the roll up to date from a roll file (学籍导入).

    The headings are those of the national roll template, in any order. All or nothing, unless
    --partial. New children are enrolled; of known ones what the file says anew is recorded, in the
    name of guixue-import-roll. Children on the roll whom the file leaves out are asked about.
    Exits 1 while rows are wrong, unless --partial.
    """
    from api.imports import by_command  # noqa: PLC0415  # with the web, which no other command waits for
    from api.imports.mending import mending  # noqa: PLC0415

    settings = settings_for(data)
    with reached(settings) as url:
        roll, found, recorded = asyncio.run(
            by_command.import_roll(
                settings,
                url,
                file.read_bytes(),
                dry_run=dry_run,
                partial=partial,
                counting=bound(counting, console, "学籍导入 import"),
            )
        )
    told = found.told(whole=True)
    if report is not None:
        report.write_bytes(mending(roll, found))
    say(told)
    console.print("已登记 recorded." if recorded else "未作登记 nothing was recorded.")
    if told["refused"] and not partial:
        raise typer.Exit(1)


def say(told: dict[str, Any]) -> None:
    """Print a report: what is wrong, what changed, what is asked, and how many."""
    items = told["items"]
    table(
        ("行 row", "列 column", "问题 problem"),
        [
            (str(item["row"]), error["column"], error["detail"])
            for item in items
            for error in item.get("errors", ())
        ],
    )
    table(
        ("行 row", "项 field", "原为 before", "改为 after"),
        [
            (str(item["row"]), change["field"], *(worded(change.get(w)) for w in WHEN))
            for item in items
            for change in item.get("changes", ())
        ],
    )
    table(
        ("行 row", "须核实 to settle"),
        [(str(item["row"]), asked) for item in items for asked in item.get("questions", ())],
    )
    table(
        ("学校 school", "年级 grade", "班级 class", "在册而文件中没有 not in the file"),
        [
            (child["school_code"], str(child["grade"]), child["class_name"] or "", child["name"])
            for child in told["vanished"] or ()
        ],
    )
    if told["vanished"] is None:
        console.print(
            "未比对文件中没有的学生 whom the file leaves out: not known now (视图未就绪)."
        )
    if told["ignored_columns"]:
        columns = escape("、".join(told["ignored_columns"]))
        console.print(f"未导入的列 columns left out: {columns}")
    console.print(
        f"{told['rows']} 行 rows: {told['enrolled']} 名可入册 good · "
        f"{told['already_on_roll']} 名已在册 already on the roll · {told['refused']} 行有误 wrong"
        f" · {told['changed']} 名有变动 changed"
    )


WHEN = ("before", "after")


def table(headings: tuple[str, ...], lines: list[tuple[str, ...]]) -> None:
    """Print some lines as a table, if there are any; of many, the first."""
    if not lines:
        return
    shown = Table(*headings)
    for line in lines[:SHOWN]:
        shown.add_row(*map(escape, line))
    console.print(shown)
    if len(lines) > SHOWN:
        console.print(
            f"…… 另有 {len(lines) - SHOWN} 行 more; --report 可得全部 has all that is wrong"
        )


def worded(value: Any) -> str:
    """Give a value as a person reads it."""
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values())
    if isinstance(value, list):
        return ";".join(worded(one) for one in value)
    return "" if value is None else str(value)
