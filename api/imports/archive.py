"""Archives (.xlsx) that unpack to too much: told by their directory first, then by counting."""

import io
import struct
import zipfile

from api.imports.refusing import NO_TABLE, TOO_BIG, UnreadableFile

# A whole district's roll (52,384 rows of the national template's 28 columns) unpacks to 71 MB as
# Excel writes it, to 91 MB with its texts in their cells; so 50 MB, as many readers have, won't do.
UNPACKED_LIMIT = 100_000_000  # bytes
RATIO_LIMIT = 100  # such a roll is packed to an eleventh or thirteenth
SMALL = 1_000_000  # bytes unpacked that harm nobody, however well they were packed
PARTS_LIMIT = 10_000  # an .xlsx has some dozen
CHUNK = 1 << 20
PART = b"PK\x01\x02"  # begins each part's line of the directory
BROKEN = (
    *(zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError),
    *(ValueError, OverflowError, struct.error),
)


def check_declared_size(file: bytes) -> None:
    """
    Refuse an archive by what its directory says it unpacks to; nothing is unpacked.

    :raises UnreadableFile: past ``UNPACKED_LIMIT`` or ``RATIO_LIMIT``, or if it is damaged
    """
    if file.count(PART) > PARTS_LIMIT:
        raise UnreadableFile(*TOO_BIG)
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except BROKEN:
        raise UnreadableFile(*NO_TABLE) from None
    if size > limit_of(file):
        raise UnreadableFile(*TOO_BIG)


def check_unpacked_size(file: bytes) -> None:
    """
    Unpack an archive once, counting, since what it says of its own size may be a lie.

    :raises UnreadableFile: as :func:`check_declared_size`
    """
    size, limit = 0, limit_of(file)
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            for part in archive.infolist():
                with archive.open(part) as stream:
                    while chunk := stream.read(CHUNK):
                        size += len(chunk)
                        if size > limit:
                            raise UnreadableFile(*TOO_BIG)
    except BROKEN:
        raise UnreadableFile(*NO_TABLE) from None


def limit_of(file: bytes) -> int:
    """Give the bytes that a file may unpack to."""
    return min(UNPACKED_LIMIT, max(SMALL, RATIO_LIMIT * len(file)))
