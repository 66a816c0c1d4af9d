"""Signing in, finding a child, and recording for it, on the pages of a real browser."""

import pytest_asyncio

from api.forms.form_code import FormCode
from api.web.visit import SESSION
from tests.people import PASSWORD, enrol, student_number


@pytest_asyncio.fixture(loop_scope="session")
async def child(app, call):
    """A child of the teacher's class, flagged, found by the views."""
    teacher, registrar = await call("teacher"), await call("registrar")
    student_id = (await enrol(registrar, 1))["student_id"]
    done = await teacher.record(student_id, "absence-flags")
    await app.state.service.freshness.reached(done["position"])
    return student_id


async def entries(call, child):
    history = await (await call("teacher")).get(f"/v1/students/{child}/history")
    return [(entry["kind"], entry["data"]) for entry in history.json()["items"]]


async def test_a_teacher_signs_in_finds_a_child_and_logs_a_visit(open_as, looks, call, child):
    page = await open_as(None)
    await page.goto("/")
    await page.get_by_label("用户名").fill("teacher")
    await page.get_by_label("密码").fill(PASSWORD)
    await looks.at(page, "sign-in")
    await page.get_by_role("button", name="登录").click()
    await page.wait_for_selector("h1:has-text('我的工作')")
    await looks.at(page, "my-work")
    await page.get_by_label("找学生").fill("测小舟")
    await page.get_by_role("button", name="查找").click()
    assert "测小舟" not in page.url
    await looks.at(page, "children")
    await page.get_by_role("link", name="测小舟").click()
    await looks.at(page, "child")
    await page.get_by_role("link", name="家访登记").click()
    await page.get_by_label("监护人", exact=True).check()
    await page.get_by_label("后续跟进").fill("三日内再访")
    await looks.at(page, "home-visit")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("text=已登记")
    await looks.at(page, "child-recorded")
    kind, data = (await entries(call, child))[-1]
    assert kind == "home_visited"
    assert data["visitors"] == ["测甲"]
    assert data["met"] == ["guardian"]
    assert data["mode"] == "at_home"
    assert data["next_step"] == "三日内再访"


async def test_a_wrong_field_is_named_and_everything_typed_is_kept(open_as, looks, call, child):
    page = await open_as("teacher")
    await page.goto(f"/children/{child}/record/home-visits")
    await page.get_by_label("发生日期").fill("2999-01-01")
    await page.get_by_label("未见到").check()
    await page.get_by_label("家长意见").fill("无人应门")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("#wrong")
    await looks.at(page, "home-visit-refused")
    assert await page.get_by_label("家长意见").input_value() == "无人应门"
    assert await page.get_by_label("未见到").is_checked()
    assert len(await entries(call, child)) == 2


async def test_a_session_that_ends_in_mid_form_loses_nothing_typed(open_as, looks, call, child):
    page = await open_as("teacher")
    await page.goto(f"/children/{child}/record/home-visits")
    await page.get_by_label("监护人", exact=True).check()
    await page.get_by_label("家长意见").fill("想让孩子读完初中")
    await page.context.clear_cookies(name=SESSION)
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("text=登录已过期")
    await looks.at(page, "sign-in-again")
    await page.get_by_label("用户名").fill("teacher")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.wait_for_selector("text=还没有登记")
    assert await page.get_by_label("家长意见").input_value() == "想让孩子读完初中"
    assert len(await entries(call, child)) == 2
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("text=已登记")
    assert len(await entries(call, child)) == 3


async def test_without_scripts_the_same_can_be_recorded(open_as, call, child):
    page = await open_as("teacher", java_script_enabled=False)
    await page.goto(f"/children/{child}/record/home-visits")
    await page.get_by_label("监护人", exact=True).check()
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("text=已登记")
    assert [kind for kind, _ in await entries(call, child)][-1] == "home_visited"


async def test_a_correction_stands_beside_what_it_replaced(open_as, looks, call, child):
    page = await open_as("teacher")
    await page.goto(f"/children/{child}")
    await page.locator("#entry-2").get_by_role("link", name="更正").click()
    await looks.at(page, "correcting")
    await page.get_by_label("首次缺勤日").fill("2026-09-11")
    await page.get_by_label("更正理由").fill("点名册显示 11 日已缺勤")
    await page.get_by_role("button", name="保存更正").click()
    await page.wait_for_selector("#entry-2 .correction")
    await looks.at(page, "child-corrected")
    kind, data = (await entries(call, child))[-1]
    assert kind == "corrected"
    assert data["changes"] == {"first_absent_on": "2026-09-11"}


async def test_a_registrar_puts_a_child_on_the_roll(open_as, looks, child):
    page = await open_as("registrar")
    await page.goto("/children/new")
    await looks.at(page, "enrolling")
    await page.get_by_label("姓名").first.fill("测小帆")
    await page.get_by_label("女").check()
    await page.get_by_label("出生日期").fill("2014-09-15")
    await page.get_by_label("学籍号").fill(student_number(1))
    await page.get_by_label("年级").fill("7")
    await page.get_by_label("班级").fill("1班")
    await page.get_by_role("button", name="保存").click()
    await page.get_by_role("link", name="打开已有的档案").wait_for()
    await page.get_by_label("学籍号").fill(student_number(2))
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("h1:has-text('测小帆')")


async def test_a_paper_form_is_found_by_its_code(open_as, app, call, child):
    history = (await (await call("teacher")).get(f"/v1/students/{child}/history")).json()
    code = FormCode("JF", history["items"][0]["position"])
    page = await open_as("teacher")
    await page.goto("/children")
    await page.get_by_label("纸质表上的编码").fill(str(code)[:-1])
    await page.get_by_role("button", name="打开").click()
    await page.wait_for_selector("#code-error")
    await page.get_by_label("纸质表上的编码").fill(str(code))
    await page.get_by_role("button", name="打开").click()
    await page.wait_for_selector("h1:has-text('家访登记')")
    assert child in page.url
