"""A teacher follows another, newcomers are invited and looked for, a school moves up a grade."""

from datetime import date, timedelta

import pytest_asyncio

from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol

NAMED = {"name": "测甲", "from": "2026-09-01", "role": "responsible"}


@pytest_asyncio.fixture(loop_scope="session")
async def children(app, call):
    """Two children one teacher looks after; of the first, from a later day on too."""
    registrar = await call("registrar")
    made = [(await enrol(registrar, n))["student_id"] for n in (1, 2)]
    for one in made:
        await registrar.record(one, "responsible-persons", **NAMED)
    later = {**NAMED, "from": "2026-10-01"}
    done = await registrar.record(made[0], "responsible-persons", **later)
    await app.state.service.freshness.reached(done["position"])
    return made


async def kinds(call, child):
    history = await (await call("bureau")).get(f"/v1/students/{child}/history")
    return [(entry["kind"], entry["data"]) for entry in history.json()["items"]]


async def test_a_hand_over_says_whom_it_left_out_and_why(open_as, looks, ask, call, children):
    page = await open_as("principal")
    await page.goto("/children")
    await page.get_by_role("link", name="交接").click()
    await page.get_by_label("交接人").fill("测甲")
    await page.get_by_label("接任人").fill("测甲")
    await page.get_by_role("button", name="交接").click()
    await page.wait_for_selector("#wrong")
    await page.get_by_label("接任人").fill("测乙")
    await page.get_by_label("7年级1班").check()
    await page.locator("#from").fill("2026-09-21")
    await looks.at(page, "hand-over")
    await page.get_by_role("button", name="交接").click()
    await page.wait_for_selector("h1:has-text('已交接')")
    await looks.at(page, "handed-over")
    (line,) = await page.locator(".lines li").all_inner_texts()
    assert "自以后某日起" in line
    kind, data = (await kinds(call, children[1]))[-1]
    assert (kind, data["name"]) == ("responsible_person_named", "测乙")
    for username, path, status in (
        ("bureau", "/hand-over", 200),
        ("teacher", f"/hand-over/{SCHOOL}", 403),
        ("principal", f"/hand-over/{OTHER_SCHOOL}", 404),
        ("principal", "/hand-over/0", 404),
        ("teacher", "/enrolment", 403),
        ("principal", f"/promotion/{OTHER_SCHOOL}", 404),
    ):
        answered = await ask(username, path)
        assert (username, path, answered.status_code) == (username, path, status)


async def test_newcomers_are_invited_looked_for_and_a_school_moves_up(open_as, looks, app, call):
    bureau = await call("bureau")
    done = await enrol(bureau, 1, school_code=PRIMARY, grade=6)
    await app.state.service.freshness.reached(done["position"])
    page = await open_as("bureau")
    await page.goto("/enrolment")
    await looks.at(page, "enrolment-schools")
    await page.get_by_role("link", name="晴川中学").click()
    await page.get_by_role("link", name="发放入学通知书").click()
    await page.get_by_label("发给哪所学校的学生").select_option(label="晴川小学")
    await page.get_by_label("现在的年级").select_option("6")
    await page.get_by_role("button", name="列出学生").click()
    assert await page.get_by_label("测小舟").is_checked()
    await page.get_by_label("年级", exact=True).fill("7")
    await page.get_by_label("报到").fill((date.today() - timedelta(days=60)).isoformat())
    await page.get_by_label("发生日期").fill((date.today() - timedelta(days=70)).isoformat())
    await looks.at(page, "enrolment-notices")
    await page.get_by_role("button", name="发放", exact=True).click()
    await page.wait_for_selector("text=已发放 1 份")
    await looks.at(page, "enrolment")
    await page.get_by_role("button", name="排查应入未入").click()
    await page.wait_for_selector("h1:has-text('应入未入排查')")
    await looks.at(page, "enrolment-screened")
    assert "enrolment_notice_issued" in [kind for kind, _ in await kinds(call, done["student_id"])]

    await page.goto(f"/promotion/{PRIMARY}")
    await page.get_by_label("已核对").check()
    await looks.at(page, "promotion")
    await page.get_by_role("button", name="升级与毕业").click()
    await page.wait_for_selector("h1:has-text('已办理升级与毕业')")
    assert "1 名学生毕业" in " ".join((await page.locator(".tallies").inner_text()).split())
    assert (await kinds(call, done["student_id"]))[-1][0] == "graduated"
