"""A checkpoint (C2SP tlog-checkpoint): whose log it is, how large, and the root of its tree."""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Self

from application.store.signed_note import NAME, InvalidNote, decoded
from application.store.transparency import HASH_BYTES

SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the text of a log's signed note says."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """
        Read the text of a note; lines after the third are passed over.

        :raises InvalidNote: if it is no checkpoint
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):  # noqa: PLR2004
            raise InvalidNote("this is no checkpoint")
        origin, size, root = lines[:3]
        if not NAME.fullmatch(origin) or len(decoded(root)) != HASH_BYTES:
            raise InvalidNote("this is no checkpoint")
        return cls(origin, whole_number(size), decoded(root))


def whole_number(text: str) -> int:
    """
    Read a size as checkpoints write it: decimal, no leading zero, below 2^63.

    :raises InvalidNote: if it is none
    """
    if not SIZE.fullmatch(text) or int(text) > LARGEST:
        raise InvalidNote("a size is no whole number")
    return int(text)
