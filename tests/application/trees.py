"""What the tree should be, worked out plainly from the rows of the log."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.store import heads
from application.store.heads import Bucket, Commitment, Head, bucket_of
from application.store.leaves import NOTHING_BEFORE, Leaf, content_digest, pseudonym, secret_in
from application.store.log_keys import LogKey, LogKeys, write_log_keys
from application.store.signed_note import Signer
from application.store.transparency import EMPTY_ROOT, node_hash

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = "guixue.example/demo"
ROWS = """
SELECT originator_id, originator_version, topic, actor, recorded_at, state, leaf, notification_id
FROM log.stored_events ORDER BY notification_id
"""


def log_keys(folder) -> LogKeys:
    """The signing keys of a test's log, always the same."""
    path = folder / "log.key"
    signer = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    write_log_keys(path, [LogKey(LONG_AGO, signer)])
    return LogKeys(path)


@dataclass
class Plain:
    """A log's rows, their leaves by the words of ``leaves.py``, roots by those of RFC 9162."""

    rows: list
    secret: bytes
    leaves: list[bytes] = field(default_factory=list)

    def __post_init__(self):
        last = {}
        for stream, version, topic, actor, moment, state, *_ in self.rows:
            before = last.get(stream, NOTHING_BEFORE)
            content = content_digest(topic, actor, moment, state)
            leaf = Leaf(pseudonym(self.secret, stream), version, before, content)
            last[stream] = leaf.hash
            self.leaves.append(leaf.hash)

    def root(self, size: int) -> bytes:
        return plain_root(self.leaves[:size])

    def heads_root(self, size: int) -> bytes:
        buckets = [Bucket() for _ in range(heads.BUCKETS)]
        for (stream, version, *_), leaf in zip(self.rows[:size], self.leaves, strict=False):
            if stream != heads.STREAM:
                name = pseudonym(self.secret, stream)
                buckets[bucket_of(name)].put(Head(name, version, leaf))
        return plain_root([bucket.hash for bucket in buckets])

    def commitments(self) -> dict[int, Commitment]:
        """What the log's own entries say, by the size of the log with each."""
        return {
            position: Commitment.read(state)
            for stream, _, _, _, _, state, _, position in self.rows
            if stream == heads.STREAM
        }


def plain(connection) -> Plain:
    """The log of a database; the secret is taken back out of its pad."""
    (pad,) = connection.execute("SELECT inner_pad FROM keys.pseudonyms").fetchone()
    return Plain(connection.execute(ROWS).fetchall(), secret_in(pad))


def plain_root(hashes: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word."""
    match len(hashes):
        case 0:
            return EMPTY_ROOT
        case 1:
            return hashes[0]
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(plain_root(hashes[:middle]), plain_root(hashes[middle:]))
