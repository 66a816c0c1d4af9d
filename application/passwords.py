"""Passwords: argon2id, first passwords that are drawn, and what a new one must be."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

SHORTEST, LONGEST = 10, 200
CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"  # no letter that is read as a digit
GROUPS, GROUP = 4, 5


class Passwords:
    """Hashes and verifies, always at the same cost."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
        self._nobodys = self._hasher.hash(secrets.token_hex())

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


def first_password() -> str:
    """Draw a password of about 99 bits that can be read aloud."""
    return "-".join("".join(secrets.choice(CLEAR) for _ in range(GROUP)) for _ in range(GROUPS))


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
