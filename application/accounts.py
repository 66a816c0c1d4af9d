"""Accounts and sessions: argon2id passwords, opaque server-side tokens."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from application.access import Person, Post
from application.directory import Directory
from application.store.store import Store

SESSION_LIFE = timedelta(hours=8)
SCHEMA = """
CREATE SCHEMA IF NOT EXISTS access;
CREATE TABLE IF NOT EXISTS access.accounts (
    account uuid PRIMARY KEY,
    username text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text NOT NULL,
    posts jsonb NOT NULL,
    demo boolean NOT NULL DEFAULT false -- its password is known to everybody
);
CREATE TABLE IF NOT EXISTS access.sessions (
    token bytea PRIMARY KEY,
    account uuid NOT NULL REFERENCES access.accounts,
    ends_at timestamptz NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """
    An account to make: its sign-in name, the person's name, and where they work.

    ``schools`` may name a school, ``township`` a township, ``office`` a 中心校.
    """

    username: str
    name: str
    role: str
    unit: str
    school: str | None = None
    grade: int | None = None
    class_name: str | None = None
    township: str | None = None
    office: str | None = None


def has_demo_accounts(connection: psycopg.Connection[Any]) -> bool:
    """Say whether a database has accounts whose password everybody knows."""
    table = connection.execute("SELECT to_regclass('access.accounts')").fetchone()
    if table is None or table[0] is None:
        return False
    found = connection.execute("SELECT EXISTS (SELECT FROM access.accounts WHERE demo)").fetchone()
    return bool(found and found[0])


class Accounts:
    """Who can sign in, and who is signed in."""

    def __init__(self, pool: AsyncConnectionPool[Any], store: Store, directory: Directory) -> None:
        self._pool = pool
        self._store = store
        self._directory = directory
        self._hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
        self._nobody = self._hasher.hash(secrets.token_hex())

    async def create(
        self, accounts: Sequence[NewAccount], password: str, *, demo: bool = False
    ) -> None:
        """Make accounts that share a first password; known usernames are left as they are."""
        hashed = await asyncio.to_thread(self._hasher.hash, password)
        async with self._pool.connection() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO access.accounts VALUES (%s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (username) DO NOTHING",
                [
                    (
                        uuid4(),
                        new.username,
                        new.name,
                        hashed,
                        Jsonb(
                            [
                                {
                                    "role": new.role,
                                    "unit": new.unit,
                                    "school": new.school,
                                    "grade": new.grade,
                                    "class_name": new.class_name,
                                    "township": new.township,
                                    "office": new.office,
                                }
                            ]
                        ),
                        demo,
                    )
                    for new in accounts
                ],
            )

    async def sign_in(self, username: str, password: str, now: datetime) -> str | None:
        """
        Open a session and return its token, or ``None``.

        Takes as long for an unknown name as for a wrong password.
        """
        try:
            rows = await self._store.query(
                "SELECT account, password_hash FROM access.accounts WHERE username = %s", [username]
            )
        except (psycopg.DataError, UnicodeEncodeError):
            rows = []  # a name that PostgreSQL cannot hold is nobody's
        account, hashed = rows[0] if rows else (None, self._nobody)
        try:
            await asyncio.to_thread(self._hasher.verify, hashed, _bytes(password))
        except VerificationError:
            return None
        if account is None:
            return None
        token = secrets.token_urlsafe(32)
        await self._store.query(
            "INSERT INTO access.sessions VALUES (%s, %s, %s) RETURNING account",
            [_digest(token), account, now + SESSION_LIFE],
        )
        return token

    async def whose(self, token: str, now: datetime) -> Person | None:
        """Return who a session token belongs to, while the session lives."""
        rows = await self._store.query(
            "SELECT a.account, a.username, a.name, a.posts FROM access.sessions s"
            " JOIN access.accounts a USING (account) WHERE s.token = %s AND s.ends_at > %s",
            [_digest(token), now],
        )
        if not rows:
            return None
        return self._person(*rows[0])

    async def people(self) -> list[Person]:
        """Return everybody who has an account, with the posts they hold today."""
        rows = await self._store.query(
            "SELECT account, username, name, posts FROM access.accounts ORDER BY username"
        )
        return [self._person(*row) for row in rows]

    def _person(
        self, account: UUID, username: str, name: str, posts: list[dict[str, Any]]
    ) -> Person:
        return Person(str(account), username, name, tuple(self._post(post) for post in posts))

    def _post(self, post: dict[str, Any]) -> Post:
        schools = frozenset([post["school"]]) if post["school"] else frozenset()
        if post["office"]:
            schools = self._directory.schools_under(post["office"])
        return Post(
            role=post["role"],
            unit=post["unit"],
            schools=schools,
            grade=post["grade"],
            class_name=post["class_name"],
            township=post["township"],
        )


def _digest(token: str) -> bytes:
    return hashlib.sha256(_bytes(token)).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
