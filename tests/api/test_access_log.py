"""The auditor reads the access log in whole, a principal their school's lines, nobody else any."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from api.access_log import LINES, Days, wanted_lines
from tests.api.reading import looks, told
from tests.people import OTHER_SCHOOL, SCHOOL, enrol

LOG = "/v1/access-log"


async def everything(caller, path=LOG):
    """Every line, page by page; looking adds lines only before the first."""
    found, cursor = [], ""
    while True:
        answer = await caller.get(f"{path}{'&' if '?' in path else '?'}limit=3{cursor}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


@pytest.fixture
async def auditor(sign_in):
    return await sign_in("auditor")


@pytest.fixture
async def looked(sign_in, registrar, bureau, teacher, app):
    """A child of each school, looked at: lines 1 to 7."""
    elsewhere = await sign_in("registrar2")
    child = (await enrol(registrar, 1))["student_id"]
    other = await enrol(elsewhere, 2, school_code=OTHER_SCHOOL)
    await teacher.get(f"/v1/students/{child}")
    await bureau.get(f"/v1/students/{child}?reveal=true&reason=核对电话")
    await teacher.get(f"/v1/students/{other['student_id']}")
    await bureau.get(f"/v1/students/{other['student_id']}")
    await bureau.fresh("/v1/students", other["position"])
    await teacher.get(f"/v1/students?school_code={OTHER_SCHOOL}")
    await bureau.get("/v1/ledgers/home-visits?format=csv")  # two lines
    return child, other["student_id"]


async def test_the_auditor_reads_every_line_newest_first(auditor, looked):
    found = await everything(auditor)

    assert [line["place"] for line in found] == [8, 7, 6, 5, 4, 3, 2, 1]
    reveal = found[6]
    assert {name: reveal[name] for name in reveal if name not in {"at", "account", "hash"}} == {
        "place": 2,
        "name": "测癸",
        "role": "bureau",
        "role_label": "区教体局",
        "unit": "区教体局",
        "action": "reveal student",
        "students": [looked[0]],
        "schools": [SCHOOL],
        "outcome": "shown",
        "outcome_label": "已展示",
        "reason": "核对电话",
        "details": {},
    }
    assert reveal["at"].endswith("+08:00")
    assert [line["outcome"] for line in found] == [
        *("taken", "begun", "refused", "shown", "shown", "refused", "shown", "shown")
    ]


async def test_labels_are_in_the_callers_language(auditor, looked):
    page = (await auditor.get(f"{LOG}?limit=1", Accept_Language="en")).json()

    (line,) = page["items"]
    assert (line["role_label"], line["outcome_label"]) == ("district education bureau", "Taken")


async def test_a_principal_reads_the_lines_of_their_own_school_and_of_no_other_child(
    sign_in, looked
):
    child, other = looked
    for username, own, school, places in (
        ("principal", child, SCHOOL, [5, 2, 1]),
        ("principal2", other, OTHER_SCHOOL, [5, 4, 3]),
    ):
        caller = await sign_in(username)
        found = await everything(caller)

        assert [line["place"] for line in found] == places
        assert {(*line["students"], *line["schools"]) for line in found} == {(own, school)}
        stranger = other if own == child else child
        assert [
            line["place"] for line in await everything(caller, f"{LOG}?student_id={stranger}")
        ] == [5]  # the page both stood on, told without the other one


async def test_a_line_stays_with_the_school_the_child_was_at(sign_in, bureau, registrar, looked):
    child, _ = looked
    moved = await registrar.record(child, "transfers", to_school=OTHER_SCHOOL)
    registrar2 = await sign_in("registrar2")
    await registrar2.post(
        f"/v1/students/{child}/transfers/{moved['entry']}/decision",
        {"accept": True, "grade": 7, "class_name": "3班"},
    )
    await bureau.get(f"/v1/students/{child}")

    before, after = await sign_in("principal"), await sign_in("principal2")
    assert [line["place"] for line in await everything(before)] == [5, 2, 1]
    assert [line["place"] for line in await everything(after)] == [9, 5, 4, 3]


async def test_lines_are_found_by_child_person_action_outcome_and_day(auditor, looked, app):
    child, other = looked
    now = app.state.service.tracking.now().astimezone(app.state.service.settings.zone)
    today, tomorrow, yesterday = (now.date() + timedelta(days=n) for n in (0, 1, -1))
    lines = await everything(auditor)
    account = {line["name"]: line["account"] for line in lines}
    all_of_them = [line["place"] for line in lines]
    for query, places in {
        f"student_id={child}": [5, 2, 1],
        f"student_id={other}": [5, 4, 3],
        f"student_id={uuid4()}": [],
        f"account={account['测甲']}": [6, 3, 1],
        "action=view student": [4, 1],
        "outcome=refused": [6, 3],
        f"outcome=shown&student_id={other}&account={account['测癸']}": [5, 4],
        f"from={today}&to={today}&action=read": [3],
        f"from={tomorrow}": [],
        f"to={yesterday}": [],
        "from=0001-01-01&to=9999-12-31&action=list": [6],
    }.items():
        assert [line["place"] for line in await everything(auditor, f"{LOG}?{query}")] == places, (
            query
        )
    assert {line["place"] for line in await everything(auditor, f"{LOG}?to={today}")} >= set(
        all_of_them
    )


async def test_looking_at_the_log_is_one_line_of_it(auditor, sign_in, looked, app):
    child, _ = looked
    await auditor.get(f"{LOG}?student_id={child}&outcome=shown&action=测小舟&from=2026-01-01")
    await auditor.get(f"{LOG}?limit=2")
    await (await sign_in("bureau")).get(LOG)

    columns = ("action", "outcome", "students::text[]", "details")
    assert (await looks(app, *columns))[-3:] == [
        (
            *("view access-log", "shown", [child]),
            {"rows": 0, "filters": {"action": True, "outcome": "shown", "from": "2026-01-01"}},
        ),
        ("view access-log", "shown", [], {"rows": 2}),
        ("watch_access", "refused", [], {}),
    ]


@pytest.mark.parametrize(
    "query",
    [
        *("student_id=x", "student_id=", "account=1", f"account={'9' * 500}", "outcome=nothing"),
        *("from=2026-13-01", "to=2026-02-30", "from=9999999999999999999", "limit=0", "limit=501"),
        *("cursor=x", f"cursor={2**63}", f"limit={2**63}", f"action={'x' * 61}", "from="),
    ],
)
async def test_a_query_that_makes_no_sense_is_malformed(auditor, query):
    answer = await auditor.get(f"{LOG}?{query}")

    assert told(answer) == (422, "malformed")
    assert (await auditor.get(LOG)).json()["items"] == []  # not even a look


@pytest.mark.parametrize("query", ["action=%00", "account=%FF", "student_id=%ED%A0%80"])
async def test_a_query_that_is_no_text_is_unreadable(auditor, query):
    assert told(await auditor.get(f"{LOG}?{query}")) == (400, "unreadable-query")


async def test_odd_actions_are_found_nowhere(auditor):
    for action in ("𠮷'; --", "%25", "_", "' OR ''='", ""):
        answer = await auditor.get(f"{LOG}?action={action}")
        assert (answer.status_code, answer.json()["items"]) == (200, []), action


@pytest.mark.parametrize("by", ["", "student_id", "account", "outcome", "school", "to"])
async def test_a_page_of_a_long_log_reads_little(app, connection, by):
    """A hundred thousand lines: no filter makes a page read them all."""
    child, account, zone = uuid4(), uuid4(), app.state.service.settings.zone
    connection.execute(
        "INSERT INTO access.access_log SELECT n, timestamptz '2026-01-01' + n * interval '1 min',"
        " CASE WHEN n %% 5000 = 7 THEN %s::uuid ELSE gen_random_uuid() END, 'bureau', '', 'view',"
        " CASE WHEN n %% 5000 = 9 THEN ARRAY[%s::uuid] ELSE ARRAY[gen_random_uuid()] END,"
        " ARRAY[(n %% 77)::text], CASE WHEN n %% 9000 = 1 THEN 'refused' ELSE 'shown' END,"
        " NULL, '{}', '' FROM generate_series(1, 100000) n",
        [account, child],
    )
    connection.execute("ANALYZE access.access_log")
    nothing = dict.fromkeys(("schools", "student_id", "account", "action", "outcome"))
    asked = {
        "": {},
        "student_id": {"student_id": child},
        "account": {"account": account},
        "outcome": {"outcome": "refused"},
        "school": {"schools": frozenset({"7"})},
        "to": {"days": Days(None, date(2026, 1, 3), zone)},
    }[by]
    wanted = wanted_lines(**{"days": Days(None, None, zone), **nothing, **asked})

    ((found,),) = await app.state.service.store.query(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT json) {LINES.format(where=wanted.sql())}",
        [*wanted.params, 51],
    )

    plan = found[0]["Plan"]
    assert plan["Actual Rows"] > 0
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 200
