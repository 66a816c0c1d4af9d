"""Excel out: a ledger of the whole district as a workbook, against plain XlsxWriter."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xlsxwriter import Workbook

from api.ledger_forms import FORMS, Form
from api.ledger_lines import Value, printed_lines
from api.ledger_workbook import Taking, printed
from api.workbook import StreamedWorkbook
from tests.benchmarks.measure import Figure, interleaved, ratio

CHILDREN, PAGE, TURNS = 52_384, 500, 3
LEDGER = FORMS["dropout-control"]
EXTRA = (("身份证号", "id_number"), ("家庭住址", "home_address"))
FORM = Form(LEDGER.view, LEDGER.title, (*LEDGER.columns, *EXTRA))  # 25 with the running number


def item(number: int) -> dict[str, Any]:
    """Give a row as answers show it, every cell filled but those of an open case."""
    return {
        "township_office": f"测镇{number % 19}中心校",
        "school": f"晴川第{number % 77}中学",
        "grade": number % 9 + 1,
        "class": f"{number % 6 + 1}班",
        "student_name": f"测{chr(0x4E00 + number % 20_000)}{chr(0x4E00 + number % 7_919)}",
        "sex_label": "女" if number % 2 else "男",
        "student_number": f"G410399********{number % 10_000:04d}",
        "guardian_name": f"测{chr(0x4E00 + number % 19_997)}",
        "guardian_phone": f"190****{number % 10_000:04d}",
        "key_groups_label": ["留守", "脱贫户"][: number % 3],
        "first_absent_on": date(2026, 9, number % 28 + 1),
        "found_by_label": "点名",
        "reasons_label": ["厌学", "家庭经济困难"],
        "visit_count": number % 7,
        "persuasion_count": number % 5,
        "responsible_person": f"测{chr(0x4E00 + number % 6_007)}老师",
        "status_label": "已返校(观察期)",
        "escalation_level_label": "镇(街道)",
        "returned_on": date(2026, 10, number % 28 + 1),
        "remark": f"第{number}号:三日内再访",
        "id_number": f"410399********{number % 10_000:04d}",
        "home_address": f"晴川镇测{number % 300}村***",
    }


def pages() -> Iterator[list[list[Value]]]:
    for first in range(0, CHILDREN, PAGE):
        items = [item(number) for number in range(first, min(first + PAGE, CHILDREN))]
        yield list(printed_lines(FORM, items, first, "zh"))


def ours(place: Path) -> None:
    now = datetime.now(UTC)
    taking = Taking("测癸", "bureau", now, "区教体局", CHILDREN, None, masked=True, filters={})
    with place.open("w+b") as file, StreamedWorkbook(file, printed(FORM, taking, "zh")) as book:
        for lines in pages():
            book.add(lines)


def plain(place: Path, **options: Any) -> None:
    """Write the same cells as XlsxWriter's manual does."""
    with Workbook(place, {"strings_to_formulas": False, **options}) as book:
        sheet = book.add_worksheet()
        look = {"border": 1, "text_wrap": True, "valign": "vcenter"}
        text = book.add_format({**look, "num_format": "@"})
        number = book.add_format(look)
        day = book.add_format({**look, "num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, FORM.headings("zh"), text)
        row = 0
        for lines in pages():
            for line in lines:
                row += 1
                for column, value in enumerate(line):
                    if isinstance(value, str):
                        sheet.write_string(row, column, value, text)
                    elif value is None:
                        sheet.write_blank(row, column, None, text)
                    elif isinstance(value, date):
                        sheet.write_datetime(row, column, value, day)
                    else:
                        sheet.write_number(row, column, value, number)


WAYS: dict[str, Callable[[Path], None]] = {
    "ours": ours,
    "plain": plain,
    "plain, constant memory": partial(plain, constant_memory=True),
}


def written(name: str, memory: dict[str, list[float]]) -> float:
    """Write the ledger in a process of its own; give the seconds, and note the memory."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, name], capture_output=True, text=True, check=True
    )
    seconds, megabytes = json.loads(done.stdout)
    memory.setdefault(name, []).append(megabytes)
    return float(seconds)


def figures(url: str) -> Iterator[Figure]:
    del url  # no database: what is measured is the writing
    memory: dict[str, list[float]] = {}
    found = interleaved({name: partial(written, name, memory) for name in WAYS}, TURNS)
    size = f"a ledger of {CHILDREN:,} x {len(FORM.columns) + 1}"
    yield Figure(f"{size} written", statistics.median(found["ours"]), "s", "<= 5")
    yield Figure("… a ledger written: at most in memory", max(memory["ours"]), "MB", "<= 64")
    for name in ("plain", "plain, constant memory"):
        yield Figure(f"by XlsxWriter, {name}", statistics.median(found[name]), "s")
        yield Figure("… at most in memory, all told", max(memory[name]), "MB")
        yield Figure("… against ours", ratio(found[name], found["ours"]), "x")


def main() -> None:
    """Write it once, and print the seconds it took and the most memory the process had, in MB."""
    with TemporaryDirectory(prefix="guixue-bench-") as folder:
        started = time.perf_counter()
        WAYS[sys.argv[1]](Path(folder) / "ledger.xlsx")
        seconds = time.perf_counter() - started
    status = Path("/proc/self/status").read_text("utf-8")  # rusage would tell of the parent's too
    most = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(json.dumps([seconds, most]))  # noqa: T201


if __name__ == "__main__":
    main()
