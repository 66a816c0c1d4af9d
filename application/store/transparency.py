"""Merkle trees after RFC 9162: hashing, and the two proofs by which anybody checks them."""

from collections.abc import Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


class InvalidProof(Exception):
    """What was given proves nothing; says in what it fails."""


def leaf_hash(data: bytes) -> bytes:
    """Hash a leaf's data (RFC 9162 section 2.1.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the one above them."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Give the root over some leaf hashes, or over the hashes of full subtrees of one size."""
    if not hashes:
        return EMPTY_ROOT
    # Complete subtrees stand on a stack, each with its size, and fold as soon as two are equal.
    stack: list[tuple[int, bytes]] = []
    for one in hashes:
        size, folded = 1, one
        while stack and stack[-1][0] == size:
            folded = node_hash(stack.pop()[1], folded)
            size *= 2
        stack.append((size, folded))
    root = stack.pop()[1]
    while stack:
        root = node_hash(stack.pop()[1], root)
    return root


class Growing:
    """A tree that leaves are added to one by one; it holds no more than one hash for each level."""

    __slots__ = ("_full", "size")

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []  # full subtrees, the largest first, as the size's bits say

    def add(self, leaf: bytes) -> list[bytes]:
        """Add a leaf's hash; give the roots of the full subtrees it ends, of 1, 2, 4 … leaves."""
        made = [leaf]
        size = self.size
        while size & 1:
            made.append(node_hash(self._full.pop(), made[-1]))
            size >>= 1
        self._full.append(made[-1])
        self.size += 1
        return made

    @property
    def root(self) -> bytes:
        """The root of the tree as it is."""
        if not self._full:
            return EMPTY_ROOT
        root = self._full[-1]
        for left in self._full[-2::-1]:
            root = node_hash(left, root)
        return root


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """
    Check that a leaf stands at an index of the tree of some size with this root.

    Source: RFC 9162 section 2.1.3.2.

    :raises InvalidProof: unless it does
    """
    _check_size(size, "size")
    _check_size(index, "index", least=0)
    if index >= size:
        raise InvalidProof(f"index {index} lies beyond a tree of size {size}")
    _check_hashes(leaf_hash, *proof, root)
    _, found = _climbed(leaf_hash, index, size - 1, proof)
    if found != root:
        raise InvalidProof("the leaf does not lead to the root")


def verify_consistency(
    size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes
) -> None:
    """
    Check that the tree of ``size2`` begins with all that the tree of ``size1`` held.

    Source: RFC 9162 section 2.1.4.2.

    :raises InvalidProof: unless it does
    """
    _check_size(size1, "size1")
    _check_size(size2, "size2")
    if size1 > size2:
        raise InvalidProof(f"a tree of size {size2} cannot hold one of size {size1}")
    _check_hashes(*proof, root1, root2)
    if size1 == size2:
        if proof:
            raise InvalidProof("trees of one size need no proof")
        if root1 != root2:
            raise InvalidProof("trees of one size have different roots")
        return
    if not proof:
        raise InvalidProof("the proof is too short")
    # A full tree is a node of the later one; of another, the proof begins with its last such node.
    seed, *rest = proof if size1 & (size1 - 1) else (root1, *proof)
    place, last = size1 - 1, size2 - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first, second = _climbed(seed, place, last, rest)
    if first != root1 or second != root2:
        raise InvalidProof("one tree does not lead to the other")


def _climbed(seed: bytes, place: int, last: int, siblings: Sequence[bytes]) -> tuple[bytes, bytes]:
    """
    Climb from a node to the root; ``place`` is its index on its level, ``last`` the last one's.

    Returns two roots: the tree's as it was when the node was its last one, and as it is.
    """
    then = now = seed
    for sibling in siblings:
        if last == 0:
            raise InvalidProof("the proof is too long")
        if place & 1 or place == last:
            then, now = node_hash(sibling, then), node_hash(sibling, now)
            while place and not place & 1:  # on the right border, levels without a sibling
                place, last = place >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise InvalidProof("the proof is too short")
    return then, now


def _check_size(size: object, name: str, *, least: int = 1) -> None:
    if not isinstance(size, int) or isinstance(size, bool) or size < least:
        raise InvalidProof(f"{name} is no whole number from {least} on")


def _check_hashes(*hashes: object) -> None:
    for one in hashes:
        if not isinstance(one, bytes) or len(one) != HASH_BYTES:
            raise InvalidProof(f"a hash has {HASH_BYTES} bytes")
