"""Tries to sign in: ten in fifteen minutes per name and address, counted before they are judged."""

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

from application.passwords import as_bytes
from application.store.store import Store

MOST = 10
WINDOW = timedelta(minutes=15)
SUBSCRIBER = 64  # bits of an IPv6 address; the others one subscriber chooses freely
SWEPT_AT_ONCE = 100


class TooManyTries(Exception):
    """Too many tries failed; ``seconds`` says how long until the next one is taken."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(seconds)


class SignInTries:
    """Failed tries, kept in the database, so that every process counts the same."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def count(self, name: str, address: str, now: datetime) -> None:
        """
        Count a try, before it is judged; one that succeeds is taken back by :meth:`forget`.

        :raises TooManyTries: if ten others count already; the refused one does not
        """
        who, since = _digest(name, address), now - WINDOW
        counted = await self._store.query(
            "INSERT INTO access.sign_in_tries AS t (who, tries, last_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (who) DO UPDATE SET last_at = excluded.last_at,"
            " tries = ARRAY(SELECT at FROM unnest(t.tries) AS at WHERE at > %s) || excluded.tries"
            " WHERE (SELECT count(*) FROM unnest(t.tries) AS at WHERE at > %s) < %s"
            " RETURNING who",
            [who, [now], now, since, since, MOST],
        )
        await self._sweep(since)
        if not counted:
            raise TooManyTries(await self._seconds_left(who, now))

    async def forget(self, name: str, address: str) -> None:
        """Take a name's tries from an address back: it signed in."""
        await self._store.query(
            "DELETE FROM access.sign_in_tries WHERE who = %s RETURNING who",
            [_digest(name, address)],
        )

    async def _seconds_left(self, who: bytes, now: datetime) -> int:
        ((oldest,),) = await self._store.query(
            "SELECT min(at) FROM access.sign_in_tries, unnest(tries) AS at"
            " WHERE who = %s AND at > %s",
            [who, now - WINDOW],
        )
        return max(1, ceil((oldest + WINDOW - now).total_seconds())) if oldest else 1

    async def _sweep(self, since: datetime) -> None:
        await self._store.query(
            "DELETE FROM access.sign_in_tries WHERE who = ANY(ARRAY(SELECT who"
            " FROM access.sign_in_tries WHERE last_at <= %s LIMIT %s FOR UPDATE SKIP LOCKED))"
            " RETURNING who",
            [since, SWEPT_AT_ONCE],
        )


def _digest(name: str, address: str) -> bytes:
    digest = hashlib.sha256(as_bytes(network_of(address)))
    digest.update(b"\0" + as_bytes(name))
    return digest.digest()


def network_of(address: str) -> str:
    """Give what stands for a client: an IPv4 address whole, of an IPv6 one its network."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or int(known) >> SUBSCRIBER)
    return str(known)
