"""The tree's proofs: right ones pass, everything else is refused; held against RFC 6962 itself."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.store.transparency import (
    EMPTY_ROOT,
    InvalidProof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# RFC 6962 section 2.1.3 draws this tree of seven leaves; what is checked are its own paths.
SEVEN = [leaf_hash(bytes([n])) for n in range(7)]
A, B, C, D, E, F, J = SEVEN
G, H, I = node_hash(A, B), node_hash(C, D), node_hash(E, F)  # noqa: E741  # as the RFC names it
K, L = node_hash(G, H), node_hash(I, J)
ROOT = node_hash(K, L)
INCLUDED = {0: [B, H, L], 3: [C, G, L], 4: [F, J, K], 6: [I, K]}
CONSISTENT = {3: [C, D, G, L], 4: [L], 6: [I, J, K]}
OLDER = {3: node_hash(G, C), 4: K, 6: node_hash(K, I)}


def mth(leaves):
    """The root as RFC 9162 section 2.1.1 defines it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def path(index, leaves):
    """The proof of inclusion as section 2.1.3.1 defines it."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if index < k:
        return [*path(index, leaves[:k]), mth(leaves[k:])]
    return [*path(index - k, leaves[k:]), mth(leaves[:k])]


def subproof(size, leaves, *, whole=True):
    """The proof of consistency as section 2.1.4.1 defines it."""
    if size == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if size <= k:
        return [*subproof(size, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*subproof(size - k, leaves[k:], whole=False), mth(leaves[:k])]


def refused(check, *given):
    try:
        check(*given)
    except InvalidProof:
        return True
    return False


def test_hashes_are_those_everybody_computes():
    assert leaf_hash(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([]) == EMPTY_ROOT
    assert root_of(SEVEN) == ROOT


def test_the_paths_of_the_rfc_hold():
    for index, proof in INCLUDED.items():
        verify_inclusion(SEVEN[index], index, 7, proof, ROOT)
    for size, proof in CONSISTENT.items():
        verify_consistency(size, 7, proof, OLDER[size], ROOT)


def test_every_proof_of_every_tree_up_to_fifty_leaves_holds():
    leaves = [leaf_hash(bytes([n])) for n in range(50)]
    for size in range(1, 51):
        root = mth(leaves[:size])
        assert root_of(leaves[:size]) == root
        for index in range(size):
            verify_inclusion(leaves[index], index, size, path(index, leaves[:size]), root)
        for older in range(1, size + 1):
            proof = subproof(older, leaves[:size])
            verify_consistency(older, size, proof, mth(leaves[:older]), root)


@given(st.data(), st.integers(1, 40))
def test_a_proof_changed_in_anything_is_refused(data, size):
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    root = mth(leaves)
    index = data.draw(st.integers(0, size - 1))
    older = data.draw(st.integers(1, size))
    included = [leaves[index], index, size, path(index, leaves), root]
    consistent = [older, size, subproof(older, leaves), mth(leaves[:older]), root]

    for check, right in ((verify_inclusion, included), (verify_consistency, consistent)):
        assert not refused(check, *right)
        for changed in changes(data, right):
            assert refused(check, *changed), changed


def changes(data, right):
    """A proof with each part wrong in turn: bits, lengths, order, sizes, roots."""
    for place, part in enumerate(right):
        if isinstance(part, bytes):
            bit = data.draw(st.integers(0, 255))
            flipped = (int.from_bytes(part, "big") ^ (1 << bit)).to_bytes(32, "big")
            wrong = [flipped, b"", part[:31], part + b"\0", part.hex(), None]
        elif isinstance(part, list):
            wrong = [[*part, bytes(32)], [*part, *part, *part, bytes(32)]]
            if part:
                wrong += [part[:-1], part[1:], [*part[:-1], b""], [*part[:-1], part[-1][:31]]]
            if len(set(part)) > 1:
                wrong.append(part[::-1])
        else:
            wrong = [-1, -part - 1, 2**64, str(part), None, True]
        for one in wrong:
            yield [*right[:place], one, *right[place + 1 :]]


@pytest.mark.parametrize("size", [0, 7, 8, 2**63])
def test_an_index_beyond_the_tree_is_refused(size):
    assert refused(verify_inclusion, ROOT, size, size, [], ROOT)


def test_nothing_is_consistent_with_a_tree_that_was_empty_or_larger():
    assert refused(verify_consistency, 0, 7, [], EMPTY_ROOT, ROOT)
    assert refused(verify_consistency, 0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    assert refused(verify_consistency, 7, 6, [], ROOT, ROOT)
    assert refused(verify_consistency, 7, 7, [], ROOT, OLDER[6])
