"""Of a thousand erased children nothing readable is left: tables, WAL, server log, files."""

import asyncio
import subprocess
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from application.store.store import Store
from application.tracking import Ask, CaseTracking
from domain.entry import Actor
from projections.all_views import VIEWS
from projections.rebuild import verify
from tests.keys import vault
from tests.lives import BUREAU, START, TEACHER, a_child, commands

CHILDREN = 1_000
OTHER = Actor("acc-other", "测癸", "bureau", "区教体局", "bureau", superior=True)
WORD = "canary金丝雀"
BASIS = {"reason": f"{WORD}理由", "legal_basis": f"{WORD}依据"}
PHONE = "19912340000"


@pytest.fixture
async def tracking(prepared):
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=2, max_size=4, open=False) as pool:
        yield commands(Store(pool, vault()))


def a_canary(serial: int) -> dict:
    return {
        **a_child(serial),
        "name": f"{WORD}{serial}",
        "home_address": f"{WORD}路{serial}号",
        "registered_residence": f"{WORD}村",
        "guardians": [{"name": f"{WORD}父", "relation": "父亲", "phone": PHONE}],
    }


async def lived(tracking: CaseTracking, student_id: UUID) -> None:
    """A life from enrolment to erasure, with canaries wherever words are written."""

    async def record(name: str, by=TEACHER, **facts) -> None:
        ask = Ask(by, await tracking.child(student_id))
        await getattr(tracking, name)(ask, **facts)

    visit = {"mode": "at_home", "visitors": [WORD], "met": ["guardian"], "guardian_view": WORD}
    await record("visit_home", occurred_on=START, **visit)
    await record(
        "counsel", occurred_on=START, kind="psychological", counsellor=WORD, notes=f"{WORD}心事"
    )
    left = START - timedelta(days=3000)
    await record("change_roll", BUREAU, kind="21", occurred_on=left, papers=[], reason=WORD)
    await record("restrict", BUREAU, **BASIS)
    await record("request_erasure", BUREAU, **BASIS)


async def approved(tracking: CaseTracking, student_id: UUID) -> None:
    ask = Ask(OTHER, await tracking.child(student_id))
    await tracking.decide_erasure(ask, approve=True, note=WORD)


async def each(ids: list[UUID], do) -> None:
    room = asyncio.Semaphore(16)

    async def one(student_id: UUID) -> None:
        async with room:
            await do(student_id)

    await asyncio.gather(*(one(student_id) for student_id in ids))


def holds_a_canary(content: bytes) -> bool:
    forms = (WORD.encode(), b"canary", PHONE.encode(), "金丝雀".encode("utf-16-le"))
    return any(form in content for form in forms)


def dumped(connection: psycopg.Connection) -> dict[str, bytes]:
    tables = connection.execute(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    ).fetchall()
    found = {}
    for (table,) in tables:
        with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
            found[table] = b"".join(bytes(block) for block in copy)
    return found


async def test_of_erased_children_nothing_readable_is_left(
    prepared, tracking, engine, log, connection
):
    drafts = [tracking.drafted(TEACHER, **a_canary(n)) for n in range(CHILDREN)]
    ids = [draft.id for draft in drafts]
    stays = tracking.drafted(TEACHER, **a_child(CHILDREN))
    await tracking.enrol_all(TEACHER, [*drafts, stays], {})
    engine.catch_up()
    assert holds_a_canary(b"".join(dumped(connection).values()))  # the views hold plain words
    await each(ids, lambda one: lived(tracking, one))
    engine.catch_up()
    withdrawn = dumped(connection)
    assert [name for name, rows in withdrawn.items() if holds_a_canary(rows)] == []

    await each(ids, lambda one: approved(tracking, one))
    engine.catch_up()

    assert all(event.erased for event in await tracking.recorded(ids[0]))
    rows = dict(connection.execute("SELECT kind, count(*) FROM views.history GROUP BY 1"))
    assert rows == Counter(
        {
            "enrolled": CHILDREN + 1,
            **dict.fromkeys(
                (
                    *("home_visited", "counselling_given", "roll_changed", "restricted"),
                    *("erasure_requested", "erasure_approved"),
                ),
                CHILDREN,
            ),
        }
    )
    assert connection.execute("SELECT count(*) FROM views.students").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM log.student_numbers").fetchone() == (1,)
    assert [d.view for d in verify(log, VIEWS) if not d.equal] == []
    assert [name for name, table in dumped(connection).items() if holds_a_canary(table)] == []
    assert files_with_canaries(connection) == []


def files_with_canaries(connection: psycopg.Connection) -> list[str]:
    """Name the server's files of WAL and log that hold a canary, where it runs beside us."""
    connection.execute("SELECT pg_switch_wal()")
    connection.execute("CHECKPOINT")
    folder = Path(connection.execute("SHOW data_directory").fetchone()[0])
    try:
        searched = [*folder.glob("pg_wal/0*"), *folder.glob("*.log")]
    except PermissionError:
        return []  # a given server's
    found = []
    for file in searched:
        done = subprocess.run(
            ["grep", "-l", "-a", "-F", "-e", WORD, "-e", PHONE, str(file)],
            check=False,
            capture_output=True,
            text=True,
        )
        found += done.stdout.split()
    return found
