"""The demo shows a little of every kind of supervision, of its own school and one that is late."""

from datetime import date

import pytest

from api.demo.district import demo_school
from api.demo.supervision import supervise
from tests.api.returning import Days, seen


@pytest.fixture
def clock():
    return Days(date(2026, 10, 13))


async def test_the_demo_records_a_little_of_each(app, bureau):
    await app.state.service.directory.add(app.state.service.pool, [demo_school()])

    await supervise(app.state.service)

    lists = ("pledges", "inspections", "inspections/rectifications", "rubrics", "scores", "talks")
    found = {name: (await seen(bureau, f"/v1/{name}"))["items"] for name in lists}
    assert {name: len(items) for name, items in found.items()} == {
        **dict.fromkeys(lists, 1),
        "talks": 0,  # with a school the directory of these tests does not know
    }
    assert (found["scores"][0]["total"], found["scores"][0]["out_of"]) == (96.0, 100.0)
    assert found["inspections"][0]["state"] == "running"
