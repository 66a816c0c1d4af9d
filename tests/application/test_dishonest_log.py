"""A log that contradicts itself is found, even where its own key signed every word of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.store.checkpoint_checks import Asked
from application.store.evidence import Bundle
from application.store.heads import STREAM, TOPIC, Commitment, Head
from application.store.signed_note import Note
from application.store.verdict import Judged, Report, Standing, Verdict
from application.store.verifying import check, leaves_of
from tests.judging import CLEAN, ONE, OWN, SIZE, failed, verdict
from tests.proof import (
    LOG,
    NOW,
    MadeLog,
    Row,
    child,
    committed_anew,
    signer,
)

COUNT = len(OWN)
LAST = leaves_of(CLEAN)[-1]
OTHER = signer("other.example")


def ended(tree=None, size=SIZE - 1, head=None, **changes):
    """The evidence of a log that ends with an entry of its owner's making, signed by its key."""
    log = MadeLog(ONE.rows[:-1])
    tree = tree or log.heads_tree(SIZE - 1)
    if head is not None:
        tree.put(head)
    own = ONE.rows[-1]
    row = Row(
        STREAM, own.version, TOPIC, "log", own.recorded_at, Commitment(size, tree.root).state()
    )
    log.rows.append(replace(row, **changes))
    return log.bundle(child(0), tree=tree)


def test_an_honest_end_is_proven():
    assert verdict(ended()) is Verdict.PROVEN


@pytest.mark.parametrize(
    "changes",
    [{"topic": "student.enrolled"}, {"actor": "teacher"},
     {"stream": child(0), "version": COUNT + 1}, {"size": SIZE - 2}, {"size": SIZE},
     {"size": 0}, {"state": b"{}"}],
    ids=str,
)  # fmt: skip
def test_a_checkpoint_that_does_not_end_with_the_heads_of_all_before_it(changes):
    assert failed(ended(**changes)) == {"heads", "ending"}


@pytest.mark.parametrize("count", [1, COUNT - 1, COUNT + 1, 2**63])
def test_a_count_that_is_not_what_is_shown(count):
    assert failed(ended(head=Head(CLEAN.pseudonym, count, LAST))) == {"ending"}


@pytest.mark.parametrize("leaf", [bytes(32), *leaves_of(CLEAN)[:-1]], ids=range(COUNT))
def test_a_last_entry_that_is_not_the_one_shown(leaf):
    assert failed(ended(head=Head(CLEAN.pseudonym, COUNT, leaf))) == {"ending"}


def test_an_entry_recorded_after_the_last_one():
    assert failed(ended(recorded_at=ONE.rows[OWN[0]].recorded_at)) == {"order"}


def test_moments_that_go_back():
    rows = list(ONE.rows)
    early = rows[OWN[0]].recorded_at - timedelta(microseconds=1)
    rows[OWN[1]] = replace(rows[OWN[1]], recorded_at=early)
    assert failed(committed_anew(MadeLog(rows)).bundle(child(0))) == {"order"}


def test_places_that_go_back():
    rows = list(ONE.rows)
    first, second = rows[OWN[0]], rows[OWN[1]]
    rows[OWN[0]] = replace(second, recorded_at=first.recorded_at)
    rows[OWN[1]] = replace(first, recorded_at=first.recorded_at)
    assert failed(committed_anew(MadeLog(rows)).bundle(child(0))) == {"order"}


def test_a_history_that_does_not_begin_at_one():
    rows = [row for at, row in enumerate(ONE.rows) if at != OWN[0]]
    assert "order" in failed(committed_anew(MadeLog(rows)).bundle(child(0)))


def test_one_districts_key_does_not_speak_for_another():
    """Whoever audits two districts trusts both keys, each for its own log."""
    both = Asked((LOG.key, OTHER.key), NOW)
    text = ONE.checkpoint().text
    by_other = replace(CLEAN, checkpoint=Note(text, (OTHER.sign(text),)).told())
    foreign = MadeLog(ONE.rows, OTHER).checkpoint().text
    of_other = replace(CLEAN, checkpoint=Note(foreign, (LOG.sign(foreign),)).told())
    mixed = replace(CLEAN, checkpoint=Note(foreign, (OTHER.sign(foreign),)).told())

    for bundle in (by_other, of_other, mixed):
        found = check(Bundle.read(bundle.told()), both)
        assert found.verdict is Verdict.FAILED
        assert [one.name for one in found.judged] == ["signature"]
    assert check(MadeLog(ONE.rows, OTHER).bundle(child(0)), both).verdict is Verdict.PROVEN


def test_what_was_not_judged_is_not_proven():
    required = check(CLEAN, Asked((LOG.key,), NOW, since=ONE.note())).required
    assert required == {"signature", "order", "entries", "heads", "ending", "content", "since"}

    every = [Judged(name, Standing.PROVEN, "", "") for name in required]
    assert Report(tuple(every), required).verdict is Verdict.PROVEN
    for name in required:
        left = [one for one in every if one.name != name]
        assert Report(tuple(left), required).verdict is Verdict.FAILED
        for standing in (Standing.OPEN, Standing.LACKING, Standing.FAILED):
            other = (*left, Judged(name, standing, "", ""))
            assert Report(other, required).verdict is Verdict.FAILED
    assert Report((), frozenset({"signature"})).verdict is Verdict.FAILED
