"""Choices: where a person wants to be told, and whether; set by that person alone."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.store.store import Store

SET = """
INSERT INTO notices.choices (account, email, phone, digest) VALUES (%s, %s, %s, %s)
ON CONFLICT (account) DO UPDATE SET email = EXCLUDED.email, phone = EXCLUDED.phone,
    digest = EXCLUDED.digest
RETURNING account
"""
WITHOUT = """
SELECT c.account, c.email, c.phone, c.digest FROM notices.choices c
WHERE c.digest AND NOT EXISTS (
    SELECT FROM notices.digests d WHERE d.account = c.account AND d.day = %s)
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose; at first, nothing is sent."""

    email: str | None = None
    phone: str | None = None
    digest: bool = False

    def channel(self, names: list[str]) -> str | None:
        """Give the one channel, of those the district has, a digest goes by; e-mail before SMS."""
        given = {"email": self.email, "phone": self.phone}
        return next((name for name, to in given.items() if to and name in names), None)


class Choices:
    """Everybody's choices; raises :class:`StoreUnavailable` when the database is away."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, account: UUID) -> Choice:
        """Give somebody's choice."""
        rows = await self._store.query(
            "SELECT email, phone, digest FROM notices.choices WHERE account = %s", [account]
        )
        return Choice(*rows[0]) if rows else Choice()

    async def set(self, account: UUID, choice: Choice) -> None:
        """Put somebody's choice in the place of the one before."""
        await self._store.query(SET, [account, choice.email, choice.phone, choice.digest])

    async def without_digest(self, day: date) -> dict[str, Choice]:
        """Give, by account, those who want a digest and have none of a day yet."""
        rows = await self._store.query(WITHOUT, [day])
        return {str(account): Choice(*rest) for account, *rest in rows}
