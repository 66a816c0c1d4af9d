"""What evidence proves: clean evidence always, and no alteration is ever taken for clean."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.store.checkpoint_checks import Asked
from application.store.child_seal import ChildSeal
from application.store.evidence import Bundle, InvalidBundle
from application.store.heads import Head
from application.store.receipts import Receipt
from application.store.signed_note import InvalidNote, Note, Signature
from application.store.verdict import Standing, Verdict, age, clock, moment_of
from application.store.verifying import check, leaves_of
from tests.judging import CLEAN, ONE, SIZE, asked, by_name, failed, report, verdict
from tests.proof import (
    LOG,
    NOW,
    ORIGIN,
    PREFECTURE,
    PROVINCE,
    SECRET,
    MadeLog,
    child,
    child_key,
    made,
    signer,
)

# Clean evidence ---------------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
    st.integers(0, 1_000),
    st.booleans(),
    st.data(),
)
def test_clean_evidence_is_never_refused(lives, seed, key, data):
    log = made(*lives, seed=seed)
    earlier = data.draw(st.integers(1, len(log.rows)))
    who = data.draw(st.integers(0, len(lives) - 1))
    bundle = log.bundle(child(who), PREFECTURE, key=key, earlier=[earlier])
    receipts = tuple(Receipt.made(leaf, NOW, LOG) for leaf in leaves_of(bundle))

    found = report(
        bundle,
        witnesses=(PREFECTURE.key,),
        since=log.note(size=earlier),
        receipts=receipts,
    )

    assert found.verdict is Verdict.PROVEN
    assert len(found.payloads) == (lives[who] if key else 0)
    assert by_name(found, "receipt") == [Standing.PROVEN] * lives[who]
    assert by_name(found, "since") == [Standing.PROVEN]


def test_a_child_with_two_hundred_entries():
    assert verdict(made(200, 3).bundle(child(0))) is Verdict.PROVEN


def test_what_is_not_proven_is_said():
    found = report(ONE.bundle(child(0), key=False))

    assert found.verdict is Verdict.PROVEN
    assert by_name(found, "content") == [Standing.OPEN]
    assert by_name(found, "witness") == [Standing.OPEN]
    assert by_name(found, "since") == [Standing.OPEN]
    assert by_name(found, "truth") == [Standing.OPEN]


def test_an_erased_child_is_still_proven():
    found = report(replace(ONE.bundle(child(0), key=False), erased=True))

    assert found.verdict is Verdict.PROVEN
    (said,) = [one.zh for one in found.judged if one.name == "content"]
    assert "已依法销毁" in said


# The entries altered in the database, proofs and checkpoint as they were ------------------------


def with_entry(number, **changes):
    entries = list(CLEAN.entries)
    entries[number - 1] = replace(entries[number - 1], **changes)
    return replace(CLEAN, entries=tuple(entries))


def resealed(number, payload=b'{"note":"forged"}'):
    one = CLEAN.entries[number - 1]
    return ChildSeal(child(0), child_key(child(0))).seal(one.version, one.topic, payload)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_an_altered_entry_is_found(number):
    one = CLEAN.entries[number - 1]
    for changes in (
        {"state": resealed(number)},
        {"topic": "student.returned"},
        {"actor": "somebody"},
        {"recorded_at": one.recorded_at + timedelta(microseconds=1)},
        {"position": one.position + 1},
    ):
        assert "entries" in failed(with_entry(number, **changes)), changes
    for version in (number + 1, 2**63 - 1):
        assert {"order", "entries"} <= failed(with_entry(number, version=version))


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_missing_entry_is_found(number):
    entries = CLEAN.entries[: number - 1] + CLEAN.entries[number:]
    counted = tuple(replace(one, version=at) for at, one in enumerate(entries, 1))

    assert "ending" in failed(replace(CLEAN, entries=entries))
    assert "ending" in failed(replace(CLEAN, entries=counted))


def test_entries_exchanged_or_repeated_are_found():
    first, second, *rest = CLEAN.entries
    for entries in (
        (second, first, *rest),
        (replace(second, version=1), replace(first, version=2), *rest),
        (first, first, second, *rest),
        (*CLEAN.entries, rest[-1]),
        (*CLEAN.entries, replace(rest[-1], version=5)),
    ):
        assert {"entries", "ending"} & failed(replace(CLEAN, entries=entries))


def test_another_childs_history_is_found():
    other = ONE.bundle(child(1))

    assert failed(replace(other, student_id=child(0))) == {"content"}
    assert "entries" in failed(replace(CLEAN, entries=other.entries))
    assert failed(replace(CLEAN, pseudonym=other.pseudonym)) >= {"entries", "heads", "ending"}
    assert failed(replace(other, student_id=child(0), key=CLEAN.key)) == {"content"}
    assert failed(replace(CLEAN, key=other.key)) == {"content"}


def test_heads_of_another_place_or_moment_are_found():
    other = ONE.bundle(child(1)).heads
    own = CLEAN.heads
    earlier = MadeLog(ONE.rows[:6])
    earlier.commit()
    head = Head(CLEAN.pseudonym, len(CLEAN.entries), leaves_of(CLEAN)[-1])
    for heads in (
        replace(own, bucket=other.bucket),
        replace(own, bucket=other.bucket, path=other.path),
        replace(own, path=other.path),
        replace(own, bucket=own.bucket * 2),
        replace(own, bucket=head.record + Head(b"\0" * 32, 1, b"\0" * 32).record),
        replace(own, bucket=replace(head, count=3).record),
        replace(own, topic="student.enrolled"),
        replace(own, actor="teacher"),
        replace(own, version=own.version + 1),
        replace(own, previous=bytes(32)),
        replace(own, pseudonym=CLEAN.pseudonym),
        replace(own, state=own.state.replace(b"{", b"{ ")),
        earlier.bundle(child(0)).heads,
    ):
        assert failed(replace(CLEAN, heads=heads)) >= {"heads", "ending"}


# Witnesses --------------------------------------------------------------------------------------


def test_cosignatures_are_counted():
    keys = (PREFECTURE.key, PROVINCE.key)
    both = ONE.bundle(child(0), PREFECTURE, PROVINCE)

    assert verdict(both, witnesses=keys) is Verdict.PROVEN
    assert verdict(CLEAN, witnesses=keys) is Verdict.LACKING
    assert verdict(CLEAN, witnesses=keys, needed=1) is Verdict.PROVEN
    assert verdict(ONE.bundle(child(0)), witnesses=keys, needed=1) is Verdict.LACKING
    assert by_name(report(CLEAN, witnesses=keys, needed=1), "witness") == [
        Standing.PROVEN,
        Standing.OPEN,
    ]


def test_a_forged_cosignature_is_wrong_and_not_only_missing():
    good = ONE.note(PREFECTURE)
    forged = Signature(PROVINCE.name, PROVINCE.key.key_id, good.signatures[1].data)
    bundle = replace(CLEAN, checkpoint=Note(good.text, (*good.signatures, forged)).told())

    assert failed(bundle, witnesses=(PREFECTURE.key, PROVINCE.key), needed=1) == {"witness"}


def test_the_age_of_a_cosignature_is_said():
    found = check(CLEAN, Asked((LOG.key,), NOW + timedelta(days=3), (PREFECTURE.key,)))
    (said,) = [one for one in found.judged if one.name == "witness"]
    assert "3 天前" in said.zh
    assert "3 days ago" in said.en


def test_moments_no_clock_shows_are_told_all_the_same():
    assert clock(moment_of(2**64 - 1)) == "?"
    assert age(moment_of(2**64 - 1), NOW)[1] == "after this machine's clock"
    assert clock(datetime.max.replace(tzinfo=UTC)) == "?"


# Receipts ---------------------------------------------------------------------------------------


def test_a_receipt_is_one_line_and_nothing_else():
    receipt = Receipt.made(b"l" * 32, NOW, LOG)
    told = receipt.told()

    assert Receipt.read(told) == receipt
    assert len(told) == 149
    assert receipt.check([PREFECTURE.key, LOG.key]) == LOG.key
    for wrong in ("", "GXR1.", told[:-1], told + "A", told.replace("GXR1", "GXR2"), told + "\0",
                  "GXR1." + "_" * 144):  # fmt: skip
        with pytest.raises(InvalidNote):
            Receipt.read(wrong).check([LOG.key])


def test_no_bit_of_a_receipt_may_change():
    told = Receipt.made(b"l" * 32, NOW, LOG).told()
    for at in range(5, len(told)):
        other = told[:at] + ("A" if told[at] != "A" else "B") + told[at + 1 :]
        with pytest.raises(InvalidNote):
            Receipt.read(other).check([LOG.key])


def test_a_receipt_is_honoured_due_or_broken():
    leaf = leaves_of(CLEAN)[2]
    moment = CLEAN.heads.recorded_at
    later = moment + timedelta(seconds=1)

    for receipts, wanted in (
        ([Receipt.made(leaf, later, LOG)], Verdict.PROVEN),
        ([Receipt.made(leaf, moment, LOG)], Verdict.PROVEN),
        ([Receipt.made(b"x" * 32, moment, LOG)], Verdict.FAILED),
        ([Receipt.made(b"x" * 32, later, LOG)], Verdict.LACKING),
        ([Receipt.made(leaf, moment, signer("other.example"))], Verdict.FAILED),
        ([Receipt.made(leaf, moment, LOG), Receipt.made(b"x" * 32, moment, LOG)], Verdict.FAILED),
    ):
        assert verdict(CLEAN, receipts=tuple(receipts)) is wanted


# Every bit --------------------------------------------------------------------------------------


def parts(value, place=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from parts(inner, (*place, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from parts(inner, (*place, at))
    else:
        yield place, value


def bit_changed(value, rng):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ (1 << rng.randrange(8))
    at = rng.randrange(len(value))
    return value[:at] + chr(ord(value[at]) ^ (1 << rng.randrange(6))) + value[at + 1 :]


@pytest.mark.parametrize("seed", range(8))
def test_no_bit_of_a_bundle_may_change(seed):
    rng = random.Random(seed)
    told = CLEAN.told()
    brought = {"witnesses": (PREFECTURE.key,), "since": ONE.note(size=5)}
    assert check(Bundle.read(told), asked(**brought)).verdict is Verdict.PROVEN
    for place, value in parts(json.loads(told)):
        root = json.loads(told)
        at = root
        for step in place[:-1]:
            at = at[step]
        at[place[-1]] = bit_changed(value, rng)
        try:
            found = check(Bundle.read(json.dumps(root)), asked(**brought)).verdict
        except InvalidBundle:
            continue
        assert found is not Verdict.PROVEN, place
        assert found is Verdict.FAILED or place == ("checkpoint",)


@given(st.data())
def test_no_part_may_go_or_come_twice(data):
    root = json.loads(CLEAN.told())
    places = [("entries",), ("hashes",), ("heads", "path"), ("heads", "entry", "proof"),
              ("entries", 0, "proof"), ("entries", 2, "proof"), ("consistency", "5")]  # fmt: skip
    at = root
    for step in data.draw(st.sampled_from(places)):
        at = at[step]
    n = data.draw(st.integers(0, len(at) - 1))
    m = data.draw(st.integers(0, len(at) - 1))
    way = data.draw(st.sampled_from(["drop", "twice", "swap"]))
    if way == "drop":
        del at[n]
    elif way == "twice":
        at.insert(m, at[n])
    else:
        at[n], at[m] = at[m], at[n]
    try:
        found = check(
            Bundle.read(json.dumps(root)),
            asked(witnesses=(PREFECTURE.key,), since=ONE.note(size=5)),
        ).verdict
    except InvalidBundle:
        return
    assert (found is Verdict.PROVEN) is (json.loads(CLEAN.told()) == root)


def test_the_classic_ways_past_a_verifier():
    one = CLEAN.entries[0]
    for changes in (
        {"proof": ()},
        {"proof": one.proof[:-1]},
        {"proof": (*one.proof, bytes(32))},
        {"position": SIZE},
        {"position": SIZE + 1},
        {"position": 2**63 - 1},
        {"position": one.position + 2**32},
    ):
        assert "entries" in failed(with_entry(1, **changes))
    for size in (0, 1, 2**63 - 1):
        text = replace(ONE.checkpoint(), size=size).text
        note = Note(text, (LOG.sign(text),))
        assert failed(replace(CLEAN, checkpoint=note.told())) >= {"entries", "heads", "ending"}
    for told in ("", "x", "x\n\n— a b\n", ONE.note().text, f"{ORIGIN}\n9\n\n— x AAAAAAA=\n",
                 ONE.note().told().replace(f"\n{SIZE}\n", f"\n0{SIZE}\n"),
                 ONE.note().told().replace(f"\n{SIZE}\n", f"\n{2**70}\n")):  # fmt: skip
        assert failed(replace(CLEAN, checkpoint=told)) == {"signature"}


def test_the_one_leaf_of_a_small_tree_is_no_checkpoint_of_a_child():
    log = MadeLog()
    log.record(child(0))
    log.commit()
    bundle = log.bundle(child(0))
    assert verdict(bundle) is Verdict.PROVEN
    text = log.checkpoint(1).text
    assert failed(replace(bundle, checkpoint=Note(text, (LOG.sign(text),)).told())) >= {"order"}


def test_the_pseudonyms_secret_is_not_in_the_evidence():
    assert SECRET.hex() not in CLEAN.told()
