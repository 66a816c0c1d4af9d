"""Sheets set as one PDF by typst: on threads of their own, a few at a time, from data alone."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import segno
import typst

from api.forms.fonts import FAMILY, Font
from api.forms.printable import printable
from api.forms.sheet import Sheet

AT_ONCE = 2  # typst lets go of the interpreter, so two pages are set beside what else is served
TEMPLATE = Path(__file__).with_name("paper.typ")


class Press:
    """
    What sets sheets: with one font, found when it is first needed.

    ``folder`` is where the font is looked for, else the usual folders.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._font: Font | None = None
        self._finding = Lock()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="press")

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
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.set, title, sheets, foot, at)

    def set(self, title: str, sheets: Sequence[Sheet], foot: str, at: datetime) -> bytes:
        """Set them on this thread."""
        paper = {"title": title, "foot": foot, "sheets": [asdict(sheet) for sheet in sheets]}
        font = self.font
        told = json.dumps(prepared(paper, font.characters), ensure_ascii=False)
        compiler = typst.Compiler(  # reads one template and no other file, and no package
            input=TEMPLATE, root=TEMPLATE.parent, font_paths=font.loaded, ignore_system_fonts=True
        )
        made = compiler.compile(
            format="pdf",
            sys_inputs={"paper": told, "family": FAMILY},
            timestamp=at.replace(microsecond=0),
        )
        assert isinstance(made, bytes)
        return made

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._font is not None:
            self._font.close()


def prepared(value: Any, characters: Collection[int]) -> Any:
    """Make every text printable, and draw every code as QR beside its text."""
    if isinstance(value, str):
        return printable(value, characters)
    if isinstance(value, Mapping):
        told = {name: prepared(inner, characters) for name, inner in value.items()}
        if value.get("code"):
            told["svg"] = drawn(value["code"])
        return told
    if isinstance(value, list | tuple):
        return [prepared(inner, characters) for inner in value]
    return value


def drawn(code: str) -> str:
    """Draw a code as QR, as SVG."""
    return segno.make_qr(code, error="m").svg_inline(border=2, omitsize=True)
