"""Sealing: each child's entries under the child's own key, bound to their place in the stream."""

import secrets
from collections import OrderedDict
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from application.store.key_ring import NONCE_BYTES, KeyRing

AES_256_GCM = b"\x01"  # the first byte of everything sealed; 2 is kept for SM4-GCM
BODY = 1 + NONCE_BYTES
CIPHERS_KEPT = 10_000


class Tampered(Exception):
    """A stored entry does not open: it was altered, or stands where it was not written."""

    def __init__(self, student_id: UUID, version: int) -> None:
        self.student_id = student_id
        self.version = version
        super().__init__(f"entry {version} of {student_id} does not open")


class KeyRetired(Exception):
    """A new child's key was wrapped under a key just retired; the store wraps it anew."""


class Vault:
    """
    Seals and opens entries; children's keys come and go wrapped (AES-KW) by the key ring.

    A child's key is 32 random bytes. What is sealed is ``algorithm byte ‖ nonce ‖ ciphertext``,
    AES-256-GCM with the stream's id, the version and the topic as associated data.
    """

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring
        self._ciphers: OrderedDict[bytes, AESGCM] = OrderedDict()

    def wrap(self, key: bytes) -> tuple[bytes, bytes]:
        """Wrap a child's key; returns it with the fingerprint of the key that wraps."""
        fingerprint, wrapping = self.ring.current()
        return aes_key_wrap(wrapping, key), fingerprint

    def rewrap(self, wrapped: bytes, under: bytes) -> tuple[bytes, bytes]:
        """
        Wrap a wrapped key anew, under the key that wraps now.

        :raises NoKey: if the key it is wrapped under is not on the ring
        :raises InvalidUnwrap: if it is no wrapped key
        """
        return self.wrap(aes_key_unwrap(self.ring.key(under), wrapped))

    def cipher(self, wrapped: bytes, under: bytes) -> AESGCM | None:
        """
        Give what opens a child's entries; ``None`` for a wrapped key that is none.

        :raises NoKey: if the key it is wrapped under is not on the ring
        """
        kept = self._ciphers.get(wrapped)
        if kept is None:
            try:
                kept = AESGCM(aes_key_unwrap(self.ring.key(under), wrapped))
            except InvalidUnwrap:
                return None
            self._ciphers[wrapped] = kept
            while len(self._ciphers) > CIPHERS_KEPT:
                self._ciphers.popitem(last=False)
        return kept

    def forget(self) -> None:
        """Keep no child's key in memory any longer."""
        self._ciphers.clear()


def seal(cipher: AESGCM, student_id: UUID, version: int, topic: str, payload: bytes) -> bytes:
    """Seal an entry's payload for its place in its stream."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return AES_256_GCM + nonce + cipher.encrypt(nonce, payload, _place(student_id, version, topic))


def open_sealed(
    cipher: AESGCM | None, student_id: UUID, version: int, topic: str, state: bytes
) -> bytes:
    """
    Open an entry's payload.

    :raises Tampered: if it is not what was sealed for this place, under this child's key
    """
    if cipher is None or state[:1] != AES_256_GCM or len(state) < BODY:
        raise Tampered(student_id, version)
    try:
        return cipher.decrypt(state[1:BODY], state[BODY:], _place(student_id, version, topic))
    except InvalidTag:
        raise Tampered(student_id, version) from None


def _place(student_id: UUID, version: int, topic: str) -> bytes:
    return student_id.bytes + version.to_bytes(8, "big") + topic.encode()
