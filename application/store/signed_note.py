"""Signed notes (C2SP): a text and the Ed25519 signatures of a log and its witnesses."""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE, COSIGNATURE = 0x01, 0x04  # the algorithm byte of a log's key, and of a witness's
NAME = re.compile(r"[^\s+]{1,200}")
LINE = re.compile("— ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})")
ID_BYTES, TIME_BYTES = 4, 8
LONGEST_NOTE = 1_000_000  # characters


class InvalidNote(Exception):
    """The text is no signed note, or a signature that should stand on it does not."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key under a name; ``algorithm`` tells a log's signatures from a witness's."""

    name: str
    public: bytes
    algorithm: int = SIGNATURE

    @property
    def key_id(self) -> bytes:
        """The first bytes of every signature by this key."""
        said = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return sha256(said).digest()[:ID_BYTES]

    def told(self) -> str:
        """Write the key as verifiers take it: ``name+id+key``."""
        return (
            f"{self.name}+{self.key_id.hex()}"
            f"+{b64encode(bytes([self.algorithm]) + self.public).decode()}"
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """
        Read a key as :meth:`told` writes it.

        :raises InvalidNote: if it is none
        """
        name, _, rest = text.strip().partition("+")
        key_id, _, key = rest.partition("+")
        data = decoded(key)
        if not NAME.fullmatch(name) or len(data) != 33 or data[0] not in {SIGNATURE, COSIGNATURE}:  # noqa: PLR2004
            raise InvalidNote("this is no key of a log or witness")
        read = cls(name, data[1:], data[0])
        if read.key_id.hex() != key_id:
            raise InvalidNote("the key does not fit its own id")
        return read


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a note: whose key's, by name and id, and the bytes that follow the id."""

    name: str
    key_id: bytes
    data: bytes

    def line(self) -> str:
        return f"— {self.name} {b64encode(self.key_id + self.data).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends with a line's end, and the signatures below it."""

    text: str
    signatures: tuple[Signature, ...]

    def told(self) -> str:
        return self.text + "\n" + "".join(one.line() for one in self.signatures)

    @classmethod
    def read(cls, told: str) -> Self:
        """
        Read a note; none of its signatures is checked.

        :raises InvalidNote: if it is none
        """
        text, gap, below = told.rpartition("\n\n")
        if not gap or len(told) > LONGEST_NOTE or not below.endswith("\n"):
            raise InvalidNote("this is no signed note")
        signatures = []
        for line in below[:-1].split("\n"):
            found = LINE.fullmatch(line)
            data = decoded(found[2]) if found else b""
            if found is None or len(data) <= ID_BYTES:
                raise InvalidNote("a line of signatures is none")
            signatures.append(Signature(found[1], data[:ID_BYTES], data[ID_BYTES:]))
        return cls(text + "\n", tuple(signatures))

    def signed_by(self, keys: Iterable[NoteKey]) -> list[tuple[NoteKey, int | None]]:
        """
        Give those of some keys that signed it, a witness's with the second at which it did.

        :raises InvalidNote: if a signature says it is by one of them, and is not
        """
        known = {(key.name, key.key_id): key for key in keys}
        found: dict[NoteKey, int | None] = {}
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is not None and key not in found:
                found[key] = _signed(self.text, key, signature.data)
        return list(found.items())


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs notes, for a log or as a witness."""

    name: str
    private: Ed25519PrivateKey
    algorithm: int = SIGNATURE

    @property
    def key(self) -> NoteKey:
        return NoteKey(self.name, self.private.public_key().public_bytes_raw(), self.algorithm)

    def sign(self, text: str) -> Signature:
        """Sign a note's text as its log."""
        return Signature(self.name, self.key.key_id, self.private.sign(text.encode()))

    def cosign(self, text: str, second: int) -> Signature:
        """Sign a checkpoint's text as a witness, at a second since 1970."""
        data = second.to_bytes(TIME_BYTES, "big") + self.private.sign(_witnessed(text, second))
        return Signature(self.name, self.key.key_id, data)


def _signed(text: str, key: NoteKey, data: bytes) -> int | None:
    second, said = None, text.encode()
    if key.algorithm == COSIGNATURE:
        second = int.from_bytes(data[:TIME_BYTES], "big")
        said, data = _witnessed(text, second), data[TIME_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(data, said)
    except (InvalidSignature, ValueError):
        raise InvalidNote(f"the signature of {key.name} is not its own") from None
    return second


def _witnessed(text: str, second: int) -> bytes:
    """Give what a witness signs (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {second}\n{text}".encode()


def decoded(text: str) -> bytes:
    """Decode base64 in its one canonical form; nothing, if it is anything else."""
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if b64encode(data).decode() == text else b""
