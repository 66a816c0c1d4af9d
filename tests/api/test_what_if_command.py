"""`guixue what-if` counts past cases under other deadlines, names no child and writes nothing."""

import base64
import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from psycopg_pool import AsyncConnectionPool

from application.rules_in_force import RulesInForce
from application.store.store import Store
from application.subjects import Wish
from tests.api.test_command_line import rows
from tests.keys import vault
from tests.lives import BUREAU, commands
from tests.past_cases import BY_SCHOOL, FILE, FIRST, LAST, MISSED, written
from tests.people import OTHER_SCHOOL, SCHOOL
from tests.starting import guixue

KEY = base64.b64encode(bytes(range(32))).decode()
STRETCH = ("--from", FIRST, "--to", LAST)


@pytest.fixture
def rules(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text(FILE, "utf-8")
    return file


@pytest.fixture
async def asking(database_url, tmp_path):
    """Run the command on a database with past cases."""
    await written(database_url)
    given = {"GUIXUE_DATABASE_URL": database_url, "GUIXUE_SEALING_KEY": KEY}
    return lambda *arguments: guixue("what-if", *arguments, "--data", tmp_path / "data", **given)


def everything(connection):
    """Every row of every table of the service, with its place on disk and who wrote it."""
    tables = connection.execute(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    ).fetchall()
    return {
        table: connection.execute(
            f"SELECT t.ctid::text, t.xmin::text, t::text FROM {table} t ORDER BY t.ctid".encode()  # noqa: S608
        ).fetchall()
        for (table,) in tables
    }


async def test_it_prints_both_counts_side_by_side_and_leaves_every_byte(asking, rules, connection):
    before = everything(connection)
    told = asking("--rules", rules, *STRETCH)
    by_township = asking("--rules", rules, *STRETCH, "--by", "township")

    assert (told.returncode, by_township.returncode) == (0, 0), told.stderr
    table = {name.split()[-1]: cells for name, cells in rows(told.stdout).items()}
    assert rows(told.stdout)["首次家访 First home visit"] == ["1", "0", "-1"]
    assert rows(told.stdout)["劝返 Persuasion attempt"] == ["0", "3", "+3"]
    assert rows(told.stdout)["persuasion_every_days"] == ["7", "5"]
    assert rows(told.stdout)["observation_ladder"] == ["1, 7, 15, 30", "1, 5, 10"]
    assert rows(told.stdout)["晴川中学"] == ["6", "7", "+1"]
    assert rows(told.stdout)["云溪中学"] == ["0", "1", "+1"]
    assert rows(by_township.stdout)["云溪镇"] == ["0", "1", "+1"]
    assert table["total"] == ["6", "8", "+2"]
    assert "4 名儿童 children; 未计入 left out: 1 已封存 restricted" in told.stdout
    assert "replaying" in told.stderr
    assert "测不可见" not in told.stdout + told.stderr + by_township.stdout
    assert before["log.stored_events"]
    assert everything(connection) == before


async def test_it_says_the_same_to_a_script(asking, rules, tmp_path):
    told = asking("--rules", rules, *STRETCH, "--json")
    as_json = tmp_path / "rules.json"
    as_json.write_text('\ufeff{"persuasion_every_days": 5}', "utf-8")
    other = asking("--rules", as_json, *STRETCH, "--json")

    answer = json.loads(told.stdout)
    assert {one["kind"]: (one["in_force"], one["changed"]) for one in answer["duties"]} == MISSED
    assert {
        one["school_code"]: (one["in_force"], one["changed"]) for one in answer["schools"]
    } == BY_SCHOOL
    assert answer["total"] == {"in_force": 6, "changed": 8, "difference": 2}
    assert answer["townships"] == [
        {"township": "云溪镇", "in_force": 0, "changed": 1, "difference": 1},
        {"township": "晴川镇", "in_force": 6, "changed": 7, "difference": 1},
    ]
    assert [one["school"] for one in answer["schools"]] == ["晴川中学", "云溪中学"]
    assert [one["school_code"] for one in answer["schools"]] == [SCHOOL, OTHER_SCHOOL]
    assert (answer["from"], answer["to"]) == (str(FIRST), str(LAST))
    assert answer["left_out"] == {"restricted": 1, "erased": 0, "damaged": 0}
    assert {"name": "order_days", "in_force": 7, "changed": 7} in answer["rules"]
    assert json.loads(other.stdout)["total"] == {"in_force": 6, "changed": 9, "difference": 3}
    assert "测" not in re.sub("测试", "", told.stdout)


async def test_what_was_in_force_is_the_districts_own(asking, rules, prepared):
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=1, max_size=1, open=False) as pool:
        tracking = commands(Store(pool, vault()))
        tracking.now = lambda: datetime(2026, 8, 1, 4, tzinfo=UTC)
        await RulesInForce(tracking).set_deadlines(
            Wish(BUREAU),
            in_force_from=date(2026, 8, 2),
            deadlines={"written_report_school_days": 0},
            reason="本区规定",
        )

    answer = json.loads(asking("--rules", rules, *STRETCH, "--json").stdout)

    told = {one["name"]: one["in_force"] for one in answer["rules"]}
    assert told["written_report_school_days"] == 0
    assert answer["total"]["in_force"] > sum(MISSED[kind][0] for kind in MISSED)


def test_what_cannot_be_asked_is_refused_in_one_sentence(tmp_path, rules):
    days = ("--from", "2026-09-01", "--to", "2026-10-01")
    tomorrow = date.today() + timedelta(days=2)
    files = {
        "month.toml": '[calendar.made_up]\n2026 = ["2026-13-01"]',
        "name.toml": "persuasion_every_day = 5",
        "number.json": '{"order_days": -1}',
        "list.json": "[1]",
        "torn.toml": "order_days =",
        "torn.json": "{",
        "empty.toml": "",
        "deep.json": "[" * 100_000,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "coded.toml").write_bytes("note = '中'".encode("gb18030"))
    asked = [
        *(("--rules", tmp_path / name, *days) for name in (*files, "coded.toml")),
        ("--rules", tmp_path / "none.toml", *days),
        ("--rules", tmp_path, *days),
        ("--rules", rules, "--from", "2026-13-01", "--to", "2026-10-01"),
        ("--rules", rules, "--from", "20260901", "--to", "2026-10-01"),
        ("--rules", rules, "--from", "2026-10-02", "--to", "2026-10-01"),
        ("--rules", rules, "--from", "2026-10-02", "--to", tomorrow),
        ("--rules", rules, *days),  # no data folder
    ]
    for arguments in asked:
        told = guixue("what-if", *arguments, "--data", tmp_path / "data")
        assert (told.returncode, told.stdout) == (1, ""), arguments
        assert told.stderr.count("\n") == 1, told.stderr
        assert re.search(r"[一-鿿].*[A-Za-z]", told.stderr), told.stderr
        assert not (tmp_path / "data").exists()
