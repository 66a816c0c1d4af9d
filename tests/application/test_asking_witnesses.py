"""A log asks its witnesses; whatever answers, only the witness's own cosignature is taken."""

import asyncio
import time
from dataclasses import replace

import httpx
import pytest

from api.witness_service import witness_app
from application.asking_witnesses import Declined, WitnessAt, ask_witness
from application.store.signed_note import Note
from application.witness import Witness
from tests.judging import ONE, OWN, SIZE
from tests.proof import LOG, NOW, PREFECTURE, PROVINCE, rewritten

AT = WitnessAt("http://witness/", PREFECTURE.key)
TOLD = ONE.note().told()
RIGHT = PREFECTURE.cosign(ONE.note().text, 1_790_000_000).line()


@pytest.fixture
async def http(tmp_path):
    """A client that reaches a witness."""
    app = witness_app(Witness(tmp_path / "witness", PREFECTURE, [LOG.key], lambda: NOW))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield client


async def answered(answer, at=AT) -> object:
    """What is made of an answer by somebody who may be no witness."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        return await ask_witness(client, at, TOLD, 0, ())


async def test_a_log_that_grows_is_cosigned_on_the_way(http):
    first = await ask_witness(http, AT, ONE.note(size=7).told(), 0, ())
    second = await ask_witness(http, AT, TOLD, 7, ONE.consistency(7))

    for note, signature in ((ONE.note(size=7), first), (ONE.note(), second)):
        signed = Note(note.text, (*note.signatures, signature)).signed_by([PREFECTURE.key])
        assert signed == [(PREFECTURE.key, int(NOW.timestamp()))]


async def test_a_log_that_forgot_is_told_what_the_witness_knows(http):
    await ask_witness(http, AT, ONE.note(size=7).told(), 0, ())

    told = await ask_witness(http, AT, TOLD, 0, ())
    back = await ask_witness(http, AT, ONE.note(size=5).told(), 5, ())

    assert (told.status, told.known) == (409, 7)
    assert (back.status, back.known) == (409, 7)


async def test_a_forked_log_is_refused(http):
    await ask_witness(http, AT, TOLD, 0, ())
    fork = rewritten(ONE, OWN[0], actor="x")

    told = await ask_witness(http, AT, fork.note().told(), SIZE, ())

    assert (told.status, told.known) == (409, None)
    assert "forked" in told.why


@pytest.mark.parametrize(
    "text",
    ["", "no", TOLD, PROVINCE.cosign(ONE.note().text, 5).line(),
     PREFECTURE.cosign(ONE.note(size=7).text, 5).line(), RIGHT.replace("— ", "- "), RIGHT[:-9],
     replace(PREFECTURE.cosign(ONE.note().text, 5), data=bytes(72)).line(), "\0\ud800" * 3],
    ids=range(9),
)  # fmt: skip
async def test_another_cosignature_is_none(text):
    told = await answered(lambda _: httpx.Response(200, content=text.encode("utf-8", "replace")))
    assert isinstance(told, Declined)


async def test_its_own_is_found_among_others():
    other = PROVINCE.cosign(ONE.note().text, 5).line()
    told = await answered(lambda _: httpx.Response(200, text=f"{other}noise\n{RIGHT}"))
    assert told.line() == RIGHT


@pytest.mark.parametrize(
    ("body", "media", "known"),
    [("7\n", "text/x.tlog.size", 7), ("7\n", "text/x.tlog.size; charset=utf-8", 7),
     ("0\n", "text/x.tlog.size", 0), ("7", "text/x.tlog.size", None),
     ("07\n", "text/x.tlog.size", None), ("-7\n", "text/x.tlog.size", None),
     (f"{2**63}\n", "text/x.tlog.size", None), ("9" * 9_000 + "\n", "text/x.tlog.size", None),
     ("7\n", "text/plain", None), ("", "text/x.tlog.size", None)],
    ids=range(10),
)  # fmt: skip
async def test_a_size_is_a_size(body, media, known):
    told = await answered(
        lambda _: httpx.Response(409, content=body.encode(), headers={"Content-Type": media})
    )
    assert (told.status, told.known) == (409, known)


@pytest.mark.parametrize("status", [301, 400, 403, 404, 413, 422, 500, 503])
async def test_other_answers_are_told_as_they_are(status):
    told = await answered(
        lambda _: httpx.Response(status, text="no\x1b[2J", headers={"Location": "http://other/"})
    )
    assert told == Declined(status, "no�[2J")


async def test_who_does_not_answer_is_not_waited_for():
    async def never(_):
        await asyncio.sleep(60)

    def away(_):
        raise httpx.ConnectError("away")

    began = time.monotonic()
    assert (await answered(never, replace(AT, patience=0.1))).status == 0
    assert (await answered(away)).status == 0
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("url", ["", "x", "ftp://x", "http://[", "http://\0"])
async def test_an_address_that_is_none_is_told(url):
    async with httpx.AsyncClient() as client:
        told = await ask_witness(client, WitnessAt(url, PREFECTURE.key), TOLD, 0, ())
    assert told.status == 0


async def test_an_endless_answer_is_left():
    told = await answered(lambda _: httpx.Response(200, content=b"x" * 200_000))
    assert told.status == 0


async def test_what_is_no_note_is_not_sent(http):
    assert (await ask_witness(http, AT, "no note", 0, ())).status == 0
