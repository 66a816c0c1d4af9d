"""`guixue views`: looking after the views (台账) that follow the log."""

from contextlib import suppress
from threading import Event
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api import reaching
from api.cli_options import DataFolder, settings_for
from api.progress import counting
from application.store.log import CHANNEL as LOG_CHANNEL
from projections.all_views import BY_NAME, VIEWS
from projections.engine import Engine
from projections.following import follow_forever, prepare
from projections.progress import DAMAGED, Parked, building, parked, positions
from projections.rebuild import rebuild, verify
from projections.view import View

app = typer.Typer(help="Look after the views (台账) that follow the log.", no_args_is_help=True)
console = Console()

Names = Annotated[list[str] | None, typer.Argument(help="Which views; all unless named.")]


@app.command("status")
def views_status(data: DataFolder = None) -> None:
    """Show how far each view has come, and what stopped one that stands still."""
    with reaching.viewing(settings_for(data)) as log:
        head, known = log.head(), positions(log.connection)
        still = {one.view: one for one in parked(log.connection)}
        table = Table("view", "position", "behind", "")
        for name in sorted({*BY_NAME, *known}):
            position, definition = known.get(name, (0, ""))
            if name in still:
                state = f"[red]{stopped(still[name])}"
            elif name not in known:
                state = "not there yet: built at the next start"
            elif name in BY_NAME and BY_NAME[name].definition() == definition:
                state = "current"
            else:
                state = "outdated: rebuilt at the next start"
            table.add_row(name, f"{position:,}", f"{head - position:,}", state)
        console.print(table)
        if (done := building(log.connection)) is not None:
            console.print(f"rebuilding 重建中: {done[0]:,} of {done[1]:,} entries")
        damaged = [str(position) for (position,) in log.connection.execute(DAMAGED)]
        if damaged:
            console.print(
                f"[red]entries that do not open 无法解开的记录: {', '.join(damaged)}[/]; their"
                " children are told of up to them. Put them back from a backup; the views see it."
            )


@app.command("follow")
def views_follow(names: Names = None, data: DataFolder = None) -> None:
    """Follow the log with an engine in a process of its own, until Ctrl-C or SIGTERM.

    Any number may run, for all views or for some each, beside the service's own or, with
    GUIXUE_FOLLOW_VIEWS=no, in its place: a batch is applied once, by whoever comes first.
    """
    chosen = chosen_views(names)
    with (
        reaching.stopping_on_signals(),
        reaching.keeping(settings_for(data)) as (url, vault),
        suppress(KeyboardInterrupt),
    ):
        follow_forever(url, vault, chosen, Event())


@app.command("resume")
def views_resume(data: DataFolder = None) -> None:
    """Try again what stands still: parked views, and children with entries that do not open.

    The service does so itself every minute. Exits 1 if a view still stands still.
    """
    with reaching.viewing(settings_for(data)) as log:
        before = {one.view for one in parked(log.connection)}
        still = Engine(log, VIEWS).retry()
        log.connection.execute("SELECT pg_notify(%s, '')", [LOG_CHANNEL])
        for name in sorted(before - {one.view for one in still}):
            console.print(f"{name}: goes on.")
        for one in still:
            console.print(f"[red]{one.view}: {stopped(one)}")
    if still:
        raise typer.Exit(1)


@app.command("rebuild")
def views_rebuild(names: Names = None, data: DataFolder = None) -> None:
    """Build views anew beside the live ones, compare the two, then swap them in.

    Readers see the old rows until the swap, which waits for transactions that hold them open.
    Exits 1 if a view does not get past an entry; it stays as it was.
    """
    chosen = chosen_views(names)
    with (
        reaching.viewing(settings_for(data)) as log,
        counting(console, "rebuilding", log.head()) as advance,
    ):
        done = rebuild(log, chosen, advance)
    table = Table("view", "rows", "")
    for one in done:
        if one.refused is not None:
            told = f"[red]{stopped(one.refused)}"
        elif one.equal is None:
            told = "rebuilt"
        else:
            told = "rebuilt, equal" if one.equal else "[yellow]rebuilt; the live one differed"
        table.add_row(one.view, f"{one.rows:,}", told)
    console.print(table)
    refused = sum(one.refused is not None for one in done)
    console.print(f"{len(done) - refused} views rebuilt.")
    if refused:
        raise typer.Exit(1)


@app.command("verify")
def views_verify(names: Names = None, data: DataFolder = None) -> None:
    """Compare every row of the live views with a rebuild from the log; exits 1 if any differs."""
    chosen = chosen_views(names)
    with reaching.viewing(settings_for(data)) as log:
        prepare(log, VIEWS)
        with counting(console, "verifying", log.head()) as advance:
            differences = verify(log, chosen, advance)
    table = Table("view", "rows", "only live", "only rebuilt", "")
    for difference in differences:
        told = "equal" if difference.equal else "[red]differs"
        table.add_row(
            difference.view,
            f"{difference.rows:,}",
            f"{difference.only_live:,}",
            f"{difference.only_rebuilt:,}",
            f"[red]{stopped(difference.refused)}" if difference.refused else told,
        )
    console.print(table)
    if not all(difference.equal for difference in differences):
        raise typer.Exit(1)


def stopped(one: Parked) -> str:
    """Say what a view does not get past."""
    what = "its rebuild stops" if one.rebuilding else "stands still"
    return f"{what} at entry {one.position} ({one.kind}): {one.error}"


def chosen_views(names: list[str] | None) -> list[View]:
    unknown = [name for name in names or [] if name not in BY_NAME]
    if unknown:
        raise typer.BadParameter(f"no such view: {', '.join(unknown)}; one of {', '.join(BY_NAME)}")
    return [BY_NAME[name] for name in names] if names else list(VIEWS)
