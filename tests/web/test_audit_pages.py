"""Looking back on the pages: replay, what changed, what proves it, who looked, who may."""

import pytest
import pytest_asyncio

from application.store.tree_keeping import TreeKeeper
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


@pytest.fixture
def checkpoint(app, connection):
    """Make a checkpoint of all that is recorded; here, none is made unasked."""
    return lambda: TreeKeeper(connection, app.state.service.log_keys).checkpoint()


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
    await page.get_by_label("或某一时刻所知").fill("2020-01-01T08:00")
    await page.get_by_role("button", name="查看").click()
    await page.wait_for_selector("text=那一刻还没有这份档案")


async def test_an_auditor_finds_a_child_and_reads_what_its_evidence_proves(
    open_as, looks, child, checkpoint
):
    checkpoint()
    page = await open_as("auditor")
    await page.goto("/audit")
    await page.get_by_label("姓名、拼音首字母或学籍号").fill("测小舟")
    await page.get_by_role("button", name="查找").click()
    await page.wait_for_selector("text=晴川中学")
    assert "测小舟" not in page.url
    await looks.at(page, "audit")
    await page.get_by_role("link", name="核验 测小舟").click()
    await page.wait_for_selector(".verdict.good:has-text('核验通过')")
    assert "齐全" in await page.locator(".verdict").text_content()
    await looks.at(page, "proof")
    await page.goto("/audit")
    await page.get_by_text("检查点全文").click()
    kept = await page.locator("pre").text_content()
    await page.goto(f"/children/{child}/audit")
    await page.get_by_label("上次保存的检查点全文").fill(kept)
    await page.get_by_label("用内容密钥核验的理由").fill("年度审计")
    await page.get_by_role("button", name="再核验一次").click()
    await page.wait_for_selector("text=日志是您上次检查点")
    await page.wait_for_selector("text=每条内容都能用此儿童的密钥打开")
    await page.get_by_label("上次保存的检查点全文").fill("没有")
    await page.get_by_role("button", name="再核验一次").click()
    await page.wait_for_selector("[role=alert]:has-text('不是检查点')")
    async with page.expect_download() as file:
        await page.get_by_role("link", name="下载证据文件").click()
    assert (await file.value).suggested_filename == f"evidence-{child}.json"


async def test_a_changed_entry_is_said_to_be_wrong(
    app, open_as, looks, child, checkpoint, connection
):
    checkpoint()
    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("ALTER TABLE log.stored_events DISABLE TRIGGER append_only")
    connection.execute(
        "UPDATE log.stored_events SET state = set_byte(state, 30, get_byte(state, 30) # 1)"
        " WHERE originator_id = %s AND originator_version = 2",
        [child],
    )
    app.state.service.tracking.lately.clear()
    page = await open_as("auditor")
    await page.goto(f"/children/{child}/audit")
    await page.wait_for_selector(".verdict.bad:has-text('核验不通过')")
    assert "第 2 条" in await page.locator(".verdict").text_content()
    await looks.at(page, "proof-failed")


async def test_masked_fields_are_shown_for_a_reason_and_that_is_logged(open_as, looks, child):
    page = await open_as("principal")
    await page.goto(f"/children/{child}")
    assert "190****0001" in await page.content()
    await page.get_by_text("完整显示被遮盖的内容").click()
    await page.get_by_label("理由(记入访问记录)").fill("联系家长")
    await page.get_by_role("button", name="完整显示").click()
    await page.wait_for_selector("text=19000000001")
    assert page.url.endswith(f"/children/{child}/reveal")
    await looks.at(page, "revealed")
    await page.goto("/audit/access-log")
    line = page.locator("tr", has_text="完整查看学生档案")
    assert "联系家长" in await line.text_content()
    await looks.at(page, "access-log")
    await line.get_by_role("link", name="此生的访问").click()
    await page.wait_for_selector("input[name=student_id]")
    assert await page.get_by_label("学生编号").input_value() == child
    await page.get_by_label("学生编号").fill("no id")
    await page.get_by_role("button", name="筛选").click()
    await page.wait_for_selector("[role=alert]")
    assert await page.get_by_label("学生编号").input_value() == "no id"


async def test_out_of_reach_the_glass_is_broken_with_a_reason(open_as, looks, child):
    page = await open_as("principal2")
    await page.goto(f"/children/{child}")
    await page.get_by_role("link", name="紧急查看").click()
    await looks.at(page, "break-glass")
    await page.get_by_label("理由").fill("夜间接警,核实走失儿童身份")
    await page.get_by_role("button", name="紧急查看").click()
    await page.wait_for_selector("h1:has-text('测小舟')")
    page = await open_as("bureau")
    await page.goto("/audit/break-glass")
    assert "夜间接警" in await page.locator("tbody").text_content()
    await looks.at(page, "broken-glass")
    await page.goto(f"/children/{child}/who-can-see")
    assert "紧急查看" in await page.locator("tr", has_text="测己").text_content()
    await looks.at(page, "who-can-see")


async def test_of_a_destroyed_record_each_page_tells_what_is_left(
    app, open_as, looks, call, checkpoint
):
    registrar, bureau, second = await call("registrar"), await call("bureau"), await call("bureau2")
    student_id = (await enrol(registrar, 1))["student_id"]
    await registrar.record(student_id, "roll-changes", kind="21", occurred_on="2019-07-01")
    await bureau.record(student_id, "restriction")
    await bureau.record(student_id, "erasure")
    done = await second.record(student_id, "erasure-decisions")
    await app.state.service.freshness.reached(done["position"])
    checkpoint()
    page = await open_as("auditor")
    for path in ("", "/replay", "/replay?version=2", "/difference", "/audit", "/who-can-see"):
        answer = await page.goto(f"/children/{student_id}{path}")
        assert answer.status == 200, path
        assert "已依法销毁" in await page.locator("h1").text_content()
    await page.goto(f"/children/{student_id}/audit")
    await page.wait_for_selector(".verdict.good")
