"""A witness cosigns one history of a log and no other, whatever it is sent."""

import json
import random
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.store.checkpoint import Checkpoint
from application.store.signed_note import Note
from application.store.transparency import EMPTY_ROOT
from application.submission import LARGEST_SUBMISSION, Malformed, Submission
from application.witness import DamagedMemory, Declines, Witness
from application.witness_key import WrongKeyFile, witness_signer
from tests.judging import ONE, OWN, SIZE
from tests.proof import LOG, NOW, PREFECTURE, PROVINCE, MadeLog, child, made, rewritten, signer

NOTHING = ()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "witness"


@pytest.fixture
def witness(folder):
    return woken(folder)


def woken(folder, name=PREFECTURE, at=NOW):
    return Witness(folder, name, [LOG.key], lambda: at)


def sent(log: MadeLog, size: int, old: int, proof=None) -> bytes:
    part = MadeLog(log.rows[:size], log.signed_by)
    if proof is None:
        proof = part.consistency(old) if 0 < old < size else NOTHING
    return Submission(old, tuple(proof), part.note()).told()


def declined(witness, body) -> tuple[int, str]:
    with pytest.raises(Declines) as no:
        witness.add(body)
    return no.value.status, no.value.said


def size_known(witness) -> int:
    note = witness.known(LOG.name)
    return 0 if note is None else Checkpoint.read(note.text).size


# What it cosigns --------------------------------------------------------------------------------


def test_it_cosigns_what_continues(witness):
    last = 0
    for size in (1, 2, 7, 8, SIZE):
        line = witness.add(sent(ONE, size, last))
        note = Note.read(ONE.note(size=size).told() + line)
        assert note.signed_by([PREFECTURE.key]) == [(PREFECTURE.key, int(NOW.timestamp()))]
        last = size
    assert size_known(witness) == SIZE
    assert witness.alarms() == []


def test_it_cosigns_the_same_again_with_a_new_moment(folder):
    woken(folder).add(sent(ONE, 7, 0))
    later = NOW + timedelta(days=1)
    line = woken(folder, at=later).add(sent(ONE, 7, 7))
    ((_, second),) = Note.read(ONE.note(size=7).told() + line).signed_by([PREFECTURE.key])
    assert second == int(later.timestamp())


def test_a_log_may_begin_with_nothing(witness):
    empty = Checkpoint(LOG.name, 0, EMPTY_ROOT).text
    wrong = Checkpoint(LOG.name, 0, b"x" * 32).text
    assert declined(witness, Submission(0, (), Note(wrong, (LOG.sign(wrong),))).told())[0] == 422
    witness.add(Submission(0, (), Note(empty, (LOG.sign(empty),))).told())
    witness.add(sent(ONE, 7, 0))
    assert size_known(witness) == 7


def test_it_remembers_over_a_restart(folder):
    woken(folder).add(sent(ONE, 7, 0))
    again = woken(folder)
    assert declined(again, sent(ONE, SIZE, 0)) == (409, "7\n")
    again.add(sent(ONE, SIZE, 7))


def test_it_keeps_the_logs_signature_and_its_own_and_no_other(witness):
    note = ONE.note(PROVINCE, size=7)
    witness.add(Submission(0, (), note).told())
    assert [one.name for one in witness.known(LOG.name).signatures] == [LOG.name, PREFECTURE.name]


def test_each_log_is_remembered_for_itself(folder):
    other = signer("other.example")
    witness = Witness(folder, PREFECTURE, [LOG.key, other.key])
    witness.add(sent(ONE, 7, 0))
    witness.add(sent(MadeLog(ONE.rows, other), 5, 0))
    assert size_known(witness) == 7
    assert Checkpoint.read(witness.known("other.example").text).size == 5


# What it does not -------------------------------------------------------------------------------


def test_it_says_what_size_it_knows(witness):
    witness.add(sent(ONE, 7, 0))
    with pytest.raises(Declines) as no:
        witness.add(sent(ONE, SIZE, 5))
    assert (no.value.status, no.value.said, no.value.media) == (409, "7\n", "text/x.tlog.size")
    assert declined(witness, sent(ONE, 5, 5)) == (409, "7\n")


def test_it_knows_its_logs_and_their_keys(witness):
    stranger = signer("stranger.example")
    forged = replace(stranger, name=LOG.name)
    good = ONE.note(size=7)
    damaged = Note(good.text, (replace(good.signatures[0], data=bytes(64)),))

    assert declined(witness, sent(MadeLog(ONE.rows, stranger), 7, 0))[0] == 404
    assert declined(witness, sent(MadeLog(ONE.rows, forged), 7, 0))[0] == 403
    assert declined(witness, Submission(0, (), damaged).told())[0] == 403
    assert size_known(witness) == 0


def test_a_wrong_proof_proves_nothing_and_is_an_alarm_until_a_right_one_comes(witness):
    witness.add(sent(ONE, 7, 0))
    right = MadeLog(ONE.rows[:SIZE]).consistency(7)
    for proof in (NOTHING, right[:-1], right[::-1], (*right, bytes(32)), [bytes(32)] * 63):
        assert declined(witness, sent(ONE, SIZE, 7, proof))[0] == 422
    (alarm,) = witness.alarms()
    assert alarm.kind == "unproven"

    witness.add(sent(ONE, SIZE, 7))

    assert witness.alarms() == []


def test_a_proof_where_none_belongs_is_refused(witness):
    assert declined(witness, sent(ONE, 7, 0, [bytes(32)]))[0] == 422
    witness.add(sent(ONE, 7, 0))
    assert declined(witness, sent(ONE, 7, 7, [bytes(32)]))[0] == 422
    assert witness.alarms() == []


@pytest.mark.parametrize("old", [0, 3, SIZE])
def test_a_fork_is_refused_kept_and_raised(folder, witness, old):
    witness.add(sent(ONE, SIZE, 0))
    fork = rewritten(ONE, OWN[1], actor="somebody")

    assert declined(witness, sent(fork, SIZE, old))[0] == 409
    assert declined(witness, sent(fork, SIZE, old))[0] == 409

    (alarm,) = woken(folder).alarms()
    assert (alarm.kind, alarm.origin) == ("fork", LOG.name)
    kept = json.loads((folder / "alarms" / alarm.file.rpartition("/")[2]).read_text("utf-8"))
    first, second = Note.read(kept["known"]), Note.read(kept["offered"])
    assert first.signed_by([LOG.key])
    assert second.signed_by([LOG.key])
    assert Checkpoint.read(first.text).root != Checkpoint.read(second.text).root
    assert Checkpoint.read(witness.known(LOG.name).text) == ONE.checkpoint()


def test_a_fork_that_grew_is_refused_by_every_witness_that_saw_the_other(tmp_path):
    prefecture = woken(tmp_path / "prefecture")
    province = woken(tmp_path / "province", PROVINCE)
    fork = rewritten(ONE, OWN[0], actor="somebody")
    for _ in range(9):
        fork.record(child(1))
    fork.commit()
    prefecture.add(sent(ONE, SIZE, 0))
    province.add(sent(fork, SIZE, 0))

    assert declined(prefecture, sent(fork, len(fork.rows), SIZE))[0] == 422
    assert declined(province, sent(ONE, SIZE, SIZE))[0] == 409
    province.add(sent(fork, len(fork.rows), SIZE))
    assert [one.kind for one in prefecture.alarms()] == ["unproven"]
    assert [one.kind for one in province.alarms()] == ["fork"]


@given(st.data())
def test_no_two_cosignatures_contradict_each_other(tmp_path_factory, data):
    """However two histories of a log take turns, all that is cosigned is one history."""
    witness = woken(tmp_path_factory.mktemp("witness"))
    cut = data.draw(st.integers(0, SIZE - 1))
    logs = (ONE, rewritten(ONE, cut, recorded_at=NOW))
    cosigned = []
    for _ in range(data.draw(st.integers(1, 8))):
        log = data.draw(st.sampled_from(logs))
        size = data.draw(st.integers(1, SIZE))
        old = data.draw(st.sampled_from([size_known(witness), 0, size]))
        try:
            witness.add(sent(log, size, min(old, size)))
            cosigned.append((log, size))
        except Declines:
            continue
    for log, size in cosigned:
        for other, larger in cosigned:
            if size <= larger:
                assert log.hashes()[:size] == other.hashes()[:size]
    assert [size for _, size in cosigned] == sorted(size for _, size in cosigned)


def test_of_many_at_once_one_history_wins(witness):
    fork = rewritten(ONE, 0, actor="somebody")
    bodies = [sent(log, size, 0) for log in (ONE, fork) for size in range(2, SIZE)]
    random.Random(5).shuffle(bodies)
    taken = []

    def send(body):
        with suppress(Declines):
            taken.append(witness.add(body))

    threads = [threading.Thread(target=send, args=[body]) for body in bodies]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(taken) == 1


# What is sent -----------------------------------------------------------------------------------


NOTE = ONE.note(size=7).told()
MALFORMED = [
    b"", b"\n", b"\n\n", b"old 0", b"old 0\n\n", b"old 0\n\n\n", b"old 0\n" + NOTE.encode(),
    f"old\n\n{NOTE}", f"old -1\n\n{NOTE}", f"old 00\n\n{NOTE}", f"old 1e3\n\n{NOTE}",
    f"old 0x7\n\n{NOTE}", f"old 7 \n\n{NOTE}", f"old ٧\n\n{NOTE}", f"old 8\n\n{NOTE}",
    f"old {2**63}\n\n{NOTE}", f"old {2**64}\n\n{NOTE}", f"old {'9' * 5_000}\n\n{NOTE}",
    f"OLD 0\n\n{NOTE}", f"old 0\r\n\r\n{NOTE}", f"old 0\nAAAA\n\n{NOTE}",
    f"old 0\n{'A' * 44}\n\n{NOTE}",
    f"old 0\n{'A' * 42}B=\n\n{NOTE}", f"old 0\n{('A' * 43 + '=' + chr(10)) * 64}\n{NOTE}",
    f"old 0\n\n{NOTE}\0", f"old 0\0\n\n{NOTE}", b"\xff\xfe" + NOTE.encode(),
    f"old 0\n\n{NOTE}".encode("utf-16"),
    b"old 0\n\n" + NOTE.encode().replace(b"7", b"\xed\xa0\x80"),
    f"old 0\n\n{NOTE.replace(chr(10) + '7' + chr(10), chr(10) + str(2**63) + chr(10))}",
    f"old 0\n\n{NOTE.replace(chr(10) + '7' + chr(10), chr(10) + '07' + chr(10))}",
    f"old 0\n\n{LOG.name}\n7\n\n— a AAAAAAAA\n", f"old 0\n\n{LOG.name}\n7\nAAAA\n\n— a AAAAAAAA\n",
    f"old 0\n\n{NOTE[:-1]}", b"old 0\n\n" + b"x" * LARGEST_SUBMISSION,
]  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_malformed_is_said_to_be(witness, body):
    assert declined(witness, body if isinstance(body, bytes) else body.encode())[0] == 400
    assert size_known(witness) == 0


@given(st.binary(max_size=300))
def test_anything_is_a_submission_or_is_not(body):
    for told in (body, b"old 0\n\n" + body, sent(ONE, 7, 0)[: len(body)] + body):
        try:
            assert Submission.read(told).told() == told
        except Malformed:
            continue


# Its folder -------------------------------------------------------------------------------------


def test_a_damaged_memory_cosigns_nothing(folder):
    woken(folder).add(sent(ONE, 7, 0))
    (place,) = (folder / "known").iterdir()
    whole = place.read_bytes()
    for damaged in (b"", whole[:-9], whole.replace(b"\n7\n", b"\n6\n"), b"\xff", NOTE.encode()):
        place.write_bytes(damaged)
        with pytest.raises(DamagedMemory):
            woken(folder)
    place.write_bytes(whole)
    place.rename(place.with_name("0" * 64 + ".checkpoint"))
    with pytest.raises(DamagedMemory):
        woken(folder)


def test_what_cannot_be_remembered_is_not_cosigned(folder, witness):
    witness.add(sent(ONE, 7, 0))
    known = folder / "known"
    known.rename(folder / "away")
    known.write_text("in the way")
    with pytest.raises(OSError, match="known"):
        witness.add(sent(ONE, SIZE, 7))
    assert size_known(witness) == 7
    known.unlink()
    (folder / "away").rename(known)
    assert size_known(woken(folder)) == 7


def test_an_alarm_that_cannot_be_read_is_one_all_the_same(folder, witness):
    (folder / "alarms" / "fork-x.json").write_text("{")
    assert [one.kind for one in witness.alarms()] == ["unreadable"]


def test_its_key_is_made_once_and_never_anew(folder):
    first = witness_signer(folder)
    assert witness_signer(folder).key == first.key
    assert witness_signer(folder, first.name).key == first.key
    assert (folder / "witness.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(WrongKeyFile, match=first.name):
        witness_signer(folder, "another.example")

    Witness(folder, first, [LOG.key]).add(sent(made(1), 2, 0))
    (folder / "witness.key").unlink()
    with pytest.raises(WrongKeyFile, match="missing"):
        witness_signer(folder)
    for told in ("", "PRIVATE+KEY+a+00000000+AAAA", "\xff"):
        (folder / "witness.key").write_text(told, "latin-1")
        with pytest.raises(WrongKeyFile):
            witness_signer(folder)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "\n", "见证", "x" * 201])
def test_a_witness_has_a_name_that_notes_can_bear(folder, name):
    with pytest.raises(WrongKeyFile):
        witness_signer(folder, name)
    assert not (folder / "witness.key").exists()
    assert witness_signer(folder).name.startswith("guixue-witness-")
