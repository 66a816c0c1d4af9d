"""A good post for every role; accounts and the ways in, on one day unless told otherwise."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pyotp

from application.access import Person
from application.account_list import AccountList
from application.accounts import Accounts
from application.passwords import Passwords
from application.second_factor import SecondFactor
from application.sessions import Sessions
from application.sign_in import SignIn, WrongCredentials
from application.store.store import Store
from tests.keys import vault
from tests.people import OTHER_SCHOOL, SCHOOL

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
TODAY = date(2026, 11, 24)
ADMIN = Person(str(uuid4()), "admin", "测寅", ())

TEACHER = {
    "role": "teacher",
    "unit": "晴川中学",
    "school_code": SCHOOL,
    "grade": 7,
    "class_name": "1班",
}
BUREAU = {"role": "bureau", "unit": "区教体局"}
VILLAGE = {"role": "village", "unit": "晴川村村委会", "township": "晴川镇"}
POSTS = {
    "teacher": TEACHER,
    **{
        role: {"role": role, "unit": "晴川中学", "school_code": SCHOOL}
        for role in ("registrar", "counsellor", "principal")
    },
    "township_office": {"role": "township_office", "unit": "中心校", "office": "晴川镇中心校"},
    "township": {"role": "township", "unit": "晴川镇人民政府", "township": "晴川镇"},
    "village": VILLAGE,
    "inspector": {
        "role": "inspector",
        "unit": "督查组",
        "schools": [SCHOOL, OTHER_SCHOOL],
        "until": "2999-12-31",
    },
    **{
        role: {"role": role, "unit": "区"}
        for role in ("bureau", "task_force", "member_unit", "auditor", "admin")
    },
}


class WaysIn:
    def __init__(self, pool, directory):
        self.pool, self.store = pool, Store(pool, vault())
        passwords = Passwords()
        second_factor = SecondFactor(self.store, seal=reversed_bytes, unseal=reversed_bytes)
        self.accounts = Accounts(pool, self.store, directory, second_factor, passwords)
        self.sessions = Sessions(self.store, directory)
        self.listed = AccountList(self.store)
        self.way_in = SignIn(self.store, self.sessions, passwords, second_factor)

    async def sign_in(self, name, password, now=NOW, today=TODAY, **more):
        """A token, or None where anything is wrong; every caller has an address of its own."""
        try:
            more.setdefault("address", str(uuid4()))
            return await self.way_in.with_password(name, password, now, today, **more)
        except WrongCredentials:
            return None

    async def whose(self, token, now=NOW, today=TODAY):
        return await self.sessions.whose(token, now, today)


def reversed_bytes(secret: bytes) -> bytes:
    """A seal that can be told from none."""
    return secret[::-1]


def secret_of(otpauth_uri: str) -> str:
    return parse_qs(urlsplit(otpauth_uri).query)["secret"][0]


def code_of(otpauth_uri: str, now: datetime = NOW, steps: int = 0) -> str:
    """What an authenticator app shows, some steps of thirty seconds away."""
    return pyotp.TOTP(secret_of(otpauth_uri)).at(now, counter_offset=steps)
