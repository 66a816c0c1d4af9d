"""Nothing of a child is shown before its line stands in the access log, and no line tells of it."""

import asyncio
from contextlib import contextmanager

import pytest

from application.access_log import AccessLog
from tests.api.reading import looks, told
from tests.people import OTHER_SCHOOL, SCHOOL, enrol, student_number

LOG_LOCK = 20230903
LEDGER = "/v1/ledgers/home-visits"


@contextmanager
def nothing_is_logged(connection):
    """Hold the lock that every line takes."""
    connection.execute("SELECT pg_advisory_lock(%s)", [LOG_LOCK])
    yield
    connection.execute("SELECT pg_advisory_unlock(%s)", [LOG_LOCK])


async def until_a_line_waits(connection):
    waiting = (
        "SELECT FROM pg_stat_activity"
        " WHERE wait_event = 'advisory' AND datname = current_database()"
    )
    async with asyncio.timeout(10):
        while not connection.execute(waiting).fetchall():
            await asyncio.sleep(0.002)


async def log_of(app) -> AccessLog:
    log: AccessLog = app.state.service.access_log
    assert (await log.verify()).first_bad is None
    return log


@pytest.mark.parametrize(
    ("username", "role", "unit"),
    [
        ("teacher", "teacher", "晴川中学"),
        ("bureau", "bureau", "区教体局"),
        ("auditor", "auditor", "审计"),
        ("township", "township", "晴川镇人民政府"),
    ],
)
async def test_every_look_at_a_named_child_leaves_one_line(
    sign_in, reported, app, username, role, unit
):
    caller = await sign_in(username)
    for path in ("", "/history", "/history/1", "/duties", "?version=2", "/history?limit=2"):
        assert (await caller.get(f"/v1/students/{reported}{path}")).status_code == 200

    columns = ("action", "outcome", "students::text[]", "schools", "role", "unit", "details")
    same = ("shown", [reported], [SCHOOL], role, unit)
    assert await looks(app, *columns) == [
        ("view student", *same, {}),
        ("view history", *same, {"rows": 4}),
        ("view entry", *same, {"entry": 1}),
        ("view duties", *same, {}),
        ("view student", *same, {"filters": {"version": 2}}),
        ("view history", *same, {"rows": 2}),
    ]
    await log_of(app)


async def test_a_page_is_one_look_at_every_child_on_it(sign_in, registrar, bureau, app):
    elsewhere = await sign_in("registrar2")
    first = (await enrol(registrar, 1))["student_id"]
    second = await enrol(elsewhere, 2, school_code=OTHER_SCHOOL)
    await bureau.record(first, "home-visits")
    last = await bureau.record(first, "home-visits")
    await bureau.fresh(
        f"/v1/students?grade=7&key_group=orphan&township={'晴川镇'}", last["position"]
    )
    await bureau.fresh("/v1/students?q=测小&responsible=测甲&school_code=测小舟", last["position"])
    await bureau.fresh(f"{LEDGER}?from=2026-01-01&school_code={SCHOOL}", last["position"])

    both = [first, second["student_id"]]
    assert await looks(app, "action", "students::text[]", "schools", "details") == [
        (
            *("view students", [], []),
            {"rows": 0, "filters": {"grade": 7, "key_group": "orphan", "township": "晴川镇"}},
        ),
        (
            *("view students", [], []),
            {"rows": 0, "filters": {"q": True, "responsible": True, "school_code": True}},
        ),
        (
            *("view ledger home-visits", [first], [SCHOOL]),
            {"rows": 2, "filters": {"from": "2026-01-01", "school_code": SCHOOL}},
        ),
    ]
    await bureau.get("/v1/students?q=测小")
    assert (await looks(app, "students::text[]", "schools"))[-1] == (both, [SCHOOL, OTHER_SCHOOL])


async def test_a_line_of_a_ledger_counts_for_the_school_where_the_child_is_now(
    sign_in, bureau, registrar, child, app
):
    await bureau.record(child, "home-visits")
    registrar2 = await sign_in("registrar2")
    moved = await registrar.record(child, "transfers", to_school=OTHER_SCHOOL)
    done = await registrar2.post(
        f"/v1/students/{child}/transfers/{moved['entry']}/decision",
        {"accept": True, "grade": 7, "class_name": "3班"},
    )
    (row,) = (await bureau.fresh(LEDGER, done.json()["position"]))["items"]

    assert row["school_code"] == SCHOOL
    assert (await looks(app, "schools"))[-1] == ([OTHER_SCHOOL],)


async def test_no_line_holds_anything_of_a_child(client, sign_in, registrar, bureau, app):
    secret = {
        "name": "测隐舟",
        "student_number": student_number(77),
        "id_number": student_number(77)[1:],
        "home_address": "晴川镇隐村七号",
        "guardians": [{"name": "测隐父", "relation": "父亲", "phone": "19000000077"}],
    }
    child = (await enrol(registrar, 77, **secret))["student_id"]
    last = await bureau.record(child, "absence-flags")
    teacher2 = await sign_in("teacher2")
    reveal = "reveal=true&reason=核对"
    for path in (
        f"/v1/students/{child}",
        f"/v1/students/{child}/history",
        "/v1/students",
        "/v1/ledgers/dropout-control",
    ):
        for query in (
            *("", reveal, f"{reveal}&format=csv", "format=csv", f"{reveal}&format=xlsx"),
            *(
                f"{name}={text}"
                for text in ("测隐舟", student_number(77), "19000000077", "隐村七号")
                for name in ("q", "responsible", "township", "school_code", "from", "x", "reason")
            ),
        ):
            for caller in (bureau, registrar, teacher2):
                await caller.get(f"{path}?{query}", Min_Log_Position=str(last["position"]))

    everything = str(await looks(app, "access_log::text"))
    assert everything.count("view student") > 20
    for text in ("测隐", "19000000077", "隐村", student_number(77)[1:], "测小"):
        assert text not in everything, text


async def test_an_answer_waits_for_its_line_and_a_step_for_a_child_does_not(
    teacher, child, connection, app
):
    with nothing_is_logged(connection):
        look = asyncio.create_task(teacher.get(f"/v1/students/{child}"))
        await until_a_line_waits(connection)
        step = await asyncio.wait_for(teacher.record(child, "absence-flags"), 5)
        await asyncio.sleep(0.05)
        assert not look.done()
        assert await looks(app, "action") == []

    assert (await look).status_code == 200
    assert step["version"] == 2
    assert await looks(app, "action") == [("view student",)]


@pytest.mark.parametrize(
    "path",
    ["/v1/students/{}", LEDGER, LEDGER + "?format=csv", LEDGER + "?format=xlsx", "/v1/students"],
)
async def test_where_no_line_can_be_written_nothing_is_shown(bureau, child, connection, app, path):
    await bureau.record(child, "home-visits")
    with nothing_is_logged(connection):
        look = asyncio.create_task(bureau.get(path.format(child)))
        await until_a_line_waits(connection)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE wait_event = 'advisory' AND datname = current_database()"
        )
        answer = await look

    assert told(answer) == (503, "database-away")
    assert answer.headers["retry-after"]
    assert child not in answer.text
    assert await looks(app, "action") == []


async def test_an_answer_that_fails_leaves_no_line_of_something_shown(
    bureau, child, app, monkeypatch
):
    def broken(*_, **__):
        raise RuntimeError

    for path in ("?version=9", "?as_of=2001-01-01T00:00:00Z", "/history/9", "/history?cursor=x"):
        assert (await bureau.get(f"/v1/students/{child}{path}")).status_code in {404, 422}
    monkeypatch.setattr("api.looking.answer", broken)
    for path in (f"/v1/students/{child}", "/v1/students", LEDGER):
        assert (await bureau.get(path)).status_code == 500

    assert await looks(app, "action") == []


async def test_a_refusal_names_the_child_its_school_and_the_post(sign_in, child, app):
    stranger, admin, township = [
        await sign_in(name) for name in ("principal2", "admin", "counsellor")
    ]
    await stranger.get(f"/v1/students/{child}")
    await admin.get(f"/v1/students/{child}")
    await admin.get("/v1/students/00000000-0000-0000-0000-000000000000")
    await admin.get("/v1/students/x")
    await township.get(f"/v1/students/{child}?reveal=true&reason=核对")
    await stranger.get(f"/v1/students?school_code={SCHOOL}")
    await stranger.get("/v1/students?school_code=测小舟")

    of_child = ([child], [SCHOOL])
    assert await looks(app, "action", "students::text[]", "schools", "role", "details") == [
        ("read", *of_child, "principal", {}),
        ("read", *of_child, "admin", {}),
        ("read", [], [], "admin", {}),
        ("read", [], [], "admin", {}),
        ("reveal", *of_child, "counsellor", {}),
        ("list", [], [], "principal", {"filters": {"school_code": SCHOOL}}),
        ("list", [], [], "principal", {"filters": {"school_code": True}}),
    ]
    assert {outcome for (outcome,) in await looks(app, "outcome")} == {"refused"}


# Exports -----------------------------------------------------------------------------------------


@pytest.fixture
async def visited(bureau, registrar, connection):
    """1,001 visits of two children: three pieces of a file."""
    children = [(await enrol(registrar, serial))["student_id"] for serial in (1, 2)]
    for child in children:
        await bureau.record(child, "home-visits")
    last = await bureau.record(children[1], "home-visits")
    await bureau.fresh(LEDGER, last["position"])
    # more rows of the same visits, as the view might hold them
    connection.execute(
        "INSERT INTO views.home_visit_register SELECT (r).* FROM (SELECT jsonb_populate_record("
        "v, jsonb_build_object('opened', 100 + n, 'row_key', 100 + n)) AS r"
        " FROM views.home_visit_register v, generate_series(1, 998) n"
        " WHERE v.student_id = %s) made RETURNING opened",
        [children[0]],
    )
    return children


async def test_an_export_says_at_its_end_how_many_rows_of_which_children_were_taken(
    bureau, visited, app
):
    answer = await bureau.get(f"{LEDGER}?format=csv&from=2026-01-01&reveal=true&reason=督查")

    lines = await looks(app, "place", "outcome", "students::text[]", "reason", "details")
    (begun, *shown, taken) = lines[-5:]
    watermark = f"bureau_{answer.headers['log-position']}"
    assert watermark in answer.headers["content-disposition"]
    filters = {"from": "2026-01-01"}
    assert begun[1:] == ("begun", [], "督查", {"filters": filters, "watermark": watermark})
    assert [line[1:4] for line in shown] == [
        ("shown", visited, "督查"),
        ("shown", visited[:1], "督查"),
        ("shown", visited[:1], "督查"),
    ]
    assert [line[4] for line in shown] == [{"export": begun[0], "rows": n} for n in (500, 500, 1)]
    assert taken[1:] == ("taken", [], "督查", {"export": begun[0], "rows": 1001})
    assert answer.text.count("\r\n") == 1002
    assert {action for (action,) in (await looks(app, "action"))[-5:]} == {"export home-visits"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_an_export_of_nothing_is_an_export(bureau, app, form):
    await bureau.get(f"/v1/ledgers/home-teaching?format={form}")

    assert [line[0] for line in await looks(app, "outcome")] == ["begun", "taken"]


@pytest.mark.parametrize("spec", ["2.3", "2.4"])
@pytest.mark.parametrize(
    ("form", "messages", "shown", "rows"),
    [
        ("csv", 4, 2, 1000),  # the start, the heading, two pieces
        ("xlsx", 1, 0, 0),  # the start alone
        ("xlsx", 2, 3, 1001),  # its first bytes, before which all lines stand
    ],
)
async def test_an_export_broken_off_says_how_far_it_came(
    bureau, visited, app, spec, form, messages, shown, rows
):
    sent, asked = [], []
    gone = asyncio.Event()

    async def receive():
        asked.append(1)
        if len(asked) == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        if len(sent) == messages:
            gone.set()
            if spec == "2.4":
                raise OSError
            await asyncio.sleep(30)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": spec},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": LEDGER,
        "raw_path": LEDGER.encode(),
        "query_string": f"format={form}".encode(),
        "root_path": "",
        "headers": [(b"authorization", bureau.headers["Authorization"].encode())],
        "server": ("guixue", 80),
        "client": ("there", 1),
    }
    try:
        await asyncio.wait_for(app(scope, receive, send), 20)
    except Exception as left:  # noqa: BLE001
        assert type(left).__name__ == "ClientDisconnect"  # noqa: PT017
    await app.state.service.access_log.close()

    lines = (await looks(app, "place", "outcome", "details"))[-shown - 2 :]
    assert [line[1] for line in lines] == ["begun", *["shown"] * shown, "broken_off"]
    assert lines[-1][2] == {"export": lines[0][0], "rows": rows}
