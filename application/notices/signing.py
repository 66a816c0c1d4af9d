"""Signing what is posted to machines, after the Standard Webhooks specification."""

import base64
import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

PREFIX = "whsec_"
SECRET_BYTES = 32
SHORTEST, LONGEST = 24, 64  # bytes, as the specification has it


def drawn_secret() -> str:
    """Draw a secret to sign with, as its receiver keeps it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """
    Give the key of a secret.

    :raises ValueError: if it is none: ``whsec_`` and 24 to 64 bytes in base64
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError("a secret is whsec_ and 24 to 64 bytes in base64")
    return key


def signed(secret: str, message: UUID, body: bytes, now: datetime) -> dict[str, str]:
    """Give the headers that go with a body; the same message has the same id at every attempt."""
    moment = str(int(now.timestamp()))
    told = f"{message}.{moment}.".encode() + body
    signature = base64.b64encode(hmac.digest(key_of(secret), told, sha256)).decode()
    return {
        "webhook-id": str(message),
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{signature}",
    }
