"""A witness's own key: drawn at its first start, in a file that only its owner reads."""

import secrets
from base64 import b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.store.key_ring import write_whole
from application.store.signed_note import COSIGNATURE, NAME, Signer, decoded

MARK = "PRIVATE+KEY+"  # as signers of C2SP notes write theirs: this, name+id+key
SEED_BYTES = 32


class WrongKeyFile(Exception):
    """The key file holds no key of a witness, or another's; says what to do."""


def witness_signer(folder: Path, name: str | None = None) -> Signer:
    """
    Give the key of a witness; makes it, under this name or one that is drawn, if there is none.

    :raises WrongKeyFile: if there is one that cannot be read, or has another name
    """
    place = folder / "witness.key"
    if not place.exists():
        if any((folder / "known").glob("*")):
            raise WrongKeyFile(
                f"The key {place} is missing, and this witness has cosigned before: put it back"
                " from its backup. 缺少见证方密钥,请从备份恢复。"
            )
        _make(place, f"guixue-witness-{secrets.token_hex(4)}" if name is None else name)
    signer = read_signer(place)
    if name not in {None, signer.name}:
        raise WrongKeyFile(f"This witness is called {signer.name}, not {name}. 见证方名称不符。")
    return signer


def read_signer(place: Path) -> Signer:
    """
    Read a key file.

    :raises WrongKeyFile: if it holds no key of a witness
    """
    try:
        told = place.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        told = ""
    name, _, rest = told.removeprefix(MARK).partition("+")
    key_id, _, key = rest.partition("+")
    data = decoded(key)
    if told.startswith(MARK) and data[:1] == bytes([COSIGNATURE]) and len(data) == 1 + SEED_BYTES:
        signer = Signer(name, Ed25519PrivateKey.from_private_bytes(data[1:]), COSIGNATURE)
        if signer.key.key_id.hex() == key_id:
            return signer
    raise WrongKeyFile(f"{place} holds no key of a witness; put it back. 见证方密钥文件无法读取。")


def _make(place: Path, name: str) -> None:
    if not NAME.fullmatch(name) or not name.isascii():
        raise WrongKeyFile(f"A witness cannot be called {name!r}: no spaces, no +. 名称不可用。")
    signer = Signer(name, Ed25519PrivateKey.generate(), COSIGNATURE)
    seed = bytes([COSIGNATURE]) + signer.private.private_bytes_raw()
    told = f"{MARK}{name}+{signer.key.key_id.hex()}+{b64encode(seed).decode()}\n"
    write_whole(place, told.encode())
