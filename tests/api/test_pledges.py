"""Pledges over HTTP: issued down the line, signed by each side alone, the unsigned by area."""

import io
from datetime import UTC, datetime
from uuid import uuid4

import openpyxl
import pytest

from api.examples import ANSWERS, EXAMPLES
from tests.api.reading import access_log, items, looks, told
from tests.api.test_openapi import listed_for, shape
from tests.clock import Clock
from tests.people import OTHER_SCHOOL, SCHOOL, student_number

PATH = "/v1/pledges"
TO_PRINCIPAL = {**EXAMPLES["PledgeBody"], "to_unit": SCHOOL, "to_person": "测戊"}
TO_OTHER = {**TO_PRINCIPAL, "to_unit": OTHER_SCHOOL, "to_person": "测己"}
DAYS = {"due_on": "2026-09-30", "issued_on": "2026-09-01", "terms": ["守土有责"]}
TO_TOWNSHIP = {**DAYS, "level": "county_township", "to_unit": "晴川镇"}
OF_CLASS = {"level": "school_teacher", "to_unit": SCHOOL, "grade": 7}
TO_TEACHER = {**DAYS, **OF_CLASS, "class_name": "1班", "to_person": "测甲"}
TO_TEACHER2 = {**TO_TEACHER, "class_name": "2班", "to_person": "测乙"}
SIGNED = {"signed_on": "2026-09-03"}


@pytest.fixture
def clock():
    return Clock(datetime(2026, 9, 14, 4, tzinfo=UTC))


async def issue(caller, body):
    answer = await caller.post(PATH, body)
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{answer.json()['id']}"


async def sign(caller, path, body=SIGNED):
    return await caller.post(f"{path}/signatures", body)


@pytest.fixture
async def line(bureau, principal):
    """The pledges of a year, by who pledges."""
    return {
        "township": await issue(bureau, TO_TOWNSHIP),
        "principal": await issue(bureau, TO_PRINCIPAL),
        "principal2": await issue(bureau, TO_OTHER),
        "teacher": await issue(principal, TO_TEACHER),
        "teacher2": await issue(principal, TO_TEACHER2),
    }


async def whose(caller, query=""):
    return [
        item["class_name"] or item["to_unit"] for item in await items(caller, f"{PATH}{query}", 0)
    ]


AT_SCHOOL = [SCHOOL, "1班", "2班"]
EVERY = [OTHER_SCHOOL, "晴川镇", *AT_SCHOOL]
SEES = {
    "teacher": ["1班"],
    "teacher2": ["2班"],
    **dict.fromkeys(("registrar", "principal", "inspector", "office"), AT_SCHOOL),
    "principal2": [OTHER_SCHOOL],
    "township": ["晴川镇", *AT_SCHOOL],
    **dict.fromkeys(("bureau", "task_force", "auditor"), EVERY),
}


async def test_each_sees_the_pledges_of_their_area_by_township_and_school(app, sign_in, line):
    for username, seen in SEES.items():
        caller = await sign_in(username)
        assert await whose(caller) == seen, username
        for name, path in line.items():
            answer = await caller.get(path)
            assert answer.status_code in {200, 403}, answer.text
            shown = answer.status_code == 200
            body = answer.json() if shown else {}
            assert shown == ((body.get("class_name") or body.get("to_unit")) in seen), name
    refused = len(SEES) * len(line) - sum(map(len, SEES.values()))
    assert [entry[1] for entry in await access_log(app)] == ["read_pledge"] * refused


async def test_the_unsigned_list_holds_what_a_side_has_yet_to_sign(
    sign_in, bureau, principal, line, clock
):
    for username, seen in SEES.items():
        assert await whose(await sign_in(username), "?unsigned=true") == seen
    for caller in (principal, bureau):
        assert (await sign(caller, line["principal"])).status_code == 201
    assert (await sign(await sign_in("township"), line["township"])).status_code == 201

    assert await whose(bureau, "?unsigned=true") == [OTHER_SCHOOL, "晴川镇", "1班", "2班"]
    assert await whose(bureau, "?state=signed") == [SCHOOL]
    assert await whose(bureau, "?unsigned=true&level=bureau_school") == [OTHER_SCHOOL]
    assert await whose(bureau, f"?unsigned=true&unit={SCHOOL}") == ["1班", "2班"]
    assert await whose(bureau, "?school_year=2025-2026") == []
    assert await whose(bureau, "?state=overdue") == []
    [half] = (await bureau.get(f"{PATH}?unit=晴川镇")).json()["items"]
    assert half["awaiting"] == ["from"]
    clock.at = datetime(2026, 10, 1, 4, tzinfo=UTC)
    late = await sign_in("bureau")
    assert await whose(late, "?state=overdue") == [OTHER_SCHOOL, "晴川镇", "1班", "2班"]


async def test_a_unit_out_of_reach_is_not_there_to_list(app, principal, line):
    assert told(await principal.get(f"{PATH}?unit={OTHER_SCHOOL}")) == (404, "not-found")
    assert [entry[1] for entry in await access_log(app)] == ["read_pledge"]


SIGNERS = {
    "township": {"township": "to", "bureau": "from"},
    "principal": {"principal": "to", "bureau": "from"},
    "principal2": {"principal2": "to", "bureau": "from"},
    "teacher": {"teacher": "to", "principal": "from"},
    "teacher2": {"teacher2": "to", "principal": "from"},
}
MAY_SIGN = ("teacher", "teacher2", "principal", "principal2", "township", "bureau")


async def test_each_side_is_signed_by_whoever_holds_its_post_and_by_nobody_else(app, sign_in, line):
    refused = 0
    for name, path in line.items():
        for username in MAY_SIGN:
            answer = await sign(await sign_in(username), path)
            side = SIGNERS[name].get(username)
            if side is None:
                assert told(answer) == (403, "out-of-reach"), (name, username)
                refused += 1
            else:
                assert (answer.status_code, answer.json()["side"]) == (201, side), answer.text
    bureau = await sign_in("bureau")
    assert await whose(bureau, "?state=signed") == EVERY
    assert [entry[1] for entry in await access_log(app)] == ["sign_pledge"] * refused


async def test_who_does_not_issue_a_level_is_refused(app, sign_in, head):
    before = await head()
    for username, bodies in {
        "principal": (TO_TOWNSHIP, TO_PRINCIPAL, {**TO_TEACHER, "to_unit": OTHER_SCHOOL}),
        "bureau": (TO_TEACHER,),
    }.items():
        caller = await sign_in(username)
        for body in bodies:
            assert told(await caller.post(PATH, body)) == (403, "out-of-reach")
    assert await head() == before
    assert [entry[1] for entry in await access_log(app)] == ["issue_pledge"] * 4


async def test_answers_are_as_described_and_stand_where_they_say(bureau, principal):
    answer = await bureau.post(PATH, TO_PRINCIPAL)
    body, path = answer.json(), answer.headers["Location"]
    assert shape(body) == shape(ANSWERS["pledge_issued"])
    assert (answer.headers["ETag"], answer.headers["Log-Position"]) == (
        '"1"',
        str(body["position"]),
    )
    assert answer.headers["Log-Receipt"]
    signed = await sign(principal, path)
    assert shape(signed.json()) == shape(ANSWERS["pledge_signed"])
    assert signed.headers["Location"] == path
    one = await bureau.get(path)
    assert one.headers["ETag"] == '"2"'
    assert shape(one.json()) == shape(ANSWERS["pledge"])
    assert shape(one.json()["signatures"][0]) == shape(ANSWERS["pledge"]["signatures"][0])
    assert one.json()["signatures"][0]["signed_by"]["name"] == "测戊"
    [listed] = (await bureau.get(PATH)).json()["items"]
    assert listed == one.json()
    gone = await bureau.post(f"{path}/withdrawal", EXAMPLES["PledgeWithdrawal"])
    assert shape(gone.json()) == shape(ANSWERS["pledge_withdrawn"])
    english = await bureau.get(path, Accept_Language="en")
    assert english.json()["state_label"] == "Withdrawn"


async def test_a_new_principals_pledge_replaces_the_older_one(bureau, principal):
    old = await issue(bureau, {**TO_PRINCIPAL, "to_person": "测旧"})
    assert told(await sign(principal, old)) == (409, "named-another")
    again = await bureau.post(PATH, TO_PRINCIPAL)
    assert told(again) == (409, "pledge-stands")
    new = await issue(bureau, {**TO_PRINCIPAL, "replaces": 1, "reason": "校长换届"})

    assert told(await sign(principal, old)) == (409, "pledge-over")
    assert (await sign(principal, new)).status_code == 201
    states = [(await bureau.get(path)).json() for path in (old, new)]
    assert [(one["state"], one["replaced_by"]) for one in states] == [
        ("replaced", 2),
        ("open", None),
    ]
    assert states[1]["reason"] == "校长换届"


async def test_as_of_a_moment_a_pledge_is_as_it_was_then(bureau, principal):
    path = await issue(bureau, {**TO_PRINCIPAL, "due_on": "2099-12-31"})
    before = (await bureau.get(path)).json()["recorded_at"].replace("+", "%2B")
    for caller in (principal, bureau):
        await sign(caller, path)

    then = await bureau.get(f"{PATH}?school_year=2026-2027&as_of={before}")
    assert [one["signatures"] for one in then.json()["items"]] == [[]]
    assert (await bureau.get(f"{path}?as_of={before}")).json()["state"] == "open"
    assert (await bureau.get(path)).json()["state"] == "signed"
    never = await bureau.get(f"{path}?as_of=2020-01-01T00:00:00Z")
    assert told(never) == (404, "no-such-entry")


async def test_a_repeated_signature_is_one_and_a_version_seen_is_honoured(bureau, principal, head):
    path, key = await issue(bureau, TO_PRINCIPAL), str(uuid4())
    moved = await principal.post(f"{path}/signatures", SIGNED, If_Match='"0"')
    assert told(moved) == (412, "version-moved")
    first = await principal.post(f"{path}/signatures", SIGNED, Idempotency_Key=key)
    again = await principal.post(f"{path}/signatures", SIGNED, Idempotency_Key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    before = await head()
    other = await principal.post(
        f"{path}/signatures", {"signed_on": "2026-09-04"}, Idempotency_Key=key
    )
    assert told(other) == (422, "idempotency-key-reused")
    assert told(await sign(principal, path)) == (409, "already-signed")
    assert await head() == before


async def test_rules_say_no_as_listed(bureau, principal, head):
    path = await issue(bureau, TO_PRINCIPAL)
    before = await head()
    for changes, slug in (
        ({"signed_on": "2026-08-31"}, "signed-before-issued"),
        ({"signed_on": "2026-09-15"}, "future-day"),
    ):
        assert told(await sign(principal, path, changes)) == (409, slug)
        assert slug in listed_for(f"{PATH}/{{pledge_id}}/signatures", 409)
    for changes, status, slug in (
        ({"due_on": "2026-08-31"}, 409, "end-before-start"),
        ({"issued_on": "2026-09-15"}, 409, "future-day"),
        ({"replaces": 9, "reason": "x"}, 404, "no-such-entry"),
    ):
        answer = await bureau.post(PATH, {**TO_OTHER, **changes})
        assert told(answer) == (status, slug)
        assert slug in listed_for(PATH, status)
    assert await head() == before


HOSTILE = ({"a": 1}, [[]], "\0", "\ud800", 2**63, -1, 1.5, "2026-13-01", "x" * 5_000)


async def test_nothing_hostile_is_recorded_or_breaks_the_service(bureau, principal, head):
    path = await issue(bureau, TO_TOWNSHIP)
    before = await head()
    optional = {"text": "x", "school_year": "2026-2027", "grade": 7, "class_name": "1班"}
    for field in {**TO_PRINCIPAL, **optional, "replaces": 1, "reason": "x", "term_to": ""}:
        for wrong in HOSTILE:
            answer = await bureau.post(PATH, {**TO_PRINCIPAL, field: wrong})
            if field in {"to_person", "text"} and wrong == "2026-13-01":  # a text like any other
                assert answer.status_code in {201, 409}, answer.text
                before += answer.status_code == 201
            else:
                assert answer.status_code == 422, (field, wrong, answer.text)
    for changes, place in (
        ({"school_year": "2026-2028"}, "/school_year"),
        ({"grade": 7}, "/grade"),
        ({"term_from": None}, "/term_from"),
        ({"terms": []}, "/text"),
        ({"terms": [f"{student_number(1)}返校"]}, "/terms/0"),
        ({"replaces": 1}, "/reason"),
        ({"to_unit": "3141999999"}, "/to_unit"),
    ):
        answer = await bureau.post(PATH, {**TO_PRINCIPAL, **changes})
        assert answer.status_code == 422, (changes, answer.text)
        assert answer.json()["errors"][0]["pointer"] == place, answer.text
    for body in ([], None, {}, {"signed_on": 2**63}, {"signed_on": "2026-13-01"}, {"x": 1}):
        answer = await bureau.post(f"{path}/signatures", [] if body is None else body)
        assert answer.status_code == 422
    for query in (
        *("cursor=x", "cursor=WyJ4Il0", "limit=501", "state=lost", "level=x", "unsigned=maybe"),
        *("school_year=2026", "as_of=now", f"unit={'x' * 300}", "unit=%01"),
    ):
        assert (await bureau.get(f"{PATH}?{query}")).status_code == 422, query
    for unknown in ("x", "WyJ4Il0", "W10", "é", "a" * 900):
        assert told(await bureau.get(f"{PATH}/{unknown}")) == (404, "not-found"), unknown
    assert await head() == before


async def test_the_register_is_printed_to_those_who_take_things_away(app, sign_in, bureau, line):
    await sign(bureau, line["principal"])

    answer = await bureau.get(f"{PATH}?format=xlsx&unit={SCHOOL}")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "责任书登记表 2026-2027"
    lines = [row for row in rows if isinstance(row[0], int)]
    assert [(row[3], row[4], row[5]) for row in lines] == [
        ("晴川中学", "测戊", None),
        ("晴川中学", "测甲", "7年级1班"),
        ("晴川中学", "测乙", "7年级2班"),
    ]
    assert lines[0][9:] == ["2026-09-03 测癸", None]
    every = await bureau.get(f"{PATH}?format=csv&limit=1")  # a page is a list's, not a register's
    assert every.text.count("\r\n") == 1 + len(EVERY)
    assert (await looks(app, "action"))[-1] == ("export pledges",)
    teacher = await sign_in("teacher")
    assert told(await teacher.get(f"{PATH}?format=xlsx")) == (403, "not-allowed")


async def test_a_leader_of_a_grade_pledges_to_the_principal_and_signs_by_name(
    principal, registrar, sign_in
):
    body = {**DAYS, "level": "school_grade", "to_unit": SCHOOL, "grade": 7, "to_person": "测丙"}
    for wrong in ({"class_name": "1班"}, {"grade": None}):
        sent = {name: value for name, value in (body | wrong).items() if value is not None}
        assert (await principal.post(PATH, sent)).status_code == 422
    path = await issue(principal, body)

    assert told(await sign(await sign_in("teacher2"), path)) == (409, "named-another")
    assert (await sign(registrar, path)).status_code == 201
    assert (await sign(principal, path)).status_code == 201
    pledge = (await registrar.get(path)).json()
    assert (pledge["state"], pledge["grade"], pledge["class_name"]) == ("signed", 7, None)
    assert (await (await sign_in("teacher")).get(path)).status_code == 200
    assert (await (await sign_in("principal2")).get(path)).status_code == 403
