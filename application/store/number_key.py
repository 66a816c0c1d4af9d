"""The key under which student numbers are hashed: one for ever, and the database knows which."""

import hashlib
import secrets
from pathlib import Path
from typing import Any

import psycopg

from application.store.key_ring import NoKey, write_whole
from application.store.preparing import PREPARING

KEY_BYTES = 32
FINGERPRINT_BYTES = 8
KNOWN = "SELECT fingerprint FROM keys.number_key"
IN_USE = """
SELECT EXISTS (SELECT FROM keys.number_key) OR EXISTS (SELECT FROM log.student_numbers)
"""


def number_key(path: Path, connection: psycopg.Connection[Any]) -> bytes:
    """
    Give the key of a database that is laid out, by its owner's connection; 32 bytes.

    It is made where no number was ever hashed. Under another key the same number would be another
    hash, and a child could come onto the roll twice.

    :raises NoKey: if it is missing or unreadable, or another database's
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [PREPARING])
        row = connection.execute(IN_USE).fetchone()
        if not path.exists() and row == (False,):
            write_whole(path, secrets.token_bytes(KEY_BYTES))
        key = read_number_key(path)
        connection.execute(
            "INSERT INTO keys.number_key (fingerprint) VALUES (%s) ON CONFLICT DO NOTHING",
            [fingerprint(key)],
        )
        if connection.execute(KNOWN).fetchone() != (fingerprint(key),):
            raise NoKey(
                f"The key file {path} is not this database's: student numbers were hashed under"
                " another key. Put the right file back from its backup. Nothing was changed."
                " 学籍号散列密钥与数据库不符,请从备份恢复正确的密钥文件。"
            )
    return key


def read_number_key(path: Path) -> bytes:
    """
    Read a key file.

    :raises NoKey: if it is missing, unreadable or holds something else
    """
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        raise NoKey(
            f"The key file {path} is missing, under which student numbers are hashed: put it back"
            " from its backup. Nothing was changed. 缺少学籍号散列密钥文件,请从备份恢复后再启动。"
        ) from None
    except OSError as fault:
        raise NoKey(f"The key file {path} cannot be read ({type(fault).__name__}).") from None
    if len(key) != KEY_BYTES:
        raise NoKey(
            f"The key file {path} holds no key of {KEY_BYTES} bytes. Put it back from its backup."
            " Nothing was changed. 学籍号散列密钥文件已损坏,请从备份恢复。"
        )
    return key


def fingerprint(key: bytes) -> bytes:
    return hashlib.sha256(b"guixue number key\0" + key).digest()[:FINGERPRINT_BYTES]
