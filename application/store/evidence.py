"""The evidence of one child as a file: read strictly, written the same, nothing in it judged."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn, Self
from uuid import UUID

from application.store.heads import RECORD
from application.store.signed_note import NAME, decoded
from application.store.transparency import HASH_BYTES

FORMAT = "guixue-evidence-1"
LARGEST_FILE = 10_000_000  # bytes
LONGEST_TEXT = 10_000  # characters of a topic or an actor
LONGEST_PROOF = 64  # hashes
PATH_HASHES = 16  # of a bucket, in the tree of 65,536
GREATEST = 2**63 - 1
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|\+00:00)"
)
NUMBER = re.compile(r"[1-9][0-9]{0,18}")
Proof = tuple[bytes, ...]


class InvalidBundle(Exception):
    """The file is no bundle of evidence; says what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as the log holds it: ``state`` is what is stored, sealed under the child's key."""

    version: int
    position: int
    topic: str
    recorded_at: datetime
    actor: str
    state: bytes
    proof: Proof


@dataclass(frozen=True, slots=True)
class HeadsShown:
    """The entry of the log's own stream that ends the checkpoint, and the child's bucket in it."""

    pseudonym: bytes
    version: int
    previous: bytes
    topic: str
    recorded_at: datetime
    actor: str
    state: bytes
    proof: Proof
    bucket: bytes
    path: Proof


@dataclass(frozen=True, slots=True)
class Bundle:
    """
    Everything about one child that an auditor needs.

    ``key`` opens the content; without it, it was not given, or is destroyed (``erased``).
    ``consistency`` has the proofs from some earlier sizes of the log to this checkpoint's.
    """

    origin: str
    student_id: UUID
    pseudonym: bytes
    entries: tuple[Shown, ...]
    heads: HeadsShown
    checkpoint: str
    key: bytes | None = None
    erased: bool = False
    consistency: Mapping[int, Proof] = field(default_factory=dict)

    def told(self) -> str:
        """Write it as a file's text."""
        hashes: dict[bytes, int] = {}

        def places(proof: Iterable[bytes]) -> list[int]:
            return [hashes.setdefault(one, len(hashes)) for one in proof]

        heads = self.heads
        said: dict[str, Any] = {
            "format": FORMAT,
            "origin": self.origin,
            "student_id": str(self.student_id),
            "pseudonym": _told(self.pseudonym),
            "entries": [
                {"version": one.version, "position": one.position, **_row(one, places)}
                for one in self.entries
            ],
            "heads": {
                "entry": {
                    "pseudonym": _told(heads.pseudonym),
                    "version": heads.version,
                    "previous": _told(heads.previous),
                    **_row(heads, places),
                },
                "bucket": _told(heads.bucket),
                "path": places(heads.path),
            },
            "checkpoint": self.checkpoint,
            "key": None if self.key is None else _told(self.key),
            "erased": self.erased,
        }
        if self.consistency:
            said["consistency"] = {
                str(size): places(proof) for size, proof in self.consistency.items()
            }
        said["hashes"] = [_told(one) for one in hashes]
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Self:
        """
        Read a file's text.

        :raises InvalidBundle: if it is anything but what :meth:`told` might have written
        """
        root = _Part(_parsed(text), "bundle")
        root.has("format origin student_id pseudonym entries hashes heads checkpoint key erased",
                 optional="consistency")  # fmt: skip
        if root.take("format") != FORMAT:
            root.refuse("format", f"is not {FORMAT}")
        hashes = [root.bytes_of("hashes", n, HASH_BYTES) for n in range(len(root.list("hashes")))]
        if len(set(hashes)) != len(hashes):
            root.refuse("hashes", "holds one hash twice")
        reading = _Reading(hashes)
        entries = tuple(
            reading.shown(_Part(one, f"entries[{n}]"))
            for n, one in enumerate(root.list("entries"), 1)
        )
        heads = reading.heads(_Part(root.take("heads"), "heads"))
        consistency = reading.consistency(root)
        if not entries:
            root.refuse("entries", "is empty")
        if len(reading.used) != len(hashes):
            root.refuse("hashes", "holds a hash that no proof uses")
        key = None if root.take("key") is None else root.bytes_of("key", None, HASH_BYTES)
        erased = root.take("erased")
        if not isinstance(erased, bool) or (erased and key is not None):
            root.refuse("erased", "must be true or false, and false where there is a key")
        origin = root.text("origin")
        if not NAME.fullmatch(origin):
            root.refuse("origin", "is no log's name")
        return cls(
            origin,
            root.uuid("student_id"),
            root.bytes_of("pseudonym", None, HASH_BYTES),
            entries,
            heads,
            root.text("checkpoint", longest=LARGEST_FILE),
            key,
            erased,
            consistency,
        )


class _Part:
    """One object of the file, and where it stands; what is taken of it has its type."""

    def __init__(self, said: Any, place: str) -> None:
        if not isinstance(said, dict):
            raise InvalidBundle(f"{place} is no object")
        self._said = said
        self.place = place

    def refuse(self, name: str, why: str) -> NoReturn:
        raise InvalidBundle(f"{self.place}.{name} {why}")

    def has(self, names: str, optional: str = "") -> None:
        """Insist on these names and no others."""
        wanted = set(names.split())
        for name in wanted - set(self._said):
            self.refuse(name, "is missing")
        if set(self._said) - wanted - set(optional.split()):
            raise InvalidBundle(f"{self.place} has names that do not belong there")

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def take(self, name: str) -> Any:
        return self._said[name]

    def list(self, name: str) -> Sequence[Any]:
        value = self._said[name]
        if not isinstance(value, list):
            self.refuse(name, "is no list")
        return value

    def number(self, name: str) -> int:
        value = self._said[name]
        if type(value) is not int or not 1 <= value <= GREATEST:
            self.refuse(name, "is no whole number from 1 to 2^63-1")
        return int(value)

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        value = self._said[name]
        if not isinstance(value, str) or len(value) > longest or "\0" in value:
            self.refuse(name, "is no text, or too long")
        return value

    def bytes_of(self, name: str, at: int | None = None, count: int | None = None) -> bytes:
        """Take base64, of so many bytes if that is said; ``at`` in a list."""
        value = self._said[name] if at is None else self._said[name][at]
        data = decoded(value) if isinstance(value, str) else b""
        if not data or count not in {None, len(data)}:
            self.refuse(name, "is no canonical base64 of the right length")
        return data

    def moment(self, name: str) -> datetime:
        value = self.text(name)
        try:
            found = datetime.fromisoformat(value) if MOMENT.fullmatch(value) else None
        except ValueError:
            found = None
        if found is None:
            self.refuse(name, "is no moment in UTC")
        return found.astimezone(UTC)

    def uuid(self, name: str) -> UUID:
        value = self.text(name)
        try:
            found = UUID(value)
        except ValueError:
            found = None
        if found is None or str(found) != value:
            self.refuse(name, "is no id")
        return found


class _Reading:
    """Reads entries, whose proofs name hashes by their place in the file's one list of them."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self._hashes = hashes
        self.used: set[int] = set()

    def proof(self, part: _Part, name: str) -> Proof:
        places = part.list(name)
        if len(places) > LONGEST_PROOF:
            part.refuse(name, "is too long")
        for place in places:
            if type(place) is not int or not 0 <= place < len(self._hashes):
                part.refuse(name, "names a hash that is not there")
        self.used.update(places)
        return tuple(self._hashes[place] for place in places)

    def shown(self, part: _Part) -> Shown:
        part.has("version position topic recorded_at actor state proof")
        return Shown(
            part.number("version"),
            part.number("position"),
            part.text("topic"),
            part.moment("recorded_at"),
            part.text("actor"),
            part.bytes_of("state"),
            self.proof(part, "proof"),
        )

    def heads(self, part: _Part) -> HeadsShown:
        part.has("entry bucket path")
        entry = _Part(part.take("entry"), f"{part.place}.entry")
        entry.has("pseudonym version previous topic recorded_at actor state proof")
        path, bucket = self.proof(part, "path"), part.bytes_of("bucket")
        if len(path) != PATH_HASHES or len(bucket) % RECORD:
            raise InvalidBundle("heads.path has not 16 hashes, or heads.bucket is not whole")
        return HeadsShown(
            entry.bytes_of("pseudonym", None, HASH_BYTES),
            entry.number("version"),
            entry.bytes_of("previous", None, HASH_BYTES),
            entry.text("topic"),
            entry.moment("recorded_at"),
            entry.text("actor"),
            entry.bytes_of("state"),
            self.proof(entry, "proof"),
            bucket,
            path,
        )

    def consistency(self, root: _Part) -> dict[int, Proof]:
        """Read the proofs from earlier sizes; there may be none."""
        if "consistency" not in set(root):
            return {}
        part = _Part(root.take("consistency"), "consistency")
        found = {}
        for size in part:
            if not NUMBER.fullmatch(size) or int(size) > GREATEST:
                raise InvalidBundle("consistency names an earlier size that is none")
            found[int(size)] = self.proof(part, size)
        return found


def _row(one: Shown | HeadsShown, places: Callable[[Iterable[bytes]], list[int]]) -> dict[str, Any]:
    """Write what an entry of either kind has."""
    moment = one.recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    return {
        "topic": one.topic,
        "recorded_at": moment.replace("+00:00", "Z"),
        "actor": one.actor,
        "state": _told(one.state),
        "proof": places(one.proof),
    }


def _told(data: bytes) -> str:
    return b64encode(data).decode()


def _parsed(text: str) -> Any:
    """
    Parse JSON: no name twice, no fractions, no NaN, no huge number, no text that is none.

    :raises InvalidBundle: if it is anything else
    """
    if len(text) > LARGEST_FILE:
        raise InvalidBundle(f"the file is larger than {LARGEST_FILE} bytes")
    try:
        text.encode()
        said = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
        json.dumps(said, ensure_ascii=False).encode()  # a lone surrogate is no text
    except UnicodeEncodeError:
        raise InvalidBundle("the file holds characters that are none") from None
    except (ValueError, RecursionError):
        raise InvalidBundle("the file is no JSON") from None
    return said


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise InvalidBundle("the file names one thing twice")
    return said


def _whole(digits: str) -> int:
    if digits != "0" and not NUMBER.fullmatch(digits):
        raise InvalidBundle("the file holds a number that is out of range")
    return int(digits)


def _no_number(_: str) -> NoReturn:
    raise InvalidBundle("the file holds a number that is not whole")
