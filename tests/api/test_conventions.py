"""What every caller relies on: order of checks, versions, keys, positions, pages, languages."""

import asyncio
from uuid import uuid4

import pytest

from tests.people import OTHER_SCHOOL, SCHOOL, enrol, example

FLAG = "absence-flags"


def path_of(child: str, last: str = FLAG) -> str:
    return f"/v1/students/{child}/{last}"


# The order of checks ---------------------------------------------------------------------------


async def test_checks_come_in_the_promised_order(client, teacher, child, app):
    stranger = str(uuid4())
    bad_body = {"first_absent_on": "2026-13-01"}
    anonymous = await client.post(path_of(child), content=b"{not json")
    unreadable = await client.post(path_of(stranger), content=b"{not json", headers=teacher.headers)
    unknown = await teacher.post(path_of(stranger), bad_body)
    malformed = await teacher.post(path_of(child), bad_body, If_Match='"99"')
    key = str(uuid4())
    done = await teacher.post(path_of(child), example(FLAG), Idempotency_Key=key)
    known = await teacher.post(path_of(child), example(FLAG), Idempotency_Key=key, If_Match='"99"')
    stale = await teacher.post(
        path_of(child, "observations"), example("observations"), If_Match='"1"'
    )
    refused = await teacher.post(path_of(child, "observations"), example("observations"))

    assert [
        answer.status_code
        for answer in (anonymous, unreadable, unknown, malformed, done, known, stale, refused)
    ] == [401, 400, 404, 422, 201, 201, 412, 409]
    assert known.json() == done.json()


async def test_a_refusal_is_a_problem_in_the_callers_language(teacher, child):
    zh = await teacher.post(path_of(child, "observations"), example("observations"))
    en = await teacher.post(
        path_of(child, "observations"), example("observations"), Accept_Language="en-GB,en"
    )

    assert zh.headers["content-type"] == "application/problem+json"
    assert zh.json()["type"] == en.json()["type"] == "no-open-episode"
    assert zh.json()["status"] == 409
    assert "该生没有在办个案" in zh.json()["detail"]
    assert en.json()["detail"].startswith("Nothing is open for this child.")


# Versions ---------------------------------------------------------------------------------------


async def test_an_entry_answers_where_it_stands(teacher, child):
    answer = await teacher.post(path_of(child), example(FLAG), If_Match='"1"')

    body = answer.json()
    assert body == {"student_id": child, "entry": 2, "version": 2, "position": body["position"]}
    assert answer.headers["etag"] == '"2"'
    assert answer.headers["log-position"] == str(body["position"])
    entry = await teacher.get(answer.headers["location"])
    assert (entry.json()["version"], entry.json()["kind"]) == (2, "absence_flagged")


@pytest.mark.parametrize("seen", ['"1"', '"9"', "2", 'W/"2"', '"x"', '"' + "9" * 30 + '"'])
async def test_a_version_that_is_not_the_latest_is_refused_and_records_nothing(
    teacher, child, seen
):
    await teacher.record(child, FLAG)

    answer = await teacher.post(path_of(child), example(FLAG), If_Match=seen)

    assert (answer.status_code, answer.json()["type"]) == (412, "version-moved")
    assert (await teacher.get(f"/v1/students/{child}")).json()["version"] == 2


async def test_any_version_will_do_for_a_star(teacher, child):
    answer = await teacher.post(path_of(child), example(FLAG), If_Match="*")

    assert answer.status_code == 201


# Idempotency ------------------------------------------------------------------------------------


async def test_the_same_key_and_body_give_the_same_answer_for_ever(teacher, child):
    key = str(uuid4())
    first = await teacher.post(path_of(child), example(FLAG), Idempotency_Key=key)
    await teacher.record(child, "home-visits")
    again = await teacher.post(path_of(child), example(FLAG), Idempotency_Key=key)

    assert again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]
    assert (await teacher.get(f"/v1/students/{child}")).json()["version"] == 3


async def test_the_same_key_with_another_body_or_path_is_refused(teacher, child):
    key = str(uuid4())
    await teacher.post(path_of(child), example(FLAG), Idempotency_Key=key)
    other_body = await teacher.post(
        path_of(child), {**example(FLAG), "days": 2}, Idempotency_Key=key
    )
    other_path = await teacher.post(
        path_of(child, "home-visits"), example("home-visits"), Idempotency_Key=key
    )

    for answer in (other_body, other_path):
        assert (answer.status_code, answer.json()["type"]) == (422, "idempotency-key-reused")


async def test_keys_belong_to_the_account(teacher, principal, child):
    key = str(uuid4())
    one = await teacher.post(path_of(child), example(FLAG), Idempotency_Key=key)
    other = await principal.post(path_of(child), example(FLAG), Idempotency_Key=key)

    assert (one.json()["entry"], other.json()["entry"]) == (2, 3)


async def test_a_refused_request_is_judged_anew(teacher, child):
    key = str(uuid4())
    early = await teacher.post(
        path_of(child, "persuasion-attempts"),
        example("persuasion-attempts"),
        Idempotency_Key=key,
    )
    await teacher.record(child, FLAG)
    later = await teacher.post(
        path_of(child, "persuasion-attempts"),
        example("persuasion-attempts"),
        Idempotency_Key=key,
    )

    assert (early.status_code, later.status_code) == (409, 201)


async def test_a_key_that_is_no_uuid_is_malformed(teacher, child):
    answer = await teacher.post(path_of(child), example(FLAG), Idempotency_Key="mine")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"


async def test_look_alikes_without_a_key_are_both_kept(teacher, child):
    await teacher.record(child, "home-visits")
    await teacher.record(child, "home-visits")

    assert (await teacher.get(f"/v1/students/{child}")).json()["counts"]["home_visits"] == 2


async def test_one_key_sent_ten_times_at_once_is_one_entry(teacher, child):
    key = str(uuid4())

    answers = await asyncio.gather(
        *(teacher.post(path_of(child), example(FLAG), Idempotency_Key=key) for _ in range(10))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["entry"] for answer in answers} == {2}
    assert (await teacher.get(f"/v1/students/{child}")).json()["version"] == 2


# Two at once ------------------------------------------------------------------------------------


async def test_two_people_flag_the_same_child_at_the_same_moment_and_both_are_kept(
    teacher, principal, child
):
    answers = await asyncio.gather(
        teacher.post(path_of(child), example(FLAG)),
        principal.post(path_of(child), example(FLAG)),
    )

    assert sorted(answer.json()["entry"] for answer in answers) == [2, 3]
    record = (await teacher.get(f"/v1/students/{child}")).json()
    assert (record["status"], record["episode"], record["counts"]["absence_flags"]) == (
        "watched",
        1,
        2,
    )


async def test_twenty_visits_at_once_all_land(teacher, child):
    answers = await asyncio.gather(
        *(teacher.post(path_of(child, "home-visits"), example("home-visits")) for _ in range(20))
    )

    assert sorted(answer.json()["entry"] for answer in answers) == list(range(2, 22))


async def test_of_many_who_saw_the_same_version_one_lands(teacher, child):
    answers = await asyncio.gather(
        *(
            teacher.post(path_of(child, "home-visits"), example("home-visits"), If_Match='"1"')
            for _ in range(8)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [201] + [412] * 7


# Reading ----------------------------------------------------------------------------------------


async def test_a_reader_who_waits_sees_the_own_write(teacher, child):
    done = await teacher.record(child, FLAG)

    ledger = await teacher.fresh("/v1/ledgers/dropout-control", done["position"])

    assert [row["student_id"] for row in ledger["items"]] == [child]


async def test_a_position_never_reached_is_answered_after_some_patience(teacher, child):
    answer = await teacher.get("/v1/students", Min_Log_Position="999999")

    assert (answer.status_code, answer.json()["type"]) == (503, "view-behind")
    assert int(answer.headers["retry-after"]) > 0


async def test_pages_follow_one_another_without_gap_or_repeat(registrar, bureau):
    made = [(await enrol(registrar, serial))["student_id"] for serial in range(1, 8)]
    position = (await enrol(registrar, 8))["position"]
    seen, cursor = [], ""
    for _ in range(10):
        page = await bureau.fresh(f"/v1/students?limit=3{cursor}", position)
        seen += [item["student_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert seen[:7] == made
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=501", "limit=-1", "limit=x", "limit=9223372036854775808"),
        *("cursor=x", "cursor=%2B%2B", "cursor=" + "A" * 500, "cursor=LTE=", "as_of=yesterday"),
        *("as_of=2026-11-24T08:00:00", "as_of=2026-13-01T00:00:00Z", "from=2026-02-30"),
        *("status=lost", "key_group=x", "format=pdf", "reveal=maybe", "reveal=true"),
    ],
)
async def test_an_unreadable_query_is_malformed_and_names_its_parameter(bureau, query):
    answer = await bureau.get(f"/v1/ledgers/dropout-control?{query}")

    assert answer.status_code == 422
    named = answer.json()["errors"][0]["parameter"]
    assert named in {query.partition("=")[0], "reason"}


@pytest.mark.parametrize("query", ["q=%00", "q=%FF%FE", "school_code=%ED%A0%80", "%00=1"])
async def test_a_query_that_is_not_utf8_or_holds_nul_is_unreadable(bureau, query):
    answer = await bureau.get(f"/v1/students?{query}")

    assert (answer.status_code, answer.json()["type"]) == (400, "unreadable-query")


async def test_what_is_sensitive_is_masked_until_a_reason_is_given(teacher, child, app):
    masked = (await teacher.get(f"/v1/students/{child}")).json()
    full = (await teacher.get(f"/v1/students/{child}?reveal=true&reason=核对")).json()

    assert masked["student_number"].startswith("G410399********")
    assert masked["guardians"][0]["phone"] == "190****0001"
    assert "*" not in full["student_number"]
    assert full["guardians"][0]["phone"] == "19000000001"
    lines = await app.state.service.store.query(
        "SELECT action, students[1]::text, outcome, reason FROM access.access_log"
    )
    assert lines == [
        ("view student", child, "shown", None),
        ("reveal student", child, "shown", "核对"),
    ]


async def test_no_answer_about_a_child_is_kept_by_a_cache(teacher, child):
    for path in (f"/v1/students/{child}", "/v1/students", f"/v1/students/{child}/history"):
        assert (await teacher.get(path)).headers["cache-control"] == "no-store"


async def test_codes_travel_with_their_label_in_the_callers_language(teacher, child):
    await teacher.record(child, FLAG)
    zh = (await teacher.get(f"/v1/students/{child}")).json()
    en = (await teacher.get(f"/v1/students/{child}", Accept_Language="en")).json()

    assert (zh["status"], zh["status_label"]) == ("watched", "缺勤预警")
    assert (en["status"], en["status_label"]) == ("watched", "Watched")


async def test_a_list_of_a_school_out_of_reach_is_not_found(teacher, child):
    own = await teacher.get(f"/v1/students?school_code={SCHOOL}")
    other = await teacher.get(f"/v1/students?school_code={OTHER_SCHOOL}")

    assert (own.status_code, other.status_code) == (200, 404)


async def test_fifty_visits_at_once_all_land(teacher, child):
    answers = await asyncio.gather(
        *(teacher.post(path_of(child, "home-visits"), example("home-visits")) for _ in range(50))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["entry"] for answer in answers) == list(range(2, 52))


@pytest.mark.parametrize("entry", ["x", "99"])
async def test_reach_comes_before_the_entry_and_the_entry_before_the_body(
    sign_in, bureau, child, entry
):
    path = path_of(child, f"orders/{entry}/service")
    township = await sign_in("township")

    unreached = await township.post(path, {"surprise": 1})
    unknown = await bureau.post(path, {"surprise": 1})

    assert (unreached.status_code, unreached.json()["type"]) == (403, "out-of-reach")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "no-such-entry")


async def test_an_address_with_a_slash_too_many_leads_nowhere(client, teacher):
    answer = await client.get("/v1/students/", headers=teacher.headers)

    assert (answer.status_code, answer.headers["content-type"]) == (
        404,
        "application/problem+json",
    )


async def test_a_method_an_address_does_not_take_is_told_which_it_takes(client, teacher):
    answer = await client.delete("/v1/students", headers=teacher.headers)

    assert (answer.status_code, answer.json()["type"]) == (405, "method-not-allowed")
    assert answer.headers["allow"]


async def test_of_very_many_errors_the_first_hundred_are_named(teacher, child):
    body = {**example(FLAG), **{f"field{number}" * 50: 1 for number in range(500)}}

    answer = await teacher.post(path_of(child), body)

    assert (answer.status_code, len(answer.json()["errors"])) == (422, 100)
    assert max(len(error["pointer"]) for error in answer.json()["errors"]) <= 201
    assert "500" in answer.json()["detail"]
