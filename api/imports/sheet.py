"""Read the first sheet of a file, in a process of its own that a hostile file can only end."""

import asyncio
import csv
import io
import json
import resource
import sys
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

Cell = str | int | float | bool | None
UNPACKED_LIMIT = 200_000_000  # bytes of XML an .xlsx may unpack to
MEMORY_LIMIT = 2 << 30
SECONDS_LIMIT = 60
ROWS_LIMIT = 200_000
COLUMNS_LIMIT = 500
CELLS_LIMIT = 4_000_000
AT_ONCE = 2  # readers, each within its limits
CHUNK = 1 << 20
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ROOMS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
PROJECT = Path(__file__).resolve().parents[2]


class UnreadableFile(Exception):
    """The file is no table we can read; ``zh`` and ``en`` say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(f"{zh} {en}")


TOO_BIG = (
    "文件展开后过大或表格过宽,请拆分、删去多余的行列后再导入。",
    "The file unpacks to too much, or its table is too wide; split it, or take columns away.",
)
NO_TABLE = (
    "文件无法读取:须为 .xlsx、.xls,或 UTF-8 / GB18030 编码的 .csv。",
    "The file cannot be read: it must be .xlsx, .xls, or .csv in UTF-8 or GB18030.",
)


async def read_sheet(file: bytes) -> list[list[Cell]]:
    """
    Give the cells of a file's first sheet, row by row; days as ``YYYY-MM-DD``.

    :raises UnreadableFile: if it is no such file, or unpacks to more than we take
    """
    async with room():
        reader = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=PROJECT,
        )
        try:
            said, _ = await reader.communicate(file)
        finally:
            if reader.returncode is None:
                reader.kill()
    if reader.returncode:
        raise UnreadableFile(*NO_TABLE)
    answer: dict[str, Any] = json.loads(said)
    if "refused" in answer:
        raise UnreadableFile(*answer["refused"])
    rows: list[list[Cell]] = answer["rows"]
    return rows


def room() -> asyncio.Semaphore:
    """Give the room there is for readers, one for each event loop."""
    loop = asyncio.get_running_loop()
    return ROOMS.setdefault(loop, asyncio.Semaphore(AT_ONCE))


def check_shape(rows: int, columns: int) -> None:
    """
    Refuse a table no roll has.

    :raises UnreadableFile: if so
    """
    if rows > ROWS_LIMIT or columns > COLUMNS_LIMIT or rows * columns > CELLS_LIMIT:
        raise UnreadableFile(*TOO_BIG)


def cells_of(file: bytes) -> list[list[Cell]]:
    """
    Read a file here and now.

    :raises UnreadableFile: as :func:`read_sheet`
    """
    if file.startswith(ZIP):
        check_unpacked_size(file)
    if file.startswith((ZIP, OLE)):
        return _workbook(file)
    return _text(file)


def check_unpacked_size(file: bytes) -> None:
    """
    Unpack an archive once, counting, since what it says of its own size may be a lie.

    :raises UnreadableFile: past ``UNPACKED_LIMIT``, or if it is damaged
    """
    size = 0
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            for part in archive.infolist():
                with archive.open(part) as stream:
                    while chunk := stream.read(CHUNK):
                        size += len(chunk)
                        if size > UNPACKED_LIMIT:
                            raise UnreadableFile(*TOO_BIG)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise UnreadableFile(*NO_TABLE) from None


def _workbook(file: bytes) -> list[list[Cell]]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # only where a file is read

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0)
    check_shape(sheet.total_height, sheet.total_width)
    return [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, str | int | float):
        return value
    return str(value) if isinstance(value, timedelta) else None


def _text(file: bytes) -> list[list[Cell]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = file.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise UnreadableFile(*NO_TABLE)
    if "\0" in text:
        raise UnreadableFile(*NO_TABLE)
    first = text.partition("\n")[0]
    separator = "\t" if "\t" in first and "," not in first else ","
    rows: list[list[Cell]] = []
    widest = 0
    try:
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            rows.append([cell.strip() for cell in row])
            widest = max(widest, len(row))
            check_shape(len(rows), widest)
    except csv.Error:
        raise UnreadableFile(*NO_TABLE) from None
    return rows


def main() -> None:
    """Read a file from standard input; write its cells, or why not, as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_LIMIT, SECONDS_LIMIT))
    try:
        answer: dict[str, Any] = {"rows": cells_of(sys.stdin.buffer.read())}
    except UnreadableFile as refused:
        answer = {"refused": [refused.zh, refused.en]}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
