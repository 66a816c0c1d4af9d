"""Roots and proofs made of tiles are those of the whole tree; another library agrees."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from application.store.merkle_tree import (
    TILE,
    consistency_spans,
    inclusion_spans,
    reads,
    roots,
)
from application.store.transparency import (
    EMPTY_ROOT,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

MOST = 70_000  # leaves: tiles of three levels
LEAVES = [leaf_hash(n.to_bytes(4, "big")) for n in range(MOST)]
EDGES = [1, 2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, MOST]


class Tiles:
    """The hashes of every level, as they stand in storage, and how many were read."""

    def __init__(self) -> None:
        self.levels = [LEAVES]
        while len(below := self.levels[-1]) >= TILE:
            full = range(0, len(below) // TILE * TILE, TILE)
            self.levels.append([root_of(below[n : n + TILE]) for n in full])
        self.read = 0

    def fetch(self, wanted):
        found = {(level, low, high): self.levels[level][low:high] for level, low, high in wanted}
        assert all(len(hashes) == high - low for (_, low, high), hashes in found.items())
        self.read += sum(map(len, found.values()))
        return found

    def root(self, size):
        return roots([(0, size)], self.fetch)[0]


TILES = Tiles()
SIZES = st.sampled_from(EDGES) | st.integers(1, MOST)


@pytest.mark.parametrize("size", EDGES)
def test_a_root_made_of_tiles_is_the_trees(size):
    assert TILES.root(size) == root_of(LEAVES[:size])


def test_a_tree_of_nothing_has_the_root_of_nothing():
    assert TILES.root(0) == EMPTY_ROOT


@given(st.data(), SIZES)
@settings(deadline=None)
def test_proofs_made_of_tiles_hold(data, size):
    index, older = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root = TILES.root(size)

    included = roots(inclusion_spans(index, size), TILES.fetch)
    consistent = roots(consistency_spans(older, size), TILES.fetch)

    verify_inclusion(LEAVES[index], index, size, included, root)
    verify_consistency(older, size, consistent, TILES.root(older), root)


@pytest.mark.parametrize("size", [2**24, 2**24 + 77, 10**7])
def test_a_proof_reads_a_tile_of_each_level_and_not_the_log(size):
    for index in (0, size // 3, size - 1):
        spans = inclusion_spans(index, size)
        read = sum(high - low for span in spans for _, low, high in reads(span))
        assert len(spans) <= 25
        assert read <= 2 * 4 * TILE


def test_another_library_makes_the_same_roots_and_paths():
    theirs = InmemoryTree(algorithm="sha256")
    chance = random.Random(9162)
    for n in range(600):
        theirs.append_entry(n.to_bytes(4, "big"))
    for size in {*range(1, 20), 255, 256, 257, 511, 512, 513, 600}:
        index = chance.randrange(size)
        path = theirs.prove_inclusion(index + 1, size).serialize()["path"]

        assert theirs.get_root(size) == TILES.root(size)
        ours = roots(inclusion_spans(index, size), TILES.fetch)
        assert sorted(path) == sorted(one.hex() for one in [LEAVES[index], *ours])
