"""Registers, pledges and inspections on pages: recorded by the one side, answered by the other."""

import pytest_asyncio

from tests.api.inspecting import planned
from tests.people import OTHER_SCHOOL, SCHOOL, enrol, student_number


@pytest_asyncio.fixture(loop_scope="session")
async def child(app, call):
    """A child in the class whose heads are counted."""
    done = await enrol(await call("registrar"), 1)
    await app.state.service.freshness.reached(done["position"])


async def save(page, button="保存"):
    await page.get_by_role("button", name=button, exact=True).click()
    await page.wait_for_selector("text=已登记")


async def test_a_line_of_a_register_is_added_corrected_and_names_no_child(
    open_as, looks, call, ask, app
):
    page = await open_as("registrar")
    await page.goto("/registers/documents")
    await page.get_by_role("link", name="新增一条").click()
    await page.locator("#title").fill(f"控辍保学实施方案 {student_number(1)}")
    await page.get_by_label("到期").fill("2099-12-31")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("#wrong")
    await looks.at(page, "register-line-refused")
    assert await page.get_by_label("到期").input_value() == "2099-12-31"
    await page.locator("#title").fill("控辍保学实施方案")
    await save(page)
    await page.get_by_role("link", name="控辍保学实施方案").click()
    await page.locator("#title").fill("控辍保学实施办法")
    await page.get_by_label("原因").fill("标题有误")
    await save(page)
    await looks.at(page, "register")
    (line,) = (await (await call("registrar")).get("/v1/registers/documents")).json()["items"]
    assert [one["changes"] for one in line["corrections"]] == [{"title": "控辍保学实施办法"}]
    assert line["until"] == "2099-12-31"
    paper = (await ask("registrar", "/registers/documents/print")).text
    assert "控辍保学实施办法" in paper
    assert "填表人:" in paper
    assert (await ask("registrar", "/registers/nothing")).status_code == 404
    assert "新增一条" not in (await ask("teacher", "/registers/documents")).text


async def test_a_pledge_is_issued_and_signed_by_both_sides(open_as, looks, call, ask):
    bureau = await open_as("bureau")
    await bureau.goto("/pledges/new")
    await bureau.get_by_label("区教体局与校长责任书").check()
    await bureau.get_by_label("晴川中学").check()
    await bureau.get_by_label("期限").fill("2099-12-31")
    await bureau.get_by_label("责任条款").fill("不让一名学生失学\n按时家访,及时上报")
    await bureau.get_by_label("承诺人").fill("测戊")
    await bureau.get_by_label("任期起").fill("2026-09-01")
    await looks.at(bureau, "pledge-form")
    await save(bureau)
    path = bureau.url.split("?")[0]
    for page in (bureau, await open_as("principal")):
        await page.goto(path)
        await page.get_by_role("link", name="签订").click()
        await save(page, "签订")
    await looks.at(page, "pledge")
    await page.goto("/pledges")
    await looks.at(page, "pledges")
    (pledge,) = (await (await call("bureau")).get("/v1/pledges")).json()["items"]
    assert pledge["state"] == "signed"
    assert pledge["terms"] == ["不让一名学生失学", "按时家访,及时上报"]
    assert (await ask("principal2", path)).status_code == 403


async def test_an_inspection_goes_from_its_plan_to_a_closed_finding(
    open_as, looks, call, ask, child
):
    bureau = await open_as("bureau")
    await bureau.goto("/inspections/new")
    await bureau.get_by_label("突击检查").check()
    await bureau.get_by_label("名称").fill("秋季突击检查")
    await bureau.get_by_label("晴川中学").check()
    await bureau.get_by_label("点人数").check()
    await looks.at(bureau, "inspection-form")
    await save(bureau)
    path = bureau.url.split("?")[0]
    assert (await ask("principal", path)).status_code == 404
    await bureau.get_by_role("link", name="开始督查").click()
    await save(bureau, "开始督查")
    await bureau.get_by_role("link", name="点人数").click()
    await bureau.get_by_label("年级").fill("7")
    await bureau.get_by_label("班级").fill("1班")
    await bureau.get_by_label("实到人数").fill("0")
    await save(bureau)
    await bureau.get_by_role("link", name="登记问题").click()
    await bureau.get_by_label("发现的问题").fill("点名册缺两天")
    await bureau.get_by_label("立行立改").check()
    await bureau.locator("[name=owner-name]").fill("测戊")
    await looks.at(bureau, "finding-form")
    await save(bureau)

    principal = await open_as("principal")
    await principal.goto("/inspections/rectifications")
    await looks.at(principal, "rectifications")
    await principal.get_by_role("link", name="点名册缺两天").click()
    await principal.get_by_role("link", name="登记整改").click()
    await principal.get_by_label("备注").fill("已补齐")
    await save(principal)
    await bureau.goto(path)
    await bureau.get_by_role("link", name="整改销号").click()
    await bureau.get_by_label("是", exact=True).check()
    await save(bureau)
    await looks.at(bureau, "inspection")
    await bureau.goto("/inspections")
    await looks.at(bureau, "inspections")
    (one,) = (await (await call("principal")).get("/v1/inspections")).json()["items"]
    assert one["heads"]["unaccounted"] == 1
    assert one["findings"] == {
        **dict.fromkeys(("open", "rectified", "rejected", "overdue"), 0),
        **dict.fromkeys(("noted", "closed"), 1),
    }
    assert (await ask("teacher", "/inspections")).status_code == 403
    assert (await ask("principal", f"/inspections?school_code={OTHER_SCHOOL}")).status_code == 404


async def test_a_plan_is_changed_and_cancelled_before_it_starts(open_as, looks, call, ask, app):
    today = app.state.service.tracking.today().isoformat()
    number = await planned(await call("bureau"), starts_on=today, ends_on=today)
    page = await open_as("bureau")
    await page.goto(f"/inspections/{number}")
    await page.get_by_role("link", name="变更计划").click()
    await page.get_by_label("原因").fill("与考试冲突")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("#wrong:has-text('请至少填写一项变更内容')")
    await looks.at(page, "inspection-change-refused")
    assert await page.get_by_label("原因").input_value() == "与考试冲突"
    await page.get_by_label("名称").fill("改期督查")
    await page.get_by_label("云溪中学").check()
    await save(page)
    assert "名称:改期督查;学校:云溪中学、晴川中学" in await page.locator("main").inner_text()
    await page.get_by_role("link", name="取消督查").click()
    await page.get_by_label("原因").fill("并入下月")
    await save(page, "取消督查")
    assert await page.get_by_role("link", name="开始督查").count() == 0
    await looks.at(page, "inspection-cancelled")
    one = (await (await call("bureau")).get(f"/v1/inspections/{number}")).json()
    assert (one["state"], one["cancelled"]["reason"]) == ("cancelled", "并入下月")
    (change,) = one["changes"]
    assert change["changes"] == {"title": "改期督查", "schools": [OTHER_SCHOOL, SCHOOL]}
    for path in ("change", "cancel"):
        assert (await ask("inspector", f"/inspections/{number}/{path}")).status_code == 403
