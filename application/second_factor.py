"""The second factor: time-based codes (TOTP, RFC 6238), each taken once; secrets kept sealed."""

import hmac
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

import pyotp

from application.passwords import as_bytes
from application.store.store import Store

STEP_SECONDS = 30
DRIFT = (0, -1, 1)  # steps by which a telephone's clock may differ
SECRET_LENGTH = 32  # base-32 digits: 160 bits
ISSUER = "Guixue"


def as_it_is(secret: bytes) -> bytes:
    return secret


class SecondFactor:
    """
    Codes of six digits, under a secret of each account.

    ``seal`` hides a secret before it is stored, ``unseal`` shows it again.
    """

    def __init__(
        self,
        store: Store,
        seal: Callable[[bytes], bytes] = as_it_is,
        unseal: Callable[[bytes], bytes] = as_it_is,
    ) -> None:
        self._store = store
        self._seal = seal
        self._unseal = unseal

    def drawn(self, username: str) -> tuple[bytes, str]:
        """Draw a secret; return it sealed, and as the ``otpauth://`` URI to show once."""
        secret = pyotp.random_base32(SECRET_LENGTH)
        uri = f"otpauth://totp/{ISSUER}:{quote(username, safe='')}?secret={secret}&issuer={ISSUER}"
        return self._seal(secret.encode()), uri

    async def takes(self, account: UUID, sealed: bytes, code: str, now: datetime) -> bool:
        """Say whether a code is right, and use it up: it is never taken again, nor an older one."""
        step = self._step(sealed, code, now)
        if step is None:
            return False
        used = await self._store.query(
            "UPDATE access.accounts SET totp_step = %s WHERE account = %s AND totp_secret = %b"
            " AND coalesce(totp_step, 0) < %s RETURNING account",
            [step, account, sealed, step],
        )
        return bool(used)

    def _step(self, sealed: bytes, code: str, now: datetime) -> int | None:
        totp = pyotp.TOTP(self._unseal(sealed).decode())
        typed = as_bytes("".join(code.split()))
        present = int(now.timestamp()) // STEP_SECONDS
        for step in (present + drift for drift in DRIFT):
            if hmac.compare_digest(totp.generate_otp(step).encode(), typed):
                return step
        return None
