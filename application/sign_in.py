"""Signing in: tries by password are counted, then judged, in the same time whoever it is."""

from datetime import date, datetime
from typing import NamedTuple
from unicodedata import normalize
from uuid import UUID

import psycopg

from application.passwords import Passwords
from application.roles import SECOND_FACTOR
from application.second_factor import SecondFactor
from application.sessions import IN_FORCE, Session, Sessions
from application.sign_in_tries import SignInTries
from application.store.store import Store

ACCOUNT = f"""
SELECT a.account, a.generation, a.password_hash, a.totp_secret, a.second_factor,
       ARRAY(SELECT p.role FROM access.posts p WHERE p.account = a.account AND {IN_FORCE}),
       a.revoked_at IS NOT NULL
FROM access.accounts a
"""  # noqa: S608  # our own words


class WrongCredentials(Exception):
    """The name, the password or the code is wrong, or the account does not sign in."""


class CodeRequired(Exception):
    """The password is right, and the account's code is asked for."""


class SecondFactorRequired(Exception):
    """The provider does not say that a second factor was used, and the account needs one."""


class Known(NamedTuple):
    """What signing in asks of an account; ``roles`` are those of its posts in force."""

    account: UUID
    generation: int
    password_hash: str | None
    totp_secret: bytes | None
    asked_for_second_factor: bool
    roles: list[str]
    revoked: bool

    @property
    def signs_in(self) -> bool:
        return not self.revoked and bool(self.roles)

    @property
    def needs_second_factor(self) -> bool:
        return self.asked_for_second_factor and not SECOND_FACTOR.isdisjoint(self.roles)


class SignIn:
    """The ways in: a password, with a code where one is needed, or an OpenID provider's word."""

    def __init__(
        self, store: Store, sessions: Sessions, passwords: Passwords, second_factor: SecondFactor
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._passwords = passwords
        self._second_factor = second_factor
        self._tries = SignInTries(store)

    async def with_password(
        self,
        username: str,
        password: str,
        now: datetime,
        today: date,
        *,
        otp: str | None = None,
        address: str = "",
    ) -> str:
        """
        Open a session and return its token.

        :raises TooManyTries: after ten failed tries in fifteen minutes from this address
        :raises CodeRequired: if the password is right, and the account needs a code too
        :raises WrongCredentials: if anything is wrong, or the account is revoked or has no post
        """
        username = normal_username(username)
        await self._tries.count(username, address, now)
        known = await self._known("a.username = %s", today, username)
        right = await self._passwords.fits(known.password_hash if known else None, password)
        if known is None or not right or not known.signs_in:
            raise WrongCredentials
        coded = known.totp_secret is not None or known.needs_second_factor
        if coded:
            await self._check_code(known, otp, now)
        await self._tries.forget(username, address)
        return await self._sessions.open(known.account, known.generation, now, second_factor=coded)

    async def through_provider(
        self, issuer: str, subject: str, now: datetime, today: date, *, second_factor: bool
    ) -> str:
        """
        Open a session for whom a provider has signed in, with or without a second factor.

        :raises WrongCredentials: if no account is theirs, or it is revoked or has no post
        :raises SecondFactorRequired: if one of its posts needs a second factor, and none was used
        """
        known = await self._known("a.issuer = %s AND a.subject = %s", today, issuer, subject)
        if known is None or not known.signs_in:
            raise WrongCredentials
        if known.needs_second_factor and not second_factor:
            raise SecondFactorRequired
        return await self._sessions.open(
            known.account, known.generation, now, second_factor=second_factor
        )

    async def change_password(
        self, session: Session, current: str, new: str, now: datetime, *, address: str = ""
    ) -> None:
        """
        Change one's own password; every other session of the account ends.

        :raises TooManyTries: after ten failed tries in fifteen minutes from this address
        :raises WrongCredentials: if ``current`` is wrong
        """
        person = session.person
        await self._tries.count(person.username, address, now)
        rows = await self._store.query(
            "SELECT password_hash FROM access.accounts WHERE account = %s", [UUID(person.account)]
        )
        hashed = rows[0][0]
        if not await self._passwords.fits(hashed, current):
            raise WrongCredentials
        changed = await self._store.query(
            "WITH changed AS (UPDATE access.accounts SET password_hash = %s,"
            " must_change_password = false, generation = generation + 1"
            " WHERE account = %s AND password_hash = %s RETURNING account, generation)"
            " UPDATE access.sessions s SET generation = c.generation FROM changed c"
            " WHERE s.account = c.account AND s.token = %s RETURNING s.token",
            [await self._passwords.hashed(new), UUID(person.account), hashed, session.token],
        )
        if not changed:
            raise WrongCredentials  # somebody gave the account another one meanwhile
        await self._tries.forget(person.username, address)

    async def _check_code(self, known: Known, otp: str | None, now: datetime) -> None:
        if not otp:
            raise CodeRequired
        sealed = known.totp_secret
        if sealed is None or not await self._second_factor.takes(known.account, sealed, otp, now):
            raise WrongCredentials

    async def _known(self, condition: str, today: date, *params: str) -> Known | None:
        try:
            rows = await self._store.query(f"{ACCOUNT} WHERE {condition}", [today, *params])
        except (psycopg.DataError, UnicodeEncodeError):
            return None  # a name that PostgreSQL cannot hold is nobody's
        return Known(*rows[0]) if rows else None


def normal_username(typed: str) -> str:
    """Give a username in its one form, whatever keyboard it was typed on: NFC, trimmed."""
    return normalize("NFC", typed).strip()
