"""`guixue what-if`: what would have been overdue under other deadlines; counts, writes nothing."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from pydantic_core import to_json
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api import reaching
from api.cli_options import DataFolder, settings_for
from api.doctor_cli import ring_at_hand
from api.progress import counting
from api.settings import Settings
from application.directory import Directory
from application.store.log import Log
from application.store.rule_book import book_at
from application.store.sealing import Vault
from domain.changed_rules import ChangedRules, changed
from domain.duties import DUTY_KIND
from domain.rules import RuleBook
from projections.what_if import Counted, what_if

LARGEST_FILE = 1_000_000
NOWHERE = ("(无学校 no school)", "(无乡镇 no township)")
LEFT_OUT = {"restricted": "已封存 restricted", "erased": "已销毁 erased", "damaged": "损坏 damaged"}
console = Console()
aside = Console(stderr=True)


class By(StrEnum):
    """How totals are told."""

    SCHOOL = "school"
    TOWNSHIP = "township"


def what_if_command(
    rules: Annotated[
        Path,
        typer.Option("--rules", metavar="FILE", help="Changed values, as .toml or .json."),
    ],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day.")],
    last: Annotated[
        str, typer.Option("--to", metavar="DATE", help="The last day, today at the latest.")
    ],
    by: Annotated[By, typer.Option("--by", help="Whose totals to print.")] = By.SCHOOL,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")] = False,
    data: DataFolder = None,
) -> None:
    """Run past cases under other deadlines and count what would have been overdue.

    FILE changes deadlines by their names, such as `persuasion_every_days = 3` or
    `observation_ladder = [1, 5, 10, 20]`, and years of the `calendar` (`holidays`, `made_up`,
    `terms`). A duty counts once if it was overdue on any day from --from to --to. Names no child,
    and writes nothing.
    """
    settings = settings_for(data)
    stretch = stretch_of(first, last, datetime.now(settings.zone).date())
    values = values_of(rules)
    with reading(settings) as log:
        book = book_at(log, log.head())
        other = changed(book, values)
        directory = Directory.of(log.connection)
        with counting(aside, "重放个案 replaying", log.head()) as told:
            counted = what_if(log, book, other, stretch, told)
    answer = told_counts(counted, book, other, stretch, directory)
    if as_json:
        typer.echo(to_json(answer, indent=2).decode())
    else:
        print_counts(answer, by)


def stretch_of(first: str, last: str, today: date) -> tuple[date, date]:
    """
    Read the first and the last day.

    :raises Refused: for a day there is not, the last before the first, or one to come
    """
    days = []
    for option, text in (("--from", first), ("--to", last)):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or day.isoformat() != text:
            raise reaching.Refused(
                f"{option} {text[:40]}: 日期须为 YYYY-MM-DD,且确有其日。 A day is YYYY-MM-DD."
            )
        days.append(day)
    if days[0] > days[1]:
        raise reaching.Refused("--from 晚于 --to。 --from lies after --to.")
    if days[1] > today:
        raise reaching.Refused(
            f"--to {days[1]} 尚未到来:只能重放到今天。 It has not come: today is {today}."
        )
    return days[0], days[1]


def values_of(file: Path) -> dict[str, Any]:
    """
    Read the changed values.

    :raises Refused: if there is no such file, or it is neither TOML nor JSON
    """
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise reaching.Refused(f"{file}: 文件过大。 The file is too large.")
        text = file.read_bytes().decode("utf-8-sig")
        values = tomllib.loads(text) if file.suffix.lower() == ".toml" else json.loads(text)
    except OSError:
        raise reaching.Refused(f"{file}: 无法读取该文件。 There is no such file to read.") from None
    except (ValueError, RecursionError) as wrong:
        why = str(wrong).partition("\n")[0][:100]
        raise reaching.Refused(
            f"{file}: 不是有效的 .toml 或 .json 文件。 It is neither TOML nor JSON: {why}"
        ) from None
    if not isinstance(values, dict):
        raise reaching.Refused(f"{file}: 须为“名称 = 值”。 It names values, and is no list.")
    return values


@contextmanager
def reading(settings: Settings) -> Iterator[Log]:
    """
    Connect to the service's database as its owner, unable to write.

    :raises Refused: if nothing was ever recorded there
    """
    nothing = reaching.Refused("这里尚无任何登记。 Nothing is recorded here.")
    if settings.database_url is None and not settings.data.exists():
        raise nothing
    with (
        reaching.reached(settings) as url,
        psycopg.connect(url, autocommit=True, client_encoding="utf8") as connection,
    ):
        connection.execute("SET default_transaction_read_only = on")
        there = connection.execute("SELECT to_regclass('log.stored_events') IS NOT NULL").fetchone()
        if there != (True,):
            raise nothing
        yield Log(connection, Vault(ring_at_hand(settings)))


def told_counts(
    counted: Counted,
    book: RuleBook,
    other: ChangedRules,
    stretch: tuple[date, date],
    directory: Directory,
) -> dict[str, Any]:
    """Give the counts side by side: per duty, per school, per township, in all."""
    in_force, changed_rules = book.on(stretch[1]), other.book.on(stretch[1])
    sides = (counted.in_force, counted.changed)

    def totals(group: int) -> list[tuple[Any, int, int]]:
        both = [Counter[Any](), Counter[Any]()]
        for side, into in zip(sides, both, strict=True):
            for (kind, school, township), number in side.items():
                known = directory.school(school)
                place = (kind, school, known.township if known else township)
                into[place[group]] += number
        keys = sorted({*both[0], *both[1]}, key=lambda key: (key is None, key))
        return [(key, both[0][key], both[1][key]) for key in keys]

    return {
        "from": stretch[0],
        "to": stretch[1],
        "position": counted.position,
        "children": counted.children,
        "left_out": {name: counted.left_out[name] for name in LEFT_OUT},
        "rules": [
            {
                "name": name,
                "in_force": None if name == "calendar" else getattr(in_force, name),
                "changed": None if name == "calendar" else getattr(changed_rules, name),
            }
            for name in sorted(other.names)
        ],
        "total": compared(sum(sides[0].values()), sum(sides[1].values())),
        "duties": [
            {
                "kind": kind,
                "label_zh": DUTY_KIND.label(kind, "zh"),
                "label_en": DUTY_KIND.label(kind, "en"),
                **compared(*two),
            }
            for kind, *two in totals(0)
        ],
        "schools": [
            {"school_code": code, "school": directory.name_of(code), **compared(*two)}
            for code, *two in totals(1)
        ],
        "townships": [{"township": name, **compared(*two)} for name, *two in totals(2)],
    }


def compared(in_force: int, changed_rules: int) -> dict[str, int]:
    return {
        "in_force": in_force,
        "changed": changed_rules,
        "difference": changed_rules - in_force,
    }


def print_counts(answer: dict[str, Any], by: By) -> None:
    """Print the counts as tables."""
    rules = Table("规则 rule", "现行 in force", "假设 changed")
    for rule in answer["rules"]:
        values = (rule["in_force"], rule["changed"])
        rules.add_row(rule["name"], *("…" if v is None else told_value(v) for v in values))
    console.print(rules)
    print_table(
        "应办事项逾期 overdue",
        ((f"{one['label_zh']} {one['label_en']}", one) for one in answer["duties"]),
        answer["total"],
    )
    places = {
        By.SCHOOL: ("学校 school", "schools", "school", NOWHERE[0]),
        By.TOWNSHIP: ("乡镇 township", "townships", "township", NOWHERE[1]),
    }
    heading, name, field, nowhere = places[by]
    print_table(heading, ((one[field] or nowhere, one) for one in answer[name]), answer["total"])
    left_out = ", ".join(
        f"{answer['left_out'][name]} {LEFT_OUT[name]}"
        for name in LEFT_OUT
        if answer["left_out"][name]
    )
    console.print(
        f"{answer['from']} – {answer['to']}: {answer['children']} 名儿童 children"
        + (f"; 未计入 left out: {left_out}" if left_out else "")
        + "; 未作改动 nothing was changed.",
        soft_wrap=True,
        highlight=False,
    )


def told_value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def print_table(
    heading: str, rows: Iterable[tuple[str, dict[str, int]]], total: dict[str, int]
) -> None:
    table = Table(heading, "现行 in force", "假设 changed", "差 difference")
    for name, one in (*rows, ("合计 total", total)):
        more = one["difference"]
        cells = (str(one["in_force"]), str(one["changed"]), f"{more:+d}" if more else "0")
        table.add_row(escape(name), *cells)
    console.print(table)
