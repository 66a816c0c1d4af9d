"""`guixue witness`: serves a witness from a folder of its own, and says what it knows."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.reaching import Refused, stopping_on_signals
from api.verify_cli import Unreadable, keys_of, plain
from application.store.checkpoint import Checkpoint
from application.store.database import data_folder
from application.store.signed_note import SIGNATURE
from application.store.verdict import clock, moment_of
from application.witness import Witness, alarms_in, remembered
from application.witness_key import read_signer, witness_signer

app = typer.Typer(help="Witness the log of a district (见证).", invoke_without_command=True)
console = Console()

Folder = Annotated[
    Path, typer.Option("--data", help="The witness's own folder: its key and its memory.")
]


@app.callback()
def witness(
    context: typer.Context,
    data: Folder = Path(".guixue-witness"),
    log: Annotated[
        list[Path] | None, typer.Option(help="The public keys of a log, one a line.")
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8100,
    name: Annotated[
        str | None, typer.Option(help="What it is called, for ever; drawn, if not said.")
    ] = None,
) -> None:
    """Cosign the checkpoints of logs (见证), each only if it continues the last one seen.

    A log that shows two histories is refused, kept as evidence in the folder, and raised as an
    alarm: /healthz answers 503. The folder is the witness: back it up, and give it to nobody.
    """
    if context.invoked_subcommand is not None:
        return
    from api import running  # noqa: PLC0415  # the web, for this command alone
    from api.witness_service import witness_app  # noqa: PLC0415

    if not log:
        raise Refused("Name the public key of a log by --log. 请用 --log 给出日志公钥。")
    try:
        keys = keys_of(log, SIGNATURE)
    except Unreadable as why:
        raise Refused(str(why)) from None
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with stopping_on_signals() as told_to_stop, data_folder(data):
        serving = Witness(data, witness_signer(data, name), keys)
        console.print(serving.key.told(), soft_wrap=True, highlight=False, markup=False)
        server = running.server(witness_app(serving), host, port, told_to_stop)
        where = f"The witness answers on http://{host}:{port} 见证方已启动"
        server.answering = lambda: console.print(where, soft_wrap=True)
        with suppress(KeyboardInterrupt):  # Ctrl-C is how one ends it
            server.run()


@app.command("status")
def witness_status(data: Folder = Path(".guixue-witness")) -> None:
    """Say what a witness last saw of each log; exits 1 if a log did not fit."""
    if not (data / "witness.key").exists():
        raise Refused(f"There is no witness in {data}. 没有见证方。")
    key = read_signer(data / "witness.key").key
    console.print(key.told(), soft_wrap=True, highlight=False, markup=False)
    table = Table("日志 log", "条数 size", "联署时间 cosigned")
    for origin, note in sorted(remembered(data, key).items()):
        ((_, second),) = note.signed_by([key])
        size = Checkpoint.read(note.text).size
        table.add_row(escape(origin), f"{size:,}", clock(moment_of(second or 0)))
    console.print(table)
    alarms = alarms_in(data)
    for one in alarms:
        console.print(
            f"[red]✗[/] {escape(plain(f'{one.kind} {one.origin} {one.seen_at}'))}: 日志前后不符"
            f" does not fit what was seen before; {escape(one.file)}",
            soft_wrap=True,
        )
    if alarms:
        raise typer.Exit(1)
