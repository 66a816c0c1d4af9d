"""How fresh the views are, and waiting until they have come to a position."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import psycopg

from application.store.ending import end
from application.store.store import Store
from projections.all_views import BY_NAME
from projections.progress import BUILDING, BUILDS, CHANNEL, DAMAGED, PARKED, Parked, done_of

FALLBACK_SECONDS = 0.05
RECONNECT_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
STANDING = "SELECT view, position, definition FROM views.progress"
DEFINITIONS = {view: BY_NAME[view].definition() for view in BY_NAME}


def readable(view: str, definition: str) -> bool:
    """Say whether a view that was defined so has the columns that are read here."""
    return definition.partition("-")[0] == DEFINITIONS[view].partition("-")[0]


class ViewBehind(Exception):
    """The views did not reach the wanted position in time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Where the views stand; names, positions and kinds of entries, and no word of a child's.

    ``position`` is how far all have come that are not parked, ``missing`` names those that cannot
    be read, ``outdated`` those to be rebuilt, ``damaged`` the entries that do not open.
    """

    position: int
    missing: list[str]
    outdated: list[str]
    parked: list[Parked]
    damaged: list[int]
    rebuilding: tuple[int, int] | None

    @property
    def being_rebuilt(self) -> bool:
        """Whether some cannot be read, and will be."""
        return bool({*self.missing} - {stands.view for stands in self.parked})

    def told(self, head: int) -> dict[str, Any]:
        done = self.rebuilding
        return {
            "position": self.position,
            "head": head,
            "lag": head - self.position,
            "outdated": self.outdated,
            "rebuilding": {"done": done[0], "events": done[1]} if done else None,
            "parked": [stands.told() for stands in self.parked],
            "damaged_at": self.damaged,
        }


class Freshness:
    """Hears the engines announce each batch, for readers who wait for their own write."""

    def __init__(self, url: str, store: Store) -> None:
        self._url = url
        self._store = store
        self._advanced = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._listener = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listener is not None:
            await end(self._listener)

    async def position(self, views: Sequence[str] = ()) -> int:
        """
        Return how far some views have come, or all if none is named.

        :raises ViewBehind: if one is not there, as while it is rebuilt after a crash, or has other
            columns than are read here, as after an upgrade
        """
        known = {view: rest for view, *rest in await self._store.query(STANDING)}
        wanted = views or BY_NAME.keys()
        if not all(view in known and readable(view, known[view][1]) for view in wanted):
            raise ViewBehind
        return min(int(known[view][0]) for view in wanted)

    async def together(self, views: Sequence[str]) -> int | None:
        """
        Return the one position at which all of some views stand; ``None`` while they differ.

        :raises ViewBehind: as :meth:`position` does
        """
        await self.position(views)
        known = await self._store.query(f"{STANDING} WHERE view = ANY(%s)", [list(views)])
        positions = {int(position) for _, position, _ in known}
        return positions.pop() if len(positions) == 1 else None

    async def standing(self) -> Standing:
        """Say where every view stands, and what stopped it."""
        known = {view: rest for view, *rest in await self._store.query(STANDING)}
        parked = [Parked(*row) for row in await self._store.query(PARKED)]
        still = {stands.view for stands in parked}
        missing = [v for v in BY_NAME if v not in known or not readable(v, known[v][1])]
        going = [known[view][0] for view in BY_NAME if view in known and view not in still]
        names = await self._store.query(BUILDING, [BUILDS])
        return Standing(
            position=min(going, default=0),
            missing=missing,
            outdated=[v for v in BY_NAME if v in known and known[v][1] != DEFINITIONS[v]],
            parked=parked,
            damaged=[position for (position,) in await self._store.query(DAMAGED)],
            rebuilding=done_of(names[0][0]) if names else None,
        )

    async def reached(
        self,
        position: int,
        patience: float = PATIENCE_SECONDS,
        views: Sequence[str] = (),
        *,
        ending: asyncio.Event | None = None,
    ) -> int:
        """
        Wait until some views, or all, have come to a position, and return where they stand.

        :raises ViewBehind: if they have not after ``patience`` seconds, or once ``ending`` is set
        """
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            advanced = self._advanced  # taken before looking, so that no step falls between
            with suppress(ViewBehind):
                stands = await self.position(views)
                if stands >= position:
                    return stands
            late = asyncio.get_running_loop().time() >= deadline
            if late or (ending and ending.is_set()):
                raise ViewBehind
            with suppress(TimeoutError):
                await asyncio.wait_for(advanced.wait(), FALLBACK_SECONDS)

    async def _listen(self) -> None:
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for _ in connection.notifies():
                        advanced, self._advanced = self._advanced, asyncio.Event()
                        advanced.set()
            except psycopg.Error:
                await asyncio.sleep(RECONNECT_SECONDS)
