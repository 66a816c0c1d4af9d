"""A month's return, a quarter's report and the district's figures, on the pages of a browser."""

import re
from datetime import date

import httpx
import pytest
import pytest_asyncio

from api.web.visit import SESSION
from tests.api.returning import NOVEMBER, OCTOBER, Days, a_roll, done, path_of
from tests.people import OTHER_SCHOOL, SCHOOL
from tests.web.conftest import token_of

OURS = f"/returns/{NOVEMBER}/schools/{SCHOOL}"
OUT = {"kind": "21", "occurred_on": "2026-11-05", "papers": [{"kind": "approval"}]}


@pytest.fixture
def clock():
    return Days(date(2026, 11, 26))


@pytest_asyncio.fixture(loop_scope="session")
async def roll(call, clock):
    return await a_roll(await call("registrar"), clock)


async def said(page):
    return await page.locator("main").inner_text()


async def press(page, name, at):
    await page.get_by_role("button", name=name).click()
    await page.wait_for_selector(at)


async def test_a_return_goes_from_class_to_class_to_the_principal_and_the_bureau(
    open_as, looks, call, roll
):
    teacher = await open_as("teacher")
    await teacher.goto("/returns")
    assert teacher.url.endswith(OURS)
    assert "7年级 2班" not in await said(teacher)
    await press(teacher, "核实完毕", "text=班级已核实")
    await looks.at(teacher, "return-of-a-teacher")

    registrar = await call("registrar")
    moved = await registrar.record(roll[0], "roll-changes", **OUT)
    await registrar.fresh("/v1/ledgers/mobility", moved["position"])
    principal = await open_as("principal")
    await principal.goto(OURS)
    await looks.at(principal, "return-to-submit")
    await principal.get_by_label("备注").fill("转出一人,材料齐全")
    await press(principal, "报送月报", "#wrong")
    wrong = await principal.locator("#wrong").inner_text()
    assert "7年级2班。请先核实,或写明原因。" in wrong  # and no name of a field
    assert await principal.get_by_label("备注").input_value() == "转出一人,材料齐全"
    await looks.at(principal, "return-refused")
    await principal.get_by_label("未核实的原因").fill("班主任外出学习")
    await press(principal, "报送月报", "text=月报已报送")

    bureau = await open_as("bureau")
    await bureau.goto("/returns")
    await looks.at(bureau, "returns")
    await bureau.get_by_role("link", name="晴川中学").click()
    await bureau.get_by_text("退回学校", exact=True).click()
    await bureau.get_by_label("原因").fill("请班主任核实后重报")
    await press(bureau, "退回", "text=月报已退回")
    await bureau.goto(f"/returns/{NOVEMBER}/reminders")
    await looks.at(bureau, "reminders")
    assert "请班主任核实后重报" in await said(bureau)
    await principal.goto(OURS)
    await press(principal, "核实完毕", "text=班级已核实")
    await press(principal, "报送月报", "text=月报已报送")
    await bureau.goto(OURS)
    await press(bureau, "冻结", "text=月报已冻结")
    assert "期初 3 + 增加 0 − 减少 1 = 期末 2" in re.sub(r"\s+", " ", await said(bureau))

    more = await registrar.record(roll[1], "roll-changes", **OUT)
    await registrar.fresh("/v1/ledgers/mobility", more["position"])
    await bureau.get_by_text("更正", exact=True).click()
    await bureau.get_by_label("原因").fill("补登转出一人")
    await press(bureau, "按现在的记录更正", "text=更正已登记")
    await looks.at(bureau, "return-restated")
    await bureau.get_by_role("link", name="并列对照").click()
    differing = bureau.locator("tr.differs", has=bureau.get_by_role("rowheader", name="转出"))
    assert await differing.first.locator("td").all_inner_texts() == ["1", "1", "2", "2", "有出入"]
    await looks.at(bureau, "return-versions")
    await bureau.goto(OURS)
    await bureau.locator("tfoot").get_by_role("link", name="2", exact=True).click()
    assert await bureau.locator("tbody tr").count() == 2
    await looks.at(bureau, "return-rows")


async def test_a_figure_of_cases_leads_to_the_visits_it_counts(open_as, looks, call, roll):
    teacher = await call("teacher")
    visited = await teacher.record(roll[0], "home-visits", occurred_on="2026-11-24")
    await teacher.fresh("/v1/ledgers/home-visits", visited["position"])
    page = await open_as("principal")
    await page.goto(OURS)
    await page.locator("tfoot td").last.get_by_role("link").click()
    assert await page.locator("tbody tr td:last-child").all_inner_texts() == ["2026-11-24"]
    await looks.at(page, "return-cases")


async def test_a_zero_return_is_one_tap_without_scripts_and_all_of_them_are_frozen_at_once(
    open_as, call, roll
):
    page = await open_as("principal", java_script_enabled=False)
    await page.goto(OURS)
    await press(page, "零报告,报送", "text=月报已报送")
    whole = (await (await call("bureau")).get(path_of(NOVEMBER))).json()
    assert (whole["state"], whole["submitted_by"]) == ("zero", "测戊")
    bureau = await open_as("bureau", java_script_enabled=False)
    await bureau.goto("/")
    await bureau.get_by_role("link", name="零报告 1 所").click()
    await bureau.get_by_text("一次冻结全部零报告").click()
    await press(bureau, "全部冻结", "text=已冻结 1 所学校的零报告")
    whole = (await (await call("bureau")).get(path_of(NOVEMBER))).json()
    assert (whole["state"], whole["submitted_by"]) == ("frozen", "测戊")


async def test_a_township_reports_its_quarter_and_again_with_a_reason(open_as, looks, clock):
    clock.day = date(2026, 12, 28)
    page = await open_as("township")
    await page.goto("/quarterly")
    await page.get_by_label("工作情况").fill("入户家访 12 次,辖区零辍学。")
    await looks.at(page, "quarter")
    await press(page, "报送", "text=已报送。")
    await page.get_by_label("工作情况").fill("补充联合家访情况。")
    await page.locator("#reason").evaluate("field => field.required = false")
    await press(page, "报送", "#wrong")
    assert await page.get_by_label("工作情况").input_value() == "补充联合家访情况。"
    await page.get_by_label("重报原因").fill("漏报联合家访")
    await press(page, "报送", "text=已报送。")
    await looks.at(page, "quarter-reported")
    assert "第 2 版" in await page.locator("#report").inner_text()


@pytest_asyncio.fixture(loop_scope="session")
async def cases(app, call, roll):
    """Two cases, one of them of a child suspected, and a third closed in the month before."""
    teacher = await call("teacher")
    await teacher.record(roll[0], "absence-flags", first_absent_on="2026-10-12")
    await teacher.record(roll[0], "suspicions", occurred_on="2026-10-15")
    last = await teacher.record(roll[1], "absence-flags", first_absent_on="2026-11-02")
    await app.state.service.freshness.reached(last["position"])


async def test_the_district_is_seen_live_over_time_and_by_indicator_down_to_the_case(
    open_as, looks, cases
):
    page = await open_as("bureau")
    await page.goto("/district")
    assert await page.locator("section:has(#now) li").first.inner_text() == "2\n在办合计"
    names = await page.locator("svg:has(#by-township-title) text").all_text_contents()
    assert [name for name in names if not name.isdigit()] == ["云溪镇", "晴川镇"]
    await page.get_by_text("逐月数字", exact=True).click()
    told = await page.locator("section:has(#over-time) tbody tr").all_inner_texts()
    assert told[-2:] == ["2026-10\t1\t0\t0\t1", "2026-11\t1\t0\t0\t2"]
    await looks.at(page, "district")
    await page.get_by_role("link", name="指标").click()
    await page.get_by_label("分开列").select_option("township")
    await page.get_by_label("按可公布口径").check()
    await press(page, "查看", "text=以免让人认出孩子")
    assert "不公布" in await page.locator("section:has(#apart)").inner_text()
    await looks.at(page, "indicators")
    await page.get_by_label("按可公布口径").uncheck()
    await press(page, "查看", "section:has(#apart)")
    await page.get_by_role("link", name="分母 1").first.click()
    await looks.at(page, "indicator-cases")
    assert await page.locator("tbody th").all_inner_texts() == ["测小舟"]


@pytest.mark.parametrize(
    ("username", "path", "status"),
    [
        ("teacher", "/district", 403),
        ("teacher", f"/returns/{NOVEMBER}", 403),
        ("teacher", "/quarterly/2026-Q4", 403),
        ("counsellor", OURS, 403),
        ("principal", f"/returns/{NOVEMBER}/schools/{OTHER_SCHOOL}", 403),
        ("principal", f"{OURS}/nothing", 405),
        ("principal", f"{OURS}/file.pdf", 404),
        ("bureau", "/returns/2026-13", 422),
        ("bureau", "/returns/%00%3Fstate=x", 404),
        ("bureau", "/district/indicators?as_of=x", 422),
        ("bureau", "/district/nothing/cases", 404),
        ("member_unit", "/quarterly/2026-Q4", 200),
        ("task_force", "/district", 200),
        ("inspector", OURS, 200),
        ("township", "/district/indicators?by=school", 200),
    ],
)
async def test_who_sees_which_page_is_what_the_contract_says(app, username, path, status):
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    cookies = {SESSION: await token_of(app, username)}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://guixue", cookies=cookies
    ) as client:
        assert (await client.get(path)).status_code == status


async def test_a_return_is_taken_as_the_file_the_contract_makes(app, call, roll):
    principal = await call("principal")
    await done(principal, path_of(OCTOBER, "/submission"), {"unchecked_reason": "试"})
    asked = await principal.get(path_of(OCTOBER, "?format=csv&version=1"))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    cookies = {SESSION: await token_of(app, "principal")}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://guixue", cookies=cookies
    ) as client:
        page = await client.get(f"/returns/{OCTOBER}/schools/{SCHOOL}/file.csv?version=1")
    assert page.content == asked.content
    assert page.headers["content-disposition"] == asked.headers["content-disposition"]
