"""An audit of the whole log finds whatever was done to it, and nothing where nothing was done."""

import os
import random
from uuid import UUID

import psycopg
import pytest

from application.store.appends import APPEND, Append, Sealed, columns_of
from application.store.auditing import Trusted, audit
from application.store.log_keys import LogKeys
from application.store.streams import stream_of
from application.store.tree_keeping import TreeKeeper, last_note
from tests.application.appends import entry
from tests.application.attacks import ATTACKS, Attacker
from tests.application.trees import log_keys

CHILDREN = 40
RUNS = int(os.environ.get("GUIXUE_ATTACKS", "120"))  # `make attacks` makes 10,000
CLEAN = max(20, RUNS // 10)


def put(connection, *events):
    """Append events as the store does, sealed by nobody."""
    sealed = Sealed(Append((), "somebody", {}), events)
    ((outcome, *_),) = connection.execute(APPEND, columns_of([sealed], None)).fetchall()
    assert outcome == "stored"


def grow(connection, chance, versions, entries):
    """Append some entries of some children, a few at a time."""
    while entries > 0:
        some = []
        for child in chance.sample(range(1, CHILDREN), chance.randrange(1, 4)):
            versions[child] = versions.get(child, 0) + 1
            state = chance.randbytes(chance.randrange(30, 90))
            some.append(entry(UUID(int=child), versions[child], f"student.{child % 7}", state))
        put(connection, *some)
        entries -= len(some)


@pytest.fixture
def keys(tmp_path) -> LogKeys:
    return log_keys(tmp_path)


@pytest.fixture
def keeper(connection, keys) -> TreeKeeper:
    return TreeKeeper(connection, keys)


@pytest.fixture
def trusted(keys):
    public = [key.signer.key for key in keys.current()]
    return lambda *kept: Trusted(public, kept=kept)


def faults(connection, trusted, *, contents=True):
    return [en for _, en in audit(connection, trusted, contents=contents).faults]


def test_whatever_is_done_to_a_log_is_found(connection, keeper, trusted):
    chance, versions = random.Random(11), {}
    grow(connection, chance, versions, 150)
    keeper.checkpoint()
    kept = last_note(connection)
    for entries in (80, 60):
        grow(connection, chance, versions, entries)
        keeper.checkpoint()
    with connection.transaction():
        assert faults(connection, trusted(kept)) == []
    unseen = []
    for run in range(max(RUNS, len(ATTACKS))):
        name = ATTACKS[run % len(ATTACKS)]
        with connection.transaction(force_rollback=True):
            getattr(Attacker(connection, keeper, chance), name)()
            if not faults(connection, trusted(kept)):
                unseen.append((run, name))
    assert unseen == []


def test_what_was_not_touched_raises_no_alarm(connection, keeper, trusted):
    chance = random.Random(12)
    for _ in range(CLEAN):
        versions, kept = {}, []
        with connection.transaction(force_rollback=True):
            for _ in range(chance.randrange(4)):
                grow(connection, chance, versions, chance.choice([1, 3, 40, 300]))
                if chance.random() < 0.8 and keeper.checkpoint() is not None:
                    kept.append(last_note(connection))
            assert faults(connection, trusted(*kept)) == []
            assert faults(connection, trusted(*kept), contents=False) == []


def test_a_rewriting_by_whoever_has_the_key_is_seen_by_what_was_kept_alone(
    connection, keeper, trusted
):
    chance, versions = random.Random(13), {}
    grow(connection, chance, versions, 30)
    keeper.checkpoint()
    kept = last_note(connection)
    with connection.transaction(force_rollback=True):
        Attacker(connection, keeper, chance).rewrite_and_sign_with_the_real_key()

        assert faults(connection, trusted()) == []
        (found,) = faults(connection, trusted(kept))
        assert "rewritten" in found or "rolled back" in found


def test_a_subjects_stream_is_proved_like_any_and_counted_as_no_child(connection, keeper, trusted):
    put(connection, entry(stream_of("test_meeting", "autumn")), entry(UUID(int=1)))
    keeper.checkpoint()

    with connection.transaction():
        done = audit(connection, trusted())

    assert (done.faults, done.children, done.entries) == ([], 1, 3)


def test_an_audit_says_how_far_it_read(connection, keeper, trusted):
    put(connection, entry(UUID(int=1)), entry(UUID(int=2)))
    keeper.checkpoint()
    kept = last_note(connection)
    put(connection, entry(UUID(int=1), 2))
    steps = []
    with connection.transaction():
        done = audit(connection, trusted(kept), advance=steps.append)

    assert (done.entries, done.children, done.checkpoints) == (4, 2, 1)
    assert (done.signed, done.kept, done.faults, done.more) == (3, 1, [], 0)
    assert steps == [4]


@pytest.mark.parametrize("told", ["", "nonsense\n\n— x y\n", "a\n1\nqqo=\n\n— a AAAA\n"])
def test_a_checkpoint_that_nobody_trusted_signed_is_a_fault(connection, trusted, told):
    with connection.transaction():
        (found,) = faults(connection, trusted(told))
    assert "you hold" in found


def test_checkpoints_by_another_key_are_a_fault(connection, keeper, trusted, keys):
    put(connection, entry(UUID(int=1)))
    keeper.checkpoint()
    with connection.transaction():
        (found,) = faults(connection, Trusted([]))
    assert "not signed" in found


def test_the_audit_changes_nothing(connection, keeper, trusted, prepared):
    put(connection, entry(UUID(int=1)))
    keeper.checkpoint()
    with psycopg.connect(prepared.owner_url) as own:
        own.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        assert faults(own, trusted()) == []


def test_what_is_kept_of_the_tree_can_be_worked_out_anew(connection, keeper, trusted):
    assert keeper.rebuild()
    chance, versions = random.Random(14), {}
    for entries in (200, 100):
        grow(connection, chance, versions, entries)
        keeper.checkpoint()
    grow(connection, chance, versions, 5)
    with connection.transaction(force_rollback=True):
        attacker = Attacker(connection, keeper, chance)
        attacker.change_a_hash_of_the_tree()
        attacker.change_the_heads()
        assert faults(connection, trusted()) != []

        assert keeper.rebuild()

        assert faults(connection, trusted()) == []
    keeper.checkpoint()
    assert keeper.rebuild()
    with connection.transaction():
        assert faults(connection, trusted()) == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM log.tree_hashes")


def test_a_tree_is_not_worked_out_anew_from_leaves_that_were_never_signed(
    connection, keeper, trusted
):
    grow(connection, random.Random(15), {}, 300)
    keeper.checkpoint()
    kept = connection.execute("SELECT * FROM log.tree_hashes").fetchall()
    with connection.transaction():
        Attacker(connection, keeper, random.Random(16)).change_the_leaf()

    assert not keeper.rebuild()

    assert connection.execute("SELECT * FROM log.tree_hashes").fetchall() == kept
