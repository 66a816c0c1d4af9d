"""The `guixue` command: serve, demo, import a roll or schools; the rest is beside it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from api import accounts_cli, events_cli, keys_cli, verifier_file, views_cli, witness_cli
from api.audit_cli import audit_command
from api.cli_options import DataFolder, settings_for
from api.doctor_cli import doctor
from api.import_roll_cli import import_roll_command
from api.imports.refusing import UnreadableFile
from api.imports.schools import WrongDirectory
from api.postgres_cli import ONLY_OPTIONS_BEFORE, postgres_command
from api.privacy_cli import privacy_app
from api.reaching import Refused, reached
from api.what_if_cli import what_if_command
from api.work_cli import status_command, work_command
from application.store.database import DatabaseUnavailable
from application.store.key_ring import NoKey
from application.store.preparing import CannotPrepare
from application.trust import WrongAuthorities
from application.witness import DamagedMemory
from application.witness_key import WrongKeyFile
from domain.changed_rules import WrongRules
from projections.rebuild import RebuildRuns

app = typer.Typer(
    help="归学 Guixue: no child silently disappears from school. 控辍保学个案跟踪。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.add_typer(views_cli.app, name="views")
app.add_typer(events_cli.app, name="events")
app.add_typer(keys_cli.app, name="keys")
app.add_typer(accounts_cli.app, name="accounts")
app.add_typer(privacy_app, name="privacy")
app.add_typer(witness_cli.app, name="witness")
app.command()(doctor)
app.command("audit")(audit_command)
app.command("what-if")(what_if_command)
app.command("import-roll")(import_roll_command)
app.command("work")(work_command)
app.command("status")(status_command)
app.command("postgres", context_settings=ONLY_OPTIONS_BEFORE)(postgres_command)
console = Console()
PLAIN = (
    CannotPrepare,
    DamagedMemory,
    DatabaseUnavailable,
    NoKey,
    RebuildRuns,
    Refused,
    UnreadableFile,
    WrongAuthorities,
    WrongDirectory,
    WrongKeyFile,
    WrongRules,
)

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]


@app.command()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data: DataFolder = None,
) -> None:
    """Serve the API from a data folder, until Ctrl-C or SIGTERM.

    The database is the PostgreSQL of GUIXUE_DATABASE_URL (17 or newer) where that is set, else
    one that runs inside the data folder and stops with the service.
    """
    from api import running  # noqa: PLC0415  # with the web, which no other command waits for

    running.serve(settings_for(data), host, port, console)


@app.command()
def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data: DataFolder = None,
    once: Annotated[bool, typer.Option("--once", help="Play, print the ledger, and exit.")] = False,
    reset: Annotated[
        bool, typer.Option("--reset", help="Throw the demo's data away and start over.")
    ] = False,
) -> None:
    """Load an invented district of 77 schools and 52,384 children, and play three cases.

    Prints the return-to-school ledger (劝返复学台账), the accounts to sign in with, and the
    address; then serves until Ctrl-C. A second start finds its data. Loopback only.
    """
    from api import running  # noqa: PLC0415  # with the web, which no other command waits for

    running.demo(settings_for(data), host, port, console, once=once, reset=reset)


@app.command("import-schools")
def import_schools(
    file: Annotated[
        Path,
        typer.Argument(help="The directory, as .xlsx, .xls or .csv.", exists=True, dir_okay=False),
    ],
    data: DataFolder = None,
) -> None:
    """Add schools to the district's directory (学校名录), or bring them up to date.

    The headings are 学校标识码, 学校名称, 乡镇(街道), 中心校, 学段 (小学 or 初中).
    """
    from api.imports import by_command  # noqa: PLC0415  # with the web, which no other command waits for

    settings = settings_for(data)
    with reached(settings) as url:
        count = asyncio.run(by_command.import_schools(settings, url, file.read_bytes()))
    console.print(f"{count} 所学校 schools: 学校名录已更新 the directory is up to date.")


@app.command(
    "verify",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def verify(context: typer.Context) -> None:
    """Say what a file of evidence proves (核验证据); no network, no database, no service."""
    raise typer.Exit(verifier_file.main(context.args))


def main() -> None:
    """Run the command; what an operator can mend is one sentence, not a traceback."""
    try:
        app()
    except PLAIN as plain:
        Console(stderr=True).print(escape(str(plain)), style="red", soft_wrap=True)
        raise SystemExit(1) from None
