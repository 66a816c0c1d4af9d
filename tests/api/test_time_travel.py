"""What was known at any moment, and about any day, is still answered as it was answered then."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.application.appends import APPEND_LOCK
from tests.people import OTHER_SCHOOL, Caller, enrol

LEDGERS = (
    *("dropout-control", "return-to-school", "home-teaching", "home-visits", "persuasion"),
    *("home-teaching-sessions", "counselling"),
)
PLAN = {"school_code": OTHER_SCHOOL, "occurred_on": "2026-10-21", "from": "2026-10-21"}
# A long case: step, changes to its example, who records it.
LIFE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("home-visits", {"occurred_on": "2026-09-10"}, "teacher"),
    ("absence-flags", {}, "teacher"),
    ("suspicions", {}, "teacher"),
    ("home-visits", {"verified_reasons": ["R06"]}, "teacher"),
    ("persuasion-attempts", {"outcome": "refused"}, "teacher"),
    ("persuasion-attempts", {"occurred_on": "2026-09-16"}, "principal"),
    ("counselling-sessions", {"notes": "不外传"}, "counsellor"),
    ("written-reports", {}, "principal"),
    ("returns", {}, "teacher"),
    ("corrections", {"entry": 3, "changes": {"first_absent_on": "2026-09-11"}}, "teacher"),
    ("absence-flags", {"first_absent_on": "2026-10-12"}, "teacher"),
    ("home-teaching-plans", PLAN, "bureau"),
    ("home-teaching-sessions", {"occurred_on": "2026-10-22"}, "teacher"),
    ("home-teaching-sessions", {"occurred_on": "2026-10-23", "minutes": 60}, "teacher"),
    ("corrections", {"entry": 15, "changes": {"minutes": 30}}, "teacher"),
    ("corrections", {"entry": 1, "changes": {"name": "测晓舟"}}, "principal"),
    ("key-groups", {}, "teacher"),
    ("roll-changes", {"kind": "29", "papers": [], "to_class": "9班"}, "registrar"),
)


@pytest.fixture
async def life(child, sign_in) -> list[dict[str, Any]]:
    """Every command's answer in the child's life, the enrolment's place first."""
    people = {name: await sign_in(name) for name in {who for _, _, who in LIFE}}
    return [await people[who].record(child, path, **changes) for path, changes, who in LIFE]


async def told(caller: Caller, child: str, position: int, query: str) -> dict[str, Any]:
    """Everything the service tells of the child, its ledgers and its history included."""
    paths = {
        "record": f"/v1/students/{child}?{query}",
        "history": f"/v1/students/{child}/history?limit=500&{query}",
        **{name: f"/v1/ledgers/{name}?{query}" for name in LEDGERS if "version" not in query},
    }
    answers = await asyncio.gather(*(caller.fresh(path, position) for path in paths.values()))
    return dict(zip(paths, answers, strict=True))


async def moments(caller: Caller, child: str) -> list[str]:
    """When each entry was recorded, oldest first."""
    history = (await caller.get(f"/v1/students/{child}/history?limit=500")).json()
    return [entry["recorded_at"] for entry in history["items"]]


def before(moment: str) -> str:
    """The last microsecond before a moment."""
    return (datetime.fromisoformat(moment) - timedelta(microseconds=1)).isoformat()


async def test_the_record_history_and_every_ledger_answer_as_they_did_then(child, sign_in, bureau):
    people = {name: await sign_in(name) for name in {who for _, _, who in LIFE}}
    position = (await bureau.get(f"/v1/students/{child}")).json()["position"]
    then = [await told(bureau, child, position, "")]
    for path, changes, who in LIFE:
        done = await people[who].record(child, path, **changes)
        then.append(await told(bureau, child, done["position"], ""))

    recorded = await store_moments(sign_in, child)
    assert len(recorded) == len(then) == len(LIFE) + 1
    assert all(ledger["items"] for name, ledger in then[-1].items() if name != "record")
    for version, (moment, expected) in enumerate(zip(recorded, then, strict=True), start=1):
        assert await told(bureau, child, done["position"], f"as_of={moment}") == expected, version
        by_version = await told(bureau, child, done["position"], f"version={version}")
        assert by_version == {name: expected[name] for name in by_version}
        if version > 1:
            earlier = await told(bureau, child, done["position"], f"as_of={before(moment)}")
            assert earlier == then[version - 2], version


async def store_moments(sign_in, child: str) -> list[str]:
    return await moments(await sign_in("auditor"), child)


async def test_before_the_first_entry_the_child_is_unknown_and_its_ledgers_are_empty(
    bureau, child, life
):
    last = life[-1]["position"]
    first = before((await moments(bureau, child))[0])
    for path in (f"/v1/students/{child}", f"/v1/students/{child}/history"):
        for query in (f"as_of={first}", "as_of=2001-01-01T00:00:00Z", "version=99"):
            answer = await bureau.get(f"{path}?{query}")
            assert (answer.status_code, answer.json()["type"]) == (404, "unknown-child"), query
        assert (await bureau.get(f"{path}?version=0")).status_code == 422
    for name in LEDGERS:
        path = f"/v1/ledgers/{name}?as_of={first}"
        answer = await bureau.get(path, Min_Log_Position=str(last))
        assert (answer.status_code, answer.json()["items"]) == (200, [])
        assert answer.headers["log-position"] == "0"
    totals = (await bureau.get(f"/v1/ledgers/return-to-school?as_of={first}")).json()["totals"]
    assert set(totals.values()) == {0}


async def test_a_moment_means_the_same_in_every_offset_and_one_to_come_means_now(
    bureau, child, life
):
    moment = datetime.fromisoformat((await moments(bureau, child))[2])
    utc = moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    spelt = {
        moment.isoformat(),
        moment.isoformat().replace("+", "%2B"),
        moment.isoformat().replace("T", "t"),
        utc,
    }
    answers = [(await bureau.get(f"/v1/students/{child}?as_of={m}")).json() for m in spelt]
    now = (await bureau.get(f"/v1/students/{child}?as_of=2999-01-01T00:00:00Z")).json()

    assert [answer["version"] for answer in answers] == [3] * len(spelt)
    assert now["version"] == len(life) + 1


async def test_an_answer_about_the_past_says_at_which_position_it_stood(bureau, child, life):
    await bureau.fresh("/v1/students", life[-1]["position"])
    recorded = await moments(bureau, child)
    for moment, done in zip(recorded[1:], life, strict=True):
        for name in ("dropout-control", "counselling"):
            for form in ("json", "csv"):
                path = f"/v1/ledgers/{name}?as_of={moment}&format={form}"
                assert (await bureau.get(path)).headers["log-position"] == str(done["position"])


async def test_a_ledger_taken_as_of_a_moment_is_the_same_file_for_ever(bureau, registrar, child):
    flagged = await registrar.record(child, "absence-flags")
    await bureau.fresh("/v1/students", flagged["position"])
    moment = (await moments(bureau, child))[1]
    path = f"/v1/ledgers/dropout-control?format=csv&as_of={moment}"
    one = await bureau.get(path)
    other = (await enrol(registrar, 2))["student_id"]
    await registrar.record(other, "absence-flags")
    done = await registrar.record(child, "suspicions")

    again = await bureau.get(path, Min_Log_Position=str(done["position"]))

    assert again.content == one.content
    assert again.headers["content-disposition"] == one.headers["content-disposition"]


async def test_pages_as_of_a_moment_follow_one_another_whatever_is_recorded_between(
    bureau, registrar
):
    children = []
    for serial in range(1, 6):
        children.append((await enrol(registrar, serial))["student_id"])
        done = await registrar.record(children[-1], "absence-flags")
    await bureau.fresh("/v1/students", done["position"])
    moment = (await moments(bureau, children[-1]))[1]
    seen, cursor = [], ""
    for number, _ in enumerate(children, start=10):
        path = f"/v1/ledgers/dropout-control?limit=2&as_of={moment}{cursor}"
        page = (await bureau.get(path)).json()
        seen += [(item["student_id"], item["status"]) for item in page["items"]]
        late = await enrol(registrar, number)
        await registrar.record(late["student_id"], "absence-flags")
        for child in children:
            done = await registrar.record(child, "absence-flags", absence_kind="sick_leave")
        await bureau.fresh("/v1/students", done["position"])
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == [(child, "watched") for child in children]


async def test_what_is_being_recorded_at_the_moment_asked_for_is_waited_for(
    bureau, child, connection
):
    """An append takes its moment when it begins: an answer without it would not be the last."""
    position = (await bureau.get(f"/v1/students/{child}")).json()["position"]
    await bureau.fresh("/v1/students", position)
    ((now,),) = connection.execute("SELECT clock_timestamp()").fetchall()
    moment = now.astimezone(UTC).isoformat().replace("+00:00", "Z")
    paths = [
        f"/v1/students/{child}?as_of={moment}",
        f"/v1/students/{child}/history?as_of={moment}",
        f"/v1/students/{child}/history?to={moment}",
        f"/v1/students/{child}/difference?to={moment}",
        f"/v1/ledgers/dropout-control?as_of={moment}",
        f"/v1/indicators?as_of={moment}",
    ]
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [APPEND_LOCK])
        waiting = [asyncio.create_task(bureau.get(path)) for path in paths]
        await bureau.fresh("/v1/students", position)
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in waiting)

    answers = await asyncio.gather(*waiting)
    assert [answer.status_code for answer in answers] == [200] * len(paths)


# The other clock ---------------------------------------------------------------------------------


async def status_by(caller: Caller, child: str, day: str, **cut: Any) -> tuple[str, str | None]:
    query = "".join(f"&{name}={value}" for name, value in cut.items())
    answer = await caller.get(f"/v1/students/{child}?happened_by={day}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["status"], answer.json()["first_absent_on"]


async def test_happened_by_cuts_by_the_day_things_happened(bureau, child, life):
    for day, status in {
        "2026-09-10": "none",
        "2026-09-11": "watched",  # as corrected
        "2026-09-16": "watched",
        "2026-09-17": "suspected",
        "2026-09-23": "suspected",
        "2026-09-24": "returned",
        "2026-10-11": "returned",
        "2026-10-12": "suspected",
        "2026-10-21": "home_taught",
        "2026-10-23": "home_taught",
    }.items():
        assert (await status_by(bureau, child, day))[0] == status, day


async def test_both_clocks_together_tell_what_was_believed_on_a_day_about_a_day(
    bureau, child, life
):
    recorded = await moments(bureau, child)
    corrected = recorded[10]
    about = {
        day: (
            await status_by(bureau, child, day, as_of=before(corrected)),
            await status_by(bureau, child, day, as_of=corrected),
        )
        for day in ("2026-09-11", "2026-09-14")
    }

    assert about == {
        "2026-09-11": (("none", None), ("watched", "2026-09-11")),
        "2026-09-14": (("watched", "2026-09-14"), ("watched", "2026-09-11")),
    }
    assert await status_by(bureau, child, "2026-09-11", version=10) == ("none", None)


async def test_what_had_happened_counts_whenever_it_was_recorded(bureau, teacher, child):
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    await teacher.record(child, "home-visits", occurred_on="2026-09-15")

    by_then = (await bureau.get(f"/v1/students/{child}?happened_by=2026-09-16")).json()

    assert (by_then["status"], by_then["counts"]["home_visits"]) == ("watched", 1)
    history = (await bureau.get(f"/v1/students/{child}/history?happened_by=2026-09-16")).json()
    assert [entry["version"] for entry in history["items"]] == [1, 2, 4]


async def test_the_history_about_a_day_holds_its_entries_and_their_corrections_and_pages(
    bureau, child, life
):
    path = f"/v1/students/{child}/history?happened_by=2026-09-17"
    whole = (await bureau.get(path)).json()
    seen, cursor = [], ""
    while True:
        page = (await bureau.get(f"{path}&limit=2{cursor}")).json()
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    versions = [entry["version"] for entry in whole["items"]]
    assert whole["next_cursor"] is None
    assert seen == whole["items"]
    # the enrolment, what had happened, the corrections of both; not of what happened later
    assert versions == [1, 2, 3, 4, 5, 7, 8, 11, 17, 18, 19]
    by_version = {entry["version"]: entry for entry in whole["items"]}
    assert by_version[3]["corrected_by"] == 11
    assert by_version[3]["data"]["first_absent_on"] == "2026-09-14"  # as recorded
    assert by_version[3]["occurred_on"] == "2026-09-14"


async def test_before_anything_happened_the_child_stands_on_the_roll_alone(bureau, child, life):
    record = (await bureau.get(f"/v1/students/{child}?happened_by=2015-01-01")).json()
    history = (await bureau.get(f"/v1/students/{child}/history?happened_by=2015-01-01")).json()

    assert (record["status"], record["episode"], record["class_name"]) == ("none", None, "1班")
    assert [entry["kind"] for entry in history["items"]] == ["enrolled", "corrected"]
    for day in ("2026-13-01", "20260901", "yesterday", ""):
        answer = await bureau.get(f"/v1/students/{child}?happened_by={day}")
        assert answer.status_code == 422, day


async def test_who_may_see_the_past_is_who_may_see_the_child_now(
    teacher, registrar, bureau, child, sign_in
):
    teacher2 = await sign_in("teacher2")
    await teacher.record(child, "absence-flags")
    moved = {"kind": "29", "papers": [], "to_class": "2班"}
    done = await registrar.record(child, "roll-changes", **moved)
    await bureau.fresh("/v1/students", done["position"])
    moment = (await moments(bureau, child))[1]

    lost = await teacher.get(f"/v1/students/{child}?as_of={moment}")
    ledgers = [
        (await caller.get(f"/v1/ledgers/dropout-control?as_of={moment}")).json()["items"]
        for caller in (teacher, teacher2)
    ]

    assert lost.status_code == 403
    assert [len(items) for items in ledgers] == [0, 1]
    assert ledgers[1][0]["class"] == "1班"


# Waiting for a position --------------------------------------------------------------------------


async def test_a_reader_may_wait_for_what_is_not_recorded_yet(bureau, teacher, child):
    position = (await bureau.get(f"/v1/students/{child}")).json()["position"]
    paths = ("/v1/ledgers/dropout-control", "/v1/students?status=watched")
    waiting = [
        asyncio.create_task(bureau.get(path, Min_Log_Position=str(position + 1))) for path in paths
    ]
    await asyncio.sleep(0.2)
    assert not any(task.done() for task in waiting)
    await teacher.record(child, "absence-flags")

    for answer in await asyncio.gather(*waiting):
        assert answer.status_code == 200
        assert int(answer.headers["log-position"]) >= position + 1
        assert [item["student_id"] for item in answer.json()["items"]] == [child]


async def test_every_read_of_a_view_says_where_it_stands_and_waits_if_asked(bureau, teacher, child):
    done = await teacher.record(child, "absence-flags")
    for path in (
        "/v1/students",
        *(f"/v1/students/{child}{part}" for part in ("", "/history", "/history/2", "/duties")),
        *(f"/v1/ledgers/{name}" for name in LEDGERS),
        "/v1/ledgers/dropout-control?format=csv",
    ):
        answer = await bureau.get(path, Min_Log_Position=str(done["position"]))
        assert answer.status_code == 200, path
        assert int(answer.headers["log-position"]) >= done["position"], path
    behind = await bureau.get(
        "/v1/ledgers/counselling?format=csv", Min_Log_Position=str(done["position"] + 1)
    )
    assert (behind.status_code, behind.json()["type"]) == (503, "view-behind")
