"""SQL users see the reports through a role of their own: masked, current, whole through swaps."""

import re
from threading import Event, Thread

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from application.store.preparing import Roles
from projections.all_views import BY_NAME, VIEWS
from projections.rebuild import rebuild
from projections.reports import REPORTED
from tests.lives import live

TELLING = re.compile(
    "student|name|number|phone|address|residence|birth|note|remark|purpose|situation|view|search"
    "|responsible|visitors|persuaders|teachers|counsellor|guardian_(?!confirmed|present)|disability"
)


@pytest.fixture
async def told(prepared, engine):
    """Views of some lives."""
    await live(prepared.owner_url, children=12, steps=200)
    engine.catch_up()


@pytest.fixture
def analyst(prepared, connection):
    """Somebody who works with SQL, a member of the reports' role."""
    database = connection.info.dbname
    name = f"{database}_analyst"
    connection.execute(
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'analyst' IN ROLE {}").format(
            sql.Identifier(name), sql.Identifier(Roles.of(database).reports)
        )
    )
    yield make_conninfo(prepared.owner_url, user=name, password="analyst")
    connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(name)))
    connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_no_column_of_a_report_tells_who_a_child_is_or_who_spoke():
    for name, columns in REPORTED.items():
        kinds = dict(BY_NAME[name].columns)
        assert set(columns) <= kinds.keys()
        assert [
            column for column in columns if column != "student_status" and TELLING.search(column)
        ] == []
        assert {kinds[column] for column in columns} <= {
            *("text", "text NOT NULL", "smallint", "integer", "bigint"),
            *("double precision", "date", "boolean"),
        }


def test_an_analyst_reads_what_stands_and_no_text_but_codes_and_places(analyst, told, connection):
    with psycopg.connect(analyst) as reading:
        for name, columns in REPORTED.items():
            rows = reading.execute(f"TABLE reports.{name}").fetchall()
            ((standing,),) = connection.execute(
                f"SELECT count(*) FROM views.{name} WHERE until IS NULL"  # noqa: S608
            ).fetchall()
            assert len(rows) == standing
            words = {value for row in rows for value in row if isinstance(value, str)}
            assert not any("测" in word for word in words), columns


def test_an_analyst_reaches_nothing_else(analyst, told):
    with psycopg.connect(analyst, autocommit=True) as reading:
        for statement in (
            "SELECT student_id FROM views.students",
            "SELECT * FROM views.progress",
            "SELECT state FROM log.stored_events",
            "SELECT * FROM keys.children",
            "SELECT * FROM access.access_log",
            "SELECT * FROM directory.schools",
            "DELETE FROM reports.students",
            "UPDATE reports.students SET status = 'none'",
            "INSERT INTO reports.students (status) VALUES ('none')",
            "CREATE TABLE reports.mine (a int)",
            "CREATE TABLE public.mine (a int)",
            "DROP VIEW reports.students",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reading.execute(statement)


async def test_reports_and_what_is_built_on_them_survive_swaps(
    prepared, log, engine, analyst, told, connection
):
    connection.execute("CREATE SCHEMA mine")
    connection.execute("CREATE VIEW mine.by_status AS SELECT status FROM reports.students")
    stop, faults, seen = Event(), [], []

    def reading() -> None:
        try:
            with psycopg.connect(analyst, autocommit=True) as session:
                while not stop.is_set():
                    seen.append(
                        session.execute(
                            "SELECT (SELECT count(*) FROM reports.students),"
                            " (SELECT count(*) FROM reports.home_visit_register)",
                            prepare=True,
                        ).fetchone()
                    )
        except Exception as fault:  # noqa: BLE001
            faults.append(fault)

    reader = Thread(target=reading)
    reader.start()
    try:
        for _ in range(3):
            rebuild(log, VIEWS)
    finally:
        stop.set()
        reader.join()

    assert faults == []
    assert len(set(seen)) == 1
    assert len(seen) > 10
    assert connection.execute("SELECT count(*) FROM mine.by_status").fetchone() == (12,)
    await live(prepared.owner_url, children=2, steps=10, seed=4)
    engine.catch_up()
    assert connection.execute("SELECT count(*) FROM reports.students").fetchone() == (14,)


def test_a_report_of_an_older_version_is_made_anew(log, engine, told):
    log.connection.execute("DROP VIEW reports.students")
    log.connection.execute("CREATE VIEW reports.students AS SELECT 1 AS other")

    rebuild(log, [BY_NAME["students"]])

    columns = log.connection.execute("SELECT * FROM reports.students").description
    assert tuple(column.name for column in columns) == REPORTED["students"]
