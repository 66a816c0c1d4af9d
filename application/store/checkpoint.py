"""A checkpoint: how long the log was, and the root of its tree then (C2SP tlog-checkpoint)."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Self

from application.store.signed_note import InvalidNote
from application.store.transparency import HASH_BYTES

TEXT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log's name (origin), its size, the root of its tree; the text of a signed note."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """
        Read a note's text; lines after the third are another log's and left alone.

        :raises InvalidNote: if it is no checkpoint
        """
        found = TEXT.fullmatch(text)
        root = b64decode(found[3]) if found else b""
        if found is None or len(root) != HASH_BYTES or b64encode(root).decode() != found[3]:
            raise InvalidNote("this is no checkpoint")
        return cls(found[1], int(found[2]), root)
