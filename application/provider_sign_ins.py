"""Sign-ins under way at the provider: begun in one browser, finished there once, in time."""

import hashlib
import secrets
from datetime import datetime, timedelta

from application.passwords import as_bytes
from application.store.store import Store

LIFE = timedelta(minutes=10)
SWEPT_AT_ONCE = 100


class Begun:
    """
    What a sign-in under way goes by: only the browser holds it, the database holds digests.

    ``state`` comes back from the provider, ``nonce`` in its ID token; ``verifier`` proves to it
    that who began is who finishes (PKCE, RFC 7636).
    """

    def __init__(self, browser: str, state: str) -> None:
        self.browser = browser
        self.state = state

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        return self._derived("verifier")

    def _derived(self, purpose: str) -> str:
        return hashlib.sha256(as_bytes(f"{purpose} {self.state} {self.browser}")).hexdigest()


class ProviderSignIns:
    """Kept in the database for ten minutes, so that any process may finish what another began."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, now: datetime) -> Begun:
        begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        await self._store.query(
            "INSERT INTO access.provider_sign_ins (state, browser, ends_at) VALUES (%s, %s, %s)"
            " RETURNING state",
            [_digest(begun.state), _digest(begun.browser), now + LIFE],
        )
        await self._store.query(
            "DELETE FROM access.provider_sign_ins WHERE state = ANY(ARRAY(SELECT state"
            " FROM access.provider_sign_ins WHERE ends_at <= %s LIMIT %s FOR UPDATE SKIP LOCKED))"
            " RETURNING state",
            [now, SWEPT_AT_ONCE],
        )
        return begun

    async def finish(self, browser: str, state: str, now: datetime) -> Begun | None:
        """Take a sign-in that is under way in this browser, once; ``None`` if there is none."""
        taken = await self._store.query(
            "DELETE FROM access.provider_sign_ins WHERE state = %s AND browser = %s"
            " AND ends_at > %s RETURNING state",
            [_digest(state), _digest(browser), now],
        )
        return Begun(browser, state) if taken else None


def _digest(text: str) -> bytes:
    return hashlib.sha256(as_bytes(text)).digest()
