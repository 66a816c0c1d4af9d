"""Whose a stream is: a child's, under an id that was drawn, or a subject's, under a made one."""

from functools import lru_cache
from hashlib import sha256
from uuid import UUID

KNOWN = 2**14  # ids kept at hand: a list asks for those of every unit and school year
MADE = 8  # the version of an id that is made of what it stands for (RFC 9562, section 5.8)
# What `is_childs` says, as SQL of a key's row.
KEY_IS_CHILDS = f"uuid_extract_version(student_id) IS DISTINCT FROM {MADE}"


@lru_cache(maxsize=KNOWN)
def stream_of(subject: str, *names: str) -> UUID:
    """Give the id of a subject's stream: the same for the same names, as of school and month."""
    said = "\0".join((subject, *names)).encode()
    made = int.from_bytes(sha256(said).digest()[:16], "big")
    made = made & ~(0xF << 76) | MADE << 76
    return UUID(int=made & ~(0x3 << 62) | 0x2 << 62)


def is_childs(stream_id: UUID) -> bool:
    """Say whether a stream is a child's, and not a subject's or the log's own."""
    return (stream_id.int >> 76) & 0xF != MADE


def duties_of(student_id: UUID) -> UUID:
    """Give the id of the stream that tells what a child's duties came to, beside its own."""
    return stream_of("duties", str(student_id))
