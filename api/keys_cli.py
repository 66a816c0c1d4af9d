"""`guixue keys`: looking after the key under which every child's own key is wrapped."""

import psycopg
import typer
from rich.console import Console

from api import reaching
from api.cli_options import DataFolder, settings_for
from api.progress import counting
from api.service import key_ring, sealing_key_file
from application.layout import prepare
from application.store.key_ring import NoKey
from application.store.rotation import rotate

app = typer.Typer(help="Look after the sealing key (密钥).", no_args_is_help=True)
console = Console()


@app.command("rotate")
def keys_rotate(data: DataFolder = None) -> None:
    """Make a new sealing key, wrap every child's key under it, and drop the old one.

    The service may go on running. Afterwards the old key opens nothing any more: back up the new
    key file, then destroy every copy of the old one. With it goes what old backups still hold of
    erased children.
    """
    settings = settings_for(data)
    if settings.sealing_key is not None:
        raise NoKey(
            "The keys come from GUIXUE_SEALING_KEY, which this command cannot change. Put them in"
            " a file and name it by GUIXUE_SEALING_KEY_FILE."
        )
    path = sealing_key_file(settings)
    with reaching.reached(settings) as url:
        prepare(url, key_ring(settings, url))
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute(
                "SELECT count(*) FROM keys.children WHERE wrapped IS NOT NULL"
            ).fetchone()
            with counting(console, "rotating", row[0] if row else 0) as advance:
                done = rotate(connection, path, advance)
    console.print(
        f"{done.children:,} 个学生密钥已重新封装 children's keys wrapped anew, under"
        f" {done.fingerprint.hex()}. Back up {path} and destroy every copy of the old key."
        " 请备份新密钥文件,并销毁旧密钥的所有副本。"
    )
