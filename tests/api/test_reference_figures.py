"""The reference district's disabled children, loaded as the demo does: 337 of 337 go to school."""

import asyncio
from collections import Counter
from uuid import uuid4

from api.demo.district import children, schools
from api.demo.loading import LOADER, _place, _teach_at_home


async def test_337_of_337_disabled_children_are_at_school_in_every_township(app, bureau):
    service = app.state.service
    tracking, today = service.tracking, service.tracking.today()
    await service.directory.add(service.pool, schools())
    placed = [(uuid4(), child) for child in children(today) if child.arrangement is not None]
    await tracking.enrol_all(
        LOADER,
        [tracking.drafted(LOADER, student_id=one, **child.facts) for one, child in placed],
        {},
    )
    await asyncio.gather(
        *(
            (_teach_at_home if child.arrangement == "home_teaching" else _place)(
                tracking, one, child, today
            )
            for one, child in placed
        )
    )
    await service.freshness.reached(await service.store.head(), 60)

    answer = (await bureau.get("/v1/indicators?by=township")).json()
    found = {row["name"]: row for row in answer["items"]}
    enrolment = found["disabled_enrolment_rate"]
    assert (enrolment["numerator"], enrolment["denominator"], enrolment["value"]) == (337, 337, 1.0)
    assert (found["dropout_rate"]["numerator"], found["dropout_rate"]["denominator"]) == (0, 337)
    for group in answer["groups"]:
        (row,) = (row for row in group["indicators"] if row["name"] == "disabled_enrolment_rate")
        assert row["numerator"] == row["denominator"]
    rows = (await bureau.get("/v1/ledgers/school-age?limit=500")).json()["items"]
    at_special = {"special_school", "institution"}
    kinds = Counter(
        "special" if row["placement"] in at_special else row["placement"] for row in rows
    )
    assert kinds == {"inclusive_class": 229, "special": 72, None: 36}
    assert sum(row["home_taught"] for row in rows) == 36
    taught = found["home_teaching_completion"]
    assert taught["numerator"] == 36 * 6  # four sessions of an hour and a half each
