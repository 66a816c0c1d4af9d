"""Rolls and school directories imported by the command line."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg

from api.deps import ROLL
from api.imports.importing import Importing, RollFile, read_roll
from api.imports.report import Report
from api.imports.schools import schools_of
from api.imports.vanishing import missing
from api.reaching import reference_data
from api.service import tracking_on
from api.settings import Settings
from application.access import Post, takes
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
                tracking=tracking_on(store, settings),
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
        return roll, report, recorded is not None


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
