"""`guixue events show` opens stored entries for whoever says why, and leaves a line of the look."""

import json
from uuid import UUID

import pytest

from tests.api.test_command_line import ROLL_LINES, SCHOOL_LINES, csv
from tests.keys import KEY
from tests.people import SCHOOL
from tests.starting import guixue

WHY = ("--reason", "核对登记")


pytestmark = pytest.mark.empty_database


@pytest.fixture
def on(database_url, tmp_path):
    """Run a command on a database where three children are on the roll."""
    place = {
        "GUIXUE_DATABASE_URL": database_url,
        "GUIXUE_SEALING_KEY": KEY.get_secret_value(),
    }

    def run(*typed: object):
        return guixue(*typed, "--data", tmp_path / "data", **place)

    for command, lines in (("import-schools", SCHOOL_LINES), ("import-roll", ROLL_LINES)):
        assert run(command, csv(tmp_path, *lines)).returncode == 0
    return run


@pytest.fixture
def show(on):
    def shown(*typed: object) -> str:
        done = on("events", "show", *typed, *WHY)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return shown


@pytest.fixture
def ids(on, connection):
    rows = connection.execute(
        "SELECT originator_id FROM log.stored_events ORDER BY notification_id"
    ).fetchall()
    return [row[0] for row in rows]


def lines(connection):
    """Every line of the access log but those of the imports before."""
    return connection.execute(
        "SELECT account, action, outcome, students, schools, reason, details"
        " FROM access.access_log WHERE action <> 'import_roll' ORDER BY place"
    ).fetchall()


def test_entries_are_shown_by_place_range_or_child(show, ids):
    second = show("2")
    several = show("2-9")
    whole = show(ids[1])

    assert second == whole
    assert several.startswith(second)
    assert [f"位置 position {place} ·" in several for place in (1, 2, 3)] == [False, True, True]
    assert f"{ids[1]} · 第 entry 1 条\nstudent.enrolled · 建档入册 Enrolled\n" in second
    assert '\n  "name": "测小舟",\n' in second
    assert "+08:00 · 登记人 actor guixue-import-roll\n" in second


def test_entries_are_given_as_json(show, ids):
    (entry,) = json.loads(show("3", "--json"))

    assert (entry["position"], entry["version"]) == (3, 1)
    assert entry["student_id"] == str(ids[2])
    assert entry["payload"]["school_code"] == SCHOOL
    assert not entry["erased"]
    assert not entry["damaged"]


def test_a_look_leaves_its_line_and_one_at_nothing_none(show, on, ids, connection):
    show("1-2")
    on("events", "show", "77", *WHY)

    (line,) = lines(connection)
    assert line[:3] == (UUID(int=0), "view events", "shown")
    assert sorted(zip(line[3], line[4], strict=True)) == [(one, SCHOOL) for one in sorted(ids[:2])]
    assert line[5:] == ("核对登记", {"entries": 2, "first": 1})


def test_what_is_erased_or_damaged_is_named(show, ids, connection):
    connection.execute(
        "UPDATE keys.children SET wrapped = NULL, under = NULL, destroyed_at = clock_timestamp()"
        " WHERE student_id = %s",
        [ids[0]],
    )
    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("ALTER TABLE log.stored_events DISABLE TRIGGER append_only")
    connection.execute(
        "UPDATE log.stored_events SET state = set_byte(state, 30, get_byte(state, 30) # 1)"
        " WHERE notification_id = 2"
    )
    connection.execute("ALTER TABLE log.stored_events ENABLE ALWAYS TRIGGER append_only")

    erased, damaged, sound = show("1"), show("2"), show("3")
    told = json.loads(show("1-3", "--json"))

    assert "已依法销毁" in erased
    assert "无法解开" in damaged
    assert "测小舟" not in erased + damaged
    assert "测小舟" in sound
    assert [(one["erased"], one["damaged"]) for one in told] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert [one["payload"] is None for one in told] == [True, True, False]
    schools = dict(zip(lines(connection)[-1][3], lines(connection)[-1][4], strict=True))
    assert schools == {ids[0]: None, ids[1]: None, ids[2]: SCHOOL}


def test_what_is_not_there_is_said_in_one_sentence(on, connection):
    for what in ("77", UUID(int=1), "nobody", "1-501", "9" * 30, "3-1"):
        told = on("events", "show", what, *WHY)

        assert (told.returncode, told.stdout) == (1, "")
        assert told.stderr.count("\n") == 1
    assert lines(connection) == []


def test_no_reason_no_look(on, connection):
    without = on("events", "show", "1")
    empty = on("events", "show", "1", "--reason", " ")

    assert (without.returncode, without.stdout) == (2, "")
    assert "--reason" in without.stderr
    assert (empty.returncode, empty.stdout) == (1, "")
    assert lines(connection) == []
