"""Reading accounts, for administrators: with every post they ever had, never with a secret."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import psycopg

from application.sessions import IN_FORCE
from application.store.store import Store

TOLD = (
    *("account_id", "place", "username", "name", "issuer", "subject", "has_password"),
    *("has_second_factor", "must_change_password", "made_at", "revoked_at", "posts"),
)
ACCOUNTS = f"""
SELECT a.account, a.place, a.username, a.name, a.issuer, a.subject, a.password_hash IS NOT NULL,
       a.totp_secret IS NOT NULL, a.must_change_password, a.made_at, a.revoked_at,
       (SELECT jsonb_agg(jsonb_build_object(
            'n', p.n, 'role', p.role, 'unit', p.unit, 'schools', p.schools, 'grade', p.grade,
            'class_name', p.class_name, 'township', p.township, 'office', p.office,
            'from', p.from_day, 'until', p.until_day, 'ended_at', p.ended_at,
            'in_force', a.revoked_at IS NULL AND {IN_FORCE}) ORDER BY p.n)
        FROM access.posts p WHERE p.account = a.account)
FROM access.accounts a
"""  # noqa: S608  # our own words
UNITS = f"""
SELECT DISTINCT p.unit, p.role, p.township
FROM access.posts p JOIN access.accounts a USING (account)
WHERE a.revoked_at IS NULL AND {IN_FORCE} AND p.role = ANY(%s)
ORDER BY p.role, p.unit
"""  # noqa: S608  # our own words


class AccountList:
    """All accounts, in the order in which they were made."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def one(self, account: UUID, today: date) -> dict[str, Any] | None:
        """Return an account as :meth:`page` does, or ``None``."""
        found = await self._read("a.account = %s", [account], today, 1)
        return found[0] if found else None

    async def named(self, username: str) -> UUID | None:
        """Return the account of a username in its normal form."""
        try:
            rows = await self._store.query(
                "SELECT account FROM access.accounts WHERE username = %s", [username]
            )
        except (psycopg.DataError, UnicodeEncodeError):
            return None  # a name that PostgreSQL cannot hold is nobody's
        return rows[0][0] if rows else None

    async def page(
        self,
        today: date,
        limit: int,
        after: int = 0,
        *,
        role: str | None = None,
        school_code: str | None = None,
        q: str | None = None,
        not_begun: bool = False,
    ) -> list[dict[str, Any]]:
        """
        Return at most ``limit`` accounts whose ``place`` is after a given one.

        ``role`` and ``school_code`` ask for one post in force with both; ``q`` for a part of the
        username or the person's name, in letters of either case; ``not_begun`` for accounts whose
        first password nobody has changed.
        """
        conditions = ["a.place > %s"]
        wanted: list[Any] = [after]
        if role is not None or school_code is not None:
            conditions.append(
                "a.revoked_at IS NULL AND EXISTS (SELECT FROM access.posts p"
                f" WHERE p.account = a.account AND {IN_FORCE}"
                " AND p.role = coalesce(%s, p.role)"
                " AND (%s::text IS NULL OR %s = ANY(p.schools)))"
            )
            wanted += [today, role, school_code, school_code]
        if q is not None:
            conditions.append("strpos(lower(a.username || ' ' || a.name), lower(%s)) > 0")
            wanted.append(q)
        if not_begun:
            conditions.append("a.must_change_password AND a.revoked_at IS NULL")
        return await self._read(" AND ".join(conditions), wanted, today, limit)

    async def units(self, roles: Iterable[str], today: date) -> list[tuple[str, str, str | None]]:
        """Return the units for which somebody holds a post today: unit, role, township."""
        return await self._store.query(UNITS, [today, sorted(roles)])

    async def _read(
        self, condition: str, params: Sequence[Any], today: date, limit: int
    ) -> list[dict[str, Any]]:
        rows = await self._store.query(
            f"{ACCOUNTS} WHERE {condition} ORDER BY a.place LIMIT %s", [today, *params, limit]
        )
        return [dict(zip(TOLD, row, strict=True)) for row in rows]
