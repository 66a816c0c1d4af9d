"""The registers over HTTP: by kind and unit, corrected beside what was, printed; no child in."""

import io
from datetime import UTC, date, datetime
from uuid import uuid4

import openpyxl
import pytest

from api.examples import ANSWERS, EXAMPLES
from application.units import all_units
from tests.api.reading import access_log, items, looks, table, told
from tests.api.test_openapi import listed_for, shape
from tests.clock import Clock
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, student_number

MEETINGS, DOCUMENTS = "/v1/registers/meetings", "/v1/registers/documents"
BODY = EXAMPLES["RegisterEntryBody"]
UNIT_OF = {
    "principal": SCHOOL,
    "registrar": SCHOOL,
    "principal2": OTHER_SCHOOL,
    "office": "晴川镇中心校",
    "township": "晴川镇",
    "bureau": "bureau",
    "task_force": "task_force",
}


@pytest.fixture
def clock():
    return Clock(datetime(2026, 9, 14, 4, tzinfo=UTC))


async def enter(caller, unit=SCHOOL, path=MEETINGS, **changes):
    answer = await caller.post(path, {**BODY, "unit": unit, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def titles(caller, path=MEETINGS):
    return [item["title"] for item in await items(caller, path, 0)]


@pytest.fixture
async def everywhere(sign_in):
    """A meeting of every unit, titled by who entered it, the last named the newest."""
    for day, (username, unit) in enumerate(UNIT_OF.items(), start=1):
        caller = await sign_in(username)
        await enter(caller, unit, title=username, held_on=f"2026-09-{day:02d}")


AT_SCHOOL = ["registrar", "principal"]
SEES = {
    **dict.fromkeys(("teacher", "counsellor", "registrar", "principal", "inspector"), AT_SCHOOL),
    "principal2": ["principal2"],
    "office": ["office", *AT_SCHOOL],
    "township": ["township", *AT_SCHOOL],
    **dict.fromkeys(("bureau", "task_force", "auditor"), list(UNIT_OF)[::-1]),
}


async def test_each_sees_their_own_units_lines_and_those_of_the_units_below(sign_in, everywhere):
    for username, seen in SEES.items():
        caller = await sign_in(username)
        assert await titles(caller) == seen, username
    assert await titles(await sign_in("bureau"), "/v1/registers/publicity") == []


async def test_a_unit_out_of_reach_is_not_there_to_list_and_the_attempt_is_logged(
    app, sign_in, everywhere
):
    for username, unit in (("principal", OTHER_SCHOOL), ("office", "晴川镇"), ("township", "x")):
        answer = await (await sign_in(username)).get(f"{MEETINGS}?unit={unit}")
        assert told(answer) == (404, "not-found"), username
    bureau = await sign_in("bureau")
    assert await titles(bureau, f"{MEETINGS}?unit={OTHER_SCHOOL}") == ["principal2"]
    assert await titles(bureau, f"{MEETINGS}?unit=撤并的中心校") == []
    assert [line[1] for line in await access_log(app)] == ["read_register"] * 3
    shown = [details["filters"] for (details,) in (await looks(app, "details"))[-2:]]
    assert shown == [{"unit": OTHER_SCHOOL}, {"unit": True}]  # a name nobody knows is not kept


async def test_each_keeps_the_register_of_their_own_unit_alone(app, sign_in, head, everywhere):
    before = await head()
    for username, own in UNIT_OF.items():
        caller = await sign_in(username)
        for unit in {*UNIT_OF.values(), PRIMARY, "3141999999", "x" * 200} - {own}:
            answer = await caller.post(MEETINGS, {**BODY, "unit": unit})
            assert told(answer) == (403, "out-of-reach"), (username, unit)
    assert await head() == before
    assert {line[1] for line in await access_log(app)} == {"keep_register"}


async def test_the_units_are_those_of_the_directory(app):
    found = [(unit.code, unit.level) for unit in all_units(app.state.service.directory)]
    assert found[:4] == [
        *(("bureau", "bureau"), ("task_force", "task_force")),
        *(("云溪镇", "township"), ("云溪镇中心校", "office")),
    ]
    assert {code for code, level in found if level == "school"} == {SCHOOL, OTHER_SCHOOL, PRIMARY}


async def test_a_line_is_answered_as_promised_and_found_where_it_says(principal, teacher):
    answer = await principal.post(MEETINGS, BODY)

    body = answer.json()
    assert shape(body) == shape(ANSWERS["register_entered"])
    assert (body["entry"], body["version"], body["school_year"]) == (1, 1, "2026-2027")
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Log-Position"] == str(body["position"])
    assert answer.headers["Log-Receipt"]
    line = await teacher.get(answer.headers["Location"])
    assert line.headers["ETag"] == '"1"'
    assert line.json()["title"] == BODY["title"]
    assert line.json()["unit_name"] == "晴川中学"
    assert line.json()["recorded_by"]["name"] == "测戊"


async def test_a_correction_stands_beside_what_was_entered(principal, bureau):
    done = await enter(principal)
    path = f"{MEETINGS}/{done['id']}"
    answer = await principal.post(f"{path}/corrections", EXAMPLES["RegisterCorrection"])

    assert answer.status_code == 201, answer.text
    assert shape(answer.json()) == shape(ANSWERS["register_corrected"])
    assert answer.headers["Location"] == path
    line = (await bureau.get(path)).json()
    assert shape(line) == shape(ANSWERS["register_line"])
    assert shape(line["corrections"][0]) == shape(ANSWERS["register_line"]["corrections"][0])
    assert (line["held_on"], line["note"]) == ("2026-09-11", None)
    assert line["as_entered"]["held_on"] == "2026-09-10"
    assert line["as_entered"]["note"] == BODY["note"]
    [listed] = (await bureau.get(MEETINGS)).json()["items"]
    assert listed == line


async def test_a_correction_is_for_the_unit_that_keeps_the_register(
    app, sign_in, principal, registrar, head
):
    done = await enter(principal)
    path, before = f"{MEETINGS}/{done['id']}", await head()
    body = {"changes": {"title": "另"}, "reason": "录错"}
    for username in ("principal2", "bureau", "office", "township"):
        answer = await (await sign_in(username)).post(f"{path}/corrections", body)
        assert told(answer) == (403, "out-of-reach"), username
    elsewhere = await (await sign_in("principal2")).get(path)
    assert told(elsewhere) == (403, "out-of-reach")
    assert await head() == before
    assert len(await access_log(app)) == 5
    assert (await registrar.post(f"{path}/corrections", body)).status_code == 201


async def test_what_is_not_there_is_not_found(principal):
    done = await enter(principal)
    other = f"/v1/registers/documents/{done['id']}"
    for path in (f"{MEETINGS}/x", "/v1/registers/diaries", f"{MEETINGS}/{done['id']}x"):
        assert told(await principal.get(path)) == (404, "not-found"), path
    assert told(await principal.get(other)) == (404, "no-such-entry")
    assert told(await principal.post(f"{other}/corrections", {})) == (404, "no-such-entry")


async def test_the_same_key_is_the_same_line_and_a_version_seen_is_honoured(principal, head):
    key = str(uuid4())
    first = await principal.post(MEETINGS, BODY, Idempotency_Key=key)
    again = await principal.post(MEETINGS, BODY, Idempotency_Key=key, If_Match='"0"')
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Log-Receipt"] == first.headers["Log-Receipt"]
    before = await head()
    other = await principal.post(MEETINGS, {**BODY, "title": "另"}, Idempotency_Key=key)
    assert told(other) == (422, "idempotency-key-reused")
    moved = await principal.post(MEETINGS, BODY, If_Match='"0"')
    assert told(moved) == (412, "version-moved")
    assert await head() == before
    assert (await principal.post(MEETINGS, BODY, If_Match='"1"')).status_code == 201


async def test_rules_say_no_as_listed(principal, head):
    done = await enter(principal)
    before = await head()
    path = "/v1/registers/{kind}"
    for changes, slug in (
        ({"held_on": "2026-09-15"}, "future-day"),
        ({"until": "2026-09-09"}, "end-before-start"),
    ):
        assert told(await principal.post(MEETINGS, {**BODY, **changes})) == (409, slug)
        assert slug in listed_for(path, 409)
    for changes, slug in (
        ({"held_on": "2026-08-31"}, "held-in-another-year"),
        ({"title": BODY["title"]}, "nothing-changed"),
        ({"held_on": "2026-09-15"}, "future-day"),
        ({"until": "2026-09-01"}, "end-before-start"),
    ):
        body = {"changes": changes, "reason": "录错"}
        answer = await principal.post(f"{MEETINGS}/{done['id']}/corrections", body)
        assert told(answer) == (409, slug), answer.text
        assert slug in listed_for(f"{path}/{{entry_id}}/corrections", 409)
    assert await head() == before


HOSTILE = ({"a": 1}, [[]], "\0", "\ud800", 2**63, -1, 1.5, "2026-13-01", "x" * 5_000, "\u202e\x1b")


async def test_nothing_hostile_is_recorded_or_breaks_the_service(principal, head):
    done = await enter(principal)
    before = await head()
    for field in (*BODY, "until"):
        for wrong in HOSTILE:
            answer = await principal.post(MEETINGS, {**BODY, field: wrong})
            if field in {"note", "title"} and wrong == "2026-13-01":  # a text like any other
                before += answer.status_code == 201
            else:
                assert answer.status_code in {403, 422}, (field, wrong, answer.text)
    for body in (
        *({}, {"changes": {}, "reason": "x"}, {"changes": {"unit": SCHOOL}, "reason": "x"}),
        *({"changes": {"withdrawn": "yes"}, "reason": "x"}, {"changes": {"until": None}}),
        *([], None, {"changes": [], "reason": "\0"}),
    ):
        answer = await principal.post(f"{MEETINGS}/{done['id']}/corrections", body or [])
        assert answer.status_code == 422, body
    for query in (
        *("cursor=x", "cursor=WyJ4Il0", "cursor=WyIyMDI2LTk5LTk5IiwieCIsMV0", "limit=0"),
        *("from=2026-13-01", "to=x", "as_of=now", "format=pdf", f"unit={'x' * 300}", "unit=%01"),
    ):
        assert (await principal.get(f"{MEETINGS}?{query}")).status_code == 422, query
    assert told(await principal.get(f"{MEETINGS}?unit=%00")) == (400, "unreadable-query")
    for days in ("to=9999-12-31", "from=9999-12-31", "from=0001-01-01&to=0001-01-01"):
        assert (await principal.get(f"{MEETINGS}?{days}")).status_code == 200, days
    assert await head() == before


async def test_a_text_with_a_childs_number_is_refused_in_plain_words(principal, head):
    before = await head()
    number = student_number(1)
    for field, value in (
        ("title", f"{number}返校"),
        ("note", f"身份证号 {number[1:]}"),
        ("papers", [{"kind": "other", "title": number[1:]}]),
    ):
        answer = await principal.post(MEETINGS, {**BODY, field: value})
        assert told(answer) == (422, "malformed")
        [error] = answer.json()["errors"]
        assert error["pointer"].startswith(f"/{field}")
        assert "不得写入学生姓名" in error["detail"]
        english = await principal.post(MEETINGS, {**BODY, field: value}, Accept_Language="en")
        assert "no child's name" in english.json()["errors"][0]["detail"]
    early = await principal.post(MEETINGS, {**BODY, "held_on": "1986-06-30"})
    assert early.json()["errors"][0]["pointer"] == "/held_on"
    assert await head() == before


async def test_a_list_goes_back_year_by_year_and_pages_join(principal, bureau):
    days = ("1986-07-01", "2019-03-01", "2025-08-31", "2025-09-01", "2026-09-14", "2026-09-14")
    for number, day in enumerate(days):
        await enter(principal, title=f"第{number}次", held_on=day)

    newest_first = [f"第{number}次" for number in (5, 4, 3, 2, 1, 0)]
    assert await titles(bureau) == newest_first
    assert await titles(bureau, f"{MEETINGS}?from=2025-08-31&to=2025-09-01") == ["第3次", "第2次"]
    assert await titles(bureau, f"{MEETINGS}?to=2019-03-01") == ["第1次", "第0次"]
    page = (await bureau.get(f"{MEETINGS}?limit=6")).json()
    assert (len(page["items"]), page["next_cursor"]) == (6, None)


async def test_as_of_a_moment_a_register_reads_as_it_did_then(principal, bureau, clock):
    done = await enter(principal, path=DOCUMENTS, until="2026-09-20")
    rows = await bureau.get(DOCUMENTS)
    then = rows.json()["items"][0]["recorded_at"]
    path = f"{DOCUMENTS}/{done['id']}"
    body = {"changes": {"withdrawn": True}, "reason": "重复登记"}
    corrected = await principal.post(f"{path}/corrections", body)

    was = await bureau.get(f"{DOCUMENTS}?as_of={then.replace('+', '%2B')}")
    assert was.headers["Log-Position"] == str(done["position"])
    [line] = was.json()["items"]
    assert (line["withdrawn"], line["corrections"]) == (False, [])
    [now] = (await bureau.get(DOCUMENTS)).json()["items"]
    assert (now["withdrawn"], now["in_force"]) == (True, False)
    before = await bureau.get(f"{path}?as_of=2020-01-01T00:00:00Z")
    assert told(before) == (404, "no-such-entry")
    position = str(corrected.json()["position"])
    assert (await bureau.get(DOCUMENTS, Min_Log_Position=position)).status_code == 200


async def test_documents_say_whether_they_are_in_force(sign_in, principal, clock):
    await enter(principal, path=DOCUMENTS, until="2026-09-20")
    [now] = (await principal.get(DOCUMENTS)).json()["items"]
    clock.at = datetime(2026, 9, 21, 4, tzinfo=UTC)
    principal = await sign_in("principal")
    [later] = (await principal.get(DOCUMENTS)).json()["items"]
    assert (now["in_force"], later["in_force"]) == (True, False)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_workbook_reads_back_as_the_list_with_its_mark(
    app, principal, bureau, everywhere, language
):
    await enter(principal, title="=1+1", note="公式")
    path = f"{MEETINGS}?from=2026-09-01&format=xlsx"
    answer = await bureau.get(path, Accept_Language=language)

    assert answer.status_code == 200, answer.text
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    first = next(n for n, row in enumerate(rows) if row[0] in {"序号", "No."})
    listed = (await bureau.get(MEETINGS, Accept_Language=language)).json()["items"]
    lines = rows[first + 1 : first + 1 + len(listed)]
    assert [row[3] for row in lines] == [item["title"] for item in listed]
    assert [row[1] for row in lines] == [item["unit_name"] for item in listed]
    assert [row[2].date() for row in lines] == [
        date.fromisoformat(item["held_on"]) for item in listed
    ]
    above = " ".join(str(row[0]) for row in rows[:first])
    assert "2026-09-01" in above
    assert "测癸" in sheet.oddFooter.left.text
    assert ("区教体局" if language == "zh" else "bureau") in above
    assert "遮盖" not in above
    export = [line for line in await looks(app, "action", "outcome") if "export" in line[0]]
    assert export == [
        ("export register meetings", outcome) for outcome in ("begun", "shown", "taken")
    ]


async def test_the_csv_has_the_same_lines_and_no_formula(principal, everywhere):
    await enter(principal, title="=1+1")
    head, *lines = await table(principal, f"{MEETINGS}?format=csv", 0)
    assert head == ["序号", "单位", "日期", "名称", "证明材料", "备注", "登记人", "撤销", "更正"]
    assert [line[3] for line in lines] == ["'=1+1", "registrar", "principal"]
    assert lines[0][4] == "其他 会议记录 2026-09-10"
