"""`guixue keys`: looking after the sealing key, and the keys that sign the log."""

import psycopg
import typer
from rich.console import Console
from rich.markup import escape

from api import reaching
from api.cli_options import DataFolder, settings_for
from api.progress import counting
from api.service import key_ring, log_keys_of, sealing_key_file
from api.settings import Settings
from application.layout import prepare
from application.store.key_ring import NoKey
from application.store.log_keys import LogKey, LogKeys, write_log_keys
from application.store.rotation import rotate
from application.store.tree_keeping import TreeKeeper

app = typer.Typer(help="Look after the sealing and signing keys (密钥).", no_args_is_help=True)
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


@app.command("show")
def keys_show(data: DataFolder = None) -> None:
    """Print the public keys of the log, one a line, as `guixue verify --key` takes them.

    Give them to auditors and witnesses on a way of their own: whoever gets key and evidence from
    the same hand believes that hand.
    """
    for key in log_keys_at(settings_for(data)).current():
        console.print(key.signer.key.told(), soft_wrap=True, highlight=False, markup=False)


@app.command("rotate-log")
def keys_rotate_log(data: DataFolder = None) -> None:
    """Make a new key that signs the log; the old ones go on signing beside it.

    So whoever knows an old key goes on verifying. The service may go on running. Take an old key's
    line out of the file once everybody has the new one, or at once if somebody else got hold of it;
    what it alone signed is audited with its public line, by `guixue audit --key`.
    """
    settings = settings_for(data)
    with reaching.reached(settings) as url:
        database = prepare(url, key_ring(settings, url))
        keys = log_keys_of(settings, url)
        made = LogKey.made(keys.origin)
        write_log_keys(keys.path, [made, *keys.current()])
        with psycopg.connect(database.tree_url, autocommit=True) as connection:
            TreeKeeper(
                connection, keys
            ).sign_anew()  # so that the last checkpoint bears the new one
    console.print(made.signer.key.told(), soft_wrap=True, highlight=False, markup=False)
    console.print(
        f"已生成新的日志签名密钥,旧密钥继续签名。 Made; the old ones go on signing. Back up"
        f" {escape(str(keys.path))}.",
        soft_wrap=True,
        highlight=False,
    )


def log_keys_at(settings: Settings) -> LogKeys:
    """
    Give the keys that sign the log; makes them where nothing was ever signed.

    :raises NoKey: if they are missing or unreadable, or the last checkpoint is not theirs
    """
    with reaching.reached(settings) as url:
        prepare(url, key_ring(settings, url))
        return log_keys_of(settings, url)
