"""The log's own entries come to nobody as a child's: not by a route, a position or a command."""

import json
from urllib.parse import quote

import pytest

from application.store.heads import STREAM
from tests.api.test_command_line import ROLL_LINES, csv
from tests.keys import KEY
from tests.people import EXAMPLE_OF, enrol, example
from tests.starting import guixue

CALLERS = ("bureau", "teacher", "registrar", "principal", "auditor")


@pytest.fixture
async def grown(child, teacher, checkpoint, registrar):
    """Three checkpoints; entries 2, 4 and 6 are the log's own, and end it."""
    checkpoint()
    await teacher.record(child, "absence-flags")
    checkpoint()
    await enrol(registrar, 2)
    checkpoint()
    return child


@pytest.fixture
def on(app, database_url, tmp_path):
    def run(*typed):
        return guixue(
            *typed, "--data", tmp_path, GUIXUE_DATABASE_URL=database_url,
            GUIXUE_SEALING_KEY=KEY.get_secret_value(),
        )  # fmt: skip

    return run


async def test_their_stream_is_an_unknown_child_for_every_route(grown, app, sign_in, head):
    before = await head()
    asked = []
    for path, operations in app.openapi()["paths"].items():
        if "{student_id}" in path:
            name = path.partition("{student_id}/")[2]
            full = path.replace("{student_id}", str(STREAM)).replace("{entry}", "1")
            full += "?from=1&to=1" if name == "difference" else ""
            asked += [(method, full, name) for method in operations]
    assert len(asked) > 30

    for username in CALLERS:
        caller = await sign_in(username)
        for method, path, name in asked:
            body = example(name) if name in EXAMPLE_OF else {"reason": "核查"}
            answer = await (caller.get(path) if method == "get" else caller.post(path, body))
            told = (answer.status_code, answer.json()["type"])
            assert told in {
                (404, "unknown-child"), (403, "not-allowed"), (422, "malformed"),
            }, (username, method, path, answer.text)  # fmt: skip
            if username == "bureau" and method == "get" and "evidence" not in path:
                assert told[0] != 422, (path, answer.text)
    assert await head() == before


async def test_as_of_their_moment_is_as_of_what_stood_before(grown, bureau, connection):
    moments = dict(
        connection.execute("SELECT notification_id, recorded_at FROM log.stored_events").fetchall()
    )
    for path in (f"/v1/students/{grown}", f"/v1/students/{grown}/history", "/v1/students",
                 "/v1/ledgers/dropout-control"):  # fmt: skip
        for position in (2, 4, 6):
            told = [
                await bureau.fresh(f"{path}?as_of={quote(moments[one].isoformat())}", 6)
                for one in (position, position - 1)
            ]
            assert without(told[0]) == without(told[1]), (path, position)


def without(told):
    """An answer without the position it was asked for."""
    dropped = {"as_of", "position", "cursor", "next", "as_of_position"}
    if isinstance(told, dict):
        return {name: without(one) for name, one in told.items() if name not in dropped}
    return [without(one) for one in told] if isinstance(told, list) else told


async def test_views_that_came_past_them_answer(grown, bureau, client):
    listed = await bureau.fresh("/v1/students", 6)

    assert len(listed["items"]) == 2
    ready = (await client.get("/readyz")).json()["views"]
    assert (ready["head"], ready["lag"], ready["parked"], ready["damaged_at"]) == (6, 0, [], [])


async def test_an_operator_sees_them_as_they_are(grown, on, connection):
    one = on("events", "show", "4", "--reason", "核对")
    several = on("events", "show", "1-9", "--reason", "核对", "--json")
    stream = on("events", "show", STREAM, "--reason", "核对")

    assert (one.returncode, one.stderr) == (0, ""), one.stderr
    assert "log.heads" in one.stdout
    assert '"size": 3' in one.stdout
    assert (several.returncode, several.stderr) == (0, ""), several.stderr
    told = json.loads(several.stdout)
    assert [entry["topic"] for entry in told][1::2] == ["log.heads"] * 3
    assert set(told[1]["payload"]) == {"size", "root"}
    assert stream.returncode in {0, 1}
    assert "Traceback" not in stream.stderr
    named = connection.execute("SELECT students FROM access.access_log").fetchall()
    assert STREAM not in {child for (children,) in named for child in children or ()}


@pytest.mark.parametrize(
    "typed",
    [("views", "verify"), ("views", "rebuild"), ("views", "status"), ("privacy", "due"),
     ("doctor",), ("audit", "--full")],
    ids=" ".join,
)  # fmt: skip
async def test_commands_do_not_stumble_over_them(grown, bureau, on, typed):
    await bureau.fresh("/v1/students", 6)

    told = on(*typed)

    assert "Traceback" not in told.stderr, told.stderr
    assert str(STREAM) not in told.stdout
    if typed != ("doctor",):
        assert told.returncode == 0, told.stdout + told.stderr
    else:
        assert "2 名" not in [line for line in told.stdout.splitlines() if line[0] == "✗"]


async def test_an_import_and_the_privacy_pack_do_not_either(grown, bureau, on, tmp_path):
    imported = on("import-roll", csv(tmp_path, *ROLL_LINES))
    packed = on("privacy", "pack", tmp_path / "filed")
    listed = await bureau.fresh("/v1/students", 7)

    assert imported.returncode == 0, imported.stdout + imported.stderr
    assert packed.returncode == 0, packed.stderr
    assert not any(
        str(STREAM) in file.read_text("utf-8") for file in (tmp_path / "filed").iterdir()
    )
    assert len(listed["items"]) >= 3
