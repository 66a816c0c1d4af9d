"""The key-encryption keys: kept in a file or the environment, never in the database."""

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
FINGERPRINT_BYTES = 8
NONCE_BYTES = 12


class NoKey(Exception):
    """A key-encryption key is missing or unreadable; says which and what to do."""


class KeyRing:
    """
    Some key-encryption keys, 32 bytes each: the first one wraps, each of them unwraps.

    ``path`` is the file they came from; it is read again whenever it has changed, so that a
    rotation reaches a running service.
    """

    def __init__(self, keys: Iterable[bytes], path: Path | None = None) -> None:
        self._path = path
        self._changed = changed_at(path)
        self._take(keys)

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """
        Read a key file: one key a line, base64, the one that wraps first.

        :raises NoKey: if it is missing, unreadable or holds something else
        """
        return cls(read_keys(path), path)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """
        Read keys as an environment variable gives them: base64, the one that wraps first.

        :raises NoKey: if the text holds something else
        """
        return cls(parsed(text, "GUIXUE_SEALING_KEY"))

    @property
    def path(self) -> Path | None:
        return self._path

    @property
    def fingerprints(self) -> list[bytes]:
        """What names the keys in the database, 8 bytes each; the one that wraps first."""
        return list(self._keys)

    def current(self) -> tuple[bytes, bytes]:
        """Give the key that wraps: its fingerprint and itself."""
        self._look_again()
        return next(iter(self._keys.items()))

    def key(self, fingerprint: bytes) -> bytes:
        """
        Give the key of a fingerprint.

        :raises NoKey: if it is not on the ring
        """
        if fingerprint not in self._keys:
            self._look_again()
        try:
            return self._keys[fingerprint]
        except KeyError:
            raise NoKey(
                f"The key-encryption key {fingerprint.hex()} is not at hand; put its line back"
                f" into {self._path or 'GUIXUE_SEALING_KEY'}."
            ) from None

    def seal(self, secret: bytes, about: bytes) -> bytes:
        """Encrypt a small secret that is no child's; ``about`` says whose and what."""
        fingerprint, key = self.current()
        nonce = secrets.token_bytes(NONCE_BYTES)
        return fingerprint + nonce + AESGCM(key).encrypt(nonce, secret, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """
        Decrypt a small secret.

        :raises NoKey: if its key is not on the ring, or it is another's
        """
        fingerprint, rest = sealed[:FINGERPRINT_BYTES], sealed[FINGERPRINT_BYTES:]
        try:
            return AESGCM(self.key(fingerprint)).decrypt(
                rest[:NONCE_BYTES], rest[NONCE_BYTES:], about
            )
        except InvalidTag:
            raise NoKey("A sealed secret was altered, or is another's.") from None

    def _look_again(self) -> None:
        changed = changed_at(self._path)
        if self._path is None or changed in {None, self._changed}:
            return  # a file that is gone leaves us with what we know
        self._take(read_keys(self._path))
        self._changed = changed

    def _take(self, keys: Iterable[bytes]) -> None:
        self._keys = {fingerprint(key): key for key in keys}


def fingerprint(key: bytes) -> bytes:
    return hashlib.sha256(b"guixue key-encryption key\0" + key).digest()[:FINGERPRINT_BYTES]


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def parsed(text: str, source: str) -> list[bytes]:
    """
    Read base64 keys from text, separated by white space or commas.

    :raises NoKey: if it holds anything else, or none
    """
    try:
        keys = [
            base64.b64decode(word, validate=True)
            for line in text.splitlines()
            if not line.lstrip().startswith("#")
            for word in line.replace(",", " ").split()
        ]
    except (binascii.Error, ValueError):
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise NoKey(
            f"{source} holds no key-encryption key: it should be a line of 44 characters, base64 of"
            f" 32 bytes, as it was made. Put it back from its backup. 密钥文件无法读取。"
        )
    return keys


def write_keys(path: Path, keys: Iterable[bytes]) -> None:
    """Write a key file, whole or not at all, for its owner alone to read."""
    lines = [
        "# Guixue 归学: the keys under which every child's own key is wrapped. Keep a copy apart",
        "# from the database and its backups; without it nothing recorded can be read.",
        *(base64.b64encode(key).decode() for key in keys),
    ]
    write_whole(path, ("\n".join(lines) + "\n").encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a secret file that is there whole or not at all; mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", delete=False) as fresh:
        fresh.write(content)
        fresh.flush()
        os.fsync(fresh.fileno())
    Path(fresh.name).rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_keys(path: Path) -> list[bytes]:
    """
    Read the keys of a key file, the one that wraps first.

    :raises NoKey: if it is missing, unreadable or holds something else
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise NoKey(
            f"The key file {path} is missing. Everything recorded is sealed under its key: put it"
            " back from its backup, or name where it is by GUIXUE_SEALING_KEY_FILE. Nothing was"
            " changed. 缺少密钥文件,请从备份恢复后再启动。"
        ) from None
    except (OSError, UnicodeDecodeError) as fault:
        raise NoKey(f"The key file {path} cannot be read ({type(fault).__name__}).") from None
    return parsed(text, f"The key file {path}")


def changed_at(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino) if found else None
