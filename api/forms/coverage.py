"""Which characters a font file draws: read from its cmap, so that nothing prints as a box."""

from pathlib import Path
from struct import unpack_from

COLLECTION, CMAP, NAME = b"ttcf", b"cmap", b"name"
FULL_UNICODE = (3, 10)  # Windows, all planes
GROUPS = 12  # the format of a cmap table that lists ranges of all planes
FAMILY, WINDOWS = 1, 3


def covered(file: Path, family: str) -> frozenset[int]:
    """
    Give the code points that one family of a font file has a glyph for.

    :raises ValueError: if the file has no such family, or no map of all planes
    """
    font = file.read_bytes()
    for start in _fonts(font):
        tables = _tables(font, start)
        if family in _families(font, tables[NAME]):
            return _code_points(font, tables[CMAP])
    raise ValueError(f"{file.name} holds no {family}")


def _fonts(font: bytes) -> tuple[int, ...]:
    """Give where each font of a collection begins; a single font begins at 0."""
    if font[:4] != COLLECTION:
        return (0,)
    (count,) = unpack_from(">I", font, 8)
    return unpack_from(f">{count}I", font, 12)


def _tables(font: bytes, start: int) -> dict[bytes, int]:
    (count,) = unpack_from(">H", font, start + 4)
    records = (unpack_from(">4sIII", font, start + 12 + 16 * n) for n in range(count))
    return {tag: place for tag, _, place, _ in records}


def _families(font: bytes, table: int) -> set[str]:
    count, texts = unpack_from(">HH", font, table + 2)
    records = (unpack_from(">6H", font, table + 6 + 12 * n) for n in range(count))
    return {
        font[table + texts + at : table + texts + at + length].decode("utf-16-be", "replace")
        for platform, _, _, name, length, at in records
        if platform == WINDOWS and name == FAMILY
    }


def _code_points(font: bytes, table: int) -> frozenset[int]:
    (count,) = unpack_from(">H", font, table + 2)
    for n in range(count):
        *said, at = unpack_from(">HHI", font, table + 4 + 8 * n)
        if tuple(said) == FULL_UNICODE and unpack_from(">H", font, table + at)[0] == GROUPS:
            (groups,) = unpack_from(">I", font, table + at + 12)
            found: set[int] = set()
            for group in range(groups):
                first, last, _ = unpack_from(">III", font, table + at + 16 + 12 * group)
                found.update(range(first, last + 1))
            return frozenset(found)
    raise ValueError("the font maps no full Unicode")
