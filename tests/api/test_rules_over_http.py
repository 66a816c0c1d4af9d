"""The rules in force are told to whoever signs in; a notice is tried, and nothing is recorded."""

import tomllib

import pytest

from domain.changed_rules import changed
from domain.rules import DEFAULT_RULES
from tests.api.reading import told

NOTICE = "国庆节:10月1日(周五)至7日(周四)放假调休,共7天。9月26日(周日)、10月9日(周六)上班。"


@pytest.fixture
async def admin(sign_in):
    return await sign_in("admin")


async def test_deadlines_and_school_days_in_force_are_told(teacher):
    rules = (await teacher.get("/v1/rules?school_year=2025")).json()

    values = {one["name"]: one["value"] for one in rules["deadlines"]}
    assert (values["order_days"], values["observation_ladder"]) == (7, [1, 7, 15, 30])
    assert [term["from"] for term in rules["terms"]] == ["2025-09-01", "2026-03-02"]
    assert rules["provisional"] is False
    assert "2025-09-28" in rules["made_up"]  # a Sunday, worked
    assert "2025-09-28" in rules["school_days"]
    assert "2025-10-08" not in rules["school_days"]
    assert (await teacher.get("/v1/rules?school_year=2050")).json()["provisional"] is True
    assert told(await teacher.get("/v1/rules?school_year=1")) == (422, "malformed")


async def test_a_notice_is_tried_and_tells_which_school_days_change(admin, head):
    before = await head()

    tried = await admin.post("/v1/rules/holiday-notices", {"year": 2027, "text": NOTICE})

    body = tried.json()
    assert body["holidays"] == [{"from": "2027-10-01", "to": "2027-10-07", "days": 7}]
    assert body["made_up"] == ["2027-09-26", "2027-10-09"]
    assert {"2027-09-26", "2027-10-09", "2027-05-03"} <= set(body["gained"])
    assert body["lost"] == []
    assert "春节" in body["missing"]
    other = changed(DEFAULT_RULES, tomllib.loads(body["rules"])).book.editions[0].calendar
    assert other.holidays[2027] == (("2027-10-01", "2027-10-07"),)
    assert other.made_up[2027] == ("2027-09-26", "2027-10-09")
    assert await head() == before


@pytest.mark.parametrize(
    "body",
    [
        {"year": 2026, "text": NOTICE},  # other days of the week
        {"year": 2027, "text": "明天放假"},
        {"year": 2027, "text": "\0"},
        {"year": 2**63, "text": NOTICE},
        {"year": True, "text": NOTICE},
        {"year": 2027, "text": "1" * 10_001},
        {"year": 2027},
    ],
)
async def test_what_is_no_notice_of_the_year_is_refused(admin, body):
    answer = await admin.post("/v1/rules/holiday-notices", body)

    assert told(answer) == (422, "malformed")
    assert answer.json()["errors"][0]["pointer"] in {"/text", "/year"}
