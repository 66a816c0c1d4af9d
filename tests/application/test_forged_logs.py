"""A log forged by its owner, even with the real key, is found by whoever saw it before."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from application.store.checkpoint_checks import Asked
from application.store.child_seal import ChildSeal
from application.store.heads import STREAM
from application.store.signed_note import Note
from application.store.verdict import Standing, Verdict
from application.store.verifying import check
from tests.judging import CLEAN, ONE, OWN, SIZE, failed, report, verdict
from tests.proof import (
    LOG,
    NOW,
    ORIGIN,
    PREFECTURE,
    MadeLog,
    Row,
    child,
    child_key,
    committed_anew,
    rewritten,
    signer,
)

Rows = list[Row]
SEAL = ChildSeal(child(0), child_key(child(0)))


def payload(rows: Rows, at: int, rng: random.Random) -> None:
    row = rows[at]
    rows[at] = replace(row, state=SEAL.seal(row.version, row.topic, rng.randbytes(9)))


def topic(rows: Rows, at: int, rng: random.Random) -> None:
    state = SEAL.seal(rows[at].version, "student.returned", b"{}")
    rows[at] = replace(rows[at], topic="student.returned", state=state)


def actor(rows: Rows, at: int, rng: random.Random) -> None:
    rows[at] = replace(rows[at], actor=f"{rows[at].actor}x")


def moment(rows: Rows, at: int, rng: random.Random) -> None:
    later = rows[at].recorded_at + timedelta(microseconds=1)
    rows[at] = replace(rows[at], recorded_at=later)


def version(rows: Rows, at: int, rng: random.Random) -> None:
    rows[at] = replace(rows[at], version=rows[at].version + rng.randrange(1, 9))


def middle(rows: Rows, at: int, rng: random.Random) -> None:
    """Drop an entry, count those after it anew and seal them for their new places."""
    del rows[OWN[0] if at == OWN[-1] else at]
    count = 0
    for place, row in enumerate(rows):
        if row.stream == child(0):
            count += 1
            rows[place] = replace(row, version=count, state=SEAL.seal(count, row.topic, b"{}"))


def end(rows: Rows, at: int, rng: random.Random) -> None:
    del rows[OWN[-1]]


def swap(rows: Rows, at: int, rng: random.Random) -> None:
    other = rng.choice([place for place in OWN if place != at])
    rows[at], rows[other] = rows[other], rows[at]


def copy(rows: Rows, at: int, rng: random.Random) -> None:
    other = next(row for row in rows if row.stream == child(1))
    rows[at] = replace(rows[at], state=other.state)


def heads(rows: Rows, at: int, rng: random.Random) -> None:
    del rows[next(place for place, row in enumerate(rows) if row.stream == STREAM)]


ATTACKS = (payload, topic, actor, moment, version, middle, end, swap, copy, heads)


def attacked(attack: Callable[[Rows, int, random.Random], None], seed: int) -> MadeLog:
    """The log as somebody with every right on the database leaves it, its tree made anew."""
    rng = random.Random(seed)
    rows = list(ONE.rows)
    attack(rows, rng.choice(OWN), rng)
    return committed_anew(MadeLog(rows, LOG))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("seed", range(6))
def test_a_log_made_anew_does_not_fit_its_signed_checkpoint(attack, seed):
    forged = attacked(attack, seed)
    bundle = forged.bundle(child(0), PREFECTURE)
    elsewhere = signer(ORIGIN + "x")
    other_key = replace(elsewhere, name=ORIGIN)

    with_the_old_one = replace(bundle, checkpoint=ONE.note(PREFECTURE).told())
    by_another_key = replace(bundle, checkpoint=MadeLog(forged.rows, other_key).note().told())
    assert verdict(with_the_old_one) is Verdict.FAILED
    assert failed(by_another_key) == {"signature"}
    assert report(by_another_key).judged[0].standing is Standing.FAILED


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("seed", range(6))
def test_a_log_made_anew_and_signed_with_the_real_key_is_not_the_one_seen_before(attack, seed):
    forged = attacked(attack, seed)
    while len(forged.rows) <= SIZE:
        forged.record(child(2))
    forged.commit()
    bundle = forged.bundle(child(0), earlier=[SIZE])

    found = failed(bundle, since=ONE.note())

    assert "since" in found
    assert failed(bundle, since=ONE.note(), consistency=ONE.consistency(5)) >= {"since"}
    # Without it, only what contradicts itself shows.
    assert (verdict(bundle) is Verdict.FAILED) is (attack in {version, swap, copy})


def test_one_row_rewritten_is_found_by_whoever_saw_it():
    forged = rewritten(ONE, OWN[1], actor="somebody")
    bundle = forged.bundle(child(0), earlier=[5])

    assert verdict(bundle) is Verdict.PROVEN
    assert failed(bundle, since=ONE.note()) == {"since"}
    assert verdict(bundle, witnesses=(PREFECTURE.key,)) is Verdict.LACKING


# The log as seen before -------------------------------------------------------------------------


def test_a_log_that_went_back_is_found():
    grown = MadeLog(list(ONE.rows))
    grown.record(child(0))
    grown.commit()

    (since,) = [one for one in report(CLEAN, since=grown.note()).judged if one.name == "since"]

    assert since.standing is Standing.FAILED
    assert "倒退" in since.zh
    assert "went back" in since.en


def test_consistency_must_be_shown():
    assert failed(ONE.bundle(child(0)), since=ONE.note(size=6)) == {"since"}
    given = {"since": ONE.note(size=6), "consistency": ONE.consistency(6)}
    assert verdict(ONE.bundle(child(0)), **given) is Verdict.PROVEN
    right = ONE.consistency(6)
    for proof in ((), ONE.consistency(7), right[:-1], (*right, bytes(32))):
        assert failed(ONE.bundle(child(0)), since=ONE.note(size=6), consistency=proof) == {"since"}


def test_the_same_size_has_the_same_root():
    assert verdict(CLEAN, since=ONE.note()) is Verdict.PROVEN
    fork = rewritten(ONE, OWN[0], actor="x")
    assert failed(CLEAN, since=fork.note()) == {"since"}


def test_the_earlier_checkpoint_is_this_logs_too():
    other = signer("another.example")
    assert failed(CLEAN, since=MadeLog(ONE.rows, other).note()) == {"since"}
    cosigned = ONE.note(PREFECTURE)
    assert failed(CLEAN, since=Note(cosigned.text, cosigned.signatures[1:])) == {"since"}


def test_after_a_rotation_both_keys_are_trusted():
    new = replace(signer(ORIGIN + "#2"), name=ORIGIN)
    log = MadeLog(list(ONE.rows), new)
    bundle = log.bundle(child(0), earlier=[5])

    assert failed(bundle) == {"signature"}
    both = Asked((LOG.key, new.key), NOW, since=ONE.note(size=5))
    assert check(bundle, both).verdict is Verdict.PROVEN
