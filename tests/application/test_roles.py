"""What the database lets each role do: the service appends and reads, and changes nothing."""

from dataclasses import astuple

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

from application.layout import prepare
from application.store.log import Log
from application.store.preparing import Roles
from projections import following
from projections.all_views import VIEWS
from projections.rebuild import verify
from tests.keys import RING, vault
from tests.lives import live, with_lives

LOGGED = ("log.stored_events", "log.answers", "log.student_numbers")
KEYS = ("keys.children", "keys.encryption_keys")


@pytest.fixture
def model():
    return with_lives


@pytest.fixture
def service(prepared):
    with psycopg.connect(prepared.service_url, autocommit=True) as connection:
        yield connection


def refused(connection, statement: str) -> bool:
    try:
        connection.execute(statement.encode())
    except InsufficientPrivilege:
        return True
    return False


COLUMN = {
    "log.stored_events": "state",
    "log.answers": "answer",
    "log.student_numbers": "number",
    "keys.children": "wrapped",
    "keys.encryption_keys": "retired_at",
    "views.progress": "position",
}


def attempts(table: str) -> list[str]:
    column = COLUMN.get(table, "student_id")
    return [
        f"UPDATE {table} SET {column} = NULL",  # noqa: S608
        f"DELETE FROM {table}",  # noqa: S608
        f"TRUNCATE {table}",
        f"INSERT INTO {table} ({column}) VALUES (NULL)",  # noqa: S608
        f"DROP TABLE {table}",
        f"ALTER TABLE {table} ADD COLUMN mine text",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} OWNER TO CURRENT_USER",
        f"CREATE INDEX ON {table} ((1))",
        f"SELECT FROM {table} FOR UPDATE",
    ]


ELSEWHERE = [
    "CREATE TABLE public.mine (a int)",
    "CREATE TABLE log.mine (a int)",
    "CREATE TABLE views.mine (a int)",
    "CREATE TEMP TABLE mine (a int)",
    "CREATE SCHEMA mine",
    "DROP SCHEMA log CASCADE",
    "CREATE OR REPLACE FUNCTION log.append() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "DROP FUNCTION log.append",
    "DROP FUNCTION log.refuse_change CASCADE",
    "CREATE ROLE mine",
    "SET session_replication_role = replica",
    "SET ROLE {views}",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "CREATE POLICY mine ON views.students USING (true)",
    "COPY log.stored_events TO PROGRAM 'cat'",
    "SELECT pg_read_file('postgresql.conf')",
]


@pytest.mark.parametrize(
    "table", [*LOGGED, *KEYS, *(f"views.{view.name}" for view in VIEWS), "views.progress"]
)
def test_the_service_changes_no_row_and_no_table(table, service):
    assert [one for one in attempts(table) if not refused(service, one)] == []


def test_what_a_notice_says_and_to_whom_is_never_changed(service):
    statements = [
        "UPDATE notices.outbox SET content = '{}'",
        "UPDATE notices.outbox SET account = NULL",
        "UPDATE notices.outbox SET subscription = NULL",
        "UPDATE notices.subscriptions SET url = 'https://evil.example'",
        "UPDATE notices.subscriptions SET secret = ''",
        "UPDATE notices.subscriptions SET school_code = NULL",
        "DELETE FROM notices.subscriptions",
        "DELETE FROM notices.choices",
        "DELETE FROM notices.sent",
        "UPDATE notices.digests SET day = NULL",
        "TRUNCATE notices.outbox",
        "DROP SCHEMA notices CASCADE",
    ]

    assert [one for one in statements if not refused(service, one)] == []


@pytest.mark.parametrize("statement", ELSEWHERE)
def test_the_service_makes_and_unmakes_nothing(statement, service):
    views = Roles.of(service.info.dbname).views

    assert refused(service, statement.format(views=views))


def test_the_owner_changes_nothing_in_the_log_either(connection):
    statements = [
        "UPDATE log.stored_events SET actor = 'nobody'",
        "DELETE FROM log.stored_events",
        "TRUNCATE log.stored_events",
        "DELETE FROM log.answers",
        "ALTER TABLE log.stored_events DISABLE TRIGGER ALL",
        "ALTER TABLE log.stored_events ADD COLUMN mine text",
        "DROP TABLE log.stored_events",
        "DROP SCHEMA log CASCADE",
        "DROP TRIGGER append_only ON log.stored_events",
        "ALTER TABLE access.access_log DISABLE TRIGGER ALL",
        "DROP TABLE access.glass_broken",
        "DROP TABLE keys.children",
        "CREATE TABLE log.mine (a int)",
    ]

    assert [one for one in statements if not refused(connection, one)] == []


def test_no_role_but_the_keeper_of_views_bypasses_anything(prepared, connection):
    roles = Roles.of(connection.info.dbname)
    known = {
        name: rest
        for name, *rest in connection.execute(
            "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,"
            " rolinherit FROM pg_roles WHERE rolname = ANY(%s)",
            [[roles.service, roles.district, roles.views, roles.reports]],
        )
    }
    nothing = [False] * 6
    assert known == {
        roles.service: nothing,
        roles.district: nothing,
        roles.reports: nothing,
        roles.views: [False, False, False, False, True, False],
    }
    owned = connection.execute(
        "SELECT count(*) FROM pg_class WHERE relowner = ANY"
        " (SELECT oid FROM pg_roles WHERE rolname = ANY(%s))",
        [[roles.service, roles.district]],
    ).fetchone()
    assert owned == (0,)


def test_the_keeper_of_views_writes_to_nothing_but_views(prepared):
    with psycopg.connect(prepared.views_url, autocommit=True) as keeper:
        for table in (*LOGGED, *KEYS):
            assert [one for one in attempts(table) if not refused(keeper, one)] == [], table


def test_no_scope_no_rows_and_each_scope_its_own(service, connection):
    tables = [f"views.{view.name}" for view in VIEWS]
    rows = {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        for table in tables
    }
    assert rows["views.students"] == (3,)
    assert rows["views.history"] > (3,)
    for table in tables:
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.split(".")))
        assert service.execute(count).fetchone() == (0,), table
        with service.transaction():
            service.execute("SELECT set_config('role', current_database() || '_district', true)")
            assert service.execute(count).fetchone() == rows[table]
        assert service.execute(count).fetchone() == (0,), table  # the scope ended with it


def test_every_view_is_unlogged_and_forced(prepared, connection):
    found = connection.execute(
        "SELECT relname, relpersistence::text, relrowsecurity, relforcerowsecurity FROM pg_class"
        " WHERE relnamespace = 'views'::regnamespace AND relkind = 'r'"
        " AND relname NOT IN ('progress', 'parked', 'damaged', 'totals')"
    ).fetchall()
    assert sorted(found) == sorted((view.name, "u", True, True) for view in VIEWS)


@pytest.mark.empty_database
async def test_an_owner_need_not_be_superuser(database_url, connection):
    """A given database's: it owns the database, and may create roles and bypass row security."""
    name = connection.info.dbname
    owner = f"{name}_owner"
    connection.execute(f"CREATE ROLE {owner} LOGIN CREATEROLE BYPASSRLS PASSWORD 'owner'".encode())
    connection.execute(f"ALTER DATABASE {name} OWNER TO {owner}".encode())
    url = make_conninfo(database_url, user=owner, password="owner")  # the test's own
    try:
        head = await live(url, children=3, steps=30)
        prepared = prepare(url, RING)
        with psycopg.connect(prepared.views_url, autocommit=True) as views:
            following.prepare(Log(views, vault()), VIEWS)
            assert [d.view for d in verify(Log(views, vault()), VIEWS) if not d.equal] == []
        with psycopg.connect(prepared.service_url, autocommit=True) as service:
            assert service.execute("SELECT count(*) FROM log.stored_events").fetchone() == (head,)
            assert service.execute("SELECT count(*) FROM views.students").fetchone() == (0,)
            for table in LOGGED:
                assert [one for one in attempts(table) if not refused(service, one)] == []
        with psycopg.connect(url, autocommit=True) as owning:  # as a demo starts over
            assert refused(owning, "DELETE FROM log.stored_events")
            owning.execute("DROP SCHEMA log, keys, views, access, directory CASCADE")
    finally:
        connection.execute(f"ALTER DATABASE {name} OWNER TO CURRENT_USER".encode())
        for role in (*astuple(Roles.of(name)), owner):
            connection.execute(f"DROP OWNED BY {role}".encode())
            connection.execute(f"DROP ROLE {role}".encode())
