"""Checkpoint, proofs and tiles over HTTP: whoever has them checks the log; nothing beyond it."""

import hashlib
from base64 import b64decode

import httpx
import pytest

from api.log import tile_path, tile_place
from api.problems import Problem
from api.settings import Settings
from application.store.checkpoint import Checkpoint
from application.store.heads import Commitment, verify_head
from application.store.leaves import Leaf
from application.store.signed_note import Note
from application.store.transparency import leaf_hash, root_of, verify_consistency, verify_inclusion
from tests.people import enrol


@pytest.fixture
async def auditor(sign_in):
    return await sign_in("auditor")


@pytest.fixture
async def log(child, teacher, checkpoint, auditor, registrar, app):
    """Two checkpoints over some entries; what is read of them."""
    await teacher.record(child, "absence-flags")
    checkpoint()
    for n in range(2, 6):
        await enrol(registrar, n)
    checkpoint()
    return auditor


def decoded(hashes):
    return [b64decode(one, validate=True) for one in hashes]


async def note_of(caller, keys):
    answer = await caller.get("/v1/log/checkpoint")
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "text/plain; charset=utf-8",
    )
    note = Note.read(answer.text)
    assert note.signed_by([key.signer.key for key in keys.current()])
    return Checkpoint.read(note.text)


async def test_every_entry_is_proven_to_stand_in_the_checkpoint(log, app):
    last = await note_of(log, app.state.service.log_keys)
    assert (last.origin, last.size) == (app.state.service.log_keys.origin, 8)

    leaves = await log.get("/v1/log/entries?start=0&count=100")

    assert leaves.json()["size"] == 8
    items = leaves.json()["items"]
    assert [item["index"] for item in items] == [*range(8)]
    for item in items:
        leaf = Leaf(
            *decoded([item["pseudonym"]]),
            item["version"],
            *decoded([item["previous"], item["content"]]),
        )
        assert (leaf.data, leaf.hash) == tuple(decoded([item["data"], item["leaf"]]))
        proof = (await log.get(f"/v1/log/proofs/inclusion?index={item['index']}")).json()
        assert (proof["size"], proof["leaf"]) == (8, item["leaf"])
        verify_inclusion(leaf.hash, item["index"], 8, decoded(proof["proof"]), last.root)


async def test_one_checkpoint_is_proven_to_go_on_from_the_other(log, app):
    last = await note_of(log, app.state.service.log_keys)

    proof = (await log.get("/v1/log/proofs/consistency?from=3")).json()

    assert (proof["from"], proof["to"]) == (3, 8)
    from_root, to_root = decoded([proof["from_root"], proof["to_root"]])
    assert to_root == last.root
    verify_consistency(3, 8, decoded(proof["proof"]), from_root, to_root)


async def test_a_bucket_of_the_heads_is_proven(log, app):
    items = (await log.get("/v1/log/entries?start=0")).json()["items"]
    (name,) = decoded([items[0]["pseudonym"]])

    told = await log.get(f"/v1/log/proofs/heads?bucket={int.from_bytes(name[:2], 'big')}")

    rows = await app.state.service.store.query(
        "SELECT state FROM log.stored_events WHERE notification_id = 8"
    )
    committed = Commitment.read(rows[0][0])
    proof = told.json()
    head = verify_head(name, b64decode(proof["held"]), decoded(proof["path"]), committed)
    assert (head.count, head.leaf) == (2, b64decode(items[1]["leaf"]))


async def test_tiles_are_as_monitors_read_them(log, app):
    last = await note_of(log, app.state.service.log_keys)

    hashes = (await log.get("/v1/log/tile/0/000.p/8")).content
    bundle = (await log.get("/v1/log/tile/entries/000.p/8")).content

    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    assert root_of(leaves) == last.root
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert [leaf_hash(entry) for entry in entries] == leaves
    assert (await log.get("/v1/log/tile/0/000.p/3")).content == hashes[:96]


@pytest.mark.parametrize(
    "path",
    [
        *("tile/0/000", "tile/1/000.p/1", "tile/0/001.p/1", "tile/0/x001/000.p/1"),
        *("tile/0/000.p/9", "tile/entries/000", "tile/entries/000.p/9"),
        *("proofs/inclusion?index=8", "proofs/inclusion?index=0&size=9"),
        *("proofs/consistency?from=1&to=9", "entries?start=8", "entries?start=4611686018427387904"),
    ],
)
async def test_nothing_beyond_the_checkpoint_is_shown(log, registrar, path):
    await enrol(registrar, 9)

    answer = await log.get(f"/v1/log/{path}")

    assert (answer.status_code, answer.json()["type"]) == (404, "beyond-checkpoint")
    assert "8" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("tile/0/0", 404), ("tile/0/000.p/0", 404), ("tile/0/000.p/256", 404)),
        *(("tile/0/000.p/257", 404), ("tile/0/x000/001.p/1", 404), ("tile/0/a", 404)),
        *(("tile/0/000.p/1/2", 404), ("tile/9/000.p/1", 422), ("tile/-1/000.p/1", 422)),
        *(("tile/0/" + "x999/" * 40 + "999", 404), ("tile/0/000%00", 404)),
        *(("tile/entries/..", 404), ("tile/0/%ff", 404), ("tile/0/०००", 404)),
        *(("proofs/inclusion", 422), ("proofs/inclusion?index=5&size=5", 422)),
        *(("proofs/inclusion?index=-1", 422), ("proofs/inclusion?index=9223372036854775808", 422)),
        *(("proofs/inclusion?index=0&size=0", 422), ("proofs/consistency?from=0", 422)),
        *(("proofs/consistency?from=5&to=4", 422), ("proofs/heads?bucket=65536", 422)),
        *(("entries?start=0&count=0", 422), ("entries?start=0&count=501", 422)),
        *(("entries?start=%00", 400), ("proofs/heads?bucket=x", 422)),
    ],
)
async def test_what_makes_no_sense_is_refused(log, path, status):
    assert (await log.get(f"/v1/log/{path}")).status_code == status


async def test_before_the_first_entry_there_is_no_checkpoint(sign_in):
    auditor = await sign_in("auditor")

    for path in ("checkpoint", "entries?start=0", "proofs/heads?bucket=0", "tile/0/000.p/1"):
        answer = await auditor.get(f"/v1/log/{path}")
        assert (answer.status_code, answer.json()["type"]) == (404, "beyond-checkpoint")


async def test_a_district_may_open_what_names_nobody(log, app):
    transport = httpx.ASGITransport(app=app)
    hashed = ["checkpoint", "proofs/inclusion?index=0", "proofs/consistency?from=1"]
    hashed.append("tile/0/000.p/1")
    watched = ["entries?start=0", "proofs/heads?bucket=0", "tile/entries/000.p/1"]
    async with httpx.AsyncClient(transport=transport, base_url="http://guixue") as anybody:
        asked = [f"/v1/log/{path}" for path in hashed + watched]
        assert {(await anybody.get(path)).status_code for path in asked} == {401}

        app.state.service.settings.log_is_public = True

        assert {(await anybody.get(path)).status_code for path in asked[:4]} == {200}
        assert {(await anybody.get(path)).status_code for path in asked[4:]} == {401}


async def test_where_hashes_are_missing_nothing_is_proven(log, connection, registrar, checkpoint):
    for n in range(10, 270):
        await enrol(registrar, n)
    checkpoint()
    proofs = ["proofs/inclusion?index=260", "proofs/consistency?from=260", "tile/1/000.p/1"]
    assert {(await log.get(f"/v1/log/{path}")).status_code for path in proofs} == {200}
    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("ALTER TABLE log.tree_hashes DISABLE TRIGGER append_only")
    connection.execute("DELETE FROM log.tree_hashes")

    for path in proofs:
        answer = await log.get(f"/v1/log/{path}")
        assert (answer.status_code, answer.json()["type"]) == (503, "log-damaged")


def test_the_log_is_not_open_unasked():
    assert not Settings().log_is_public


@pytest.mark.parametrize("number", [0, 1, 999, 1_000, 67_234, 1_234_067, 10**9])
def test_places_are_written_and_read_alike(number):
    assert tile_place(tile_path(number)) == (number, 256)
    assert tile_place(f"{tile_path(number)}.p/8") == (number, 8)


def test_places_are_those_of_the_specification():
    assert tile_path(1_234_067) == "x001/x234/067"
    with pytest.raises(Problem):
        tile_place("x001/x234/67")


def test_the_hash_is_the_one_of_the_standard():
    assert leaf_hash(b"") == hashlib.sha256(b"\x00").digest()
