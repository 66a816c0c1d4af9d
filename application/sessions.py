"""Sessions: opaque tokens kept by their digest, dead at once when the account is."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from application.access import Person, Post
from application.directory import Directory
from application.passwords import as_bytes
from application.roles import SECOND_FACTOR
from application.store.store import Store
from application.store.together import StoreUnavailable, Together

SESSION_LIFE = timedelta(hours=8)
SWEPT_AT_ONCE = 100
# Of a post ``p``, on a day that is the parameter.
IN_FORCE = (
    "p.ended_at IS NULL AND %s::date BETWEEN coalesce(p.from_day, '-infinity')"
    " AND coalesce(p.until_day, 'infinity')"
)
WHOSE = f"""
SELECT s.token, s.ends_at, a.account, a.username, a.name, a.must_change_password,
       s.second_factor OR NOT a.second_factor,
       p.role, p.unit, p.schools, p.grade, p.class_name, p.township, p.office
FROM access.sessions s
JOIN access.accounts a ON a.account = s.account AND a.generation = s.generation
JOIN access.posts p ON p.account = a.account
WHERE s.token = ANY(%s) AND a.revoked_at IS NULL AND {IN_FORCE}
ORDER BY p.n
"""  # noqa: S608  # our own words

PEOPLE = f"""
SELECT a.account, a.username, a.name,
       p.role, p.unit, p.schools, p.grade, p.class_name, p.township, p.office
FROM access.accounts a JOIN access.posts p USING (account)
WHERE a.revoked_at IS NULL AND {IN_FORCE} ORDER BY a.username, p.n
"""  # noqa: S608  # our own words


@dataclass(frozen=True, slots=True)
class Session:
    """A living session: whose it is; ``token`` is the digest it is kept under."""

    token: bytes
    person: Person
    must_change_password: bool


class Sessions:
    """Who is signed in."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._lookups = Together(self._whose)  # of requests that arrive together

    async def open(
        self, account: UUID, generation: int, now: datetime, *, second_factor: bool
    ) -> str:
        """
        Open a session and return its token.

        ``generation`` is the account's as its credentials were read: were they changed meanwhile,
        the session is dead from its beginning.
        """
        token = secrets.token_urlsafe(32)
        await self._store.query(
            "INSERT INTO access.sessions (token, account, generation, second_factor, ends_at)"
            " VALUES (%s, %s, %s, %s, %s) RETURNING account",
            [digest_of(token), account, generation, second_factor, now + SESSION_LIFE],
        )
        await self._store.query(
            "DELETE FROM access.sessions WHERE token = ANY(ARRAY(SELECT token FROM access.sessions"
            " WHERE ends_at <= %s LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING token",
            [now, SWEPT_AT_ONCE],
        )
        return token

    async def living(self, token: str, now: datetime, today: date) -> Session | None:
        """
        Return the session of a token, with the posts in force today.

        ``None`` once it has ended, the account is revoked or has no post, its credentials changed,
        or all its sessions were ended. A post that needs a second factor counts only in a session
        that was opened with one.
        """
        digest = digest_of(token)
        rows = [row for row in await self._lookups.ask((digest, today)) if row[0] > now]
        posts = tuple(
            self._post(role, *rest)
            for *_, with_second_factor, (role, *rest) in ((*row[:6], row[6:]) for row in rows)
            if with_second_factor or role not in SECOND_FACTOR
        )
        if not posts:
            return None
        _, account, username, name, must_change_password, *_ = rows[0]
        return Session(digest, Person(str(account), username, name, posts), must_change_password)

    async def _whose(
        self, asked: list[tuple[bytes, date]]
    ) -> list[list[tuple[Any, ...]] | Exception]:
        """Look up what some tokens stand for, each on a day: when it ends, whose, which post."""
        found: dict[tuple[bytes, date], list[tuple[Any, ...]]] = {}
        try:
            for day in {day for _, day in asked}:
                tokens = list({token for token, on in asked if on == day})
                for token, *row in await self._store.query(WHOSE, [tokens, day]):
                    found.setdefault((bytes(token), day), []).append(tuple(row))
        except StoreUnavailable as away:
            return [away for _ in asked]
        return [found.get(one, []) for one in asked]

    async def whose(self, token: str, now: datetime, today: date) -> Person | None:
        """Return whose a living session is."""
        session = await self.living(token, now, today)
        return session.person if session else None

    async def people(self, today: date) -> list[Person]:
        """Return everybody who may sign in, with the posts they hold today."""
        people: dict[UUID, Person] = {}
        for account, username, name, *post in await self._store.query(PEOPLE, [today]):
            known = people.get(account)
            posts = (*(known.posts if known else ()), self._post(*post))
            people[account] = Person(str(account), username, name, posts)
        return list(people.values())

    async def end(self, session: Session, *, everywhere: bool) -> None:
        """End a session, or every session of its account."""
        if everywhere:
            await self._store.query(
                "UPDATE access.accounts SET generation = generation + 1 WHERE account = %s"
                " RETURNING account",
                [UUID(session.person.account)],
            )
        await self._store.query(
            "DELETE FROM access.sessions WHERE token = %s RETURNING token", [session.token]
        )

    def _post(
        self,
        role: str,
        unit: str,
        schools: list[str],
        grade: int | None,
        class_name: str | None,
        township: str | None,
        office: str | None,
    ) -> Post:
        under = self._directory.schools_under(office) if office else frozenset(schools)
        return Post(role, unit, under, grade, class_name, township)


def digest_of(token: str) -> bytes:
    return hashlib.sha256(as_bytes(token)).digest()
