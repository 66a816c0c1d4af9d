"""A district's server is gone: by the lines of the README, all that was recorded stands again."""

import os
import re
import shlex
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api.examples import EXAMPLES
from api.service import now_utc, running
from application.cosigning import Cosigning
from application.store.checkpoint import Checkpoint
from application.store.checkpoint_checks import Asked
from application.store.embedded import EmbeddedPostgres
from application.store.evidence import Bundle
from application.store.receipts import Receipt
from application.store.signed_note import Note
from application.store.tree_keeping import TreeKeeper
from application.store.verdict import Verdict
from application.store.verifying import check
from application.trust import SYSTEM
from application.witness import Witness
from projections.all_views import BY_NAME
from tests.api.behind_routes import Routes
from tests.conftest import VARIABLE
from tests.people import PASSWORD, SCHOOL, Caller, enrol, example, student_number
from tests.proof import PREFECTURE
from tests.settings import quiet
from tests.starting import loaded
from tests.witnesses import answering

README = Path(__file__).parents[2] / "README.md"
SECTION = README.read_text("utf-8").partition("## Backup and restore")[2].partition("\n## ")[0]
BACKUP, RESTORE = (
    block.replace("\\\n", "") for block in re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
)
OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith("GUIXUE_")}
DERIVED = {"views", "reports", "public"}  # made anew of the rest
NOT_DUMPED = {"access.sessions", "access.provider_sign_ins"}
KEY = "0b8f8d1e-5f0a-4c57-9d8e-0e6f3c1c9a11"
NAME = "测雁归"
NEW = {**EXAMPLES["NewStudent"], "school_code": SCHOOL}
GONE = {"kind": "21", "occurred_on": "2019-07-01"}  # to be kept until 2022-07-01
TABLES = """
SELECT schemaname || '.' || tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


def guixue(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return loaded().run([*map(str, words)], {**OUTSIDE, **environment})


def typed(lines: str, environment: dict[str, str]) -> dict[str, subprocess.CompletedProcess]:
    """Type the lines of the README, one after the other; what each command of ours came to."""
    done = {}
    for line in lines.splitlines():
        if line.startswith("guixue "):
            filled_in = re.sub(r"\$(\w+)", lambda name: environment[name[1]], line)
            _, *words = shlex.split(filled_in)
            done[" ".join(words[:2])] = guixue(*words, **environment)
        else:
            subprocess.run(["bash", "-eu", "-c", line], env={**OUTSIDE, **environment}, check=True)
    return done


def said(done: dict[str, subprocess.CompletedProcess]) -> str:
    return "\n".join(f"{one.stdout}{one.stderr}" for one in done.values())


def kept(url: str, tables: set[str]) -> dict[str, list]:
    """The rows of some tables, in an order of their own."""
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(f"SELECT t::text FROM {table} t ORDER BY 1").fetchall()  # noqa: S608
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
        self.service, self._client, self.url = service, client, url
        self.public = [one.signer.key for one in service.log_keys.current()]

    async def signed_in(self, username: str) -> Caller:
        form = {"username": username, "password": PASSWORD}
        answer = await self._client.post("/v1/token", data=form)
        return Caller(self._client, answer.json()["access_token"])

    def still(self, caller: Caller) -> Caller:
        """Somebody who shows the token of an earlier session."""
        return Caller(self._client, caller.headers["Authorization"].removeprefix("Bearer "))

    def checkpoint(self) -> Checkpoint:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return TreeKeeper(connection, self.service.log_keys).checkpoint()

    async def cosigned(self, witness: Witness) -> str | None:
        """Have the last checkpoint cosigned; why it was not."""
        async with (
            answering(witness) as at,
            httpx.AsyncClient(trust_env=False) as http,
            await psycopg.AsyncConnection.connect(self.url, autocommit=True) as own,
        ):
            cosigning = Cosigning(self.url, self.service.tree, [at], SYSTEM)
            await cosigning.ask(http, own, at)
            (standing,) = await cosigning.standing()
            return standing.why

    async def verdict(self, auditor: Caller, child: str, receipt: str) -> Verdict:
        told = (await auditor.get(f"/v1/students/{child}/evidence")).text
        asked = Asked(
            tuple(self.public),
            datetime.now(UTC) + timedelta(hours=1),
            receipts=(Receipt.read(receipt),),
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
    """An empty database of another server, under another name, whose owner is no superuser."""
    owner = f"owner_{uuid4().hex}"
    with psycopg.connect(os.environ[VARIABLE], autocommit=True) as server:
        server.execute(f"CREATE ROLE {owner} LOGIN CREATEROLE BYPASSRLS PASSWORD '{owner}'")
        with databases.empty() as url:
            told = conninfo_to_dict(url)
            server.execute(f"ALTER DATABASE {told['dbname']} OWNER TO {owner}")
            yield make_conninfo("", **{**told, "user": owner, "password": owner})
        server.execute(f"DROP ROLE {owner}")


@dataclass
class Life:
    """What a district had when its server was lost, and who remembers what."""

    child: str
    erased: str
    teacher: Caller
    flagged: httpx.Response
    witness: Witness
    rows: dict[str, list]
    lost: str = ""  # the receipt of what was recorded after the backup
    seen: Note | None = None  # the last checkpoint the witness saw


async def lived(before: Served, memory: Path) -> Life:
    """A child is flagged, another one's erasure is asked for; all is signed and witnessed."""
    registrar, teacher = [await before.signed_in(who) for who in ("registrar", "teacher")]
    bureau = await before.signed_in("bureau")
    child, erased = [(await enrol(registrar, n, name=NAME))["student_id"] for n in (1, 2)]
    flagged = await flag(teacher, child)
    await registrar.record(erased, "roll-changes", **GONE)
    for step in ("restriction", "erasure"):
        last = await bureau.record(erased, step)
    witness = Witness(memory, PREFECTURE, before.public)
    before.checkpoint()
    assert await before.cosigned(witness) is None
    await before.service.freshness.reached(last["position"] + 1)
    views = {f"views.{name}" for name in BY_NAME}
    rows = kept(before.url, views | recorded(before.url))
    return Life(child, erased, teacher, flagged, witness, rows)


async def flag(teacher: Caller, child: str) -> httpx.Response:
    return await teacher.post(
        f"/v1/students/{child}/absence-flags", example("absence-flags"), Idempotency_Key=KEY
    )


async def lived_on(before: Served, life: Life) -> None:
    """What no dump knows: the erasure is decided, something more is recorded, and witnessed."""
    bureau2 = await before.signed_in("bureau2")
    await bureau2.record(life.erased, "erasure-decisions")
    path = f"/v1/students/{life.child}/suspicions"
    answer = await life.teacher.post(path, example("suspicions"))
    life.lost = answer.headers["Log-Receipt"]
    checkpoint = before.checkpoint()
    assert await before.cosigned(life.witness) is None
    life.seen = life.witness.known(checkpoint.origin)


async def goes_on(after: Served, life: Life) -> None:
    """Sessions are over, requests get their first answer, and more is recorded."""
    assert (await after.still(life.teacher).get("/v1/students")).status_code == 401
    teacher = await after.signed_in("teacher")
    again = await flag(teacher, life.child)
    assert again.json() == life.flagged.json()
    assert again.headers["Log-Receipt"] == life.flagged.headers["Log-Receipt"]
    registrar = await after.signed_in("registrar")
    again = await registrar.post("/v1/students", {**NEW, "student_number": student_number(1)})
    assert again.status_code == 409  # the number is hashed as it was
    await teacher.record(life.child, "home-visits")
    after.checkpoint()


async def tells_what_was_lost(after: Served, life: Life, memory: Path) -> None:
    """Receipts and witness say so, until the witness's keeper decides otherwise."""
    auditor = await after.signed_in("auditor")
    promised = (life.flagged.headers["Log-Receipt"], life.lost)
    found = [await after.verdict(auditor, life.child, receipt) for receipt in promised]
    assert found[0] is Verdict.PROVEN
    assert found[1] is not Verdict.PROVEN
    assert "the log went back to" in str(await after.cosigned(life.witness))
    for place in (memory / "known").iterdir():
        place.unlink()
    assert await after.cosigned(Witness(memory, PREFECTURE, after.public)) is None


@pytest.fixture
def places(tmp_path):
    """The folders of the README, by the variables that name them."""
    made = {name: tmp_path / name for name in ("DUMPS", "KEYS", "GUIXUE_DATA")}
    made["DUMPS"].mkdir()
    made["KEYS"].mkdir()
    return made


async def test_what_was_recorded_stands_again_elsewhere_and_what_was_lost_is_said(
    district, elsewhere, places, tmp_path
):
    there = {name: str(place) for name, place in places.items()}
    here = {**there, "GUIXUE_DATA": str(district)}
    there["GUIXUE_DATABASE_URL"] = elsewhere
    memory, seen, dump = (tmp_path / name for name in ("witness", "seen.txt", "DUMPS/guixue.dump"))
    erasures = places["KEYS"] / "privacy" / "erasures.csv"
    with EmbeddedPostgres(district / "postgres") as server:
        async with served(district, server.url) as before:
            life = await lived(before, memory)
            backup = typed(BACKUP, here)
            await lived_on(before, life)
            pack = guixue("privacy", "pack", tmp_path / "pack", **here)
    (tmp_path / "pack" / "erasures.csv").replace(erasures)
    seen.write_text(life.seen.told(), "utf-8", newline="")

    restored = typed(RESTORE, there)

    assert {one.returncode for one in (*backup.values(), pack)} == {0}, said(backup)
    assert dump.stat().st_mode & 0o777 == 0o600
    in_words = guixue("postgres", "pg_restore", "--file=-", dump, **there).stdout
    dumped = set(re.findall(r"^CREATE SCHEMA (\w+)", in_words, re.MULTILINE))
    assert dumped == {table.partition(".")[0] for table in life.rows} - DERIVED
    assert NAME not in in_words
    assert [what for what, one in restored.items() if one.returncode] == ["doctor --erasures"]
    (wrong,) = re.findall(r"^✗.*", restored["doctor --erasures"].stdout, re.MULTILINE)
    assert f"erased children can be read again: {life.erased};" in wrong
    assert recorded(elsewhere) <= life.rows.keys()
    assert kept(elsewhere, set(life.rows)) == life.rows
    audit = guixue("audit", "--since", seen, **there)
    assert (audit.returncode, "it was cut or rolled back" in audit.stdout) == (1, True)
    async with served(places["GUIXUE_DATA"], elsewhere) as after:
        await goes_on(after, life)
        await tells_what_was_lost(after, life, memory)
        await (await after.signed_in("bureau2")).record(life.erased, "erasure-decisions")
        rotated = guixue("keys", "rotate", **there)
        well = guixue("doctor", "--erasures", erasures, **there)
    assert [one.returncode for one in (rotated, well)] == [0, 0], well.stdout
