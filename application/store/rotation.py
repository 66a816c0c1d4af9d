"""Rotating the key-encryption key: every child's key wrapped anew, while the service runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from application.store.key_ring import KeyRing, NoKey, fingerprint, new_key, read_keys, write_keys
from application.store.sealing import Vault

APPENDING = 20230901  # the advisory lock of whoever appends to the log
SECOND_FACTOR_SECRET = b"guixue second factor"  # what an account's sealed secret is
WEBHOOK_SECRET = b"guixue webhook"  # and a subscription's
BATCH = 5_000
STALE = (
    "SELECT student_id, wrapped, under FROM keys.children WHERE under <> %s"
    " ORDER BY student_id LIMIT %s FOR UPDATE"
)


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did: how many children's keys it wrapped anew, under which key."""

    children: int
    fingerprint: bytes


def rotate(
    connection: psycopg.Connection[Any],
    path: Path,
    advance: Callable[[int], None] = lambda _: None,
    batch: int = BATCH,
) -> Rotated:
    """
    Make a new key, wrap every living child's key under it, and take the old one away.

    The file names both keys meanwhile, so that a running service opens whatever it meets, and a
    rotation that was killed is finished by the next. With the old key gone from the file, what an
    old backup still holds of destroyed keys is unreadable for good.

    :raises NoKey: if the file cannot be read, or a child's key is not what was stored
    """
    known = read_keys(path)
    fresh = new_key()
    write_keys(path, [*known, fresh])  # services learn of it before anything is wrapped under it
    connection.execute(
        "INSERT INTO keys.encryption_keys (fingerprint) VALUES (%s)", [fingerprint(fresh)]
    )
    write_keys(path, [fresh, *known])
    vault = Vault(KeyRing.from_file(path))
    done = 0
    advance(done)
    while count := _rewrap(connection, vault, batch):
        done += count
        advance(done)
    with connection.transaction():
        # Nobody appends meanwhile: no key wrapped under the old one comes in behind us.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [APPENDING])
        done += _rewrap(connection, vault, 2**31)
        connection.execute(
            "UPDATE keys.encryption_keys SET retired_at = clock_timestamp()"
            " WHERE fingerprint <> %s AND retired_at IS NULL",
            [fingerprint(fresh)],
        )
    reseal_secrets(connection, vault.ring)
    write_keys(path, [fresh])
    connection.execute("VACUUM keys.children")
    return Rotated(done, fingerprint(fresh))


def _rewrap(connection: psycopg.Connection[Any], vault: Vault, limit: int) -> int:
    """Wrap some keys anew, in a transaction; returns how many there were."""
    current, _ = vault.ring.current()
    with connection.transaction():
        rows = connection.execute(STALE, [current, limit]).fetchall()
        try:
            wrapped = [vault.rewrap(bytes(key), bytes(under)) for _, key, under in rows]
        except InvalidUnwrap:
            raise NoKey("A child's key is not what was stored; see `guixue doctor`.") from None
        connection.execute(
            "UPDATE keys.children SET wrapped = fresh.wrapped, under = %s"
            " FROM unnest(%s::uuid[], %b::bytea[]) AS fresh (student, wrapped)"
            " WHERE student_id = fresh.student",
            [current, [student for student, _, _ in rows], [key for key, _ in wrapped]],
        )
    return len(rows)


def reseal_secrets(connection: psycopg.Connection[Any], ring: KeyRing) -> None:
    """Seal anew what hangs on the same key: second factors, and what webhooks are signed with."""
    with connection.transaction():
        for account, sealed in connection.execute(
            "SELECT account, totp_secret FROM access.accounts WHERE totp_secret IS NOT NULL"
            " FOR UPDATE"
        ).fetchall():
            secret = ring.open(bytes(sealed), SECOND_FACTOR_SECRET)
            connection.execute(
                "UPDATE access.accounts SET totp_secret = %s WHERE account = %s",
                [ring.seal(secret, SECOND_FACTOR_SECRET), account],
            )
        for subscription, sealed in connection.execute(
            "SELECT id, secret FROM notices.subscriptions FOR UPDATE"
        ).fetchall():
            secret = ring.open(bytes(sealed), WEBHOOK_SECRET)
            connection.execute(
                "UPDATE notices.subscriptions SET secret = %s WHERE id = %s",
                [ring.seal(secret, WEBHOOK_SECRET), subscription],
            )
