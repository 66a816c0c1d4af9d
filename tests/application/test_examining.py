"""What was broken by hand in a database is named by its check; a healthy one has nothing bad."""

from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application.layout import prepare
from application.store import examining
from application.store.embedded import EmbeddedPostgres
from application.store.examining import examine
from application.store.examining_keys import still_erased
from application.store.finding import Examined, Level
from application.store.key_ring import KeyRing, NoKey
from application.store.number_key import KEY_BYTES, number_key
from application.store.tree_keeping import TreeKeeper
from projections.all_views import BY_NAME
from tests.application.trees import log_keys
from tests.keys import RING
from tests.lives import with_lives

CHECKS = [check.__name__ for check in examining.CHECKS]
OTHER_KEY = KeyRing([bytes(32)])
LOOKED = """
SELECT access.log(ARRAY['00000000-0000-0000-0000-000000000001']::uuid[], ARRAY['teacher'],
    ARRAY['晴川中学'], ARRAY['read'], ARRAY['shown'], ARRAY['看'], ARRAY['{}']::jsonb[],
    ARRAY[0], '{}', '{}') FROM generate_series(1, 3)
"""


@pytest.fixture
def files(tmp_path):
    paths = {name: tmp_path / name for name in ("number.key", "sealing.key")}
    for path in paths.values():
        path.touch(mode=0o600)
    return paths


@pytest.fixture
def model():
    return with_lives


@pytest.fixture
def a_database(prepared, connection, files, tmp_path):
    """A database with children, a view of each kind, a checkpoint, lines in the access log."""
    connection.execute(LOOKED)
    TreeKeeper(connection, log_keys(tmp_path)).checkpoint()
    connection.execute(
        "INSERT INTO log.cosignatures VALUES (1, 'witness.example', clock_timestamp(), '')"
    )
    return Examined(connection, tuple(BY_NAME), lambda: RING, files, lambda: ["witness.example"])


def found(examined: Examined) -> dict:
    return {finding.name: finding for finding in examine(examined)}


def bad(examined: Examined) -> list[str]:
    return [name for name, finding in found(examined).items() if finding.level is Level.BAD]


def test_a_healthy_database_has_nothing_bad_and_nothing_to_note(a_database):
    findings = found(a_database)

    assert list(findings) == CHECKS
    assert {finding.level for finding in findings.values()} == {Level.GOOD}
    assert findings["counts"].en.endswith("of 3 children, 0 of them erased")
    for finding in findings.values():
        assert finding.zh
        assert finding.en


def test_a_witness_that_is_silent_for_a_day_is_named(a_database):
    late = replace(a_database, witnesses=lambda: ["witness.example", "late.example"])
    a_database.connection.execute(
        "INSERT INTO log.cosignatures"
        " VALUES (1, 'late.example', clock_timestamp() - interval '25 hours', '')"
    )

    finding = found(late)["cosigned"]

    assert (finding.level, "late.example" in finding.en) == (Level.BAD, True)
    assert "witness.example" not in finding.en
    nobody = found(replace(a_database, witnesses=tuple))["cosigned"]
    assert (nobody.level, "no witness" in nobody.en) == (Level.NOTE, True)


def test_an_entry_that_is_in_no_checkpoint_for_a_minute_is_named(a_database):
    connection = a_database.connection
    assert found(a_database)["checkpoints"].level is Level.GOOD
    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("ALTER TABLE log.checkpoints DISABLE TRIGGER append_only")
    connection.execute("DELETE FROM log.checkpoints")
    connection.execute("ALTER TABLE log.checkpoints ENABLE ALWAYS TRIGGER append_only")
    connection.execute("ALTER TABLE log.stored_events DISABLE TRIGGER append_only")
    connection.execute("UPDATE log.stored_events SET recorded_at = recorded_at - interval '1 hour'")
    connection.execute("ALTER TABLE log.stored_events ENABLE ALWAYS TRIGGER append_only")

    finding = found(a_database)["checkpoints"]

    assert (finding.level, finding.en.split(": ")[1][0]) == (Level.NOTE, "1")


# What is done, which check names it, and the word it names.
BROKEN = [
    ("ALTER DATABASE {db} SET synchronous_commit = off", "durability", "synchronous_commit"),
    ("ALTER ROLE {db}_service SET synchronous_commit = off", "durability", "synchronous_commit"),
    ("ALTER ROLE {db}_service CREATEDB", "roles", "CREATEDB"),
    ("ALTER ROLE {db}_service CREATEROLE", "roles", "CREATEROLE"),
    ("ALTER ROLE {db}_service SUPERUSER", "roles", "SUPERUSER"),
    ("ALTER ROLE {db}_service BYPASSRLS", "roles", "BYPASSRLS"),
    ("ALTER ROLE {db}_district REPLICATION", "roles", "REPLICATION"),
    ("ALTER ROLE {db}_district LOGIN", "roles", "LOGIN"),
    ("ALTER ROLE {db}_views NOBYPASSRLS", "roles", "BYPASSRLS"),
    ("GRANT {db}_views TO {db}_service", "memberships", "_views"),
    ("GRANT pg_read_all_data TO {db}_district", "memberships", "pg_read_all_data"),
    ("GRANT {db}_district TO {db}_service WITH INHERIT TRUE", "memberships", "_district"),
    ("GRANT UPDATE ON log.stored_events TO {db}_service", "privileges", "UPDATE log.stored"),
    ("GRANT UPDATE (state) ON log.stored_events TO PUBLIC", "privileges", "UPDATE log.stored"),
    ("GRANT DELETE ON keys.children TO {db}_service", "privileges", "DELETE keys.children"),
    ("GRANT INSERT ON views.students TO {db}_district", "privileges", "INSERT views.students"),
    ("GRANT TRUNCATE ON access.access_log TO PUBLIC", "privileges", "TRUNCATE access.access_log"),
    ("GRANT INSERT ON access.glass_broken TO {db}_service", "privileges", "access.glass_broken"),
    ("GRANT SELECT ON views.students TO {db}_reports", "reports", "SELECT views.students"),
    ("GRANT SELECT (wrapped) ON keys.children TO {db}_reports", "reports", "keys.children"),
    ("GRANT DELETE ON reports.students TO PUBLIC", "reports", "DELETE reports.students"),
    (
        "INSERT INTO views.parked VALUES ('history', 7, 'student.enrolled', 'KeyError', false)",
        "standing",
        "history @ 7 student.enrolled KeyError",
    ),
    (
        "INSERT INTO views.damaged SELECT student_id, 1, 5 FROM keys.children LIMIT 1",
        "standing",
        "damaged @ 5",
    ),
    ("ALTER ROLE {db}_reports LOGIN", "roles", "LOGIN"),
    ("GRANT {db}_views TO {db}_reports", "memberships", "_views"),
    ("ALTER TABLE access.accounts OWNER TO {db}_service", "ownership", "table access.accounts"),
    ("GRANT CREATE ON SCHEMA public TO {db}_service", "ownership", "CREATE public"),
    ("GRANT TEMP ON DATABASE {db} TO PUBLIC", "ownership", "TEMP"),
    ("DROP TRIGGER append_only ON log.stored_events", "triggers", "log.stored_events"),
    ("ALTER TABLE log.answers DISABLE TRIGGER append_only", "triggers", "log.answers"),
    ("ALTER TABLE access.access_log DISABLE TRIGGER ALL", "triggers", "access.access_log"),
    ("DROP TRIGGER append_only ON access.glass_broken", "triggers", "access.glass_broken"),
    (
        "CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE ON log.answers FOR EACH STATEMENT"
        " EXECUTE FUNCTION log.refuse_change()",
        "triggers",
        "log.answers",
    ),
    (
        "CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.answers"
        " FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION log.refuse_change()",
        "triggers",
        "log.answers",
    ),
    ("ALTER EVENT TRIGGER guixue_log_stays DISABLE", "event_triggers", "guixue_log_stays"),
    ("DROP EVENT TRIGGER guixue_log_is_kept", "event_triggers", "guixue_log_is_kept"),
    ("ALTER TABLE views.students SET LOGGED", "views", "students UNLOGGED"),
    ("ALTER TABLE views.history NO FORCE ROW LEVEL SECURITY", "views", "history FORCE"),
    ("ALTER TABLE views.history DISABLE ROW LEVEL SECURITY", "views", "history ROW SECURITY"),
    ("INSERT INTO keys.encryption_keys VALUES ('\\x0102')", "key_ring", "0102"),
    (
        "UPDATE keys.encryption_keys SET retired_at = clock_timestamp()",
        "children_keys",
        f"{RING.fingerprints[0].hex()} × 3",
    ),
    ("UPDATE keys.children SET under = '\\x0304'", "children_keys", "0304 × 3"),
    (
        "ALTER TABLE access.access_log DISABLE TRIGGER append_only;"
        " UPDATE access.access_log SET reason = '没看' WHERE place = 2",
        "access_chain",
        ": 2;",
    ),
    ("DROP SCHEMA access CASCADE", "access_chain", "could not be checked"),
]


@pytest.mark.parametrize(("broken", "name", "word"), BROKEN)
def test_what_is_broken_is_named(a_database, broken, name, word):
    connection = a_database.connection
    connection.execute("SET guixue.preparing = 'on'")  # past the event triggers
    connection.execute(broken.replace("{db}", connection.info.dbname).encode())

    finding = found(a_database)[name]

    assert finding.level is Level.BAD
    assert word in finding.en


@pytest.mark.empty_database
def test_a_database_never_laid_out_is_told_so_check_by_check(connection, files):
    findings = found(Examined(connection, tuple(BY_NAME), lambda: RING, files))

    assert list(findings) == CHECKS
    assert findings["roles"].level is Level.BAD
    assert findings["triggers"].level is Level.BAD
    assert findings["views"].level is Level.NOTE
    assert "start Guixue" in findings["counts"].en


def test_erasures_are_noted_until_the_keys_are_rotated(a_database):
    connection = a_database.connection
    (child,) = connection.execute("SELECT student_id FROM keys.children LIMIT 1").fetchone()
    connection.execute(
        "UPDATE keys.children SET wrapped = NULL, under = NULL, destroyed_at = clock_timestamp()"
        " WHERE student_id = %s",
        [child],
    )
    before = found(a_database)
    connection.execute(
        "WITH old AS (UPDATE keys.encryption_keys SET retired_at = clock_timestamp())"
        " INSERT INTO keys.encryption_keys VALUES (%s)",
        OTHER_KEY.fingerprints,
    )
    rotated = replace(a_database, ring=lambda: OTHER_KEY)
    after = found(rotated)["erased_since_rotation"]

    noted = before["erased_since_rotation"]
    assert noted.level is Level.NOTE
    assert "guixue keys rotate" in noted.en
    assert str(child) not in noted.en + noted.zh
    assert before["counts"].en.endswith("1 of them erased")
    assert after.level is Level.GOOD
    assert found(rotated)["key_ring"].level is Level.GOOD  # the old one need not be at hand


def test_a_secret_file_others_may_read_or_that_is_gone_is_named(a_database, files):
    files["number.key"].chmod(0o640)
    files["sealing.key"].unlink()

    finding = found(a_database)["secret_files"]

    assert finding.level is Level.BAD
    assert "number.key 0640" in finding.en
    assert "sealing.key —" in finding.en


def test_another_key_of_student_numbers_is_named(a_database, files):
    key = files["number.key"]
    key.write_bytes(b"o" * KEY_BYTES)
    number_key(key, a_database.connection)
    before = bad(a_database)
    key.write_bytes(b"x" * KEY_BYTES)
    other = bad(a_database)
    key.unlink()

    assert (before, other) == ([], ["number_key"])
    assert bad(a_database) == ["secret_files", "number_key"]


def test_who_was_erased_and_can_be_read_again_is_named(a_database):
    connection = a_database.connection
    (back,), (stays,) = connection.execute(
        "SELECT student_id FROM keys.children ORDER BY student_id LIMIT 2"
    ).fetchall()

    finding = still_erased(a_database, [back, uuid4()])

    assert finding.level is Level.BAD
    assert f"erased children can be read again: {back};" in finding.en
    assert str(stays) not in finding.en
    assert still_erased(a_database, [uuid4()]).level is Level.GOOD


def test_without_the_key_file_everything_else_is_still_examined(a_database):
    def no_ring():
        raise NoKey("The key file is missing.")

    lost = Examined(a_database.connection, a_database.views, no_ring, a_database.files)
    other = Examined(a_database.connection, a_database.views, lambda: OTHER_KEY, a_database.files)

    assert bad(lost) == ["key_ring"]
    assert found(lost)["key_ring"].en == "The key file is missing."
    assert bad(other) == ["key_ring"]


def test_an_owner_that_is_no_superuser_has_no_event_triggers_and_is_told_why(
    a_database,
):
    connection = a_database.connection
    name = connection.info.dbname
    for trigger in examining.EVENT_TRIGGERS:
        connection.execute(f"DROP EVENT TRIGGER {trigger}".encode())
    connection.execute(f"SET ROLE {name}_views".encode())

    finding = examining.event_triggers(a_database)

    assert finding.level is Level.NOTE
    assert "superuser" in finding.en


def test_an_old_server_is_named():
    assert examining.of_version(16).level is Level.BAD
    assert examining.of_version(17).level is Level.GOOD


def test_pages_without_checksums_are_named():
    finding = examining.of_checksums("off")

    assert finding.level is Level.BAD
    assert "pg_checksums --enable" in finding.en


def test_a_server_that_may_lose_entries_and_another_encoding_are_named(tmp_path, files):
    unsafe = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    tmp_path.chmod(0o711)
    with EmbeddedPostgres(tmp_path / "postgres", settings=unsafe) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(
                "CREATE DATABASE other ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'"
            )
        url = make_conninfo("", **{**conninfo_to_dict(server.url), "dbname": "other"})
        with psycopg.connect(url, autocommit=True, client_encoding="utf8") as connection:
            examined = Examined(connection, (), lambda: RING, files)
            durability, encoding = examining.durability(examined), examining.encoding(examined)

    assert durability.en.split("; ")[0].endswith("fsync, full_page_writes, synchronous_commit")
    assert encoding.level is Level.BAD
    assert "SQL_ASCII" in encoding.en


def test_examining_changes_nothing(a_database, prepared, database_url):
    connection = a_database.connection
    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("DROP TRIGGER append_only ON access.glass_broken")

    assert bad(a_database) == ["triggers"]
    assert bad(a_database) == ["triggers"]
    prepare(database_url, RING)
    assert bad(a_database) == []
