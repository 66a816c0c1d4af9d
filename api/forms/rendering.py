"""Sheets set as one PDF beside the service: few on a thread, many in a process that then ends."""

import asyncio
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from api.forms.fonts import Font, font_files
from api.forms.sheet import Sheet
from api.forms.typesetting import typeset

AT_ONCE = 2  # of each
FEW = 8  # sheets; typst keeps what it set for some time, and with many that is gigabytes
PROJECT = Path(__file__).parents[2]


class Press:
    """
    What sets sheets, in one font, found when it is first needed.

    ``folder`` is where the font is looked for, else the usual folders.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._font: Font | None = None
        self._finding = Lock()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="press")
        self._processes = asyncio.Semaphore(AT_ONCE)

    @property
    def font(self) -> Font:
        """
        The font everything is set in.

        :raises FontMissing: if there is none; it is looked for anew the next time
        """
        with self._finding:
            if self._font is None:
                self._font = Font.found(self._folder)
            return self._font

    async def printed(self, title: str, sheets: Sequence[Sheet], foot: str, at: datetime) -> bytes:
        """
        Set sheets one after the other, with a line at the foot of every page.

        :raises FontMissing: if no font is found
        """
        if len(sheets) > FEW:
            async with self._processes:
                return await self._set_apart(paper_of(title, sheets, foot), at)
        loop = asyncio.get_running_loop()  # typst lets go of the interpreter while it sets
        return await loop.run_in_executor(self._threads, self.set, title, sheets, foot, at)

    def set(self, title: str, sheets: Sequence[Sheet], foot: str, at: datetime) -> bytes:
        """Set them on this thread."""
        return typeset(paper_of(title, sheets, foot), self.font, at)

    async def _set_apart(self, paper: dict[str, Any], at: datetime) -> bytes:
        """Set them in a process of its own, whose memory goes with it."""
        font_files(self._folder)
        folder = str(self._folder) if self._folder else None
        told = json.dumps({"paper": paper, "folder": folder, "at": at.isoformat()})
        setter = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", typeset.__module__),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=PROJECT,
        )
        try:
            made, _ = await setter.communicate(told.encode())
        finally:
            if setter.returncode is None:
                setter.kill()
        if setter.returncode:
            raise RuntimeError("the forms could not be set; typst says why above")
        return made

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._font is not None:
            self._font.close()


def paper_of(title: str, sheets: Sequence[Sheet], foot: str) -> dict[str, Any]:
    told = [{one.name: getattr(sheet, one.name) for one in fields(sheet)} for sheet in sheets]
    return {"title": title, "foot": foot, "sheets": told}
