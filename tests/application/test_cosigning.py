"""A log has its checkpoints cosigned: by each witness alone, whatever another does or does not."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import httpx
import psycopg
import pytest
import structlog

from application.asking_witnesses import WitnessAt, ask_witness
from application.cosigning import AT_LEAST_EVERY, LATE, Cosigning, read_witnesses
from application.store.checkpoint import Checkpoint
from application.store.key_ring import NoKey
from application.store.signed_note import Note
from application.store.tree_keeping import TreeKeeper
from application.store.tree_reading import NotYet, Tree
from application.trust import SYSTEM, Trust
from application.witness import Witness
from tests.application.appends import append, entry
from tests.application.attacks import Attacker
from tests.application.trees import log_keys
from tests.keys import vault
from tests.proof import LOG, PREFECTURE, PROVINCE
from tests.witnesses import answering, hanging

SLOW = 8.0  # seconds; less than a witness that hangs is waited for


class Clock:
    """A witness's clock, which a test can put back."""

    behind = timedelta(0)

    def __call__(self):
        return datetime.now(UTC) - self.behind


@pytest.fixture
def keys(tmp_path):
    return log_keys(tmp_path)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def witnesses(tmp_path, keys, clock):
    """Two witnesses, each with a memory of its own."""
    public = [key.signer.key for key in keys.current()]
    return [
        Witness(tmp_path / signer.name, signer, public, clock) for signer in (PREFECTURE, PROVINCE)
    ]


@pytest.fixture
async def both(witnesses):
    async with answering(witnesses[0]) as one, answering(witnesses[1]) as two:
        yield [one, two]


@pytest.fixture
def tree(store):
    return Tree(store, vault())


@pytest.fixture
def keeper(connection, keys):
    return TreeKeeper(connection, keys)


@pytest.fixture
async def grow(store, keeper):
    """Record some children, and make a checkpoint of them."""
    children = iter(range(1, 10_000))

    async def growing(entries=3):
        new = [entry(UUID(int=next(children))) for _ in range(entries)]
        await store.append(append(*new))
        return keeper.checkpoint()

    return growing


@pytest.fixture
async def asking(prepared, tree):
    """Ask once, as :class:`Cosigning` does again and again."""
    async with (
        httpx.AsyncClient(trust_env=False) as http,
        await psycopg.AsyncConnection.connect(prepared.tree_url, autocommit=True) as own,
    ):

        async def once(cosigning, *witnesses):
            for one in witnesses:
                await cosigning.ask(http, own, one)
            return {one.witness.key.name: one for one in await cosigning.standing()}

        yield once


@pytest.fixture
def cosigning(prepared, tree):
    return lambda *witnesses: Cosigning(prepared.tree_url, tree, witnesses, SYSTEM)


async def cosigners(tree):
    """Whose cosignatures the last checkpoint bears."""
    signed = await tree.checkpoint()
    known = [PREFECTURE.key, PROVINCE.key]
    return {key.name for key, _ in Note.read(signed.note).signed_by(known)}


async def until(condition, seconds=SLOW):
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


BOTH = {PREFECTURE.name, PROVINCE.name}


async def test_every_checkpoint_is_cosigned_by_every_witness(cosigning, both, grow, tree):
    async with cosigning(*both) as asked:
        for entries in (1, 2, 300, 1):
            done = await grow(entries)
            await until(lambda: cosigned_by(tree, BOTH))
            standing = await asked.standing()
            assert [one.size for one in standing] == [done.size] * 2
            assert [one.why for one in standing] == [None, None]
            told = [one.told(datetime.now(UTC)) for one in standing]
            assert [one["late"] for one in told] == [False, False]


async def cosigned_by(tree, names):
    return await cosigners(tree) == names


async def test_without_a_checkpoint_nobody_is_asked(cosigning, both, asking):
    with pytest.raises(NotYet):
        await asking(cosigning(*both), *both)


async def test_what_a_witness_cosigned_and_nobody_kept_is_gone_on_from(
    cosigning, both, grow, tree, asking
):
    await grow()
    async with httpx.AsyncClient(trust_env=False) as http:
        await ask_witness(http, both[0], (await tree.checkpoint()).note, 0, ())
    last = await grow(300)

    standing = await asking(cosigning(*both), *both)

    assert {one.size for one in standing.values()} == {last.size}
    assert await cosigners(tree) == BOTH


async def test_a_witness_that_lost_its_memory_begins_anew(
    cosigning, both, grow, tree, asking, witnesses
):
    await grow()
    asked = cosigning(*both)
    await asking(asked, *both)
    witnesses[0]._known.clear()
    await grow()

    await asking(asked, *both)

    assert await cosigners(tree) == BOTH


@pytest.mark.parametrize("first", ["away", "slow"])
async def test_one_that_does_not_answer_holds_up_no_other(cosigning, witnesses, grow, tree, first):
    async with answering(witnesses[1]) as well, hanging(PREFECTURE.key) as slow:
        away = WitnessAt("http://127.0.0.1:9", PREFECTURE.key)
        ill = away if first == "away" else slow
        async with cosigning(ill, well) as asked:
            for _ in range(2):
                await grow()
                await until(lambda: cosigned_by(tree, {PROVINCE.name}))
            one, two = await asked.standing()
            assert (one.size, two.why) == (None, None)
            if first == "away":
                assert "does not answer" in one.why
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 1  # nor its own end


async def test_a_witness_is_asked_over_tls_only_if_it_is_vouched_for(
    prepared, certificates, witnesses, grow, tree
):
    await grow()
    for shown, trust, why in (
        ("stranger", Trust.read(certificates.root), "its certificate is by an unknown authority"),
        ("good", SYSTEM, "its certificate is by an unknown authority"),
        ("good", Trust.read(certificates.root), None),
    ):
        tls = {"ssl_certfile": certificates.shown(shown), "ssl_keyfile": certificates.key}
        async with (
            answering(witnesses[0], **tls) as one,
            Cosigning(prepared.tree_url, tree, [one], trust) as asked,
        ):
            await until(partial(asked_once, asked))
            (standing,) = await asked.standing()
        assert standing.why == (why and f"the witness does not answer ({why})")
        assert (standing.size is None) == (why is not None)


async def asked_once(cosigning):
    (standing,) = await cosigning.standing()
    return standing.why is not None or standing.size is not None


async def test_one_that_cannot_be_told_the_way_holds_up_no_other(
    cosigning, both, grow, tree, asking, connection
):
    await grow(300)
    asked = cosigning(*both)
    await asking(asked, both[0])
    await grow(300)
    with connection.transaction():
        Attacker(connection, None, random.Random(1)).change_a_hash_of_the_tree()
        connection.execute("DELETE FROM log.tree_hashes")

    async with asked:
        await until(lambda: cosigned_by(tree, {PROVINCE.name}))

        async def told():
            return (await asked.standing())[0].why

        await until(told)
        assert "nothing could be sent" in await told()


async def test_it_goes_on_when_its_connection_was_lost(
    cosigning, both, grow, tree, connection, prepared
):
    async with cosigning(*both):
        await grow()
        await until(lambda: cosigned_by(tree, BOTH))
        ended = connection.execute(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d"
            " ON d.oid = l.database AND d.datname = current_database()"
            " WHERE l.locktype = 'advisory' AND l.objid = 20230904"
        ).fetchall()
        assert ended == [(True,)]
        await grow()
        await until(lambda: cosigned_by(tree, BOTH))
        await grow()
        await until(lambda: cosigned_by(tree, BOTH))


async def test_of_several_processes_one_asks_and_another_takes_over(cosigning, both, grow, tree):
    async with cosigning(both[1]):
        await grow()
        await until(lambda: cosigned_by(tree, {PROVINCE.name}))  # it is this one's turn
        async with cosigning(both[0]):
            await grow()
            await until(lambda: cosigned_by(tree, {PROVINCE.name}))
            await asyncio.sleep(0.5)
            assert await cosigners(tree) == {PROVINCE.name}
    async with cosigning(both[0]):
        await until(lambda: cosigned_by(tree, BOTH))


async def test_a_log_that_went_back_is_refused_and_said(
    cosigning, both, grow, asking, connection, keeper, tree
):
    await grow()
    await grow()
    asked = cosigning(*both)
    before = await asking(asked, *both)
    with connection.transaction():
        Attacker(connection, keeper, random.Random(1)).roll_back()

    with structlog.testing.capture_logs() as said:
        after = await asking(asked, *both)

    size, now = before[PREFECTURE.name].size, (await tree.checkpoint()).size
    went_back = f"the log went back to {now} entries: the witness knows {size} entries"
    assert {one.why for one in after.values()} == {went_back}
    assert [one["log_level"] for one in said if "went back" in one["event"]] == ["error"] * 2


@pytest.mark.parametrize(("kind", "longer"), [("fork", 0), ("unproven", 1)])
async def test_a_rewritten_log_is_refused_by_both_which_keep_the_proof(
    cosigning, both, grow, asking, connection, keeper, tree, witnesses, kind, longer
):
    await grow()
    await grow(5)
    asked = cosigning(*both)
    await asking(asked, *both)
    seen = (await tree.checkpoint()).size
    with connection.transaction():
        connection.execute("SET LOCAL guixue.preparing = 'on'")
        connection.execute("ALTER TABLE log.cosignatures DISABLE TRIGGER append_only")
        connection.execute("DELETE FROM log.cosignatures")
        Attacker(connection, keeper, random.Random(1)).rewrite_and_sign_with_the_real_key()
    missing = seen + longer - (await tree.checkpoint()).size
    done = await grow(missing - 1)

    after = await asking(asked, *both)

    assert all(one.why for one in after.values())
    assert await cosigners(tree) == set()
    for witness in witnesses:
        (alarm,) = witness.alarms()
        assert alarm.kind == kind
        assert Checkpoint.read(Note.read(alarm.offered).text).size == done.size


async def test_a_log_that_does_not_grow_is_cosigned_again(
    cosigning, both, grow, asking, clock, tree, connection
):
    clock.behind = AT_LEAST_EVERY + timedelta(minutes=1)
    await grow()
    asked = cosigning(*both)
    await asking(asked, *both)
    clock.behind = timedelta(0)

    standing = await asking(asked, *both)
    again = await asking(asked, *both)

    assert all(datetime.now(UTC) - one.at < timedelta(minutes=1) for one in standing.values())
    assert {one.at for one in again.values()} == {one.at for one in standing.values()}
    assert connection.execute("SELECT count(*) FROM log.cosignatures").fetchone() == (4,)
    assert await cosigners(tree) == BOTH
    assert len(Note.read((await tree.checkpoint()).note).signatures) == 3  # the newest of each


async def test_a_witness_is_late_a_day_after_its_last_cosignature(
    cosigning, both, grow, asking, clock
):
    never = (await cosigning(*both).standing())[0].told(datetime.now(UTC))
    assert (never["late"], never["at"], never["size"]) == (True, None, None)
    clock.behind = LATE - timedelta(minutes=1)
    await grow()
    standing = await asking(cosigning(*both), *both)

    one = standing[PREFECTURE.name]

    assert not one.told(datetime.now(UTC))["late"]
    assert one.told(datetime.now(UTC) + timedelta(minutes=2))["late"]


# Who the witnesses are --------------------------------------------------------------------------

LINE = f"https://witness.example/ {PREFECTURE.key.told()}"


def test_witnesses_are_read_a_line_each(tmp_path):
    path = tmp_path / "witnesses.txt"
    assert read_witnesses(path) == []
    path.write_text(f"# 上级\n\n{LINE}\n  http://10.0.0.1:8100   {PROVINCE.key.told()}  \r\n")

    assert read_witnesses(path) == [
        WitnessAt("https://witness.example/", PREFECTURE.key),
        WitnessAt("http://10.0.0.1:8100", PROVINCE.key),
    ]


@pytest.mark.parametrize(
    "line",
    [
        *("x", "https://witness.example/", PREFECTURE.key.told(), LINE.replace("https", "ftp")),
        *(LINE[:-4], f"https://witness.example/ {LOG.key.told()}", f"{LINE} more"),
        *(f"http: {PREFECTURE.key.told()}", f"http:// {PREFECTURE.key.told()}"),
        *(f"http://[ {PREFECTURE.key.told()}", f"http://a:99999 {PREFECTURE.key.told()}", LINE),
    ],
)
def test_a_line_that_names_no_witness_is_refused_by_its_number(tmp_path, line):
    path = tmp_path / "witnesses.txt"
    path.write_text(f"{LINE}\n{line}\n")

    with pytest.raises(NoKey, match=r"^Line 2 of .*witnesses\.txt names .*见证方[^\n]*$"):
        read_witnesses(path)


@pytest.mark.parametrize("what", ["folder", "no text"])
def test_a_file_that_cannot_be_read_is_said(tmp_path, what):
    path = tmp_path / "witnesses.txt"
    if what == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(NoKey, match="cannot be read"):
        read_witnesses(path)
