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
SEALS_KEPT = 10_000


class Tampered(Exception):
    """A stored entry does not open: it was altered, or stands where it was not written."""

    def __init__(self, student_id: UUID, version: int) -> None:
        self.student_id = student_id
        self.version = version
        super().__init__(f"entry {version} of {student_id} does not open")


class KeyRetired(Exception):
    """A new child's key was wrapped under a key just retired; the store wraps it anew."""


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
        nonce = secrets.token_bytes(NONCE_BYTES)
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


class Vault:
    """
    Children's seals: their keys come and go wrapped (AES-KW) by the key ring.

    Those of the children last used are kept, up to so many.
    """

    def __init__(self, ring: KeyRing, room: int = SEALS_KEPT) -> None:
        self.ring = ring
        self._room = room
        self._seals: OrderedDict[UUID, tuple[bytes, ChildSeal]] = OrderedDict()  # last used

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

    def seal_of(self, student_id: UUID, wrapped: bytes | None, under: bytes | None) -> ChildSeal:
        """
        Give the seal of a child by its wrapped key; one that opens nothing if that is no key.

        :raises NoKey: if the key it is wrapped under is not on the ring
        """
        if wrapped is None or under is None:
            return ChildSeal(student_id, None)
        kept = self._seals.get(student_id)
        if kept is not None and kept[0] == wrapped:
            return kept[1]
        try:
            made = ChildSeal(student_id, aes_key_unwrap(self.ring.key(under), wrapped))
        except InvalidUnwrap:
            return ChildSeal(student_id, None)
        self._keep(student_id, wrapped, made)
        return made

    def learn(self, student_id: UUID, key: bytes) -> None:
        """Know the key of a child whose stream just began here."""
        self._keep(student_id, b"", ChildSeal(student_id, key))  # it was wrapped for the way

    def _keep(self, student_id: UUID, wrapped: bytes, seal: ChildSeal) -> None:
        self._seals[student_id] = wrapped, seal
        self._seals.move_to_end(student_id)
        while len(self._seals) > self._room:
            self._seals.popitem(last=False)

    def known(self, student_id: UUID) -> ChildSeal | None:
        """Give the seal of a child that was used lately."""
        kept = self._seals.get(student_id)
        return kept[1] if kept else None

    def forget(self, student_id: UUID | None = None) -> None:
        """Keep a child's key in memory no longer, or no child's."""
        if student_id is None:
            self._seals.clear()
        else:
            self._seals.pop(student_id, None)
