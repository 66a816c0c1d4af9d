"""The heads tree: of every child, how many entries there are, and the last one's leaf."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from application.store.transparency import (
    HASH_BYTES,
    InvalidProof,
    leaf_hash,
    node_hash,
    verify_inclusion,
)

# The log's own stream: each of its entries commits the heads of all entries before it.
STREAM = UUID("00000000-0000-8000-8000-0000006c6f67")
TOPIC = "log.heads"
BUCKETS = 65_536
EMPTY_BUCKET = leaf_hash(b"")
COUNT_BYTES = 8
RECORD = HASH_BYTES + COUNT_BYTES + HASH_BYTES


@dataclass(frozen=True, slots=True)
class Head:
    """Where a child's history ends: its pseudonym, how many entries, the last one's leaf."""

    pseudonym: bytes
    count: int
    leaf: bytes

    @property
    def record(self) -> bytes:
        """Pseudonym (32) ‖ count (8, big-endian) ‖ leaf (32)."""
        return self.pseudonym + self.count.to_bytes(COUNT_BYTES, "big") + self.leaf


def bucket_of(pseudonym: bytes) -> int:
    """Give the one bucket in which a child can stand: the first two bytes of its pseudonym."""
    return int.from_bytes(pseudonym[:2], "big")


class Bucket:
    """
    The heads whose pseudonyms begin with the same two bytes, in their order.

    ``held`` is their records, one after the other; it is the data of one of the 65,536 leaves of
    the heads tree (RFC 9162). Whoever is given a bucket whole sees that no child has two heads.
    """

    __slots__ = ("_heads",)

    def __init__(self, heads: Iterable[Head] = ()) -> None:
        self._heads = {head.pseudonym: head for head in heads}

    @classmethod
    def read(cls, number: int, held: bytes) -> Self:
        """
        Read a bucket's records.

        :raises InvalidProof: if they are no records, out of order, or not of this bucket
        """
        if len(held) % RECORD:
            raise InvalidProof("the heads given are not whole")
        heads = [
            Head(one[:HASH_BYTES], int.from_bytes(one[HASH_BYTES:-HASH_BYTES], "big"), one[-32:])
            for one in (held[at : at + RECORD] for at in range(0, len(held), RECORD))
        ]
        names = [head.pseudonym for head in heads]
        if sorted(set(names)) != names or any(bucket_of(name) != number for name in names):
            raise InvalidProof("the heads given are not one each, in order, and of their place")
        return cls(heads)

    def __iter__(self) -> Iterator[Head]:
        return iter(sorted(self._heads.values(), key=lambda head: head.pseudonym))

    @property
    def held(self) -> bytes:
        return b"".join(head.record for head in self)

    @property
    def hash(self) -> bytes:
        return leaf_hash(self.held)

    def of(self, pseudonym: bytes) -> Head | None:
        """Give a child's head, if it has one."""
        return self._heads.get(pseudonym)

    def put(self, head: Head) -> None:
        """Put a child's head in the place of the one it had."""
        self._heads[head.pseudonym] = head


class HeadsTree:
    """All heads in memory; the root is made anew of what changed since it was asked for last."""

    def __init__(self) -> None:
        self._buckets: dict[int, Bucket] = {}
        self._changed: set[int] = set()
        self._nodes: list[bytes] = []  # the root at 1, the children of n at 2n and 2n + 1
        width, empty = BUCKETS, EMPTY_BUCKET
        while width:
            self._nodes[:0] = [empty] * width
            width, empty = width // 2, node_hash(empty, empty)
        self._nodes.insert(0, b"")

    def put(self, head: Head) -> None:
        """Put a child's head in the place of the one it had."""
        number = bucket_of(head.pseudonym)
        bucket = self._buckets.get(number)
        if bucket is None:
            bucket = self._buckets[number] = Bucket()
        bucket.put(head)
        self._changed.add(number)

    def held(self) -> dict[int, bytes]:
        """Give the records of every bucket that holds some."""
        return {number: bucket.held for number, bucket in self._buckets.items()}

    def root(self) -> bytes:
        """Give the root as it is."""
        for number in self._changed:
            self._nodes[BUCKETS + number] = self._buckets[number].hash
        above = {(BUCKETS + number) // 2 for number in self._changed}
        self._changed.clear()
        while above and 0 not in above:
            for place in above:
                self._nodes[place] = node_hash(self._nodes[2 * place], self._nodes[2 * place + 1])
            above = {place // 2 for place in above}
        return self._nodes[1]


@dataclass(frozen=True, slots=True)
class Commitment:
    """What an entry of the log's own stream says: the root of the heads of all before it."""

    size: int
    root: bytes

    def state(self) -> bytes:
        """Write it as it is stored: JSON, not sealed."""
        said = {"size": self.size, "root": b64encode(self.root).decode()}
        return json.dumps(said, separators=(",", ":")).encode()

    @classmethod
    def read(cls, state: bytes) -> Self:
        """
        Read it.

        :raises InvalidProof: if it is none
        """
        try:
            said = json.loads(state)
            size, root = said["size"], b64decode(said["root"], validate=True)
        except (ValueError, TypeError, KeyError, RecursionError):
            raise InvalidProof("the log's own entry commits no heads") from None
        if type(size) is not int or cls(size, root).state() != state or len(root) != HASH_BYTES:
            raise InvalidProof("the log's own entry commits no heads")
        return cls(size, root)


def verify_head(
    pseudonym: bytes, held: bytes, path: Sequence[bytes], commitment: Commitment
) -> Head:
    """
    Check a child's head against what the log committed, and give it.

    :raises InvalidProof: if the bucket is not the committed one, or holds no such child
    """
    number = bucket_of(pseudonym)
    verify_inclusion(leaf_hash(held), number, BUCKETS, path, commitment.root)
    head = Bucket.read(number, held).of(pseudonym)
    if head is None:
        raise InvalidProof("the heads hold no such child")
    return head
