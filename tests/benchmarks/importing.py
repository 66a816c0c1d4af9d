"""A roll of the national template, 52,384 rows, imported: tried, recorded, and sent once more."""

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from psycopg_pool import AsyncConnectionPool
from xlsxwriter import Workbook

from api.imports.by_command import IMPORTER
from api.imports.importing import Importing, read_roll
from api.imports.mending import mending
from api.service import CONNECTIONS, tracking_on
from api.settings import Settings
from application.directory import Directory, School
from application.layout import prepare
from application.store.store import Store
from domain.identifiers import id_check_character
from tests.benchmarks.measure import Figure
from tests.keys import RING, vault

ROWS, SCHOOL, CLASSES = 52_384, 681, 8  # children of the district, of a school; of a grade
HEADINGS = [
    *("学校标识码", "姓名", "性别", "出生日期", "学籍号", "身份证件类型", "身份证件号"),
    *("户口所在地行政区划", "年级", "班号", "入学年月", "就读方式", "现住址", "联系电话"),
    *("是否留守儿童", "是否享受一补", "是否孤儿", "残疾类型", "随班就读"),
    *("是否进城务工人员随迁子女", "成员1姓名", "成员1关系", "成员1联系电话", "成员1是否监护人"),
    *("成员2姓名", "成员2关系", "成员2联系电话", "成员2是否监护人"),
]


def row(serial: int, *, moved: bool) -> list[str]:
    """Give the row of an invented child; ``moved`` is a year on, with other phones."""
    born = date(2011, 1, 1) + timedelta(days=serial // 100)
    first17 = f"410399{born:%Y%m%d}{serial % 100 + 100:03d}"
    number = first17 + id_check_character(first17)
    grade, order = 7 + serial % 2 + moved, serial % CLASSES + 1
    phone = f"19{moved:d}{serial:08d}"
    name = f"测{chr(0x4E00 + serial % 20_000)}{chr(0x4E00 + serial % 7_919)}"
    return [
        *(f"3141{serial // SCHOOL:06d}", name, "女" if serial % 2 else "男", born.isoformat()),
        *(f"G{number}", "居民身份证", number, "410399"),
        *(str(grade), f"20{24 - serial % 2}{order:02d}"),
        *("202409", "走读", f"晴川镇测{serial % 300}村{serial}号", phone),
        *("是" if serial % 9 == 0 else "否", "否", "否", "无", "否", "否"),
        *(f"测{chr(0x4E00 + serial % 19_997)}", "父亲", phone, "是"),
        *(f"测{chr(0x4E00 + serial % 19_993)}", "母亲", f"191{serial:08d}", "是"),
    ]


def write(place: Path, *, moved: bool) -> None:
    """Write the roll as Excel does, its texts in one table."""
    with Workbook(place) as book:
        sheet = book.add_worksheet("学籍")
        text = book.add_format({"num_format": "@", "border": 1})
        sheet.write_row(0, 0, HEADINGS, text)
        for serial in range(ROWS):
            sheet.write_row(serial + 1, 0, row(serial, moved=moved), text)


async def taken(url: str, file: bytes, way: str, data: Path) -> dict[str, float]:
    """Import a roll in this process; give the seconds, the append's apart, and the memory in MB."""
    pool = AsyncConnectionPool(
        prepare(url, RING).service_url, min_size=2, max_size=CONNECTIONS, open=False
    )
    appending: list[float] = []
    async with pool:
        tracking = tracking_on(Store(pool, vault()), Settings(data=data), b"key")
        directory = Directory()
        codes = [f"3141{number:06d}" for number in range(ROWS // SCHOOL + 1)]
        schools = [School(c, f"测{c}中学", "晴川镇", "晴川镇中心校", "junior") for c in codes]
        await directory.add(pool, schools)
        record_all = tracking.record_all

        async def timed(*told: Any) -> Any:
            started = time.perf_counter()
            done = await record_all(*told)
            appending.append(time.perf_counter() - started)
            return done

        tracking.record_all = timed  # type: ignore[method-assign]
        importing = Importing(
            tracking=tracking,
            directory=directory,
            by=IMPORTER,
            check_place=lambda *_: None,
            may=lambda *_: True,
            language="zh",
            dry_run=way in {"tried", "as a workbook"},
        )
        before, started, working = memory(), time.perf_counter(), time.process_time()
        roll = await read_roll(file)
        reading = memory() - before + reader()
        report, _ = await importing.take(roll)
        if way == "as a workbook":
            mending(roll, report)
        seconds = time.perf_counter() - started
    counts = {name: report.count(name) for name in ("enrolled", "changed", "already_on_roll")}
    return {
        **{name: float(count) for name, count in counts.items()},
        "seconds": seconds - sum(appending),
        "appending": sum(appending),
        "working": time.process_time() - working,
        "memory": max(reading, memory() - before),
    }


def memory() -> float:
    """Give the most memory this process has had so far, in MB."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def reader() -> float:
    """Give the most memory the reader had, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def figures(url: str) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="guixue-bench-") as folder:
        rolls = {moved: Path(folder) / f"roll-{moved}.xlsx" for moved in (False, True)}
        for moved, place in rolls.items():
            run("write", str(place), str(int(moved)))
        for way, moved, outcome in (
            ("tried", False, "enrolled"),
            ("as a workbook", False, "enrolled"),
            ("recorded", False, "enrolled"),
            ("sent once more", False, "already_on_roll"),
            ("a year on", True, "changed"),
        ):
            found = json.loads(run("take", url, str(rolls[moved]), way, folder))
            assert found[outcome] == ROWS, found
            name = f"a roll of {ROWS:,} x {len(HEADINGS)} {way}"
            wanted = "<= 15" if way in {"tried", "recorded"} else ""
            yield Figure(f"{name}, but for the append", found["seconds"], "s", wanted)
            yield Figure("… of it at work in this process", found["working"], "s")
            if found["appending"]:
                yield Figure(f"… the append, {way}", found["appending"], "s", "<= 15")
            most = f"… a roll {way}: more memory at most, the reader's too"
            yield Figure(most, found["memory"], "MB", "<= 300")


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", __name__, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def main() -> None:
    """Write a roll, or import one and print what that took."""
    what, *rest = sys.argv[1:]
    if what == "write":
        write(Path(rest[0]), moved=rest[1] == "1")
    else:
        url, file, way, data = rest
        found = asyncio.run(taken(url, Path(file).read_bytes(), way, Path(data)))
        print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
