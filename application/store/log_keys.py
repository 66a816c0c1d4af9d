"""The keys that sign the log's checkpoints and receipts: kept in a file, never in the database."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.store.key_ring import NoKey, changed_at, write_whole
from application.store.signed_note import NAME, SIGNATURE, InvalidNote, Note, Signer

MARK = "PRIVATE+KEY"
HEADER = """\
# Guixue 归学: the keys that sign the log's checkpoints and receipts, the newest first; each since
# when. Every one of them signs. Keep a copy apart from the database and its backups.
"""


@dataclass(frozen=True, slots=True)
class LogKey:
    """One signing key, and the moment from which it signs receipts."""

    since: datetime
    signer: Signer

    def line(self) -> str:
        """Write it as ``since PRIVATE+KEY+name+id+key``, the key as Go's signed notes have it."""
        key = self.signer.key
        secret = bytes([SIGNATURE]) + self.signer.private.private_bytes_raw()
        return (
            f"{self.since.isoformat(timespec='microseconds')}"
            f" {MARK}+{key.name}+{key.key_id.hex()}+{b64encode(secret).decode()}\n"
        )

    @classmethod
    def read(cls, line: str) -> Self:
        """
        Read a line as :meth:`line` writes it.

        :raises ValueError: if it is none
        """
        since, _, told = line.strip().partition(" ")
        name, key_id, secret = told.removeprefix(f"{MARK}+").split("+", 2)
        seed = b64decode(secret, validate=True)
        if not NAME.fullmatch(name) or seed[:1] != bytes([SIGNATURE]):
            raise ValueError(line)
        signer = Signer(name, Ed25519PrivateKey.from_private_bytes(seed[1:]))
        moment = datetime.fromisoformat(since)
        if signer.key.key_id.hex() != key_id or moment.tzinfo is None:
            raise ValueError(line)
        return cls(moment, signer)

    @classmethod
    def made(cls, name: str) -> Self:
        """Make a new key for the log of this name, which signs from now on."""
        return cls(datetime.now(UTC), Signer(name, Ed25519PrivateKey.generate()))


class LogKeys:
    """
    The signing keys of a log, the newest first; all have one name, the log's (its origin).

    The file is read again whenever it has changed, so that a rotation reaches a running service.
    """

    def __init__(self, path: Path) -> None:
        """
        Read a key file.

        :raises NoKey: if it is missing, unreadable or holds something else
        """
        self._path = path
        self._changed = changed_at(path)
        self._keys = read_log_keys(path)

    @property
    def path(self) -> Path:
        return self._path

    @property
    def origin(self) -> str:
        return self._keys[0].signer.name

    def current(self) -> Sequence[LogKey]:
        """Give the keys, the newest first."""
        changed = changed_at(self._path)
        if changed not in {None, self._changed}:  # a file that is gone leaves us what we know
            self._keys, self._changed = read_log_keys(self._path), changed
        return self._keys

    def sign(self, text: str) -> Note:
        """Sign a checkpoint's text with every key."""
        return Note(text, tuple(key.signer.sign(text) for key in self.current()))

    def check(self, told: str) -> None:
        """
        Check that a checkpoint was signed by one of the keys.

        :raises NoKey: if not
        """
        try:
            if Note.read(told).signed_by(key.signer.key for key in self._keys):
                return
        except InvalidNote:
            pass
        raise NoKey(
            f"The key file {self._path} is not this log's: its last checkpoint was signed by"
            " another key. Put the right file back from its backup. Nothing was changed."
            " 日志签名密钥与数据库不符,请从备份恢复正确的密钥文件。"
        )

    def at(self, moment: datetime) -> Signer:
        """Give the key that signs the receipt of what was recorded at a moment: always the same."""
        keys = self.current()
        return next((key for key in keys if key.since <= moment), keys[-1]).signer


def read_log_keys(path: Path) -> list[LogKey]:
    """
    Read a key file.

    :raises NoKey: if it is missing, unreadable or holds something else
    """
    try:
        lines = path.read_text("utf-8").splitlines()
        keys = [LogKey.read(line) for line in lines if line.strip() and line[:1] != "#"]
    except FileNotFoundError:
        raise NoKey(
            f"The key file {path} is missing, by which the log's checkpoints are signed: put it"
            " back from its backup. Nothing was changed."
            " 缺少日志签名密钥文件,请从备份恢复后再启动。"
        ) from None
    except (OSError, ValueError) as fault:
        raise NoKey(f"The key file {path} cannot be read ({type(fault).__name__}).") from None
    if not keys or len({key.signer.name for key in keys}) != 1:
        raise NoKey(f"The key file {path} holds no signing keys of one log.")
    return sorted(keys, key=lambda key: key.since, reverse=True)


def write_log_keys(path: Path, keys: Sequence[LogKey]) -> None:
    """Write a key file, whole or not at all, for its owner alone to read."""
    write_whole(path, (HEADER + "".join(key.line() for key in keys)).encode())
