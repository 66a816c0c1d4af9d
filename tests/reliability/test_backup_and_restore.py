"""A district's server is gone: by the lines of the README, all that was recorded stands again."""

import os
import re
import shlex
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api.service import now_utc, running
from application.cosigning import Cosigning
from application.store.checkpoint import Checkpoint
from application.store.checkpoint_checks import Asked
from application.store.embedded import EmbeddedPostgres
from application.store.evidence import Bundle
from application.store.receipts import Receipt
from application.store.tree_keeping import TreeKeeper
from application.store.verdict import Verdict
from application.store.verifying import check
from application.trust import SYSTEM
from application.witness import Witness
from projections.all_views import BY_NAME
from tests.api.behind_routes import Routes
from tests.people import PASSWORD, Caller, enrol, example
from tests.proof import PREFECTURE
from tests.settings import quiet
from tests.starting import guixue
from tests.witnesses import answering

README = Path(__file__).parents[2] / "README.md"
SECTION = README.read_text("utf-8").partition("## Backup and restore")[2].partition("\n## ")[0]
BACKUP, RESTORE = (
    block.replace("\\\n", "") for block in re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
)
DERIVED = {"views", "reports", "public"}  # made anew of the rest
NOT_DUMPED = {"access.sessions", "access.provider_sign_ins"}
GONE = {"kind": "21", "occurred_on": "2019-07-01"}  # to be kept until 2022-07-01
TABLES = """
SELECT schemaname || '.' || tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


def typed(lines: str, environment: dict[str, str]) -> dict[str, subprocess.CompletedProcess]:
    """Type the lines of the README, one after the other; what each came to, by how it begins."""
    done = {}
    for line in lines.splitlines():
        if line.startswith("guixue "):
            typed_here = re.sub(r"\$(\w+)", lambda name: environment[name[1]], line)
            words = shlex.split(typed_here)[1:]
            done[" ".join(words[:2])] = guixue(*words, **environment)
        else:
            subprocess.run(["bash", "-eu", "-c", line], env=os.environ | environment, check=True)
    return done


def said(done: dict[str, subprocess.CompletedProcess]) -> str:
    return "\n".join(f"{one.stdout}{one.stderr}" for one in done.values())


def kept(url: str, tables: set[str]) -> dict[str, list]:
    """The rows of some tables, in an order of their own."""
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(f"SELECT t::text FROM {table} t ORDER BY 1").fetchall()
            for table in tables
        }


def recorded(url: str) -> set[str]:
    """The tables of all that cannot be worked out anew."""
    with psycopg.connect(url) as connection:
        tables = {name for (name,) in connection.execute(TABLES)}
    return {one for one in tables if one.partition(".")[0] not in DERIVED} - NOT_DUMPED


class Served:
    """A service that runs, its checkpoints and cosignatures made when told to."""

    def __init__(self, service, client, url):
        self.service, self._client, self._url = service, client, url

    async def signed_in(self, username: str) -> Caller:
        form = {"username": username, "password": PASSWORD}
        answer = await self._client.post("/v1/token", data=form)
        return Caller(self._client, answer.json()["access_token"])

    def still(self, caller: Caller) -> Caller:
        """Somebody who shows the token of an earlier session."""
        return Caller(self._client, caller.headers["Authorization"].removeprefix("Bearer "))

    def checkpoint(self) -> Checkpoint:
        with psycopg.connect(self._url, autocommit=True) as connection:
            return TreeKeeper(connection, self.service.log_keys).checkpoint()

    async def cosigned(self, witness: Witness) -> str | None:
        """Have the last checkpoint cosigned; why it was not."""
        async with (
            answering(witness) as at,
            httpx.AsyncClient(trust_env=False) as http,
            await psycopg.AsyncConnection.connect(self._url, autocommit=True) as own,
        ):
            cosigning = Cosigning(self._url, self.service.tree, [at], SYSTEM)
            await cosigning.ask(http, own, at)
            (standing,) = await cosigning.standing()
            return standing.why

    async def verdict(self, auditor: Caller, child: str, receipt: str) -> Verdict:
        told = (await auditor.get(f"/v1/students/{child}/evidence")).text
        keys = tuple(key.signer.key for key in self.service.log_keys.current())
        asked = Asked(
            keys, datetime.now(UTC) + timedelta(hours=1), receipts=(Receipt.read(receipt),)
        )
        return check(Bundle.read(told), asked).verdict


ROUTES = Routes()


@asynccontextmanager
async def served(data: Path, url: str) -> AsyncIterator[Served]:
    async with (
        ROUTES.before(running(url, quiet(data), now=now_utc)) as app,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://guixue"
        ) as client,
    ):
        yield Served(app.state.service, client, url)


@pytest.fixture
def elsewhere(databases):
    """An empty database under another name, on another server, by no superuser."""
    with databases.empty() as url, psycopg.connect(url, autocommit=True) as server:
        name = conninfo_to_dict(url)["dbname"]
        server.execute(f"CREATE ROLE {name}_owner LOGIN CREATEROLE BYPASSRLS PASSWORD 'owner'")
        server.execute(f"ALTER DATABASE {name} OWNER TO {name}_owner")
        yield make_conninfo(
            "", **conninfo_to_dict(url) | {"user": f"{name}_owner", "password": "owner"}
        )
        server.execute(f"REASSIGN OWNED BY {name}_owner TO CURRENT_USER")
        server.execute(f"DROP OWNED BY {name}_owner")
        for part in ("service", "district", "views", "reports", "tree"):
            server.execute(f"REASSIGN OWNED BY {name}_{part} TO CURRENT_USER")
            server.execute(f"DROP OWNED BY {name}_{part}")
            server.execute(f"DROP ROLE {name}_{part}")
        server.execute(f"DROP ROLE {name}_owner")


async def test_what_was_recorded_stands_again_elsewhere(district, elsewhere, tmp_path):
    places = {name: tmp_path / name for name in ("DUMPS", "KEYS", "GUIXUE_DATA")}
    for name in ("DUMPS", "KEYS"):
        places[name].mkdir()
    there = {name: str(place) for name, place in places.items()}
    here = there | {"GUIXUE_DATA": str(district)}
    there["GUIXUE_DATABASE_URL"] = elsewhere
    memory = tmp_path / "witness"
    key = {"Idempotency_Key": "0b8f8d1e-5f0a-4c57-9d8e-0e6f3c1c9a11"}

    with EmbeddedPostgres(district / "postgres") as server:
        async with served(district, server.url) as before:
            registrar, teacher = [await before.signed_in(who) for who in ("registrar", "teacher")]
            bureau, bureau2 = [await before.signed_in(who) for who in ("bureau", "bureau2")]
            child, erased = [(await enrol(registrar, serial))["student_id"] for serial in (1, 2)]
            flags = f"/v1/students/{child}/absence-flags"
            first = await teacher.post(flags, example("absence-flags"), **key)
            await registrar.record(erased, "roll-changes", **GONE)
            for step in ("restriction", "erasure"):
                last = await bureau.record(erased, step)
            public = [one.signer.key for one in before.service.log_keys.current()]
            witness = Witness(memory, PREFECTURE, public)
            before.checkpoint()
            assert await before.cosigned(witness) is None
            await before.service.freshness.reached(last["position"] + 1)
            views = {f"views.{name}" for name in BY_NAME}
            wanted = kept(server.url, views | recorded(server.url))

            backup = typed(BACKUP, here)
            assert {one.returncode for one in backup.values()} == {0}, said(backup)

            await bureau2.record(erased, "erasure-decisions")
            lost = await teacher.post(f"/v1/students/{child}/suspicions", example("suspicions"))
            rolled_back = before.checkpoint()
            assert await before.cosigned(witness) is None
            pack = guixue("privacy", "pack", tmp_path / "pack", **here)
            assert pack.returncode == 0, pack.stderr
            (tmp_path / "pack" / "erasures.csv").rename(tmp_path / "KEYS/privacy/erasures.csv")

    restored = typed(RESTORE, there)
    assert {what for what, one in restored.items() if one.returncode} == {"doctor --erasures"}
    (wrong,) = re.findall(r"^✗.*", restored["doctor --erasures"].stdout, re.MULTILINE)
    assert f"erased children can be read again: {erased};" in wrong
    assert recorded(elsewhere) == wanted.keys() - views
    assert kept(elsewhere, set(wanted)) == wanted
    known = witness.known(rolled_back.origin).told()
    (tmp_path / "seen.txt").write_text(known, "utf-8", newline="")
    audit = guixue("audit", "--since", tmp_path / "seen.txt", **there)
    assert (audit.returncode, "it was cut or rolled back" in audit.stdout) == (1, True)

    async with served(places["GUIXUE_DATA"], elsewhere) as after:
        assert (await after.still(teacher).get("/v1/students")).status_code == 401
        teacher, auditor = [await after.signed_in(who) for who in ("teacher", "auditor")]
        again = await teacher.post(flags, example("absence-flags"), **key)
        assert again.json() == first.json()
        assert again.headers["Log-Receipt"] == first.headers["Log-Receipt"]
        await teacher.record(child, "home-visits")
        went_on = after.checkpoint()
        assert went_on.size <= rolled_back.size
        assert "the log went back to" in str(await after.cosigned(witness))
        receipts = [one.headers["Log-Receipt"] for one in (first, lost)]
        found = [await after.verdict(auditor, child, receipt) for receipt in receipts]
        assert found[0] is Verdict.PROVEN
        assert found[1] is not Verdict.PROVEN
        for place in (memory / "known").iterdir():
            place.rename(tmp_path / place.name)
        assert await after.cosigned(Witness(memory, PREFECTURE, public)) is None

        bureau2 = await after.signed_in("bureau2")
        await bureau2.record(erased, "erasure-decisions")
        done = [
            guixue("keys", "rotate", **there),
            guixue("doctor", "--erasures", tmp_path / "KEYS/privacy/erasures.csv", **there),
        ]
        assert [one.returncode for one in done] == [0, 0], done
