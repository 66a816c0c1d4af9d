"""Auditing the whole log: every entry against its leaf, every leaf against what was signed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from application.store.checkpoint import Checkpoint
from application.store.heads import STREAM, TOPIC, Commitment, Head, HeadsTree
from application.store.leaves import (
    NOTHING_BEFORE,
    Leaf,
    content_digest,
    pseudonym,
    secret_in,
)
from application.store.merkle_tree import TILE
from application.store.signed_note import InvalidNote, Note, NoteKey
from application.store.streams import is_childs
from application.store.transparency import Growing, InvalidProof

FETCH = 5_000
NAMED = 20  # faults told; of more, how many
COLUMNS = "originator_id, originator_version, notification_id, recorded_at, leaf"
CONTENTS = f"{COLUMNS}, topic, actor, state"
TILE_BITS = TILE.bit_length() - 1
Advance = Callable[[int], None]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the auditor brings: the log's keys, witnesses' keys, checkpoints kept from before."""

    keys: Sequence[NoteKey]
    witnesses: Sequence[NoteKey] = ()
    kept: Sequence[str] = ()


@dataclass(slots=True)
class Audit:
    """What an audit read, and every fault it found, in Chinese and English."""

    contents: bool
    entries: int = 0
    children: int = 0
    checkpoints: int = 0
    signed: int = 0
    kept: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)
    more: int = 0

    def fault(self, zh: str, en: str) -> None:
        if len(self.faults) < NAMED:
            self.faults.append((zh, en))
        else:
            self.more += 1


@dataclass(slots=True)
class _Stream:
    """A stream as far as it was read."""

    name: bytes
    version: int = 0
    leaf: bytes = NOTHING_BEFORE


def audit(
    connection: psycopg.Connection[Any],
    trusted: Trusted,
    *,
    contents: bool = True,
    advance: Advance = lambda _: None,
) -> Audit:
    """
    Read the log from its first entry to its last; changes nothing.

    The caller has begun a transaction that sees the log as it stands at one moment.

    With ``contents``, each leaf is worked out anew of what is stored; without, it is believed, and
    only what stands above it is checked. Memory grows with the number of children.
    """
    done = Audit(contents)
    auditing = _Auditing(connection, trusted, done)
    with connection.cursor(name="audit", binary=True) as cursor:
        cursor.itersize = FETCH
        cursor.execute(
            f"SELECT {CONTENTS if contents else COLUMNS} FROM log.stored_events"  # noqa: S608
            " ORDER BY notification_id"
        )
        for row in cursor:
            auditing.take(row)
            if done.entries % FETCH == 0:
                advance(done.entries)
    auditing.end()
    advance(done.entries)
    return done


class _Auditing:
    def __init__(self, connection: psycopg.Connection[Any], trusted: Trusted, done: Audit) -> None:
        self._connection = connection
        self._trusted = trusted
        self._done = done
        ((pad,),) = connection.execute("SELECT inner_pad FROM keys.pseudonyms").fetchall()
        self._secret = secret_in(pad)
        self._notes = dict(connection.execute("SELECT size, note FROM log.checkpoints").fetchall())
        self._hashes = {
            (level, place): hash_
            for level, place, hash_ in connection.execute(
                "SELECT level, place, hash FROM log.tree_hashes", binary=True
            )
        }
        self._to = max(self._notes, default=0)
        self._kept: dict[int, set[bytes]] = {}
        for size, root in self._read_kept(trusted.kept):
            self._kept.setdefault(size, set()).add(root)
        self._streams: dict[UUID, _Stream] = {}
        self._tree, self._heads = Growing(), HeadsTree()
        self._last: datetime | None = None

    def _read_kept(self, kept: Iterable[str]) -> Iterator[tuple[int, bytes]]:
        for told in kept:
            try:
                note = Note.read(told)
                checkpoint = Checkpoint.read(note.text)
                signed = note.signed_by([*self._trusted.keys, *self._trusted.witnesses])
            except InvalidNote:
                signed = []
            if signed:
                self._done.kept += 1
                yield checkpoint.size, checkpoint.root
            else:
                self._done.fault(
                    "所持检查点无法读取,或非可信密钥签名",
                    "a checkpoint you hold cannot be read, or no trusted key signed it",
                )

    # Entry by entry -------------------------------------------------------------------------

    def take(self, row: Row) -> None:
        """Check one entry, and what was signed with it."""
        id_, version, position, recorded_at, stored, *content = row
        done = self._done
        done.entries += 1
        if position != done.entries:
            done.fault(
                f"第 {done.entries} 条缺失(下一条为 {position})",
                f"entry {done.entries} is missing: {position} stands in its place",
            )
        if self._last is not None and recorded_at < self._last:
            done.fault(
                f"第 {position} 条的登记时间早于前一条",
                f"entry {position} was recorded before the one it follows",
            )
        self._last = recorded_at
        stream = self._streams.get(id_)
        if stream is None:
            stream = self._streams[id_] = _Stream(pseudonym(self._secret, id_))
        if version != stream.version + 1:
            done.fault(
                f"第 {position} 条应为其个案的第 {stream.version + 1} 条,却为第 {version} 条",
                f"entry {position} should be number {stream.version + 1} of its child, and is"
                f" {version}",
            )
        leaf = stored
        if content:
            topic, actor, state = content
            said = content_digest(topic, actor, recorded_at, state)
            leaf = Leaf(stream.name, version, stream.leaf, said).hash
            if leaf != stored:
                done.fault(
                    f"第 {position} 条与登记时不符", f"entry {position} is not what was recorded"
                )
        stream.version, stream.leaf = version, leaf
        if id_ == STREAM:
            self._committed(row)
        else:
            self._heads.put(Head(stream.name, version, leaf))
        self._grow(leaf)

    def _committed(self, row: Row) -> None:
        """Check what the log's own entry commits: where every child's history ends."""
        _, _, position, *_, topic, actor, state = row if self._done.contents else self._whole(row)
        try:
            committed = Commitment.read(state)
        except InvalidProof:
            committed = None
        wanted = Commitment(position - 1, self._heads.root())
        if committed != wanted or (topic, actor) != (TOPIC, "log"):
            self._done.fault(
                f"第 {position} 条对各个案末条的承诺不符",
                f"entry {position} does not commit where histories end",
            )
        if position not in self._notes:
            self._done.fault(
                f"第 {position} 条处的检查点缺失", f"the checkpoint at {position} is missing"
            )

    def _whole(self, row: Row) -> Row:
        found: Row | None = self._connection.execute(
            f"SELECT {CONTENTS} FROM log.stored_events WHERE notification_id = %s",  # noqa: S608
            [row[2]],
        ).fetchone()
        assert found is not None
        return found

    def _grow(self, leaf: bytes) -> None:
        """Add a leaf; compare the full tiles it ends, and the checkpoints of this size."""
        made = self._tree.add(leaf)
        size = self._tree.size
        for level in range(1, (len(made) - 1) // TILE_BITS + 1):
            place = size // TILE**level - 1
            kept = self._hashes.pop((level, place), None)
            if kept != made[level * TILE_BITS] and (kept or size <= self._to):
                self._wrong_hash(level, place)
        if size in self._notes:
            self._signed(size, self._notes.pop(size))
        if size in self._kept and self._kept.pop(size) != {self._tree.root}:
            self._done.fault(
                f"与所持的 {size} 条检查点不一致:日志被改写",
                f"the log was rewritten: it is not the one whose checkpoint of {size} you hold",
            )

    def _wrong_hash(self, level: int, place: int) -> None:
        self._done.fault(
            f"哈希树第 {level} 层第 {place} 块不符", f"tile {place} of level {level} is wrong"
        )

    def _signed(self, size: int, told: str) -> None:
        try:
            note = Note.read(told)
            found = Checkpoint.read(note.text)
            signed = note.signed_by(self._trusted.keys)
            cosigned = [line for (line,) in self._lines(size)]
            Note.read(told + "".join(cosigned)).signed_by(self._trusted.witnesses)
        except InvalidNote:
            found, signed = None, []
        if found is None or not signed:
            self._done.fault(
                f"{size} 条处的检查点签名无效", f"the checkpoint of {size} is not signed as it says"
            )
            return
        if (found.size, found.root) != (size, self._tree.root):
            self._done.fault(
                f"{size} 条处的检查点与日志不符", f"the checkpoint of {size} is of another log"
            )
        self._done.checkpoints += 1
        self._done.signed = size

    def _lines(self, size: int) -> list[tuple[str]]:
        if not self._trusted.witnesses:
            return []
        return self._connection.execute(
            "SELECT line FROM log.cosignatures WHERE size = %s", [size]
        ).fetchall()

    # What is left ---------------------------------------------------------------------------

    def end(self) -> None:
        """Say what was signed of a longer log, and what is kept otherwise than it should be."""
        done = self._done
        done.children = sum(map(is_childs, self._streams))
        for size in sorted([*self._notes, *self._kept]):
            done.fault(
                f"日志只有 {done.entries} 条,而检查点有 {size} 条:末尾被删,或被回退",
                f"the log ends at {done.entries}, a checkpoint has {size}: it was cut or rolled"
                " back",
            )
        for level, place in self._hashes:
            self._wrong_hash(level, place)
        if done.entries == done.signed:
            kept = dict(self._connection.execute("SELECT bucket, held FROM log.heads").fetchall())
            if kept != self._heads.held():
                done.fault("末条表与日志不符", "the table of where histories end is wrong")
