"""A log made in memory, with children, checkpoints, witnesses and evidence: as the service does."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.store.checkpoint import Checkpoint
from application.store.child_seal import ChildSeal
from application.store.evidence import Bundle, HeadsShown, Shown
from application.store.heads import BUCKETS, STREAM, TOPIC, Bucket, Commitment, Head, bucket_of
from application.store.leaves import NOTHING_BEFORE, Leaf, content_digest, pseudonym
from application.store.merkle_tree import Span, consistency_spans, inclusion_spans
from application.store.signed_note import COSIGNATURE, Note, Signer
from application.store.transparency import node_hash, root_of

ORIGIN = "guixue.example/qingchuan"
SECRET = b"s" * 32
MORNING = datetime(2026, 11, 25, 0, 30, 0, 123_456, tzinfo=UTC)
NOW = MORNING + timedelta(hours=5)
KINDS = ("student.absence_flagged", "student.home_visited", "student.persuaded")


def signer(name: str, algorithm: int = 1) -> Signer:
    seed = sha256(f"{name} {algorithm}".encode()).digest()
    return Signer(name, Ed25519PrivateKey.from_private_bytes(seed), algorithm)


LOG = signer(ORIGIN)
PREFECTURE = signer("witness.prefecture.example", COSIGNATURE)
PROVINCE = signer("witness.province.example", COSIGNATURE)


def child(number: int) -> UUID:
    return UUID(int=(0x0190 << 112) + (0x70008 << 60) + number)


def child_key(student_id: UUID) -> bytes:
    return sha256(b"key" + student_id.bytes).digest()


@dataclass(frozen=True)
class Row:
    """One row of the log."""

    stream: UUID
    version: int
    topic: str
    actor: str
    recorded_at: datetime
    state: bytes


@dataclass
class MadeLog:
    """The rows of a log, and what is made of them."""

    rows: list[Row] = field(default_factory=list)
    signed_by: Signer = LOG
    secret: bytes = SECRET

    def record(self, stream: UUID, payload: bytes = b'{"occurred_on":"2026-11-24"}') -> Row:
        version = sum(row.stream == stream for row in self.rows) + 1
        topic = KINDS[version % 3] if version > 1 else "student.enrolled"
        state = ChildSeal(stream, child_key(stream)).seal(version, topic, payload)
        return self._add(stream, version, topic, f"teacher-{version}", state)

    def commit(self) -> None:
        """End a checkpoint: an entry of the log's own stream commits the heads before it."""
        version = sum(row.stream == STREAM for row in self.rows) + 1
        state = Commitment(len(self.rows), self.heads_tree(len(self.rows)).root).state()
        self._add(STREAM, version, TOPIC, "log", state)

    def _add(self, stream: UUID, version: int, topic: str, actor: str, state: bytes) -> Row:
        moment = MORNING + timedelta(seconds=17 * len(self.rows))
        row = Row(stream, version, topic, actor, moment, state)
        self.rows.append(row)
        return row

    # What is made of the rows

    def chained(self) -> list[Leaf]:
        """The leaf of each row; each stream is chained by its versions, wherever they stand."""
        made: dict[int, Leaf] = {}
        last: dict[UUID, bytes] = {}
        for at, row in sorted(enumerate(self.rows), key=lambda one: one[1].version):
            content = content_digest(row.topic, row.actor, row.recorded_at, row.state)
            previous = last.get(row.stream, NOTHING_BEFORE)
            made[at] = Leaf(pseudonym(self.secret, row.stream), row.version, previous, content)
            last[row.stream] = made[at].hash
        return [made[at] for at in range(len(self.rows))]

    def hashes(self) -> list[bytes]:
        return [leaf.hash for leaf in self.chained()]

    def heads_tree(self, size: int) -> "HeadsTree":
        tree = HeadsTree()
        for row, leaf in zip(self.rows[:size], self.chained(), strict=False):
            if row.stream != STREAM:
                tree.put(Head(leaf.pseudonym, leaf.version, leaf.hash))
        return tree

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = len(self.rows) if size is None else size
        return Checkpoint(self.signed_by.name, size, root_of(self.hashes()[:size]))

    def note(self, *witnesses: Signer, size: int | None = None, at: datetime = NOW) -> Note:
        text = self.checkpoint(size).text
        cosigned = (one.cosign(text, int(at.timestamp())) for one in witnesses)
        return Note(text, (self.signed_by.sign(text), *cosigned))

    def roots(self, spans: Iterable[Span]) -> tuple[bytes, ...]:
        hashes = self.hashes()
        return tuple(root_of(hashes[low:high]) for low, high in spans)

    def consistency(self, earlier: int) -> tuple[bytes, ...]:
        return self.roots(consistency_spans(earlier, len(self.rows)))

    def bundle(
        self,
        stream: UUID,
        *witnesses: Signer,
        key: bool = True,
        earlier: Sequence[int] = (),
        tree: "HeadsTree | None" = None,
    ) -> Bundle:
        """The evidence of a child, of a log whose last row commits heads: these, if given."""
        size, chained = len(self.rows), self.chained()
        name = pseudonym(self.secret, stream)
        tree = tree or self.heads_tree(size - 1)
        last, own = self.rows[-1], chained[-1]
        return Bundle(
            self.signed_by.name,
            stream,
            name,
            tuple(
                Shown(row.version, at + 1, row.topic, row.recorded_at, row.actor, row.state,
                      self.roots(inclusion_spans(at, size)))
                for at, row in sorted(enumerate(self.rows[:-1]), key=lambda one: one[1].version)
                if row.stream == stream
            ),
            HeadsShown(own.pseudonym, own.version, own.previous, last.topic, last.recorded_at,
                       last.actor, last.state, self.roots(inclusion_spans(size - 1, size)),
                       tree.bucket(name).held, tree.path(bucket_of(name))),
            self.note(*witnesses).told(),
            child_key(stream) if key else None,
            consistency={size: self.consistency(size) for size in earlier},
        )  # fmt: skip


class HeadsTree:
    """A heads tree, most of whose buckets are empty."""

    def __init__(self) -> None:
        self._buckets: dict[int, Bucket] = {}

    def put(self, head: Head) -> None:
        self._buckets.setdefault(bucket_of(head.pseudonym), Bucket()).put(head)

    def bucket(self, name: bytes) -> Bucket:
        return self._buckets.get(bucket_of(name), Bucket())

    def levels(self) -> list[tuple[bytes, dict[int, bytes]]]:
        """Each level: the hash of what is empty, and the others by their place."""
        found = [(Bucket().hash, {at: one.hash for at, one in self._buckets.items()})]
        while len(found) <= BUCKETS.bit_length() - 1:
            none, below = found[-1]
            above = {
                at: node_hash(below.get(2 * at, none), below.get(2 * at + 1, none))
                for at in {at // 2 for at in below}
            }
            found.append((node_hash(none, none), above))
        return found

    @property
    def root(self) -> bytes:
        none, top = self.levels()[-1]
        return top.get(0, none)

    def path(self, number: int) -> tuple[bytes, ...]:
        return tuple(
            level.get((number >> at) ^ 1, none)
            for at, (none, level) in enumerate(self.levels()[:-1])
        )


def made(*lives: int, seed: int = 0, signed_by: Signer = LOG) -> MadeLog:
    """
    A log of children with so many entries each, in a random order, a checkpoint at the end.

    >>> made(3, 1)  # child(0) has three entries, child(1) one
    """
    log = MadeLog(signed_by=signed_by)
    order = [child(number) for number, count in enumerate(lives) for _ in range(count)]
    random.Random(seed).shuffle(order)
    for at, stream in enumerate(order):
        log.record(stream, f'{{"note":"第{at}次"}}'.encode())
        if at % 7 == 5:
            log.commit()
    log.commit()
    return log


def rewritten(log: MadeLog, at: int, **changes: object) -> MadeLog:
    """The log with one row changed, and everything after it made anew with the real key."""
    changed = MadeLog(list(log.rows), log.signed_by)
    changed.rows[at] = replace(changed.rows[at], **changes)
    return committed_anew(changed)


def committed_anew(log: MadeLog) -> MadeLog:
    for at, row in enumerate(log.rows):
        if row.stream == STREAM:
            state = Commitment(at, log.heads_tree(at).root).state()
            log.rows[at] = replace(row, state=state)
    return log
