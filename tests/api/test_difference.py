"""The difference between two moments names every field that changed, by whom, when and why."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.examples import ANSWERS
from domain.codes import KEY_GROUP
from domain.entry import Entry
from domain.record_fields import ENTRY_FIELD, RECORD_FIELD, field_label
from tests.api.reading import looks, told
from tests.api.test_time_travel import LIFE, before, moments
from tests.people import SCHOOL, Caller, enrol

TOLD_BY_ENDS = {"student_id", "version", "position"}
DERIVED = {"opens", "observed_until", "papers_missing", "occurred_on"}


async def difference(caller: Caller, child: str, query: str = "", **headers: str) -> Any:
    answer = await caller.get(f"/v1/students/{child}/difference?{query}", **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def record(caller: Caller, child: str, query: str = "") -> dict[str, Any]:
    answer = await caller.get(f"/v1/students/{child}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def by_field(told_difference: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {change["field"]: change for change in told_difference["changes"]}


def applied(fields: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    """A record with each field as the difference says it is afterwards."""
    changed = {**fields, "counts": dict(fields.get("counts", {}))}
    for change in changes:
        name, _, count = change["field"].partition(".")
        if count:
            assert changed["counts"].get(count) == change["before"]
            changed["counts"][count] = change["after"]
        elif name in fields:
            assert changed[name] == change["before"]
            changed[name] = change["after"]
            changed.pop(f"{name}_label", None)
            if "after_label" in change:
                changed[f"{name}_label"] = change["after_label"]
    return {name: value for name, value in changed.items() if name not in TOLD_BY_ENDS}


def compared(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in TOLD_BY_ENDS}


@pytest.fixture
async def life(child, sign_in) -> list[dict[str, Any]]:
    people = {name: await sign_in(name) for name in {who for _, _, who in LIFE}}
    return [await people[who].record(child, path, **changes) for path, changes, who in LIFE]


async def test_the_difference_put_in_place_makes_the_one_record_the_other(bureau, child, life):
    records = [await record(bureau, child, f"version={v}") for v in range(1, len(life) + 2)]
    for first, last in combinations(range(1, len(life) + 2), 2):
        query = f"from_version={first}&to_version={last}"
        changes = (await difference(bureau, child, query))["changes"]
        made = applied(records[first - 1], changes)
        assert made == compared(records[last - 1]), (first, last)
        assert all(first < change["entry"] <= last for change in changes), (first, last)


async def test_so_it_does_for_moments_and_about_a_day(bureau, child, life):
    recorded = await moments(bureau, child)
    for first, last in ((1, 4), (3, 11), (9, 12), (10, 11), (2, 19)):
        for about in ("", "&happened_by=2026-09-13", "&happened_by=2026-10-15"):
            one, other = recorded[first - 1], recorded[last - 1]
            changes = (await difference(bureau, child, f"from={one}&to={other}{about}"))["changes"]
            was = await record(bureau, child, f"as_of={one}{about}")
            became = await record(bureau, child, f"as_of={other}{about}")
            assert applied(was, changes) == compared(became), (first, last, about)


async def test_so_it_does_for_the_children_of_every_place_and_every_field_has_a_label(
    district, sign_in
):
    auditor, named = await sign_in("auditor"), set()
    for child, name in district.names.items():
        if name == "erased":
            continue
        now = await record(auditor, child)
        for first in range(1, now["version"]):
            changes = (await difference(auditor, child, f"from_version={first}"))["changes"]
            was = await record(auditor, child, f"version={first}")
            assert applied(was, changes) == compared(now), (name, first)
        whole = await difference(auditor, child)
        named |= {change["field"].rpartition(".")[2] for change in whole["changes"]}
    assert named <= RECORD_FIELD.keys()
    assert len(named) > 35


async def test_a_change_tells_who_when_and_why(bureau, child, life):
    changes = by_field(await difference(bureau, child, "from_version=2&to_version=4"))
    history = (await bureau.get(f"/v1/students/{child}/history?version=4")).json()["items"]

    suspected = history[3]
    same = ("kind", "sentence", "occurred_on", "recorded_at", "recorded_by")
    assert changes["status"] == {
        "field": "status",
        "label": "状态",
        "before": "none",
        "before_label": "无个案",
        "after": "suspected",
        "after_label": "疑似辍学",
        "entry": 4,
        "kind_label": "核实疑似辍学",
        "reason": None,
        "corrects": None,
        **{name: suspected[name] for name in same},
    }
    assert changes["first_absent_on"]["entry"] == 3
    assert (changes["days_absent"]["before"], changes["days_absent"]["after"]) == (None, 3)
    assert changes["reasons"]["after_label"] == ["厌学"]


async def test_a_correction_says_what_it_replaced_in_which_entry(bureau, child, life):
    told_difference = await difference(
        bureau, child, "from_version=10&to_version=11", Accept_Language="en"
    )

    (correction,) = told_difference["corrections"]
    assert (correction["entry"], correction["corrects"]) == (11, 3)
    assert (correction["kind"], correction["kind_label"]) == ("absence_flagged", "Absence flagged")
    assert correction["reason"] == "点名册显示 11 日已缺勤"
    assert correction["recorded_by"]["role"] == "teacher"
    was, became = {"before": "2026-09-14"}, {"after": "2026-09-11"}
    assert correction["replaced"] == [
        {
            "field": "first_absent_on",
            "label": "First day absent",
            **was,
            **became,
            "derived": False,
        },
        {"field": "occurred_on", "label": "Day it happened", **was, **became, "derived": True},
    ]
    changes = by_field(told_difference)
    absent = changes["first_absent_on"]
    assert (absent["before"], absent["after"], absent["corrects"]) == (
        *("2026-09-14", "2026-09-11"),
        3,
    )
    assert absent["reason"] == "点名册显示 11 日已缺勤"
    assert changes.keys() == {"first_absent_on", "counts.corrections"}


async def test_both_clocks_tell_how_belief_about_a_day_changed(bureau, child, life):
    about = "from_version=10&to_version=11&happened_by="
    early = by_field(await difference(bureau, child, f"{about}2026-09-11"))
    late = by_field(await difference(bureau, child, f"{about}2026-09-14"))
    long_before = await difference(bureau, child, f"{about}2026-09-01")

    assert (early["status"]["before"], early["status"]["after"]) == ("none", "watched")
    assert (early["status"]["entry"], early["status"]["corrects"]) == (11, 3)
    assert "status" not in late
    assert (late["first_absent_on"]["before"], late["first_absent_on"]["after"]) == (
        *("2026-09-14",),
        "2026-09-11",
    )
    assert (long_before["changes"], long_before["corrections"]) == ([], [])


async def test_from_nothing_everything_is_told(bureau, child, life):
    whole = await difference(bureau, child)
    before_all = before((await moments(bureau, child))[0])
    named = by_field(whole)
    now = await record(bureau, child)

    assert whole["from"] is None
    assert whole["to"]["version"] == now["version"]
    assert (await difference(bureau, child, f"from={before_all}"))["changes"] == whole["changes"]
    for name, value in compared(now).items():
        if value in (None, [], {}) or name == "counts" or name.endswith("_label"):
            continue
        assert (named[name]["before"], named[name]["after"]) == (None, value)
    assert (named["name"]["entry"], named["name"]["corrects"]) == (17, 1)
    assert (named["sex"]["entry"], named["sex"]["kind"]) == (1, "enrolled")
    assert named["class_name"]["kind"] == "roll_changed"


async def test_a_mark_that_ran_out_is_named_though_no_entry_says_so(bureau, teacher, child):
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    await teacher.record(child, "key-groups", until=today.isoformat())
    done = (await bureau.get(f"/v1/students/{child}")).json()["version"]
    later = datetime.now(UTC) + timedelta(days=9)

    told_difference = await difference(
        bureau, child, f"from_version={done}&to={later.isoformat().replace('+00:00', 'Z')}"
    )

    (change,) = told_difference["changes"]
    assert (change["field"], change["after"], change["expired"]) == (
        *("key_groups", []),
        ["left_behind"],
    )
    assert change["entry"] == done
    assert [mark["code_label"] for mark in change["before"]] == [
        KEY_GROUP.label("left_behind", "zh")
    ]


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from_version=3&to_version=2",
        "from=2999-01-01T00:00:00Z",
        "from=2999-01-01T00:00:00Z&to_version=1",
        *("from=2026-13-01T00:00:00Z", "to=yesterday", "from=2026-01-01", "from="),
        *("from_version=0", "to_version=9223372036854775808", "to_version=x"),
        *("happened_by=2026-02-30", "reveal=true"),
    ],
)
async def test_what_is_no_stretch_of_time_is_refused(bureau, child, query):
    answer = await bureau.get(f"/v1/students/{child}/difference?{query}")

    assert told(answer) == (422, "malformed")


async def test_what_was_not_there_is_unknown_and_nul_is_unreadable(bureau, child, life):
    path = f"/v1/students/{child}/difference"
    early = before((await moments(bureau, child))[0])
    for query in ("from_version=99", "to_version=99", f"to={early}"):
        assert told(await bureau.get(f"{path}?{query}")) == (404, "unknown-child"), query
    assert told(await bureau.get(f"{path}?from=%00")) == (400, "unreadable-query")
    assert told(await bureau.get("/v1/students/x/difference")) == (404, "unknown-child")
    for query in ("from=0001-01-01T00:00:00%2B14:00", "to=9999-12-31T23:59:59-14:00"):
        assert (await bureau.get(f"{path}?{query}")).status_code == 200, query
    assert told(await bureau.get(f"{path}?to=2001-01-01T00:00:00Z&from_version=1")) == (
        *(404,),
        "unknown-child",
    )


async def test_masks_hold_on_both_sides_and_a_reason_lifts_them(registrar, sign_in, app):
    phone = [{"name": "测大舟", "relation": "父亲", "phone": "19000000001"}]
    made = await enrol(registrar, 5, id_number="410399201409150051", guardians=phone)
    child, number = made["student_id"], "410399201409150078"
    phone[0] = {**phone[0], "phone": "19000009999"}
    changes = {"guardians": phone, "home_address": "晴川镇河湾村 7 号", "birth_date": "2014-09-16"}
    await registrar.record(child, "corrections", entry=1, changes=changes, reason="核对户口簿")
    inspector, auditor = await sign_in("inspector"), await sign_in("auditor")
    path = f"/v1/students/{child}/difference?from_version=1"

    masked = (await registrar.get(path)).text
    strict = await difference(inspector, child, "from_version=1")
    assert told(await inspector.get(f"{path}&reveal=true&reason=x")) == (403, "not-allowed")
    full = by_field(await difference(auditor, child, "from_version=1&reveal=true&reason=核对"))

    for secret in ("19000000001", "19000009999", "河湾村 7 号", number, "410399201409150051"):
        assert secret not in masked
        assert secret not in str(strict)
    assert "2014-09-16" in masked
    assert "2014-09-16" not in str(strict)
    assert full["guardians"]["before"][0]["phone"] == "19000000001"
    assert full["guardians"]["after"][0]["phone"] == "19000009999"
    assert full["home_address"]["after"] == "晴川镇河湾村 7 号"
    columns = ("action", "outcome", "students::text[]", "schools", "reason", "details")
    lines = await looks(app, *columns)
    assert lines[0] == (
        *("view difference", "shown", [child], [SCHOOL], None),
        {"rows": 4, "filters": {"from_version": 1}},
    )
    assert lines[-1][0] == "reveal difference"
    assert lines[-1][4] == "核对"


async def test_the_words_of_counselling_are_in_no_difference(counselled, sign_in):
    child, words = counselled
    for username in ("counsellor", "teacher", "bureau", "auditor"):
        caller = await sign_in(username)
        for query in ("", "from_version=2", "from_version=3"):
            answer = await caller.get(f"/v1/students/{child}/difference?{query}")
            assert not any(word in answer.text for word in words), username
    revealed = await difference(caller, child, "from_version=2&reveal=true&reason=x")
    assert not any(word in str(revealed) for word in words)
    (correction,) = revealed["corrections"]
    assert correction["replaced"] == [
        {
            "field": "notes",
            "label": "疏导记录(封存)",
            "before": None,
            "after": None,
            "derived": False,
        }
    ]


@pytest.fixture
async def counselled(child, sign_in) -> tuple[str, tuple[str, str]]:
    counsellor = await sign_in("counsellor")
    await counsellor.record(child, "counselling-sessions", notes="原话甲")
    await counsellor.record(
        child, "corrections", entry=2, changes={"notes": "原话乙"}, reason="补充"
    )
    return child, ("原话甲", "原话乙")


async def test_who_may_not_read_the_child_learns_no_difference(district, sign_in):
    path = f"/v1/students/{district.id_of('restricted, reported')}/difference"
    for username in ("teacher", "principal", "township"):
        answer = await (await sign_in(username)).get(path)
        assert told(answer) == (403, "out-of-reach"), username
    restricted = by_field(await (await sign_in("bureau")).fresh(path, 0))
    assert restricted["restricted_by"]["kind"] == "restricted"
    assert restricted["restricted_by"]["reason"] == "监护人要求"


async def test_of_an_erased_child_nothing_is_left_to_differ(district, sign_in):
    auditor, child = await sign_in("auditor"), district.id_of("erased")
    whole = await record(auditor, child)
    path = f"/v1/students/{child}/difference"

    for query in ("", "?from_version=1", "?from_version=2&to_version=4", "?happened_by=2026-01-01"):
        answer = (await auditor.get(f"{path}{query}")).json()
        assert answer == {**whole, "changes": [], "corrections": []}, query
    for caller in (path, f"/v1/students/{child}"):
        early = "as_of=2001-01-01T00:00:00Z&to=2001-01-01T00:00:00Z"
        assert told(await auditor.get(f"{caller}?{early}")) == (404, "unknown-child")


def test_every_field_has_a_label_and_the_example_is_one():
    compared_fields = {change["field"] for change in ANSWERS["difference"]["changes"]}
    assert compared_fields == {"first_absent_on", "counts.corrections"}
    entry_fields = set().union(*(kind.CORRECTABLE for kind in Entry.__subclasses__())) | DERIVED
    assert all(name in RECORD_FIELD or name in ENTRY_FIELD for name in entry_fields)
    assert ENTRY_FIELD.keys() <= entry_fields
    assert not RECORD_FIELD.keys() & ENTRY_FIELD.keys()
    assert field_label("status", "en") == "Status"
