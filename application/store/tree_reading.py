"""Reading the log's tree: checkpoint, proofs, hashes and leaves, and the evidence of a child."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from application.store.evidence import Bundle, HeadsShown, Shown
from application.store.heads import bucket_of
from application.store.leaves import (
    NOTHING_BEFORE,
    Leaf,
    content_digest,
    pseudonym,
    secret_in,
)
from application.store.merkle_tree import (
    TILE,
    Hashes,
    Read,
    Span,
    consistency_spans,
    inclusion_spans,
    needed,
    root,
)
from application.store.sealing import Vault
from application.store.store import Store
from application.store.tree_keeping import GROUP, TOP, TreeDamaged, empty_group, parted

LAST = """
SELECT c.size, c.note, (
    SELECT coalesce(string_agg(s.line, '' ORDER BY s.witness), '')
    FROM (
        SELECT DISTINCT ON (witness) witness, line FROM log.cosignatures
        WHERE size = c.size ORDER BY witness, made_at DESC
    ) s)
FROM log.checkpoints c ORDER BY c.size DESC LIMIT 1
"""
LEAVES = """
SELECT s.notification_id, s.originator_id, s.originator_version, s.topic, s.actor, s.recorded_at,
    s.state, before.leaf
FROM log.stored_events s LEFT JOIN log.stored_events before
    ON before.originator_id = s.originator_id
    AND before.originator_version = s.originator_version - 1
WHERE s.notification_id > %s AND s.notification_id <= %s ORDER BY s.notification_id
"""
# Each read by itself, so that none is planned as a scan of all there is.
OF_ENTRIES = f"""
SELECT wanted.n, found.leaf FROM unnest(%s::int[], %s::bigint[], %s::bigint[])
    WITH ORDINALITY AS wanted (level, first, until, n)
CROSS JOIN LATERAL (
    SELECT leaf, notification_id FROM log.stored_events
    WHERE notification_id > wanted.first AND notification_id <= wanted.until
    ORDER BY notification_id LIMIT {TILE}
) AS found ORDER BY wanted.n, found.notification_id
"""  # noqa: S608  # constants
OF_TILES = f"""
SELECT wanted.n, found.hash FROM unnest(%s::int[], %s::bigint[], %s::bigint[])
    WITH ORDINALITY AS wanted (level, first, until, n)
CROSS JOIN LATERAL (
    SELECT hash, place FROM log.tree_hashes h
    WHERE h.level = wanted.level AND place >= wanted.first AND place < wanted.until
    ORDER BY place LIMIT {TILE}
) AS found ORDER BY wanted.n, found.place
"""  # noqa: S608  # constants
HEADS = f"""
SELECT c.size, c.note, c.cosigned,
    coalesce((SELECT held FROM log.heads WHERE bucket = %s), ''),
    (SELECT hashes FROM log.head_groups WHERE place = %s),
    (SELECT hashes FROM log.head_groups WHERE place = {TOP})
FROM ({LAST}) AS c (size, note, cosigned)
"""  # noqa: S608  # constants


class NotYet(Exception):
    """No checkpoint holds it yet."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The last checkpoint: its size, and its note with every signature and cosignature."""

    size: int
    note: str


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The checkpoint a witness cosigned last, by its size, and when by the witness's clock."""

    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class HeadProof:
    """The last checkpoint, and a bucket of the heads it commits, with the path to their root."""

    signed: Signed
    number: int
    held: bytes
    path: tuple[bytes, ...]


class Tree:
    """The log's tree as the service reads it, up to the last checkpoint."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._secret: bytes | None = None

    async def checkpoint(self) -> Signed:
        """
        Give the last checkpoint.

        :raises NotYet: if there is none
        """
        rows = await self._store.query(LAST)
        if not rows:
            raise NotYet
        size, note, cosigned = rows[0]
        return Signed(size, note + cosigned)

    async def cosigned(self, witness: str) -> Cosigned | None:
        """Say what a witness cosigned last, if anything."""
        rows = await self._store.query(
            "SELECT size, least(made_at, clock_timestamp()) FROM log.cosignatures"
            " WHERE witness = %s ORDER BY made_at DESC LIMIT 1",  # its clock may run ahead
            [witness],
        )
        return Cosigned(*rows[0]) if rows else None

    async def inclusion(self, index: int, size: int) -> list[bytes]:
        """Prove that a leaf stands in the tree of a size (RFC 9162 section 2.1.3)."""
        return await self._roots(inclusion_spans(index, size))

    async def consistency(self, size1: int, size2: int) -> list[bytes]:
        """Prove that the tree of one size begins with the tree of another (section 2.1.4)."""
        return await self._roots(consistency_spans(size1, size2))

    async def root(self, size: int) -> bytes:
        """Give the root of the tree of a size."""
        (made,) = await self._roots([(0, size)])
        return made

    async def tile(self, level: int, first: int, width: int) -> list[bytes]:
        """Give hashes of a level of tiles, from one on; the last checkpoint holds them all."""
        read = (level, first, first + width)
        return list((await self.hashes([read]))[read])

    async def leaves(self, first: int, count: int) -> list[Leaf]:
        """Give what the tree says of some entries, from an index on."""
        secret = await self.secret()
        rows = await self._store.query(LEAVES, [first, first + count])
        return [
            Leaf(
                pseudonym(secret, stream),
                version,
                before or NOTHING_BEFORE,
                content_digest(topic, actor, recorded_at, state),
            )
            for _, stream, version, topic, actor, recorded_at, state, before in rows
        ]

    async def leaf_of(self, student_id: UUID, version: int) -> tuple[bytes, datetime]:
        """Give the leaf of an entry there is, and the moment it was recorded."""
        rows = await self._store.query(
            "SELECT leaf, recorded_at FROM log.stored_events"
            " WHERE originator_id = %s AND originator_version = %s",
            [student_id, version],
        )
        leaf, recorded_at = rows[0]
        return bytes(leaf), recorded_at

    async def heads(self, number: int) -> HeadProof:
        """
        Prove a bucket of the heads that the last checkpoint commits.

        :raises NotYet: if there is no checkpoint
        """
        place, at = divmod(number, GROUP)
        rows = await self._store.query(HEADS, [number, place])
        if not rows:
            raise NotYet
        size, note, cosigned, held, group, top = rows[0]
        groups = parted(group) if group else empty_group(place)
        path = (*path_of(at, groups), *path_of(place, parted(top)))
        return HeadProof(Signed(size, note + cosigned), number, held, path)

    async def evidence(
        self, student_id: UUID, earlier: Iterable[int] = (), *, with_key: bool = False
    ) -> Bundle:
        """
        Put together what proves a child's history, up to the last checkpoint.

        ``earlier`` are sizes of the log from which consistency is to be proven; ``with_key`` puts
        the child's key in, by which the content opens.

        :raises NotYet: if no checkpoint holds an entry of the child
        """
        name = pseudonym(await self.secret(), student_id)
        heads = await self.heads(bucket_of(name))
        size = heads.signed.size
        entries = await self._store.query(
            "SELECT originator_version, notification_id, topic, recorded_at, actor, state"
            " FROM log.stored_events WHERE originator_id = %s AND notification_id <= %s"
            " ORDER BY originator_version",
            [student_id, size],
        )
        if not entries:
            raise NotYet
        proofs = await self._proofs([position for _, position, *_ in entries] + [size], size)
        key, erased = await self._key(student_id)
        earlier_sizes = [one for one in dict.fromkeys(earlier) if 0 < one <= size]
        return Bundle(
            origin=heads.signed.note.partition("\n")[0],
            student_id=student_id,
            pseudonym=name,
            entries=tuple(
                Shown(version, position, topic, recorded_at, actor, state, proofs[position])
                for version, position, topic, recorded_at, actor, state in entries
            ),
            heads=await self._shown(heads, proofs[size]),
            checkpoint=heads.signed.note,
            key=key if with_key else None,
            erased=erased,
            consistency={one: tuple(await self.consistency(one, size)) for one in earlier_sizes},
        )

    async def _shown(self, heads: HeadProof, proof: tuple[bytes, ...]) -> HeadsShown:
        """Show the entry of the log's own stream that ends a checkpoint, and what it commits."""
        size = heads.signed.size
        rows = await self._store.query(LEAVES, [size - 1, size])
        ((_, stream, version, topic, actor, recorded_at, state, before),) = rows
        return HeadsShown(
            pseudonym=pseudonym(await self.secret(), stream),
            version=version,
            previous=before or NOTHING_BEFORE,
            topic=topic,
            recorded_at=recorded_at,
            actor=actor,
            state=state,
            proof=proof,
            bucket=heads.held,
            path=heads.path,
        )

    async def _key(self, student_id: UUID) -> tuple[bytes | None, bool]:
        """Give a child's key, and whether it is destroyed."""
        rows = await self._store.query(
            "SELECT wrapped, under FROM keys.children WHERE student_id = %s", [student_id]
        )
        ((wrapped, under),) = rows
        return (None, True) if wrapped is None else (self._vault.key_of(wrapped, under), False)

    # Hashes ---------------------------------------------------------------------------------

    async def hashes(self, reads: Iterable[Read]) -> Hashes:
        """
        Read hashes, of a tile at most each: those of entries, and of the full tiles above.

        :raises TreeDamaged: where they are not there; what was made of the others proved nothing
        """
        found: dict[Read, list[bytes]] = {read: [] for read in reads}
        for sql, some in (
            (OF_ENTRIES, [read for read in found if read[0] == 0]),
            (OF_TILES, [read for read in found if read[0] > 0]),
        ):
            if some:
                columns = [[*column] for column in zip(*some, strict=True)]
                for number, hash_ in await self._store.query(sql, columns):
                    found[some[number - 1]].append(hash_)
        for (level, first, end), hashes in found.items():
            if len(hashes) != end - first:
                raise TreeDamaged(level, first, end)
        return found

    async def _roots(self, spans: Sequence[Span]) -> list[bytes]:
        hashes = await self.hashes(needed(spans))
        return [root(span, hashes) for span in spans]

    async def _proofs(self, positions: Sequence[int], size: int) -> dict[int, tuple[bytes, ...]]:
        """Prove several entries at once: what their proofs share is read once."""
        spans = {position: inclusion_spans(position - 1, size) for position in positions}
        hashes = await self.hashes(needed(span for some in spans.values() for span in some))
        return {
            position: tuple(root(span, hashes) for span in some) for position, some in spans.items()
        }

    async def secret(self) -> bytes:
        """Give the secret of the pseudonyms; it never changes."""
        if self._secret is None:
            ((pad,),) = await self._store.query("SELECT inner_pad FROM keys.pseudonyms")
            self._secret = secret_in(pad)
        return self._secret


def path_of(at: int, hashes: Sequence[bytes]) -> list[bytes]:
    """Prove one of the hashes of a small full tree."""
    return [
        root(span, {(0, *span): hashes[span[0] : span[1]]})
        for span in inclusion_spans(at, len(hashes))
    ]
