"""Signed notes are those the world reads; a signature that is not its key's own is refused."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.store.signed_note import COSIGNATURE, InvalidNote, Note, NoteKey, Signer

# The example of Go's package of signed notes, as anybody's verifier reads it.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAID = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NOTE = (
    f"{SAID}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
    "qdngotpRZb6KE6RyyBwJnAM=\n"
)
TEXT = "guixue.example/district\n7\nqqo=\n"
LOG = Signer("guixue.example/district", Ed25519PrivateKey.from_private_bytes(bytes(32)))
WITNESS = Signer("witness.example", Ed25519PrivateKey.from_private_bytes(b"w" * 32), COSIGNATURE)


def test_a_note_signed_elsewhere_is_read():
    key = NoteKey.read(NEUMANN)

    assert Note.read(NOTE).text == SAID
    assert Note.read(NOTE).signed_by([key]) == [(key, None)]
    assert Note.read(NOTE).told() == NOTE
    assert key.told() == NEUMANN


def test_a_log_and_a_witness_sign_one_text():
    note = Note(TEXT, (LOG.sign(TEXT), WITNESS.cosign(TEXT, 1_790_000_000)))

    read = Note.read(note.told())

    assert read == note
    assert read.signed_by([WITNESS.key, LOG.key]) == [
        (LOG.key, None),
        (WITNESS.key, 1_790_000_000),
    ]
    assert read.signed_by([NoteKey.read(NEUMANN)]) == []


@pytest.mark.parametrize("signed", [LOG.sign(TEXT), WITNESS.cosign(TEXT, 7)])
def test_no_bit_of_text_or_signature_may_change(signed):
    keys = [LOG.key, WITNESS.key]
    with pytest.raises(InvalidNote):
        Note(TEXT.replace("7", "8"), (signed,)).signed_by(keys)
    for bit in range(len(signed.data) * 8):
        data = (int.from_bytes(signed.data, "big") ^ (1 << bit)).to_bytes(len(signed.data), "big")
        with pytest.raises(InvalidNote):
            Note(TEXT, (type(signed)(signed.name, signed.key_id, data),)).signed_by(keys)


def test_a_witness_does_not_sign_as_a_log_nor_a_log_as_a_witness():
    as_log = NoteKey(WITNESS.name, WITNESS.key.public)
    assert Note(TEXT, (WITNESS.cosign(TEXT, 7),)).signed_by([as_log]) == []


@pytest.mark.parametrize(
    "told",
    ["", "\n", TEXT, f"{TEXT}\n", f"{TEXT}\n— a", f"{TEXT}\n— a b\n", f"{TEXT}\n-- a qqqqqqo=\n",
     f"{TEXT}\n— a+b qqqqqqo=\n", f"{TEXT}\n— a qqqqqqo=\n\n", f"{TEXT}\n— a qqo=\n"],
)  # fmt: skip
def test_what_is_no_note_is_refused(told):
    with pytest.raises(InvalidNote):
        Note.read(told)


@pytest.mark.parametrize(
    "told",
    ["", "a", "a+b+c", NEUMANN.replace("c74f", "c74e"), NEUMANN.replace("Peter", "Pet er"),
     NEUMANN[:-4], f"{NEUMANN}AAAA", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
)  # fmt: skip
def test_what_is_no_key_is_refused(told):
    with pytest.raises(InvalidNote):
        NoteKey.read(told)
