"""`guixue audit`: the whole log against what was signed, from the first entry to the last."""

import json
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console

from api import reaching
from api.cli_options import DataFolder, settings_for
from api.progress import counting
from api.settings import Settings
from api.verify_cli import Unreadable, keys_of
from application.cosigning import read_witnesses
from application.store.auditing import Audit, Trusted, audit
from application.store.log_keys import LogKeys
from application.store.preparing import check_version, is_laid_out
from application.store.signed_note import SIGNATURE, NoteKey
from application.store.tree_keeping import TreeKeeper, last_note

console = Console()
told_apart = Console(stderr=True)


def audit_command(
    data: DataFolder = None,
    full: Annotated[
        bool, typer.Option("--full", help="Work out every leaf anew of what is stored.")
    ] = False,
    key: Annotated[
        list[Path] | None,
        typer.Option(help="The log's public keys, one a line; else those of the data folder."),
    ] = None,
    since: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint you kept, or a witness did; as many as you have."),
    ] = None,
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild", help="First work out the tree's stored hashes anew, from the leaves."
        ),
    ] = False,
    keep: Annotated[
        Path | None,
        typer.Option(help="Where to write the last checkpoint, to bring it by --since next time."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer JSON.")] = False,
) -> None:
    """Check the whole log (核验日志): every entry, every child's chain, every checkpoint.

    Without --full, leaves are believed as stored, and all above them is checked. Changes nothing;
    exits 1 if anything is wrong. Only checkpoints kept elsewhere show that a log was rolled back,
    or rewritten by whoever has its key: give them by --since. What --keep names is written only
    where nothing is wrong.
    """
    settings = settings_for(data)
    if settings.database_url is None and not settings.data.exists():
        raise reaching.Refused(f"There is no data folder {settings.data}. 没有数据目录。")
    trusted = Trusted(
        trusted_keys(settings, key or []),
        [one.key for one in read_witnesses(settings.witnesses_path)],
        [kept(path) for path in since or []],
    )
    with (
        reaching.reached(settings) as url,
        psycopg.connect(url, client_encoding="utf8") as connection,
    ):
        check_version(connection)
        if not is_laid_out(connection):
            raise reaching.Refused("This database holds no log yet. 该数据库中尚无日志。")
        connection.commit()
        if rebuild:
            fits = TreeKeeper(connection, LogKeys(settings.log_key_path)).rebuild()
            connection.commit()
            if not fits:
                raise reaching.Refused(
                    "The leaves do not fit the last checkpoint; the tree was left as it is."
                    " 叶与最近的检查点不符,哈希树未改动。"
                )
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (events,) = connection.execute("SELECT count(*) FROM log.stored_events").fetchone() or (0,)
        with counting(told_apart, "auditing", events) as advance:
            found = audit(connection, trusted, contents=full, advance=advance)
        note = last_note(connection)
    if keep is not None and note is not None and not found.faults:
        write(keep, note)
    say(found, as_json=as_json)
    if found.faults:
        raise typer.Exit(1)


def trusted_keys(settings: Settings, given: list[Path]) -> list[NoteKey]:
    """
    Give the keys whose signatures count.

    :raises Refused: if a file given holds none
    """
    if not given:
        return [key.signer.key for key in LogKeys(settings.log_key_path).current()]
    try:
        return list(keys_of(given, SIGNATURE))
    except Unreadable as why:
        raise reaching.Refused(str(why)) from None


def kept(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        raise reaching.Refused(f"{path} cannot be read. 无法读取该文件。") from None


def write(path: Path, note: str) -> None:
    try:
        path.write_text(note, "utf-8", newline="")
    except OSError as fault:
        raise reaching.Refused(
            f"{path} cannot be written ({fault.strerror}). 无法写入该文件。"
        ) from None


def say(found: Audit, *, as_json: bool) -> None:
    """Say what was read and what is wrong."""
    if as_json:
        told = {
            "proven": not found.faults,
            "contents": found.contents,
            "entries": found.entries,
            "children": found.children,
            "checkpoints": found.checkpoints,
            "signed": found.signed,
            "kept": found.kept,
            "faults": [{"zh": zh, "en": en} for zh, en in found.faults],
            "more": found.more,
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for zh, en in found.faults:
        console.print(f"✗ {zh}。 {en}.", style="red", soft_wrap=True, highlight=False, markup=False)
    if found.more:
        console.print(f"✗ 另有 {found.more:,} 处。 {found.more:,} more.", style="red")
    console.print(
        f"{found.entries:,} 条记录,{found.children:,} 名儿童,{found.checkpoints:,} 个检查点;"
        f"签名至第 {found.signed:,} 条。 {found.entries:,} entries of {found.children:,} children,"
        f" {found.checkpoints:,} checkpoints; signed up to {found.signed:,}.",
        soft_wrap=True,
        highlight=False,
    )
    if not found.kept:
        console.print(
            "未与任何外存检查点比对:整库回退或由持钥者改写,不在证明之内。 Compared with no"
            " checkpoint kept elsewhere: a rollback, or a rewriting by whoever has the key, is not"
            " excluded.",
            style="yellow",
            soft_wrap=True,
        )
    verdict = "核验不通过 NOT proven" if found.faults else "核验通过 proven"
    console.print(verdict, style="red" if found.faults else "green")
