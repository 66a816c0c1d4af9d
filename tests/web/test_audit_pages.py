"""Looking back on the pages: replay, what changed, what proves it, who looked, who may."""

import pytest_asyncio

from tests.people import enrol


@pytest_asyncio.fixture(loop_scope="session")
async def child(app, call):
    """A child flagged and visited, the first absent day corrected since."""
    teacher, registrar = await call("teacher"), await call("registrar")
    student_id = (await enrol(registrar, 1))["student_id"]
    await teacher.record(student_id, "absence-flags")
    await teacher.record(student_id, "home-visits")
    done = await teacher.record(
        student_id,
        "corrections",
        entry=2,
        changes={"first_absent_on": "2026-09-11"},
        reason="点名册显示 11 日已缺勤",
    )
    await app.state.service.freshness.reached(done["position"])
    return student_id


async def test_a_slider_leads_through_the_record_as_it_was(open_as, looks, child):
    page = await open_as("auditor")
    await page.goto(f"/children/{child}")
    await page.get_by_role("link", name="回放").click()
    await page.wait_for_selector("#standing:has-text('第 4 条,共 4 条')")
    await looks.at(page, "replay")
    await page.locator("#slider").focus()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await page.wait_for_selector("#standing:has-text('第 2 条')")
    assert await page.locator("dt:has-text('首次缺勤日') + dd").text_content() == "2026-09-14"
    assert "version=2" in page.url
    assert await page.locator("#version").input_value() == "2"
    await page.keyboard.press("ArrowLeft")
    await page.wait_for_selector("#standing:has-text('第 1 条')")
    assert await page.locator("dt:has-text('首次缺勤日')").count() == 0
    await page.get_by_role("link", name="变化").click()
    await page.get_by_label("从这条之后").select_option("2")
    await page.get_by_role("button", name="比较").nth(1).click()
    await page.wait_for_selector("ins:has-text('2026-09-11')")
    await looks.at(page, "difference")


async def test_without_scripts_the_same_is_a_form(open_as, child):
    page = await open_as("teacher", java_script_enabled=False)
    await page.goto(f"/children/{child}/replay")
    assert await page.locator("#slider").is_hidden()
    await page.get_by_role("link", name="上一条").click()
    await page.get_by_role("link", name="上一条").click()
    await page.wait_for_selector("#standing:has-text('第 2 条')")
    await page.get_by_label("只看此日及以前发生的").fill("2026-09-12")
    await page.get_by_role("button", name="查看").click()
    await page.wait_for_selector("h2:has-text('2026-09-12')")
    assert await page.locator("dt:has-text('首次缺勤日')").count() == 0
