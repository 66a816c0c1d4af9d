"""Rolls and school directories imported by the command line."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import psycopg

from api.cli_options import OPERATOR
from api.deps import ROLL
from api.imports.access_lines import Children, counts_of, named_in, write_lines
from api.imports.importing import Importing, RollFile, read_roll
from api.imports.report import Report
from api.imports.schools import schools_of
from api.imports.vanishing import missing
from api.reaching import reference_data
from api.service import number_key_of, tracking_on
from api.settings import Settings
from application.access import Post, takes
from application.access_log import AccessLog, Line
from application.store.store import Store
from domain.entry import Actor

IMPORTER = Actor("guixue-import-roll", "学籍导入", "bureau", "区教体局", "bureau", superior=True)
BUREAU = Post("bureau", "区教体局")  # what whoever holds the data folder may do


async def import_roll(
    settings: Settings,
    url: str,
    file: bytes,
    *,
    dry_run: bool,
    partial: bool,
    counting: Callable[[int], AbstractContextManager[Callable[[int], object]]],
) -> tuple[RollFile, Report, bool]:
    """
    Import a roll; return it, the report, and whether anything was recorded.

    ``counting`` shows how many of a number of rows are done.

    :raises UnreadableFile: if the file is no table, or has not the headings
    """
    roll = await read_roll(file)
    async with reference_data(settings, url) as (_, store, directory):

        async def gone(report: Report) -> list[dict[str, Any]] | None:
            return await missing(store, [BUREAU], report) if await views_are_fresh(store) else None

        with counting(len(roll.table)) as progress:
            importing = Importing(
                tracking=tracking_on(store, settings, number_key_of(settings, url)),
                directory=directory,
                by=IMPORTER,
                check_place=lambda *_: None,
                may=lambda step, child: takes(BUREAU, step, child),
                language="zh",
                dry_run=dry_run,
                partial=partial,
                vanished=gone,
                progress=progress,
            )
            report, recorded = await importing.take(roll)
        await log_lines(AccessLog(store), report, recorded=recorded is not None)
        return roll, report, recorded is not None


async def log_lines(access_log: AccessLog, report: Report, *, recorded: bool) -> None:
    """Write the access log before anything is shown: whoever runs the command saw the report."""

    async def write(action: str, outcome: str, children: Children, **details: Any) -> int:
        unit = "命令行 guixue import-roll"
        line = Line(OPERATOR, action, outcome, unit=unit, children=children, details=details)
        return await access_log.write(line)

    told = report.told(whole=False)
    gone = {UUID(child["student_id"]): child["school_code"] for child in told["vanished"] or ()}
    schools = {**report.known, **report.schools, **gone}
    children = {one: schools.get(one) for one in named_in(told)}
    await write_lines(write, "recorded" if recorded else "shown", children, counts_of(told))


async def views_are_fresh(store: Store) -> bool:
    """Say whether the roll's view tells of every entry: with no service running it may not."""
    try:
        stands = await store.query("SELECT position FROM views.progress WHERE view = %s", [ROLL])
    except psycopg.errors.UndefinedTable:
        return False
    return bool(stands) and stands[0][0] >= await store.head()


async def import_schools(settings: Settings, url: str, file: bytes) -> int:
    """
    Take a school directory in; return how many schools it named.

    :raises UnreadableFile: if the file is no table, or has not the headings
    :raises WrongDirectory: with every row that cannot be taken
    """
    schools = await schools_of(file)
    async with reference_data(settings, url) as (pool, _, directory):
        await directory.add(pool, schools)
    return len(schools)
