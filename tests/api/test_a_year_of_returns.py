"""A year of mobility over 77 schools: every return balances, and none that is frozen changes."""

import asyncio
from datetime import date

import pytest
from pydantic_core import to_json

from api.demo.district import schools
from api.return_asked import whole_log
from api.return_drafts import drafts
from api.return_shown import document
from application.subjects import Wish
from domain.entry import Actor
from domain.return_figures import balanced
from domain.return_periods import month_named
from domain.rules import DEFAULT_RULES
from tests.api.invented_year import Year
from tests.api.returning import Days, path_of
from tests.lives import BUREAU
from tests.people import Caller

MONTHS = [month_named(name, DEFAULT_RULES) for name in (
    *("2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"),
    *("2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08"),
)]  # fmt: skip
CODES = [school.code for school in schools()]
PRINCIPAL = Actor("acc-principal", "测戊", "principal", "晴川中学", "school")
FORMS = ("json", "csv", "xlsx")


@pytest.fixture
def clock():
    return Days(date(2025, 9, 1))


async def in_turn(*wishes):
    return await asyncio.gather(*wishes)


async def returned(service, period):
    """Draft, submit and freeze every school's return of a month; give the drafts."""
    position = await whole_log(service)
    made = await drafts(service, period, schools(), position)
    await in_turn(
        *(
            service.returns.submit(Wish(PRINCIPAL), period, code, made[code], [], note="试")
            for code in CODES
        )
    )
    await in_turn(*(service.returns.freeze(Wish(BUREAU), period, code) for code in CODES))
    return made


async def as_told(service, period):
    """Every first version of a month, as answers tell it."""
    returns = await service.returns.of(period.name, CODES)
    return {
        code: to_json(document(period, code, one.versions[0], service, "zh"))
        for code, one in returns.items()
    }


async def as_printed(caller: Caller, month: str, some: list[str]):
    return [
        (await caller.get(path_of(month, f"?version=1&format={form}", code))).content
        for code in some
        for form in FORMS
    ]


async def test_every_return_balances_and_equals_the_children_counted_as_known_then(
    app, clock, sign_in
):
    service = app.state.service
    await service.directory.add(service.pool, schools())
    year = Year(service, clock, seed=11)
    await year.begins()
    told, prints, closing, adjusted = {}, {}, {}, 0
    for number, period in enumerate(MONTHS):
        if period.name == "2026-07":
            clock.day = date(2026, 7, 10)
            await year.school_year_ends(date(2026, 7, 10))
        await year.goes_on(period, acts=30)
        made = await returned(service, period)

        counted = year.on_roll(period.last, year.now)
        seats = {
            (code, grade): count
            for code, draft in made.items()
            for grade, count in draft.figures.closing.items()
            if count
        }
        assert seats == dict(counted), period.name
        for code, draft in made.items():
            figures = draft.figures
            assert all(map(balanced, [*figures.lines, figures.total])), (period.name, code)
            opening = {one["grade"]: one["opening"] for one in figures.lines if one["opening"]}
            assert opening == {g: n for g, n in closing.get(code, opening).items() if n}
            adjusted += len(figures.adjustments)
            closing[code] = figures.closing
        told[period.name] = await as_told(service, period)
        some = CODES[number::26]
        prints[period.name] = await as_printed(await sign_in("bureau"), period.name, some)

    assert year.late > 40
    assert adjusted > 20
    await year.goes_on(MONTHS[-1], acts=10)
    restated = await restate_what_differs(service, MONTHS[3])
    assert restated
    caller = await sign_in("bureau")
    for number, period in enumerate(MONTHS):
        assert await as_told(service, period) == told[period.name]
        again = await as_printed(caller, period.name, CODES[number::26])
        assert again == prints[period.name]
        assert all(content.strip() for content in again)
    overview = (await caller.get(f"/v1/monthly-returns/{MONTHS[3].name}")).json()
    counts = {state: count for state, count in overview["counts"].items() if count}
    assert counts == {"restated": restated, "frozen": 77 - restated}


async def restate_what_differs(service, period):
    """Restate every frozen return that would be otherwise today; give how many."""
    position = await whole_log(service)
    made = await drafts(service, period, schools(), position)
    returns = await service.returns.of(period.name, CODES)
    others = [
        code for code in CODES if returns[code].versions[0].figures != made[code].figures.lines
    ]
    await in_turn(
        *(
            service.returns.restate(Wish(BUREAU), period, code, "更正", made[code], [])
            for code in others
        )
    )
    return len(others)
