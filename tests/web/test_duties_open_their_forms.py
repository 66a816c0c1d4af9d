"""Every duty on a child's page that is of an entry opens the form of that very entry."""

import pytest_asyncio

from tests.people import OTHER_SCHOOL, enrol


@pytest_asyncio.fixture(loop_scope="session")
async def child(app, call):
    """A child with an order to be served, a referral, and a transfer that lacks its papers."""
    registrar, teacher, bureau = [await call(one) for one in ("registrar", "teacher", "bureau")]
    student_id = (await enrol(registrar, 1))["student_id"]
    await teacher.record(student_id, "absence-flags")
    await teacher.record(student_id, "suspicions")
    await bureau.record(student_id, "orders")
    await bureau.record(student_id, "referrals")
    done = await registrar.record(
        student_id, "transfers", to_school=OTHER_SCHOOL, reason="随父母搬到云溪镇"
    )
    await app.state.service.freshness.reached(done["position"])
    return student_id, done["entry"]


async def test_each_link_opens_its_form(open_as, looks, call, child):
    student_id, transfer = child
    page = await open_as("bureau")
    await page.goto(f"/children/{student_id}")
    await looks.at(page, "child-duties")
    links = [
        await one.get_attribute("href")
        for one in await page.locator("section[aria-labelledby=due] a.what").all()
    ]
    record = f"/children/{student_id}/record"
    of_entries = [link for link in links if any(part.isdigit() for part in link.split("/"))]
    assert {
        f"{record}/orders/{transfer - 2}/service",
        f"{record}/referrals/{transfer - 1}/answer",
        f"{record}/transfers/{transfer}/decision",
    } <= set(of_entries)
    for link in of_entries:
        answered = await page.goto(link)
        assert (link, answered.status) == (link, 200)


async def test_the_receiving_school_reads_from_where_and_why_and_answers(
    open_as, looks, ask, call, child
):
    student_id, transfer = child
    path = f"/children/{student_id}/record/transfers/{transfer}/decision"
    page = await open_as("registrar2")
    await page.goto("/")
    await page.get_by_role("link", name="答复转学").click()
    await page.wait_for_selector("text=随父母搬到云溪镇")
    assert page.url.endswith(path)
    assert "申请从 晴川中学 转入 云溪中学" in await page.locator(".note").first.inner_text()
    await looks.at(page, "transfer-answer")
    await page.get_by_label("否", exact=True).check()
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("text=已登记")
    assert (await ask("registrar2", path)).status_code == 404  # answered: no longer theirs to read
    assert (await ask("teacher", path)).status_code == 403


async def test_a_transfer_is_read_by_those_alone_who_answer_it(call, child):
    student_id, transfer = child
    path = f"/v1/students/{student_id}/transfers/{transfer}"
    told = {
        username: (await (await call(username)).get(path)).status_code
        for username in ("registrar2", "principal2", "bureau", "registrar", "office", "teacher2")
    }
    assert told == {
        **dict.fromkeys(("registrar2", "principal2", "bureau"), 200),
        **dict.fromkeys(("registrar", "office", "teacher2"), 403),
    }
