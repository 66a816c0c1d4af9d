"""Read the sheet of a file, in a process of its own that a hostile file can only end."""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

from api.imports.archive import check_declared_size
from api.imports.refusing import NO_TABLE, UnreadableFile

__all__ = ["Cell", "Table", "UnreadableFile", "read_sheet"]
Cell = str | int | float | bool | None
AT_ONCE = 2  # readers, each within its limits
ZIP = b"PK\x03\x04"
READER = "api.imports.reader"
ROOMS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
PROJECT = Path(__file__).resolve().parents[2]


class Table:
    """
    The rows of a sheet, each kept as the reader wrote it and unpacked when it is looked at.

    ``sheet`` is the sheet's name, ``None`` for a text. A cell is a text, a number, or ``None``;
    days are ``YYYY-MM-DD``. Unpacked, a district's roll would take ten times the memory.
    """

    def __init__(self, lines: Sequence[bytes], sheet: str | None = None) -> None:
        self._lines = lines
        self.sheet = sheet

    def __len__(self) -> int:
        return len(self._lines)

    def from_row(self, first: int = 0) -> Iterator[list[Cell]]:
        """Give the rows, or those from one on, counted from 0."""
        for place in range(first, len(self._lines)):
            row: list[Cell] = json.loads(self._lines[place])
            yield row


async def read_sheet(file: bytes, wanted: Sequence[Sequence[str]] = ()) -> Table:
    """
    Give the rows of the first sheet that has the wanted headings, or of the first of all.

    ``wanted`` holds, for each heading, the names of which it may have any.

    :raises UnreadableFile: if it is no such file, or unpacks to more than we take
    """
    if file.startswith(ZIP):
        check_declared_size(file)
    async with room():
        reader = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", READER, *("\t".join(names) for names in wanted)),
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
    head, *lines = said.splitlines()
    answer = json.loads(head)
    if "refused" in answer:
        raise UnreadableFile(*answer["refused"])
    return Table(lines, answer["sheet"])


def room() -> asyncio.Semaphore:
    """Give the room there is for readers, one for each event loop."""
    loop = asyncio.get_running_loop()
    return ROOMS.setdefault(loop, asyncio.Semaphore(AT_ONCE))
