"""Cosignatures reach checkpoint and evidence; who runs the service sees who is late, and why."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from api.service import running
from api.settings import Settings
from application.cosigning import LATE
from application.store.checkpoint_checks import Asked
from application.store.evidence import Bundle
from application.store.signed_note import Note
from application.store.verdict import Standing, Verdict
from application.store.verifying import check
from application.witness import Witness
from tests.application.trees import log_keys
from tests.keys import KEY
from tests.proof import PREFECTURE, PROVINCE
from tests.starting import guixue
from tests.witnesses import answering, hanging


@pytest.fixture
def seen_at():
    """When the witness's clock says it is."""
    return lambda: datetime.now(UTC)


@pytest.fixture
async def app(database_url, tmp_path, clock, routes, seen_at):
    """A service with two witnesses, of which one never answers."""
    keys = [key.signer.key for key in log_keys(tmp_path).current()]
    witness = Witness(tmp_path / "witness", PREFECTURE, keys, seen_at)
    async with answering(witness) as well, hanging(PROVINCE.key) as ill:
        (tmp_path / "witnesses.txt").write_text(
            "".join(f"{one.url} {one.key.told()}\n" for one in (well, ill))
        )
        settings = Settings(
            data=tmp_path,
            sealing_key=KEY,
            follow_views="thread",
            keep_tree=False,
            watch_duties=False,
            send_notices=False,
        )
        async with routes.before(running(database_url, settings, now=clock)) as made:
            yield made


@pytest.fixture
async def auditor(sign_in):
    return await sign_in("auditor")


@pytest.fixture
async def cosigned(app, child, checkpoint, auditor):
    """The checkpoint as it is answered, once the one witness has cosigned it."""
    size = checkpoint().size
    async with asyncio.timeout(8):
        while True:
            told = (await auditor.get("/v1/log/checkpoint")).text
            if Note.read(told).signed_by([PREFECTURE.key]):
                return size, told
            await asyncio.sleep(0.05)


async def test_checkpoint_and_evidence_bear_the_cosignature(app, cosigned, child, auditor):
    size, told = cosigned
    keys = tuple(key.signer.key for key in app.state.service.log_keys.current())
    assert [key for key, _ in Note.read(told).signed_by([*keys, PREFECTURE.key])] == [
        *keys,
        PREFECTURE.key,
    ]

    evidence = (await auditor.get(f"/v1/students/{child}/evidence")).text

    assert Bundle.read(evidence).checkpoint == told
    now = datetime.now(UTC) + timedelta(seconds=5)
    for witness, standing in ((PREFECTURE, Standing.PROVEN), (PROVINCE, None)):
        report = check(Bundle.read(evidence), Asked(keys, now, witnesses=(witness.key,)))
        found = [one.standing for one in report.judged if one.name == "witness"]
        if standing is None:
            assert found != [Standing.PROVEN]
        else:
            assert (report.verdict, found) == (Verdict.PROVEN, [standing]), report
    assert size == 2


async def test_who_runs_the_service_sees_who_is_late(cosigned, client, database_url, tmp_path):
    well, ill = (await client.get("/readyz")).json()["witnesses"]
    metrics = (await client.get("/metrics")).text.splitlines()
    doctor = await asyncio.to_thread(
        guixue, "doctor", "--data", tmp_path, GUIXUE_DATABASE_URL=database_url,
        GUIXUE_SEALING_KEY=KEY.get_secret_value(),
    )  # fmt: skip

    assert (well["witness"], well["size"], well["late"], well["why"]) == (
        *(PREFECTURE.name, cosigned[0], False, None),
    )
    assert (ill["witness"], ill["size"], ill["at"], ill["late"]) == (
        *(PROVINCE.name, None, None, True),
    )
    assert "guixue_log_checkpoint 2.0" in metrics
    shown = {line.split()[0]: float(line.split()[1]) for line in metrics if "cosigned_at" in line
             and not line.startswith("#")}  # fmt: skip
    name = "guixue_log_cosigned_at_seconds"
    assert shown[f'{name}{{witness="{PROVINCE.name}"}}'] == 0
    assert abs(shown[f'{name}{{witness="{PREFECTURE.name}"}}'] - datetime.now(UTC).timestamp()) < 60
    (said,) = [line for line in doctor.stdout.splitlines() if "have not cosigned" in line]
    assert said.startswith("✗")
    assert PROVINCE.name in said
    assert PREFECTURE.name not in said


class TestAWitnessLongSilent:
    """Its last cosignature is older than a day."""

    @pytest.fixture
    def seen_at(self):
        return lambda: datetime.now(UTC) - LATE - timedelta(minutes=1)

    async def test_it_is_late(self, cosigned, client):
        well, _ = (await client.get("/readyz")).json()["witnesses"]

        assert (well["size"], well["late"]) == (cosigned[0], True)
