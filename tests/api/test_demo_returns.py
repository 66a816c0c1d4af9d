"""The demo's overview shows returns in every state, as filed by their principals on their days."""

from datetime import date

import pytest

from api.demo.district import demo_school, school_year_begun, schools
from api.demo.returns import file_earlier_month, file_last_month, last_due
from tests.api.returning import Days, seen
from tests.people import enrol


@pytest.fixture
def clock():
    return Days(date(2026, 11, 27))


async def test_the_demo_files_two_months_in_every_state(app, bureau, clock):
    service = app.state.service
    await service.directory.add(service.pool, schools())
    today, clock.day = clock.day, school_year_begun(clock.day)
    child = (await enrol(bureau, 1, school_code=demo_school().code))["student_id"]
    clock.day = today
    assert last_due(service).name == "2026-11"

    await file_earlier_month(service)
    await bureau.record(child, "home-visits", occurred_on="2026-10-12")
    await file_last_month(service)

    earlier, last = [
        await seen(bureau, f"/v1/monthly-returns/{month}") for month in ("2026-10", "2026-11")
    ]
    states = [{k: n for k, n in one["counts"].items() if n} for one in (earlier, last)]
    assert states == [
        {"frozen": 76, "restated": 1},
        {"late": 5, "zero": 46, "returned": 2, "frozen": 24},
    ]
    assert [one["on_time"] for one in (earlier, last)] == [77, 66]
    reminded = (await seen(bureau, "/v1/monthly-returns/2026-11/reminders"))["items"]
    assert len(reminded) == 7


@pytest.mark.parametrize(
    ("today", "month"),
    [("2026-11-25", "2026-10"), ("2026-11-26", "2026-11"), ("2026-09-01", "2026-08")],
)
async def test_the_last_month_due_is_one_whose_due_day_is_over(app, clock, today, month):
    clock.day = date.fromisoformat(today)

    assert last_due(app.state.service).name == month
