"""Accounts and their dated posts: made, given posts, reset and revoked, one change at a time."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.errors import UniqueViolation
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application.access import Person
from application.account_refusals import (
    AccountRevoked,
    AdministratorExists,
    LastAdministrator,
    OfficeUnknown,
    OwnAccount,
    PostOver,
    SubjectTaken,
    UnknownAccount,
    UnknownPost,
    UsernameTaken,
)
from application.directory import Directory
from application.passwords import Passwords, first_password
from application.roles import SECOND_FACTOR
from application.second_factor import SecondFactor
from application.sessions import IN_FORCE
from application.sign_in import normal_username
from application.store.lending import lent
from application.store.store import Store, StoreUnavailable
from application.store.together import PATIENCE_SECONDS
from domain.refusals import SchoolUnknown

ONE_AT_A_TIME = 20230903
AT_THE_BEGINNING = "guixue"  # who made the accounts that no administrator made
ADMINISTRATORS = f"""
SELECT EXISTS (SELECT FROM access.accounts a JOIN access.posts p USING (account)
WHERE p.role = 'admin' AND a.revoked_at IS NULL AND a.account <> ALL(%s::uuid[]) AND {IN_FORCE})
"""  # noqa: S608  # our own words


@dataclass(frozen=True, slots=True)
class NewPost:
    """
    A post to give: its role and unit, what it reaches, and the days between which it is in force.

    Which of ``schools``, ``grade``, ``class_name``, ``township`` and ``office`` (a 中心校) a role
    needs is the caller's to check. ``until_day`` is the last day.
    """

    role: str
    unit: str
    schools: tuple[str, ...] = ()
    grade: int | None = None
    class_name: str | None = None
    township: str | None = None
    office: str | None = None
    from_day: date | None = None
    until_day: date | None = None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """
    An account with one post to make: its sign-in name, the person's name, and where they work.

    ``school`` or ``schools`` name schools, ``township`` a township, ``office`` a 中心校.
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
    schools: tuple[str, ...] = ()
    from_day: date | None = None
    until_day: date | None = None

    @property
    def post(self) -> NewPost:
        schools = (self.school,) if self.school else self.schools
        reach = (schools, self.grade, self.class_name, self.township, self.office)
        return NewPost(self.role, self.unit, *reach, self.from_day, self.until_day)


@dataclass(frozen=True, slots=True)
class Given:
    """The account, and what is shown once: its first password and its ``otpauth://`` URI."""

    account: UUID
    first_password: str | None = None
    otpauth_uri: str | None = None


def has_demo_accounts(connection: psycopg.Connection[Any]) -> bool:
    """Say whether a database has accounts whose password everybody knows."""
    table = connection.execute("SELECT to_regclass('access.accounts')").fetchone()
    if table is None or table[0] is None:
        return False
    found = connection.execute("SELECT EXISTS (SELECT FROM access.accounts WHERE demo)").fetchone()
    return bool(found and found[0])


class Accounts:
    """Who may sign in, and in which posts; every method is one change, made alone."""

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        store: Store,
        directory: Directory,
        second_factor: SecondFactor | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        self._pool = pool
        self._directory = directory
        self._second_factor = second_factor or SecondFactor(store)
        self._passwords = passwords or Passwords()

    async def create(
        self,
        accounts: Sequence[NewAccount],
        password: str,
        *,
        demo: bool = False,
        second_factor: bool = True,
    ) -> None:
        """
        Make accounts that share a password; known usernames are left as they are.

        A demo's, and those without ``second_factor``, are never asked for one; the others sign in
        once an administrator has given them new credentials, where their role needs one.
        """
        hashed = await self._passwords.hashed(password)
        asked = second_factor and not demo
        async with self._alone() as connection:
            for new in accounts:
                made = await connection.execute(
                    "INSERT INTO access.accounts (account, username, name, password_hash, demo,"
                    " second_factor, made_by, made_at) VALUES (%s, %s, %s, %s, %s, %s, %s, now())"
                    " ON CONFLICT (username) DO NOTHING RETURNING account",
                    [uuid4(), new.username, new.name, hashed, demo, asked, AT_THE_BEGINNING],
                )
                if row := await made.fetchone():
                    await _give(connection, row[0], [new.post], AT_THE_BEGINNING)

    async def open(
        self,
        username: str,
        name: str,
        posts: Sequence[NewPost],
        by: Person,
        now: datetime,
        *,
        issuer: str | None = None,
        subject: str | None = None,
    ) -> Given:
        """
        Make an account; with a provider's issuer and subject, one that signs in there alone.

        :raises UsernameTaken: if another account has the name
        :raises SubjectTaken: if another account has issuer and subject
        :raises SchoolUnknown: if a post names a school that the directory has not
        :raises OfficeUnknown: if a post names a 中心校 that the directory has not
        """
        self._check_places(posts)
        async with self._alone() as connection:
            return await self._open(
                connection, username, name, posts, by.account, now, issuer, subject
            )

    async def open_first(
        self, username: str, name: str, unit: str, now: datetime, today: date
    ) -> Given:
        """
        Make the account of the first administrator.

        :raises AdministratorExists: if there is one in force
        :raises UsernameTaken: if another account has the name
        """
        async with self._alone() as connection:
            if await _administrator(connection, today, but=[]):
                raise AdministratorExists
            post = NewPost("admin", unit, from_day=today)
            by = AT_THE_BEGINNING
            return await self._open(connection, username, name, [post], by, now, None, None)

    async def give_post(self, account: UUID, post: NewPost, by: Person) -> Given:
        """
        Give an account a further post; with it the secret of its codes, if it needs one now.

        :raises UnknownAccount: if there is no such account
        :raises OwnAccount: if it is the giver's own
        :raises AccountRevoked: if it is revoked
        :raises SchoolUnknown: if the post names a school that the directory has not
        :raises OfficeUnknown: if the post names a 中心校 that the directory has not
        """
        self._check_places([post])
        async with self._changing(account, by) as (connection, username):
            await _give(connection, account, [post], by.account)
            cursor = await connection.execute(
                "SELECT FROM access.accounts WHERE account = %s AND second_factor"
                " AND password_hash IS NOT NULL AND totp_secret IS NULL",
                [account],
            )
            if post.role not in SECOND_FACTOR or await cursor.fetchone() is None:
                return Given(account)
            sealed, uri = self._second_factor.drawn(username)
            await connection.execute(
                "UPDATE access.accounts SET totp_secret = %s WHERE account = %s", [sealed, account]
            )
            return Given(account, otpauth_uri=uri)

    async def end_post(
        self, account: UUID, n: int, by: Person, now: datetime, today: date, on: date | None = None
    ) -> None:
        """
        End a post at once, or with the day ``on``; with the last one in force, end the sessions.

        :raises UnknownAccount: if there is no such account
        :raises UnknownPost: if it has no such post
        :raises OwnAccount: if it is the giver's own
        :raises AccountRevoked: if it is revoked
        :raises PostOver: if the post ends earlier anyway
        :raises LastAdministrator: if nobody else could make accounts any more
        """
        async with self._changing(account, by) as (connection, _):
            cursor = await connection.execute(
                "SELECT role, until_day, ended_at FROM access.posts WHERE account = %s AND n = %s",
                [account, n],
            )
            if (row := await cursor.fetchone()) is None:
                raise UnknownPost
            role, until, ended_at = row
            if ended_at is not None or (until is not None and until < (on or today)):
                raise PostOver
            if role == "admin" and not await _administrator(connection, today, but=[account]):
                raise LastAdministrator
            await connection.execute(
                "UPDATE access.posts SET ended_by = %s, until_day = coalesce(%s, until_day),"
                " ended_at = %s WHERE account = %s AND n = %s",
                [by.account, on, None if on else now, account, n],
            )
            await connection.execute(
                "UPDATE access.accounts SET generation = generation + 1 WHERE account = %s"  # noqa: S608  # our own words
                " AND NOT EXISTS (SELECT FROM access.posts p"
                f" WHERE p.account = %s AND {IN_FORCE})",
                [account, account, today],
            )

    async def revoke(self, account: UUID, by: Person, now: datetime, today: date) -> None:
        """
        Revoke an account for good; its sessions end.

        :raises UnknownAccount: if there is no such account
        :raises OwnAccount: if it is the revoker's own
        :raises AccountRevoked: if it is revoked already
        :raises LastAdministrator: if nobody else could make accounts any more
        """
        async with self._changing(account, by) as (connection, _):
            if not await _administrator(connection, today, but=[account]):
                raise LastAdministrator
            await connection.execute(
                "UPDATE access.accounts SET revoked_at = %s, revoked_by = %s,"
                " generation = generation + 1 WHERE account = %s",
                [now, by.account, account],
            )

    async def reset(self, account: UUID, by: Person | None = None) -> Given:
        """
        Give an account a new first password, and a new secret where it needs codes; end sessions.

        :raises UnknownAccount: if there is no such account
        :raises OwnAccount: if it is the giver's own
        :raises AccountRevoked: if it is revoked
        """
        password = first_password()
        hashed = await self._passwords.hashed(password)
        async with self._changing(account, by) as (connection, username):
            cursor = await connection.execute(
                "SELECT a.second_factor AND (a.totp_secret IS NOT NULL OR EXISTS (SELECT FROM"
                " access.posts p WHERE p.account = a.account AND p.role = ANY(%s)"
                " AND p.ended_at IS NULL)) FROM access.accounts a WHERE a.account = %s",
                [list(SECOND_FACTOR), account],
            )
            row = await cursor.fetchone()
            coded = bool(row and row[0])
            sealed, uri = self._second_factor.drawn(username) if coded else (None, None)
            await connection.execute(
                "UPDATE access.accounts SET password_hash = %s, must_change_password = true,"
                " totp_secret = %s, totp_step = NULL, generation = generation + 1"
                " WHERE account = %s",
                [hashed, sealed, account],
            )
            return Given(account, password, uri)

    async def _open(
        self,
        connection: psycopg.AsyncConnection[Any],
        username: str,
        name: str,
        posts: Sequence[NewPost],
        by: str,
        now: datetime,
        issuer: str | None,
        subject: str | None,
    ) -> Given:
        username, account = normal_username(username), uuid4()
        password = None if issuer else first_password()
        hashed = await self._passwords.hashed(password) if password else None
        coded = password and not SECOND_FACTOR.isdisjoint(post.role for post in posts)
        sealed, uri = self._second_factor.drawn(username) if coded else (None, None)
        try:
            await connection.execute(
                "INSERT INTO access.accounts (account, username, name, password_hash,"
                " must_change_password, totp_secret, issuer, subject, made_by, made_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    *(account, username, name, hashed, password is not None, sealed),
                    *(issuer, subject, by, now),
                ],
            )
        except UniqueViolation as taken:
            named = taken.diag.constraint_name or ""
            raise (UsernameTaken if "username" in named else SubjectTaken) from None
        await _give(connection, account, posts, by)
        return Given(account, password, uri)

    def _check_places(self, posts: Sequence[NewPost]) -> None:
        for post in posts:
            for code in post.schools:
                if self._directory.school(code) is None:
                    raise SchoolUnknown(school_code=code)
            if post.office is not None and not self._directory.schools_under(post.office):
                raise OfficeUnknown(post.office)

    @asynccontextmanager
    async def _changing(
        self, account: UUID, by: Person | None
    ) -> AsyncIterator[tuple[psycopg.AsyncConnection[Any], str]]:
        """Change an account that is not one's own, alone; yields its username too."""
        async with self._alone() as connection:
            cursor = await connection.execute(
                "SELECT username, revoked_at FROM access.accounts WHERE account = %s", [account]
            )
            if (row := await cursor.fetchone()) is None:
                raise UnknownAccount
            if by is not None and by.account == str(account):
                raise OwnAccount
            if row[1] is not None:
                raise AccountRevoked
            yield connection, row[0]

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Work in one transaction, while nobody else changes accounts."""
        try:
            async with lent(self._pool, PATIENCE_SECONDS) as connection:
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as away:
            raise StoreUnavailable from away


async def _give(
    connection: psycopg.AsyncConnection[Any], account: UUID, posts: Sequence[NewPost], by: str
) -> None:
    """Write posts down, numbered on from those the account has."""
    for post in posts:
        await connection.execute(
            "INSERT INTO access.posts (account, n, role, unit, schools, grade, class_name,"
            " township, office, from_day, until_day, made_by) SELECT %s, coalesce(max(n), 0) + 1,"
            " %s, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM access.posts WHERE account = %s",
            [
                *(account, post.role, post.unit, list(post.schools), post.grade, post.class_name),
                *(post.township, post.office, post.from_day, post.until_day, by, account),
            ],
        )


async def _administrator(
    connection: psycopg.AsyncConnection[Any], today: date, *, but: list[UUID]
) -> bool:
    """Say whether an administrator is in force, besides some accounts."""
    cursor = await connection.execute(ADMINISTRATORS.encode(), [but, today])
    row = await cursor.fetchone()
    return bool(row and row[0])
