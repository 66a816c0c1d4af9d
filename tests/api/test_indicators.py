"""Every figure is counted by hand, equals its cases, and is told to those who count them."""

import csv
import io
from urllib.parse import quote

import openpyxl
import pytest

from api.service import now_utc
from projections.indicators import BY_NAME, INDICATORS
from tests.api.counted import BEHIND, FIGURES, NONE, Clock, counted_district
from tests.api.reading import items, looks, told
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL

PATH = "/v1/indicators"
PLACES = {"SCHOOL": SCHOOL, "OTHER": OTHER_SCHOOL, "PRIMARY": PRIMARY}
ROLES = ("bureau", "auditor", "task_force", "principal", "principal2", "office", "inspector")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def counted(app, clock):
    return await counted_district(app, clock)


def figures(rows):
    return {row["name"]: (row["numerator"], row["denominator"]) for row in rows}


def expected(place):
    return {name: places.get(place, NONE) for name, places in FIGURES.items()}


def at_place(found):
    """The figures of a place: those of the district alone are none of it."""
    assert found.pop("nine_year_retention") == (None, None)
    return found


def places_of(place):
    return {name: row for name, row in expected(place).items() if name != "nine_year_retention"}


# Counted by hand ---------------------------------------------------------------------------------


async def test_every_figure_is_what_was_counted_by_hand(counted, sign_in):
    bureau = await sign_in("bureau")
    whole = (await bureau.get(PATH)).json()
    schools = (await bureau.get(f"{PATH}?by=school")).json()["groups"]
    townships = (await bureau.get(f"{PATH}?by=township")).json()["groups"]

    assert figures(whole["items"]) == expected(None)
    assert whole["position"] == counted.position
    assert [(group["school_code"], group["township"]) for group in schools] == [
        *((PRIMARY, "晴川镇"), (SCHOOL, "晴川镇"), (OTHER_SCHOOL, "云溪镇"), (None, "晴川镇")),
    ]
    for group in schools:
        assert at_place(figures(group["indicators"])) == places_of(group["school_code"] or "")
    for group in townships:
        assert at_place(figures(group["indicators"])) == places_of(group["township"])


async def test_values_are_ratios_and_where_there_is_none_it_says_why(counted, sign_in):
    bureau = await sign_in("bureau")
    zh = {row["name"]: row for row in (await bureau.get(PATH)).json()["items"]}
    en = (await bureau.get(PATH, Accept_Language="en")).json()["items"]

    assert {name: row["value"] for name, row in zh.items()} == {
        "return_rate": 0.3333,
        "clearance_rate": 0.1429,
        "dropout_rate": 0.125,
        "retention_primary": None,
        "retention_junior": 0.75,
        "nine_year_retention": None,
        "disabled_enrolment_rate": 0.6667,
        "home_visit_coverage": 0.3333,
        "relapse_rate": 0.5,
        "home_teaching_completion": 0.0862,
        "on_time_rate": 0.0,
    }
    assert [row["name"] for row in en if row["why"]] == ["retention_primary", "nine_year_retention"]
    assert zh["retention_primary"]["why"] == "该届招生早于本日志的数据"
    for row in en:
        words = (row["label"], row["definition"], row["population_label"], row["why"] or "")
        assert all(word.isascii() for word in words), row["name"]
    one = zh["return_rate"]
    assert (one["label"], one["population"], one["source"]) == ("劝返率", "cases", "P/D")


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        (
            "from=2035-10-01&to=2035-10-31",
            {
                "return_rate": (0, 2),  # g's second case, and h's
                "clearance_rate": (0, 2),
                "dropout_rate": (0, 8),  # by then
                "home_visit_coverage": (1, 2),
                "relapse_rate": (1, 1),
                "home_teaching_completion": NONE,
            },
        ),
        ("to=2035-12-15", {"home_teaching_completion": (1.5, 4.8)}),
        ("from=2035-12-01&to=2035-12-31", {"home_teaching_completion": (3, 10)}),
        ("cohort=2034", {"retention_junior": NONE, "nine_year_retention": NONE}),
        ("to=2034-12-31", {"dropout_rate": (0, 4)}),  # a, b, c and e
    ],
)
async def test_a_period_is_that_of_what_is_counted(counted, sign_in, query, changed):
    bureau = await sign_in("bureau")
    found = figures((await bureau.get(f"{PATH}?{query}")).json()["items"])

    assert {name: found[name] for name in changed} == changed


# The cases ---------------------------------------------------------------------------------------


async def the_cases(caller, name, part, query=""):
    """The cases behind a part of a figure, page by page."""
    path = f"{PATH}/{name}/cases?part={part}{query and '&' + query}"
    found, cursor = [], ""
    while True:
        answer = await caller.get(f"{path}&limit=2{cursor}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def summed(cases):
    return round(sum(case["adds"] for case in cases), 1)


async def test_behind_every_figure_stand_the_children_it_counts(counted, sign_in):
    bureau = await sign_in("bureau")
    for name, parts in BEHIND.items():
        for part, children in zip(("numerator", "denominator"), parts, strict=True):
            found = await the_cases(bureau, name, part)
            assert "".join(sorted(counted.names[case["student_id"]] for case in found)) == "".join(
                sorted(children)
            ), (name, part)


@pytest.mark.parametrize("username", ROLES)
async def test_the_cases_of_every_figure_add_up_to_it(counted, sign_in, username):
    caller = await sign_in(username)
    queries = ("", "from=2035-10-01&to=2035-12-10", f"school_code={SCHOOL}")
    for query in queries:
        answer = await caller.get(f"{PATH}?{query}")
        if answer.status_code == 404:
            assert username == "principal2"
            continue
        for row in answer.json()["items"]:
            for part in ("numerator", "denominator"):
                found = await the_cases(caller, row["name"], part, query)
                # The task force counts all children, and reads of those that were referred.
                reads_none = username == "task_force" and row["name"] != "on_time_rate"
                if reads_none or row["numerator"] is None:
                    assert found == []
                else:
                    assert summed(found) == row[part], (row["name"], part, query)


async def test_figures_and_cases_of_a_past_moment_are_those_of_then(
    app, teacher, bureau, child, clock
):
    clock.now = now_utc  # the log's own moments are real
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    visited = await teacher.record(child, "home-visits")
    history = await bureau.get(f"/v1/students/{child}/history")
    as_of = f"as_of={quote(history.json()['items'][-1]['recorded_at'])}"
    done = await teacher.record(child, "returns")
    await bureau.fresh("/v1/students", done["position"])

    before = (await bureau.get(f"{PATH}?{as_of}")).json()
    now = (await bureau.get(PATH)).json()

    assert (before["position"], now["position"]) == (visited["position"], done["position"])
    assert figures(before["items"])["return_rate"] == (0, 1)
    assert figures(now["items"])["return_rate"] == (1, 1)
    for rows, query in ((before["items"], as_of), (now["items"], "")):
        for row in rows:
            for part in ("numerator", "denominator"):
                assert summed(await the_cases(bureau, row["name"], part, query)) == row[part]


async def test_cases_name_no_number_and_leave_a_line_in_the_access_log(counted, sign_in, app):
    bureau = await sign_in("bureau")
    answer = await bureau.get(f"{PATH}/dropout_rate/cases")
    (case,) = answer.json()["items"]

    assert case == {
        "student_id": str(counted.ids["h"]),
        "student_name": case["student_name"],
        "school_code": SCHOOL,
        "school": "晴川中学",
        "township": "晴川镇",
        "grade": 7,
        "class": "1班",
        "status": "dropped_out",
        "status_label": "确认辍学",
        "day": "2035-10-10",
        "adds": 1,
    }
    (line,) = await looks(app, "action", "outcome", "students::text[]")
    assert line == ("view cases of dropout_rate", "shown", [str(counted.ids["h"])])


# Who counts what ---------------------------------------------------------------------------------


async def test_each_is_told_the_figures_of_its_area(counted, sign_in):
    for username, place in {
        "bureau": None,
        "auditor": None,
        "task_force": None,
        "principal": SCHOOL,
        "principal2": OTHER_SCHOOL,
        "inspector": SCHOOL,
        "township": "晴川镇",
    }.items():
        answer = await (await sign_in(username)).get(PATH)
        found = figures(answer.json()["items"])
        if place is None:
            assert found == expected(None), username
        else:
            assert at_place(found) == places_of(place), username
    for username in ("teacher", "counsellor", "village", "admin"):
        caller = await sign_in(username)
        for path in (PATH, f"{PATH}/return_rate/cases"):
            assert told(await caller.get(path)) == (403, "not-allowed")


async def test_a_township_counts_cases_it_does_not_see(counted, sign_in):
    township = await sign_in("township")

    assert figures((await township.get(PATH)).json()["items"])["return_rate"] == (2, 6)
    seen = await the_cases(township, "clearance_rate", "denominator")
    # h's dropout went to the bureau, and n is at no school: all others are the schools' own yet
    assert {counted.names[case["student_id"]] for case in seen} <= {"h", "n", "p"}


@pytest.mark.parametrize(
    ("username", "query", "status"),
    [
        ("principal", f"school_code={OTHER_SCHOOL}", 404),
        ("principal", "township=云溪镇", 404),
        ("principal", "township=晴川镇", 200),
        ("township", f"school_code={OTHER_SCHOOL}", 404),
        ("office", f"school_code={PRIMARY}", 200),
        ("bureau", "school_code=nothing", 200),
        ("bureau", "from=2035-13-01", 422),
        ("bureau", "cohort=3000", 422),
        ("bureau", "cohort=9223372036854775808", 422),
        ("bureau", "by=class", 422),
        ("bureau", "format=pdf", 422),
        ("bureau", "as_of=yesterday", 422),
        ("bureau", "public=perhaps", 422),
        ("bureau", "from=0001-01-01&to=9999-12-31", 200),
        ("bureau", "to=0001-01-01", 200),
        ("bureau", "as_of=0001-01-01T00:00:00%2B14:00", 200),
        ("bureau", "as_of=9999-12-31T23:59:59-12:00", 200),
        ("bureau", "township=%00", 400),
        ("principal", "public=true", 403),
    ],
)
async def test_what_cannot_be_told_is_refused(app, sign_in, username, query, status):
    caller = await sign_in(username)
    for path in (PATH, f"{PATH}/return_rate/cases"):
        if path != PATH and query.partition("=")[0] in {"by", "format", "public"}:
            continue
        assert (await caller.get(f"{path}?{query}")).status_code == status, path


async def test_an_unknown_indicator_or_part_or_cursor_is_refused(sign_in):
    bureau = await sign_in("bureau")
    assert told(await bureau.get(f"{PATH}/happiness/cases")) == (404, "not-found")
    for query in ("part=all", "cursor=x", "limit=501"):
        answer = await bureau.get(f"{PATH}/return_rate/cases?{query}")
        assert told(answer) == (422, "malformed")


# Published and printed ---------------------------------------------------------------------------


async def test_what_is_published_tells_no_small_count_of_a_place(counted, sign_in):
    bureau = await sign_in("bureau")
    public = (await bureau.get(f"{PATH}?by=school&public=true")).json()
    alone = (await bureau.get(f"{PATH}?public=true&school_code={SCHOOL}")).json()["items"]

    assert figures(public["items"]) == expected(None)  # of the district, all
    for group in public["groups"]:
        for row in group["indicators"]:
            for number in (row["numerator"], row["denominator"]):
                assert number is None or number == 0 or number >= 5, row
            assert not row["suppressed"] or (row["numerator"], row["value"]) == (None, None)
    assert at_place(figures(alone))["return_rate"] == (None, None)
    assert [row["suppressed"] for row in alone if row["name"] == "dropout_rate"] == [True]


async def test_the_table_is_taken_as_a_workbook_and_as_csv_marked_and_logged(counted, sign_in, app):
    bureau = await sign_in("bureau")
    taken = await bureau.get(f"{PATH}?by=school&format=xlsx", Accept_Language="en")
    sheet = openpyxl.load_workbook(io.BytesIO(taken.content)).active
    text = (await bureau.get(f"{PATH}?by=school&public=true&format=csv")).content.decode()
    lines = list(csv.reader(io.StringIO(text[1:])))

    rows = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
    assert len(rows) == len(lines) - 1 == 5 * len(INDICATORS)
    assert rows[0][:6] == (1, "Whole district", "Return rate", 2, 6, 33.33)
    assert rows[0][7] == BY_NAME["return_rate"].definition("en")
    assert rows[0][10] == counted.position
    assert str(counted.position) in sheet["A3"].value
    assert lines[0][1:6] == ["单位", "指标", "分子", "分母", "比率(%)"]
    assert lines[1][1:6] == ["全区", "劝返率", "2", "6", "33.33"]
    assert ["晴川中学", "劝返率", "*", "*", ""] in [line[1:6] for line in lines]
    outcomes = await looks(app, "action", "outcome", "students::text[]")
    assert outcomes == 2 * [
        ("export indicators", outcome, []) for outcome in ("begun", "shown", "taken")
    ]
    for username, status in {"principal": 200, "task_force": 403, "inspector": 403}.items():
        answer = await (await sign_in(username)).get(f"{PATH}?format=csv")
        assert answer.status_code == status, username


async def test_the_ledgers_of_the_ministry_hold_who_they_are_of(counted, sign_in):
    bureau = await sign_in("bureau")
    for name, children in {
        "school-age": "cfghijnpq",  # a, b and e have finished, d has left
        "suspected-dropout": "fgghjp",
        "dropout": "h",
    }.items():
        rows = await items(bureau, f"/v1/ledgers/{name}", counted.position)
        found = sorted(counted.names[row["student_id"]] for row in rows)
        assert "".join(found) == "".join(sorted(children)), name
    rows = await items(bureau, "/v1/ledgers/school-age", counted.position)
    remarks = {counted.names[row["student_id"]]: row.get("remark_label") for row in rows}
    assert {name: said for name, said in remarks.items() if said} == {
        "n": "未入学",
        "i": "送教上门",
    }
    later = "/v1/ledgers/school-age?as_of=2035-09-01T00:00:00Z"
    then = await items(bureau, later, counted.position)
    assert "i" in {counted.names[row["student_id"]] for row in then}
