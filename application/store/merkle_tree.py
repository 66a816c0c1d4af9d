"""Which stored hashes a root or a proof of the log's tree is made of, and making it of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from application.store.transparency import EMPTY_ROOT, node_hash

TILE = 256  # hashes in a full tile; a tile's root is one hash of the level above (C2SP tlog-tiles)
Span = tuple[int, int]  # leaves from one index up to, without, another
Read = tuple[int, int, int]  # level of tiles, and the hashes of it from one index up to another
Hashes = Mapping[Read, Sequence[bytes]]


def split(size: int) -> int:
    """Give the size of the left subtree of a tree of two leaves or more."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Give the subtrees whose roots prove inclusion (RFC 9162 section 2.1.3.1), leaf first."""
    spans: list[Span] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    return spans[::-1]


def consistency_spans(size1: int, size2: int) -> list[Span]:
    """Give the subtrees whose roots prove consistency (section 2.1.4.1), lowest first."""
    spans: list[Span] = []
    low, high = 0, size2
    while size1 != high:
        middle = low + split(high - low)
        if size1 <= middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    return ([(low, high)] if low else []) + spans[::-1]


def reads(span: Span) -> Iterator[Read]:
    """Give what is to be read for the root of a subtree: the highest hashes there are."""
    low, high = span
    level, width = 0, 1
    while width * TILE <= high - low:
        level, width = level + 1, width * TILE
    while low < high:
        count = (high - low) // width
        if count:
            yield level, low // width, low // width + count
        low += count * width
        level, width = level - 1, width // TILE


def root(span: Span, hashes: Hashes) -> bytes:
    """Make the root of a subtree of what was read for it."""
    stack: list[tuple[int, bytes]] = []  # full subtrees, each with its size
    for read in reads(span):
        width = TILE ** read[0]
        for one in hashes[read]:
            size, folded = width, one
            while stack and stack[-1][0] == size:
                folded = node_hash(stack.pop()[1], folded)
                size *= 2
            stack.append((size, folded))
    if not stack:
        return EMPTY_ROOT
    made = stack.pop()[1]
    while stack:
        made = node_hash(stack.pop()[1], made)
    return made


def needed(spans: Iterable[Span]) -> list[Read]:
    """Give everything that is to be read for some subtrees, once each."""
    return list(dict.fromkeys(read for span in spans for read in reads(span)))


def roots(spans: Sequence[Span], fetch: Callable[[list[Read]], Hashes]) -> list[bytes]:
    """Make the roots of some subtrees, reading what they need at once."""
    hashes = fetch(needed(spans))
    return [root(span, hashes) for span in spans]
