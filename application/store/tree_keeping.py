"""Keeping the log's tree: its hashes, the heads of all children, and the checkpoints signed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, LiteralString

import psycopg

from application.store.checkpoint import Checkpoint
from application.store.heads import (
    BUCKETS,
    EMPTY_BUCKET,
    STREAM,
    TOPIC,
    Bucket,
    Commitment,
    Head,
    bucket_of,
)
from application.store.log_keys import LogKeys
from application.store.merkle_tree import TILE, Hashes, Read, needed, root
from application.store.transparency import HASH_BYTES, InvalidProof, root_of

KEEPING = 20230903  # the advisory lock of whoever keeps the tree
APPENDING = 20230901  # that of whoever appends
PAGE = 100_000  # leaves read at a time
GROUP = 256  # buckets whose hashes stand in one row
TOP = -1  # the place of the groups' own hashes
BUCKETS_AT_ONCE = 4_096

EMPTY = """
SET LOCAL guixue.preparing = 'on';
ALTER TABLE log.tree_hashes DISABLE TRIGGER append_only;
DELETE FROM log.tree_hashes;
ALTER TABLE log.tree_hashes ENABLE ALWAYS TRIGGER append_only;
DELETE FROM log.heads;
DELETE FROM log.head_groups;
"""
NEW_HEADS = """
SELECT log.pseudonym(p.inner_pad, p.outer_pad, e.originator_id) AS name, e.version, e.leaf
FROM (
    SELECT DISTINCT ON (originator_id) originator_id, originator_version AS version, leaf
    FROM log.stored_events
    WHERE notification_id > %s AND notification_id <= %s AND originator_id <> %s
    ORDER BY originator_id, originator_version DESC
) e, keys.pseudonyms p ORDER BY name
"""


class TreeKeeper:
    """
    Keeps the tree of one log on a connection of its own.

    A checkpoint is one transaction: hashes of what is new, the heads of the children concerned,
    the log's own entry that commits them, the signed note. Whatever is killed when, the next one
    goes on from the last that was committed; of several keepers, one at a time is at work.
    """

    def __init__(self, connection: psycopg.Connection[Any], keys: LogKeys) -> None:
        self._connection = connection
        self._keys = keys

    def checkpoint(self) -> Checkpoint | None:
        """Make a checkpoint of all that is recorded; ``None`` if the last one still holds it."""
        with self._connection.transaction():
            if not self._one("SELECT pg_try_advisory_xact_lock(%s)", [KEEPING]):
                return None
            done = self._one("SELECT coalesce(max(size), 0) FROM log.checkpoints")
            return self._made(done) if self._head() > done else None

    def sign_anew(self) -> Checkpoint | None:
        """Make a checkpoint, also where the last one holds all; ``None`` of an empty log."""
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(%s)", [KEEPING])
            done = self._one("SELECT coalesce(max(size), 0) FROM log.checkpoints")
            return self._made(done) if self._head() else None

    def _made(self, done: int) -> Checkpoint:
        size = self._head()
        self._take(done, size)
        # Nobody appends from here on: what came meanwhile is little.
        self._connection.execute("SELECT pg_advisory_xact_lock(%s)", [APPENDING])
        if (last := self._head()) > size:
            self._take(size, last)
        return self._sign(self._commit(last))

    def rebuild(self) -> bool:
        """
        Work out all that is kept of the tree anew, from the leaves; for the database's owner.

        Returns whether it fits the last checkpoint; if not, everything is left as it was.
        """
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(%s)", [KEEPING])
            row = self._connection.execute(
                "SELECT size, root FROM log.checkpoints ORDER BY size DESC LIMIT 1"
            ).fetchone()
            if row is None:
                return True
            self._connection.execute(EMPTY.encode())
            size, signed = row
            self._hash_tiles(size)
            self._put_heads(0, size - 1)
            fits: bool = self._root(size) == signed and self._committed(size) == self._heads_root()
            if not fits:
                raise psycopg.Rollback
        return fits

    def _committed(self, size: int) -> bytes | None:
        """Give the root of the heads that the entry at the end of a checkpoint commits."""
        state = self._one("SELECT state FROM log.stored_events WHERE notification_id = %s", [size])
        try:
            return Commitment.read(state).root
        except InvalidProof:
            return None

    def _root(self, size: int) -> bytes:
        return root((0, size), self.hashes(needed([(0, size)])))

    def _commit(self, size: int) -> int:
        """Append what commits the heads of the whole log; return the size with it."""
        committed = Commitment(size, self._heads_root())
        self._connection.execute(
            "SELECT FROM log.commit_heads(%s, %s, %s, %s)",
            [STREAM, TOPIC, size, committed.state()],
        )
        return size + 1

    def _sign(self, size: int) -> Checkpoint:
        self._hash_tiles(size)
        checkpoint = Checkpoint(self._keys.origin, size, self._root(size))
        note = self._keys.sign(checkpoint.text)
        self._connection.execute(
            "INSERT INTO log.checkpoints (size, root, made_at, note) VALUES (%s, %s, %s, %s)",
            [size, checkpoint.root, datetime.now(UTC), note.told()],
        )
        return checkpoint

    # The tree -------------------------------------------------------------------------------

    def _take(self, after: int, upto: int) -> None:
        self._hash_tiles(upto)
        self._put_heads(after, upto)

    def _hash_tiles(self, size: int) -> None:
        """Store the hashes of all full tiles of a tree of this size that are not stored yet."""
        level, below = 0, size
        while full := below // TILE:
            level += 1
            place = self._one(
                "SELECT coalesce(max(place) + 1, 0) FROM log.tree_hashes WHERE level = %s", [level]
            )
            while place < full:
                end = min(full, place + PAGE // TILE)
                read = (level - 1, place * TILE, end * TILE)
                hashes = self.hashes([read])[read]
                roots = [root_of(hashes[at : at + TILE]) for at in range(0, len(hashes), TILE)]
                self._connection.execute(
                    "INSERT INTO log.tree_hashes SELECT %s, place, hash"
                    " FROM unnest(%s::bigint[], %s::bytea[]) AS made (place, hash)",
                    [level, list(range(place, end)), roots],
                )
                place = end
            below = full

    def hashes(self, reads: Iterable[Read]) -> Hashes:
        """Read hashes of the tree: those of entries, and those of full tiles above them."""
        return {read: self._read(*read) for read in reads}

    def _read(self, level: int, first: int, end: int) -> Sequence[bytes]:
        found = [
            hash_
            for (hash_,) in self._connection.execute(
                "SELECT leaf FROM log.stored_events WHERE notification_id > %s"
                " AND notification_id <= %s ORDER BY notification_id"
                if level == 0
                else "SELECT hash FROM log.tree_hashes WHERE level = %s"
                " AND place >= %s AND place < %s ORDER BY place",
                [first, end] if level == 0 else [level, first, end],
                binary=True,
            )
        ]
        if len(found) != end - first:
            raise TreeDamaged(level, first, end)
        return found

    # The heads ------------------------------------------------------------------------------

    def _put_heads(self, after: int, upto: int) -> None:
        """Put the heads of the children recorded for between two positions."""
        with self._connection.cursor(name="new_heads", binary=True) as cursor:
            cursor.itersize = BUCKETS_AT_ONCE
            cursor.execute(NEW_HEADS, [after, upto, STREAM])
            fresh = (Head(name, version, leaf) for name, version, leaf in cursor)
            for some in in_buckets(fresh):
                self._put(some)

    def _put(self, fresh: dict[int, list[Head]]) -> None:
        numbers = list(fresh)
        buckets = {number: Bucket() for number in numbers}
        for number, held in self._connection.execute(
            "SELECT bucket, held FROM log.heads WHERE bucket = ANY(%s)", [numbers], binary=True
        ):
            buckets[number] = Bucket.read(number, held)
        for number, heads in fresh.items():
            for head in heads:
                buckets[number].put(head)
        self._connection.execute(
            "INSERT INTO log.heads SELECT * FROM unnest(%s::int[], %s::bytea[])"
            " ON CONFLICT (bucket) DO UPDATE SET held = excluded.held",
            [numbers, [bucket.held for bucket in buckets.values()]],
        )
        self._put_hashes({number: bucket.hash for number, bucket in buckets.items()})

    def _put_hashes(self, changed: dict[int, bytes]) -> None:
        """Put the hashes of buckets, and those of the groups they are in."""
        roots = {}
        groups = groupby(sorted(changed.items()), key=lambda item: item[0] // GROUP)
        for place, items in groups:
            roots[place] = self._patched(place, {n % GROUP: hash_ for n, hash_ in items})
        self._patched(TOP, roots)

    def _patched(self, place: int, changed: dict[int, bytes]) -> bytes:
        hashes = self._group(place)
        for at, hash_ in changed.items():
            hashes[at] = hash_
        self._connection.execute(
            "INSERT INTO log.head_groups VALUES (%s, %s)"
            " ON CONFLICT (place) DO UPDATE SET hashes = excluded.hashes",
            [place, b"".join(hashes)],
        )
        return root_of(hashes)

    def _group(self, place: int) -> list[bytes]:
        row = self._connection.execute(
            "SELECT hashes FROM log.head_groups WHERE place = %s", [place], binary=True
        ).fetchone()
        return parted(row[0]) if row else empty_group(place)

    def _heads_root(self) -> bytes:
        return root_of(self._group(TOP))

    # What stands where ----------------------------------------------------------------------

    def _head(self) -> int:
        row = self._connection.execute(
            "SELECT notification_id FROM log.stored_events ORDER BY notification_id DESC LIMIT 1"
        ).fetchone()
        return row[0] if row else 0

    def _one(self, query: LiteralString, parameters: Sequence[Any] = ()) -> Any:
        row = self._connection.execute(query, parameters).fetchone()
        assert row is not None
        return row[0]


def last_note(connection: psycopg.Connection[Any]) -> str | None:
    """Give the last checkpoint's signed note, if there is one."""
    row = connection.execute(
        "SELECT note FROM log.checkpoints ORDER BY size DESC LIMIT 1"
    ).fetchone()
    return row[0] if row else None


class TreeDamaged(Exception):
    """Hashes of the tree are missing from the database."""


def in_buckets(heads: Iterable[Head]) -> Iterator[dict[int, list[Head]]]:
    """Part heads, which come by pseudonym, by their buckets; some buckets at a time."""
    some: dict[int, list[Head]] = {}
    for number, of_one in groupby(heads, key=lambda head: bucket_of(head.pseudonym)):
        some[number] = list(of_one)
        if len(some) == BUCKETS_AT_ONCE:
            yield some
            some = {}
    if some:
        yield some


def parted(hashes: bytes) -> list[bytes]:
    """Part hashes that stand one after the other."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def empty_group(place: int) -> list[bytes]:
    """Give the hashes of a group no child's head is in yet."""
    empty = [EMPTY_BUCKET] * GROUP
    return empty if place != TOP else [root_of(empty)] * (BUCKETS // GROUP)
