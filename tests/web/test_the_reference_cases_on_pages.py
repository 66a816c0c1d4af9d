"""The three reference cases, played through the pages by those who would, without scripts."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from api.demo import cases
from api.web.entry_forms import command_at
from api.web.fields import fields_of
from api.web.reading import typed
from api.web.sent import Sent
from domain.calendar import default_calendar
from tests.people import enrol

PEOPLE = ("teacher", "principal", "township", "village", "bureau")


@dataclass
class OnPages(cases.Story):
    """A case told by filling in forms in each person's browser."""

    pages: dict = None
    visited: Counter = None

    async def tell(self, who, path, **body):
        page = self.pages[who]
        await page.goto(f"/children/{self.student_id}/record/{path}")
        said = {
            name.rstrip("_"): value.isoformat() if isinstance(value, date) else value
            for name, value in body.items()
        }
        await fill_in(page, typed(fields_of(command_at(path).body), said))
        await page.get_by_role("button", name="保存").click()
        await page.wait_for_selector("text=已登记")
        self.visited[path] += 1
        return {"entry": int(page.url.partition("saved=")[2].partition("#")[0])}


async def fill_in(page, wanted: Sent):
    """Type what is wanted into the form that is open; what it holds already stays."""
    for details in await page.query_selector_all("form.entry details:not([open]) > summary"):
        await details.click()
    for name in {name for name, _ in wanted.pairs}:
        values = wanted.all(name)
        control = page.locator(f'form.entry [name="{name}"]')
        kind = await control.first.evaluate("one => one.type")
        if kind in {"radio", "checkbox"}:
            for box in await control.all():
                if await box.get_attribute("value") in values:
                    await box.check()
        elif kind == "select-one":
            await control.select_option(values[0])
        else:
            await control.fill(values[0])


@pytest.mark.parametrize("case", ["agrees_at_once", "hesitates_first", "refuses_until_the_order"])
async def test_a_case_is_played_through_the_pages(open_as, call, app, case):
    registrar = await call("registrar")
    done = await enrol(registrar, 1)
    await app.state.service.freshness.reached(done["position"])
    today, calendar = app.state.service.tracking.today(), default_calendar()
    seen_on = today
    while calendar.school_days_between(seen_on, today) < cases.SINCE_RETURN:
        seen_on -= timedelta(days=1)
    pages = {who: await open_as(who, java_script_enabled=False) for who in PEOPLE}
    story = OnPages(
        None, {}, done["student_id"], "1班", "teacher", seen_on, pages=pages, visited=Counter()
    )
    await getattr(cases, case)(story)
    await cases.comes_back_and_stays(story, today)
    child = (await (await call("bureau")).get(f"/v1/students/{story.student_id}")).json()
    assert child["status"] == "closed"
    assert child["close_reason"] == "C01"
    assert child["counts"]["observations"] == 4
    history = (await (await call("bureau")).get(f"/v1/students/{story.student_id}/history")).json()
    assert len(history["items"]) == 1 + story.visited.total()
