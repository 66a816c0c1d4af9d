"""Evidence once given is proven for ever, also by another verifier made from the README alone."""

import json
from base64 import b64decode, urlsafe_b64decode
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api import verify_cli

GIVEN = Path(__file__).with_name("golden_evidence")


def test_evidence_once_given_is_still_proven(capsys):
    code = verify_cli.main(
        [str(GIVEN / "bundle.json"), "--key", str(GIVEN / "district.pub"),
         "--witness", str(GIVEN / "prefecture.pub"), "--since", str(GIVEN / "five.txt"),
         "--receipt", (GIVEN / "receipt.txt").read_text()]
    )  # fmt: skip
    assert (code, capsys.readouterr().out.splitlines()[-1]) == (0, "核验通过")


# Another verifier: nothing of ours, only what the README says -----------------------------------


def number(value: int, width: int) -> bytes:
    return value.to_bytes(width, "big")


def micros(moment: str) -> int:
    whole = datetime.fromisoformat(moment)
    return int(whole.timestamp()) * 1_000_000 + whole.microsecond


def led(text: str) -> bytes:
    return number(len(text.encode()), 4) + text.encode()


def leaf(pseudonym: bytes, entry: dict, previous: bytes) -> bytes:
    content = sha256(
        led(entry["topic"]) + led(entry["actor"]) + number(micros(entry["recorded_at"]), 8)
        + b64decode(entry["state"])
    ).digest()  # fmt: skip
    data = pseudonym + number(entry["version"], 8) + previous + content
    return sha256(b"\0" + data).digest()


def root(hash_: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.3: the root that an inclusion proof leads to, from the top down."""
    if size == 1:
        assert not proof
        return hash_
    left = 1 << (size - 1).bit_length() - 1
    *rest, sibling = proof
    if index < left:
        return sha256(b"\1" + root(hash_, index, left, rest) + sibling).digest()
    return sha256(b"\1" + sibling + root(hash_, index - left, size - left, rest)).digest()


def test_another_verifier_agrees():
    bundle = json.loads((GIVEN / "bundle.json").read_text("utf-8"))
    name, key_id, key = (GIVEN / "district.pub").read_text().strip().split("+", 2)
    public = Ed25519PublicKey.from_public_bytes(b64decode(key)[1:])
    hashes = [b64decode(one) for one in bundle["hashes"]]

    def proof(places: list[int]) -> list[bytes]:
        return [hashes[place] for place in places]

    text, _, signatures = bundle["checkpoint"].rpartition("\n\n")
    origin, size_told, root_told = text.split("\n")
    size, wanted = int(size_told), b64decode(root_told)
    (signed,) = [one for one in signatures.splitlines() if one.startswith(f"— {name} ")]
    signature = b64decode(signed.rpartition(" ")[2])
    assert origin == name == bundle["origin"]
    assert signature[:4].hex() == key_id
    public.verify(signature[4:], f"{text}\n".encode())

    pseudonym, previous, leaves = b64decode(bundle["pseudonym"]), bytes(32), []
    seal = AESGCM(b64decode(bundle["key"]))
    for version, entry in enumerate(bundle["entries"], 1):
        assert entry["version"] == version
        previous = leaf(pseudonym, entry, previous)
        leaves.append(previous)
        assert root(previous, entry["position"] - 1, size, proof(entry["proof"])) == wanted
        state = b64decode(entry["state"])
        place = UUID(bundle["student_id"]).bytes + number(version, 8) + entry["topic"].encode()
        assert state[0] == 1
        assert seal.decrypt(state[1:13], state[13:], place).startswith(b'{"note"')

    last, held = bundle["heads"]["entry"], b64decode(bundle["heads"]["bucket"])
    own = leaf(b64decode(last["pseudonym"]), last, b64decode(last["previous"]))
    assert root(own, size - 1, size, proof(last["proof"])) == wanted
    assert (last["topic"], last["actor"]) == ("log.heads", "log")
    committed = json.loads(b64decode(last["state"]))
    assert committed["size"] == size - 1
    bucket, path = sha256(b"\0" + held).digest(), proof(bundle["heads"]["path"])
    number_of_bucket = int.from_bytes(pseudonym[:2], "big")
    assert root(bucket, number_of_bucket, 65_536, path) == b64decode(committed["root"])
    assert pseudonym + number(len(leaves), 8) + leaves[-1] in {
        held[at : at + 72] for at in range(0, len(held), 72)
    }

    receipt = urlsafe_b64decode((GIVEN / "receipt.txt").read_text().strip().removeprefix("GXR1."))
    assert receipt[:32] == leaves[1]
    assert receipt[40:44].hex() == key_id
    public.verify(receipt[44:], b"guixue receipt\n" + origin.encode() + b"\n" + receipt[:40])
