"""No list, filter or history reads a table that grows with the log from end to end."""

import psycopg
import pytest

from application.directory import School
from projections.all_views import VIEWS
from tests.people import SCHOOL

COPIES = 3_000  # of every row; one in fifty stays at its school
SCHOOLS = [
    School(f"31410{n:05d}", f"示例{n}中学", f"示例{n % 15}镇", f"示例{n % 15}镇中心校", "junior")
    for n in range(50)
]
OF_A_COPY = {
    "student_id": "md5(v.student_id::text || g)::uuid",
    "opened": "v.opened + g * 1000",
    "since": "v.since + g * 1000",
    "until": "v.until + g * 1000",
    "day": "v.day - (g % 900)::integer",
    "school_code": "CASE WHEN g % 50 = 0 THEN v.school_code ELSE (3141000000 + g % 50)::text END",
    "township": "CASE WHEN g % 50 = 0 THEN v.township ELSE '示例' || g % 15 || '镇' END",
    "scope_path": "CASE WHEN g % 50 = 0 THEN v.scope_path ELSE v.scope_path || g % 900 END",
    "status": "CASE WHEN g % 20 = 0 THEN v.status ELSE 'none' END",
    "referred": "v.referred AND g % 50 = 0",
    "waiting": "false",  # nobody screens children who are not there
    "to_unit": "CASE WHEN g % 50 = 0 THEN v.to_unit ELSE v.to_unit || g % 50 END",
}  # fmt: skip
TABLES = [f"views.{view.name}" for view in VIEWS]
SCANS = "SELECT schemaname || '.' || relname, seq_scan FROM pg_stat_all_tables"
PEOPLE = (
    *("teacher", "principal", "office", "township", "inspector", "task_force", "bureau"),
    *("auditor", "member_unit", "village"),
)
PLACE = f"school_code={SCHOOL}"
LISTS = {
    "/v1/students": (
        *("", PLACE, f"{PLACE}&grade=7", "township=晴川镇", "status=suspected", "q=测", "q=CJY"),
        *("q=G41", "key_group=left_behind", "responsible=测丁", "q=无此人"),
    ),
    **{
        f"/v1/ledgers/{name}": (
            *("", PLACE, "township=晴川镇", "status=suspected", "from=2026-08-01&to=2026-10-01"),
            *("key_group=left_behind", f"{PLACE}&from=2026-08-01", "as_of=2026-11-01T08:00:00Z"),
        )
        for name in (
            *("dropout-control", "return-to-school", "home-teaching", "home-visits"),
            *("persuasion", "home-teaching-sessions", "counselling", "enrolment-notices"),
        )
    },
    "/v1/ledgers/roll-changes": (
        *("", PLACE, "township=晴川镇", "from=2026-08-01&to=2026-10-01", "incomplete=true"),
        *(f"{PLACE}&incomplete=true", "as_of=2026-11-01T08:00:00Z"),
    ),
    "/v1/referrals": ("", "answered=false", "answered=true", "to_unit=民政"),
    "/v1/live-counts": ("",),
}


@pytest.fixture
async def large(app, district):
    """A district of fifty schools, to be copied into fifty thousand children."""
    await app.state.service.directory.add(app.state.service.pool, SCHOOLS)
    return district


@pytest.fixture
def copied(large, connection):
    for table in TABLES:
        schema, name = table.split(".")
        columns = [
            row[0]
            for row in connection.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = %s AND table_name = %s AND is_generated = 'NEVER'"
                " ORDER BY ordinal_position",
                [schema, name],
            )
        ]
        values = ", ".join(OF_A_COPY.get(column, f"v.{column}") for column in columns)
        connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} v,"  # noqa: S608
            f" generate_series(1, {COPIES}) AS g"
        )
        connection.execute(f"ANALYZE {table}")
    return large


async def scans(app, connection: psycopg.Connection) -> dict[str, int]:
    """How often each table was read from end to end, by anybody."""
    pool = app.state.service.pool
    held = [await pool.getconn() for _ in range(pool.max_size)]
    for one in held:
        await one.execute("SELECT pg_stat_force_next_flush()")
        await one.commit()
    for one in held:
        await pool.putconn(one)
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.execute("SELECT pg_stat_clear_snapshot()")
    return {name: count for name, count in connection.execute(SCANS) if name in TABLES}


async def test_no_list_scans_a_table_that_grows(app, copied, connection, sign_in):
    scanned = []
    before = await scans(app, connection)
    for username in PEOPLE:
        caller = await sign_in(username)
        for path, queries in LISTS.items():
            for asked in apart(queries):
                for query in asked:
                    answer = await caller.get(f"{path}?{query}")
                    assert answer.status_code in {200, 403, 404}, answer.text
                after = await scans(app, connection)
                for table, count in after.items():
                    if count > before[table]:
                        scanned.append((username, path, asked, table))
                before = after

    assert [scan for scan in scanned if not counts_cases(*scan)] == []


def apart(queries: tuple[str, ...]) -> list[list[str]]:
    """Those by key group, and the others; counting scans takes longer than to ask."""
    by_group = [query for query in queries if "key_group=" in query]
    return [asked for asked in (by_group, [q for q in queries if q not in by_group]) if asked]


def counts_cases(username: str, path: str, asked: list[str], table: str) -> bool:
    """Whether a scan counts the cases of a key group in all the district, for the totals."""
    ledger = "/v1/ledgers/return-to-school", "views.return_to_school_ledger"
    whole = username in {"bureau", "auditor"} and "key_group=" in asked[0]
    return whole and (path, table) == ledger
