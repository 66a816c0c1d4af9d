"""A paper set by typst here and now: from data alone, in one font. As a program, one from stdin."""

import json
import sys
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
import typst

from api.forms.fonts import FAMILY, Font
from api.forms.printable import printable

TEMPLATE = Path(__file__).with_name("paper.typ")


def typeset(paper: Mapping[str, Any], font: Font, at: datetime) -> bytes:
    """Set a paper, ``title``, ``foot`` and ``sheets``, as PDF; ``at`` is when it was made."""
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
    # One mask of the eight: trying all for the best takes most of the time a case file takes.
    return segno.make_qr(code, error="m", mask=3).svg_inline(border=2, omitsize=True)


def main() -> None:
    """Set what stdin tells, and write it to stdout."""
    told = json.load(sys.stdin)
    folder = Path(told["folder"]) if told["folder"] else None
    made = typeset(told["paper"], Font.found(folder), datetime.fromisoformat(told["at"]))
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
