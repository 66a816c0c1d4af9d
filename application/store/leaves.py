"""The leaf of an entry in the log's tree: pseudonymous, over the ciphertext, chained per child."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import digest as hmac_digest
from uuid import UUID

from application.store.transparency import HASH_BYTES, leaf_hash

NOTHING_BEFORE = bytes(HASH_BYTES)  # in place of the previous leaf, at a stream's first entry
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Leaf:
    """
    What the tree says of one entry: whose, the how manyth, which leaf before it, what was stored.

    ``pseudonym``, ``previous`` and ``content`` have 32 bytes each.
    """

    pseudonym: bytes
    version: int
    previous: bytes
    content: bytes

    @property
    def data(self) -> bytes:
        """The leaf's data, 104 bytes: pseudonym, version (8, big-endian), previous, content."""
        return self.pseudonym + self.version.to_bytes(8, "big") + self.previous + self.content

    @property
    def hash(self) -> bytes:
        """SHA-256(0x00 ‖ data), as ``log.append`` in ``schema.sql`` computes it."""
        return leaf_hash(self.data)


def pseudonym(secret: bytes, stream_id: UUID) -> bytes:
    """Give the name by which a stream stands in the tree: HMAC-SHA-256 under a secret."""
    return hmac_digest(secret, stream_id.bytes, "sha256")


def secret_in(inner_pad: bytes) -> bytes:
    """Give the secret back out of the pad in which ``keys.pseudonyms`` keeps it."""
    return bytes(byte ^ 0x36 for byte in inner_pad)


def content_digest(topic: str, actor: str, recorded_at: datetime, state: bytes) -> bytes:
    """
    Digest what is stored of an entry.

    SHA-256(topic ‖ actor ‖ moment ‖ ciphertext): topic and actor in UTF-8, each led by its length
    in bytes (4, big-endian); the moment in microseconds since 1970 (8, big-endian).
    """
    moment = (recorded_at - EPOCH) // timedelta(microseconds=1)
    return sha256(
        b"".join(len(text.encode()).to_bytes(4, "big") + text.encode() for text in (topic, actor))
        + moment.to_bytes(8, "big", signed=True)
        + state
    ).digest()
