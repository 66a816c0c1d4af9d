"""The demo's monthly returns: submitted, late, frozen, awaited, sent back, and one restated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from api.demo.district import demo_school, schools
from api.demo.loading import LOADER
from api.return_asked import whole_log
from api.return_drafts import drafts
from api.service import Service
from application.directory import School
from application.store.streams import stream_of
from application.subjects import Subjects, Wish
from domain.entry import Act, Actor
from domain.monthly_return import MonthlyReturn
from domain.return_facts import Draft
from domain.return_periods import Period, month_before, month_named, month_of
from projections.return_figures import causes

LATE_DAYS = 2
AWAITED = range(70, 75)  # schools by their place in the district whose last return is awaited
LATE, SENT_BACK = range(60, 66), range(75, 77)
BUREAU = replace(LOADER, name="测知行")
Decide = Callable[[MonthlyReturn, Act], None]


def last_due(service: Service) -> Period:
    """Give the last month whose return is overdue for whoever has not submitted it."""
    book, today = service.tracking.rule_book, service.tracking.today()
    period = month_named(month_of(today, book), book)
    assert period is not None
    while today <= period.due_on:
        earlier = month_named(month_before(period.name), book)
        assert earlier is not None
        period = earlier
    return period


class Filing:
    """One month's returns of the whole district, filed as by their principals on their days."""

    def __init__(self, service: Service, period: Period, made: dict[str, Draft]) -> None:
        self._subjects = Subjects(service.tracking)
        self._today = service.tracking.today()
        self.period = period
        self.made = made

    @classmethod
    async def drawn(cls, service: Service, period: Period) -> "Filing":
        position = await whole_log(service)
        return cls(service, period, await drafts(service, period, schools(), position))

    async def decided(self, by: Actor, school: School, on: date, decide: Decide) -> None:
        """Have something decided on a school's return, as on a day that has come."""
        day = min(on, self._today)
        await self._subjects.record(
            Wish(by),
            MonthlyReturn,
            stream_of(MonthlyReturn.SUBJECT, school.code, self.period.name),
            lambda one, act: decide(one, replace(act, today=day)),
        )

    async def submitted(self, school: School, on: date) -> None:
        draft, zero = self.made[school.code], not self.made[school.code].figures.not_zero
        await self.decided(
            Actor(f"guixue-demo-{school.code}", "测守望", "principal", school.name, "school"),
            school,
            on,
            lambda one, act: one.submit(
                act, self.period, school_code=school.code, draft=draft, classes=[], zero=zero
            ),
        )

    async def frozen(self, school: School) -> None:
        await self.decided(
            BUREAU,
            school,
            self.period.due_on + timedelta(days=LATE_DAYS),
            lambda one, act: one.freeze(act, self.period, school_code=school.code),
        )


async def file_earlier_month(service: Service) -> None:
    """File and freeze the month before the last that is due, before any case is told."""
    book = service.tracking.rule_book
    period = month_named(month_before(last_due(service).name), book)
    assert period is not None
    filing = await Filing.drawn(service, period)
    for school in schools():
        await filing.submitted(school, period.due_on)
        await filing.frozen(school)


async def file_last_month(service: Service) -> None:
    """File the last month that is due; restate what the cases made of the one before."""
    last = last_due(service)
    await restate_month_before(service, last)
    filing = await Filing.drawn(service, last)
    for place, school in enumerate(schools()):
        if place in AWAITED:
            continue
        late = timedelta(days=LATE_DAYS if place in LATE else 0)
        await filing.submitted(school, last.due_on + late)
        if place in SENT_BACK:
            await filing.decided(
                BUREAU,
                school,
                last.due_on + late,
                lambda one, act, code=school.code: one.send_back(  # type: ignore[misc]
                    act, last, school_code=code, reason="请附全校排查核实记录"
                ),
            )
        elif place % 3 == 0:
            await filing.frozen(school)


async def restate_month_before(service: Service, last: Period) -> None:
    """Restate the demo school's frozen return of the month before, if the cases changed it."""
    period = month_named(month_before(last.name), service.tracking.rule_book)
    assert period is not None
    filing, school = await Filing.drawn(service, period), demo_school()
    one = (await service.returns.of(period.name, [school.code]))[school.code]
    draft, since = filing.made[school.code], one.versions[-1].position
    if one.versions[-1].figures == draft.figures.lines:
        return
    found = await causes(service.store, period, school.code, since, draft.position)
    await filing.decided(
        BUREAU,
        school,
        last.due_on,
        lambda one, act: one.restate(
            act,
            period,
            school_code=school.code,
            reason="补记督查发现的疑似辍学和家访",
            draft=draft,
            causes=found,
        ),
    )
