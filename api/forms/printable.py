"""Any text made printable: what the font lacks is written as its code, never drawn as a box."""

import re
import unicodedata
from collections.abc import Collection

NO_CHARACTER = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Longer than a cell and without a place to break it; Chinese may be broken anywhere.
UNBROKEN = re.compile(r"[!-~]{24,}")
EVERY, BREAK = 12, "\u200b"


def printable(text: str, drawn: Collection[int]) -> str:
    """
    Give a text of characters that are drawn, and in the order they are written.

    Those that are not, and marks that only steer (a right-to-left override, say), are named
    by their code, as 〔U+202E〕; long runs without a space are given places to break.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    safe = "".join(
        character
        if character == "\n" or _is_drawn(character, drawn)
        else f"〔U+{ord(character):04X}〕"
        for character in text
    )
    return UNBROKEN.sub(_with_breaks, safe)


def _is_drawn(character: str, drawn: Collection[int]) -> bool:
    return ord(character) in drawn and unicodedata.category(character) not in NO_CHARACTER


def _with_breaks(run: re.Match[str]) -> str:
    text = run[0]
    return BREAK.join(text[n : n + EVERY] for n in range(0, len(text), EVERY))
