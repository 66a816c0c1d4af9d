"""`guixue work` and `guixue status`: what the service does by itself, and how it all stands."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import psycopg
from rich.console import Console
from rich.table import Table

from api import reaching
from api.cli_options import DataFolder, settings_for
from api.service import Ready, ready_to_run, running_on
from api.settings import Settings
from application.notices.outbox import STANDING
from projections.all_views import BY_NAME
from projections.progress import DAMAGED, parked, positions

console = Console()
# As the owner, whom row-level security lets through; counts, and no child.
DUTIES = """
SELECT count(*), count(*) FILTER (WHERE due_on < %s) FROM views.duties WHERE ended IS NULL
"""
CHECKPOINT = "SELECT size, made_at FROM log.checkpoints ORDER BY size DESC LIMIT 1"


def work_command(data: DataFolder = None) -> None:
    """Do all the service does by itself, and serve nobody, until Ctrl-C or SIGTERM.

    Keeps the views and the log's tree, screens what was left, puts missed duties on record, sends
    notices. Any number may run beside one another and beside `guixue serve`, which does the same:
    each job is done once, and when one is killed another goes on with the next batch or look.
    """
    settings = settings_for(data)
    with (
        reaching.stopping_on_signals(),
        reaching.reached(settings) as url,
        suppress(KeyboardInterrupt),
    ):
        asyncio.run(working(settings, ready_to_run(settings, url)))


async def working(settings: Settings, ready: Ready) -> None:
    """Run the service without its server, until told to stop; however often, it ends in order."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    with reaching.hearing(lambda *_: loop.call_soon_threadsafe(told.set)):
        async with running_on(ready, settings):
            console.print(
                "Guixue 归学 works: views, tree, screening, duties, notices. 后台任务运行中。"
            )
            await told.wait()


def status_command(data: DataFolder = None) -> None:
    """Show how log, views, proof, duties and notices stand. Exits 1 if something stands still."""
    settings = settings_for(data)
    with reaching.owning(settings) as log:
        connection, head = log.connection, log.head()
        known, still, damaged = {}, [], []
        with suppress(psycopg.errors.UndefinedTable):  # not there yet, as after a restore
            known, still = positions(connection), parked(connection)
            damaged = connection.execute(DAMAGED).fetchall()
        behind = [head - known.get(name, (0, ""))[0] for name in BY_NAME]
        today = datetime.now(settings.zone).date()
        table = Table(show_header=False)
        table.add_row("日志 log", f"{head:,} entries 条")
        table.add_row("台账 views", f"{len(BY_NAME)}, {max(behind):,} behind 落后")
        for one in still:
            table.add_row("", f"[red]{one.view} stands still 停在 {one.position} ({one.error})")
        if damaged:
            table.add_row("", f"[red]{len(damaged)} entries do not open 条记录无法解开")
        table.add_row("检查点 checkpoint", checkpointed(connection, head))
        table.add_row("应办 duties", duties_told(connection, today))
        table.add_row("通知 notices", notices_told(connection))
        console.print(table)
    if still or damaged:
        raise SystemExit(1)


def checkpointed(connection: psycopg.Connection[tuple[object, ...]], head: int) -> str:
    """Say how much of the log is signed, and since when."""
    row = connection.execute(CHECKPOINT).fetchone()
    if row is None:
        return "none yet 尚无"
    size, at = row
    assert isinstance(size, int)
    assert isinstance(at, datetime)
    age = int((datetime.now(UTC) - at).total_seconds())
    return f"{size:,}, {head - size:,} to sign 待签, {age:,} s ago 秒前"


def duties_told(connection: psycopg.Connection[tuple[object, ...]], today: object) -> str:
    """Say how many duties are open, and how many of them overdue."""
    with suppress(psycopg.errors.UndefinedTable):
        ((still_open, overdue),) = connection.execute(DUTIES, [today]).fetchall()
        return f"{still_open:,} open 待办, {overdue:,} overdue 逾期"
    return "the views are not there yet 台账尚未建立"


def notices_told(connection: psycopg.Connection[tuple[object, ...]]) -> str:
    """Say how many notices wait, since when the oldest does, and how many were given up."""
    try:
        ((waiting, dead, oldest),) = connection.execute(STANDING).fetchall()
    except psycopg.errors.UndefinedTable:
        return "none yet 尚无"
    told = f"{waiting:,} waiting 待发"
    if isinstance(oldest, datetime):
        told += f" (oldest 最早 {int((datetime.now(UTC) - oldest).total_seconds()):,} s)"
    return f"{told}, {'[red]' if dead else ''}{dead:,} dead letters 未能送达"
