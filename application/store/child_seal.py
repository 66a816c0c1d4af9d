"""A child's seal: with the child's key, opens an entry in the place it was sealed for alone."""

import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

AES_256_GCM = b"\x01"  # the first byte of everything sealed; 2 is kept for SM4-GCM
SEAL_NONCE_BYTES = 12
BODY = 1 + SEAL_NONCE_BYTES


class Tampered(Exception):
    """A stored entry does not open: it was altered, or stands where it was not written."""

    def __init__(self, student_id: UUID, version: int) -> None:
        self.student_id = student_id
        self.version = version
        super().__init__(f"entry {version} of {student_id} does not open")


class ChildSeal:
    """
    Seals and opens the entries of one child, under the child's own key of 32 random bytes.

    What is sealed is ``algorithm byte ‖ nonce ‖ ciphertext``, AES-256-GCM with the stream's id,
    the version and the topic as associated data. Without a key, nothing opens.
    """

    __slots__ = ("_bytes", "_cipher", "_id")

    def __init__(self, student_id: UUID, key: bytes | None) -> None:
        self._id = student_id
        self._bytes = student_id.bytes
        self._cipher = AESGCM(key) if key else None

    def seal(self, version: int, topic: str, payload: bytes) -> bytes:
        """Seal an entry's payload for its place in the stream."""
        assert self._cipher is not None
        nonce = secrets.token_bytes(SEAL_NONCE_BYTES)
        place = self._bytes + version.to_bytes(8, "big") + topic.encode()
        return AES_256_GCM + nonce + self._cipher.encrypt(nonce, payload, place)

    def open(self, version: int, topic: str, state: bytes) -> bytes:
        """
        Open an entry's payload.

        :raises Tampered: if it is not what was sealed for this place, under this child's key
        """
        if self._cipher is not None and state[:1] == AES_256_GCM and len(state) > BODY:
            place = self._bytes + version.to_bytes(8, "big") + topic.encode()
            try:  # on every entry ever read: a context manager would cost as much again
                return self._cipher.decrypt(state[1:BODY], state[BODY:], place)
            except InvalidTag:
                pass
        raise Tampered(self._id, version)
