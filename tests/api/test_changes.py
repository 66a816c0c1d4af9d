"""The change feed tells everybody what was recorded for children of theirs, as it comes."""

import asyncio
from uuid import UUID

import pytest

from tests.api.reading import looks, told
from tests.people import enrol


async def changes(caller, after=0, **query):
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    answer = await caller.get(f"/v1/changes?after={after}{asked}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Log-Position"] == str(answer.json()["position"])
    return answer.json()


def kinds_in(page):
    return [item["kind"] for item in page["items"]]


async def test_what_was_recorded_comes_in_order_and_once(bureau, registrar, teacher):
    child = (await enrol(registrar, 1))["student_id"]
    flagged = await teacher.record(child, "absence-flags")
    await bureau.fresh("/v1/students", flagged["position"])

    first = await changes(bureau, limit=1)
    rest = await changes(bureau, first["position"])

    assert (kinds_in(first), kinds_in(rest)) == (["enrolled"], ["absence_flagged"])
    [flag] = rest["items"]
    assert (flag["student_id"], flag["version"], flag["label"]) == (child, 2, "缺勤预警")
    assert (flag["position"], flag["status"]) == (flagged["position"], "watched")
    assert await changes(bureau, rest["position"]) == {"items": [], "position": rest["position"]}


async def test_nobody_is_told_of_children_elsewhere_yet_the_position_goes_on(
    sign_in, registrar, teacher
):
    child = (await enrol(registrar, 1))["student_id"]
    flagged = await teacher.record(child, "absence-flags")
    for username in ("principal2", "township", "task_force"):
        caller = await sign_in(username)
        await caller.get("/v1/students", Min_Log_Position=str(flagged["position"]))
        page = await changes(caller)
        assert (page["items"], page["position"]) == ([], flagged["position"])


async def test_a_township_is_told_of_a_child_once_it_is_reported(sign_in, registrar, teacher):
    principal, township = await sign_in("principal"), await sign_in("township")
    child = (await enrol(registrar, 1))["student_id"]
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    done = await principal.record(child, "written-reports")
    await township.get("/v1/students", Min_Log_Position=str(done["position"]))

    assert kinds_in(await changes(township))[-1] == "written_report_filed"


async def test_who_waits_hears_of_it_when_it_comes(bureau, registrar, teacher, head):
    child = (await enrol(registrar, 1))["student_id"]
    start = await head()
    waiting = asyncio.create_task(changes(bureau, start, wait=20))
    await asyncio.sleep(0)
    await teacher.record(child, "absence-flags")

    page = await asyncio.wait_for(waiting, 10)
    assert kinds_in(page) == ["absence_flagged"]


async def test_who_waits_and_is_signed_out_meanwhile_is_told_nothing(
    sign_in, bureau, registrar, teacher, head
):
    child = (await enrol(registrar, 1))["student_id"]
    auditor = await sign_in("auditor")
    waiting = asyncio.create_task(auditor.get(f"/v1/changes?after={await head()}&wait=20"))
    await asyncio.sleep(0.05)
    await auditor.post("/v1/sign-out", {})
    await teacher.record(child, "absence-flags")

    assert told(await asyncio.wait_for(waiting, 10)) == (401, "not-signed-in")


async def test_what_is_shown_leaves_a_line_in_the_access_log(app, bureau, registrar):
    done = await enrol(registrar, 1)
    await bureau.get("/v1/students?limit=1", Min_Log_Position=str(done["position"]))
    await changes(bureau)

    line = (await looks(app, "action", "outcome", "students"))[-1]
    assert line == ("view changes", "shown", [UUID(done["student_id"])])


@pytest.mark.parametrize(
    "query", ["after=-1", f"after={2**63}", "wait=31", "limit=501", "after=x", "wait=-1"]
)
async def test_what_is_not_understood_is_refused(bureau, query):
    assert told(await bureau.get(f"/v1/changes?{query}")) == (422, "malformed")


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a_position_that_the_log_has_not_is_refused_with_its_end(bureau, registrar, accept):
    """As after a restore: what comes to stand there is not what followed it before."""
    end = (await enrol(registrar, 1))["position"]
    await bureau.get("/v1/students?limit=1", Min_Log_Position=str(end))

    at_the_end = await bureau.get(f"/v1/changes?after={end}")
    async with asyncio.timeout(10):  # a stream would be waited for
        past = await bureau.get(f"/v1/changes?after={end + 1}", Accept=accept)

    assert at_the_end.json()["items"] == []
    assert told(past) == (409, "position-unknown")
    assert f"{end}" in past.json()["detail"]


async def test_a_stream_gives_each_change_as_an_event_and_goes_on_where_it_was(
    app, bureau, registrar, teacher
):
    child = (await enrol(registrar, 1))["student_id"]
    flagged = await teacher.record(child, "absence-flags")
    await bureau.get("/v1/students?limit=1", Min_Log_Position=str(flagged["position"]))
    before = flagged["position"] - 1

    status, said = await streamed(app, bureau, last_event_id=before)

    assert status == 200
    assert said.startswith(f"id: {flagged['position']}\nevent: absence_flagged\ndata: {{")
    assert child in said
    assert said.endswith("\n\n")


async def streamed(app, caller, **headers):
    """What a stream gives first; then the caller hangs up."""
    gone, given = asyncio.Event(), {"status": 0, "said": ""}
    asked = {
        "authorization": caller.headers["Authorization"],
        "accept": "text/event-stream",
        **{name.replace("_", "-"): str(value) for name, value in headers.items()},
    }

    async def receive():
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        given["status"] = message.get("status", given["status"])
        given["said"] += message.get("body", b"").decode()
        if given["said"].endswith("\n\n"):
            gone.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/v1/changes",
        "raw_path": b"/v1/changes",
        "query_string": b"",
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in asked.items()],
        "server": ("guixue", 80),
        "client": ("127.0.0.1", 1),
    }
    await asyncio.wait_for(app(scope, receive, send), 10)
    return given["status"], given["said"]
