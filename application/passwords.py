"""Passwords: argon2id, first passwords that are drawn, and what a new one must be."""

import asyncio
import base64
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import ARGON2_VERSION

SHORTEST, LONGEST = 10, 200
CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"  # no letter that is read as a digit
GROUPS, GROUP = 4, 5


class Passwords:
    """Hashes and verifies, always at the same cost."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
        self._nobodys = nobodys(self._hasher)

    async def hashed(self, password: str) -> str:
        return await asyncio.to_thread(self._hasher.hash, as_bytes(password))

    async def fits(self, hashed: str | None, password: str) -> bool:
        """Say whether a password is the hashed one; takes as long where there is none."""
        try:
            await asyncio.to_thread(
                self._hasher.verify, hashed or self._nobodys, as_bytes(password)
            )
        except VerificationError:
            return False
        return hashed is not None


def nobodys(hasher: PasswordHasher) -> str:
    """Draw what looks like a hash of that hasher's, and takes as long; no password fits."""
    salt, tag = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${tag}"


def first_password() -> str:
    """Draw a password of about 99 bits that can be read aloud."""
    return "-".join("".join(secrets.choice(CLEAR) for _ in range(GROUP)) for _ in range(GROUPS))


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
