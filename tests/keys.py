"""The keys that tests seal with."""

from base64 import b64encode
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from pydantic import SecretStr

from application.store.key_ring import KeyRing
from application.store.sealing import Vault

RING = KeyRing([bytes(range(32))])
KEY = SecretStr(b64encode(bytes(range(32))).decode())  # as a setting of the service


def vault() -> Vault:
    return Vault(RING)


def sealed(
    connection: psycopg.Connection[Any], child: UUID, version: int, topic: str, payload: bytes
) -> StoredEvent:
    """An event of a child who is there, sealed as the store would."""
    row = connection.execute(
        "SELECT wrapped, under FROM keys.children WHERE student_id = %s", [child]
    ).fetchone()
    assert row is not None
    state = vault().seal_of(child, *row).seal(version, topic, payload)
    return StoredEvent(child, version, topic, state)
