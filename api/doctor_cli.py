"""`guixue doctor`: says whether database, roles, keys and logs are as they were laid out."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import psycopg
import typer
from rich.console import Console
from rich.markup import escape

from api import reaching
from api.cli_options import DataFolder, settings_for
from api.forms.fonts import PACKAGE, FontMissing, font_files
from api.settings import Settings
from application.cosigning import read_witnesses
from application.store.examining import examine
from application.store.examining_keys import still_erased
from application.store.finding import Examined, Finding, Level, Words, judged
from application.store.key_ring import KeyRing
from application.store.preparing import check_version
from application.trust import Trust, WrongAuthorities
from projections.all_views import BY_NAME

STYLE = {Level.GOOD: "green", Level.BAD: "red", Level.NOTE: "yellow"}
console = Console()


def doctor(
    data: DataFolder = None,
    erasures: Annotated[
        list[Path] | None,
        typer.Option(
            help="After a restore: the erasures.csv of a privacy pack, kept apart; as many as there"
            " are."
        ),
    ] = None,
) -> None:
    """Examine database, roles, keys and logs; changes nothing, exits 1 if something is wrong."""
    settings = settings_for(data)
    if settings.database_url is None and not settings.data.exists():
        raise reaching.Refused(f"There is no data folder {settings.data}. 没有数据目录。")
    noted = {one for path in erasures or [] for one in erased_in(path)}
    with (
        reaching.reached(settings) as url,
        psycopg.connect(url, autocommit=True, client_encoding="utf8") as connection,
    ):
        check_version(connection)
        examined = Examined(
            connection,
            tuple(BY_NAME),
            lambda: ring_at_hand(settings),
            secret_files(settings),
            lambda: [one.key.name for one in read_witnesses(settings.witnesses_path)],
        )
        findings = examine(examined)
        if erasures:
            findings.append(still_erased(examined, noted))
    findings += [font_finding(settings), *trust_findings(settings)]
    for found in findings:
        style = STYLE[found.level]
        console.print(
            f"[{style}]{found.level.value}[/] {escape(f'{found.zh} {found.en}')}",
            soft_wrap=True,
            highlight=False,
        )
    if any(found.level is Level.BAD for found in findings):
        raise typer.Exit(1)


def erased_in(path: Path) -> list[UUID]:
    """
    Read the children of an erasures.csv.

    :raises Refused: if it is none
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            heading, *rows = csv.reader(lines)
            place = heading.index("student_id")
            return [UUID(row[place]) for row in rows]
    except (OSError, ValueError, IndexError, csv.Error):
        raise reaching.Refused(
            f"{path} is no erasures.csv of a privacy pack. 该文件不是销毁清单。"
        ) from None


def font_finding(settings: Settings) -> Finding:
    """Say whether there is a font to print forms in."""
    try:
        font_files(settings.fonts)
    except FontMissing:
        return Finding(
            "font",
            Level.NOTE,
            f"没有打印表格所需的中文字体。请安装:apt-get install {PACKAGE}。",
            f"no Chinese font to print forms in; apt-get install {PACKAGE}.",
        )
    return Finding("font", Level.GOOD, "打印表格的中文字体已安装。", "forms have a font.")


def trust_findings(settings: Settings) -> list[Finding]:
    """Say whether the certificates of the district's own authorities can be used, if any are."""
    if settings.ca_file is None:
        return []
    try:
        trust = Trust.read(settings.ca_file)
    except WrongAuthorities as wrong:
        return [Finding("trust", Level.BAD, "证书颁发机构文件不可用。", str(wrong))]
    return [
        judged(
            "trust",
            map(str, trust.expired(datetime.now(UTC))),
            Words("本地区的证书颁发机构证书可用。", "the district's own authorities are usable."),
            Words("GUIXUE_CA_FILE 中已过期的证书", "certificates of GUIXUE_CA_FILE have expired"),
            Words("请换成新的证书", "put new ones in their place"),
        )
    ]


def ring_at_hand(settings: Settings) -> KeyRing:
    """
    Give the keys as they are found; makes none.

    :raises NoKey: if they are missing or unreadable
    """
    if settings.sealing_key is not None:
        return KeyRing.from_text(settings.sealing_key.get_secret_value())
    return KeyRing.from_file(sealing_key_file(settings))


def secret_files(settings: Settings) -> dict[str, Path]:
    """Name the files that only their owner may read, as the settings have them."""
    files = {"number.key": settings.number_key_path}
    files["log.key"] = settings.log_key_path
    if settings.sealing_key is None:
        files["sealing.key"] = sealing_key_file(settings)
    if settings.database_url is None:
        files["postgres.password"] = settings.data / "postgres.password"
    return files


def sealing_key_file(settings: Settings) -> Path:
    return settings.sealing_key_file or settings.data / "sealing.key"
