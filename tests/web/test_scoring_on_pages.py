"""督导 on pages: rubric and score, the evidence of a rebound, a talk's promises, a bulletin."""

from datetime import date

import pytest
import pytest_asyncio

from tests.api.returning import Days
from tests.api.supervising import VETOES, rubric, score
from tests.people import SCHOOL, enrol

DUE = "2026-10-20"


@pytest.fixture
def clock():
    return Days(date(2026, 11, 24))


@pytest_asyncio.fixture(loop_scope="session")
async def bureau(call):
    return await call("bureau")


@pytest_asyncio.fixture(loop_scope="session")
async def rebound(app, call):
    """A confirmed dropout at a school, whose name two characters of a text may also be."""
    principal = await call("principal")
    child = (await enrol(await call("registrar"), 1, name="高山"))["student_id"]
    await principal.record(child, "absence-flags", first_absent_on="2026-09-14")
    await principal.record(child, "suspicions", occurred_on="2026-09-17")
    await principal.record(child, "persuasion-attempts", occurred_on="2026-09-20")
    await principal.record(child, "dropout-marks", occurred_on="2026-10-20")
    confirmed = {"occurred_on": "2026-10-21"}
    done = await (await call("bureau")).record(child, "dropout-confirmations", **confirmed)
    await app.state.service.freshness.reached(done["position"])
    return child


async def save(page, button="保存"):
    await page.get_by_role("button", name=button, exact=True).click()
    await page.wait_for_selector("text=已登记")


async def test_a_rubric_is_issued_and_replaced_by_its_next_version(open_as, looks, bureau):
    page = await open_as("bureau")
    await page.goto("/supervision")
    await looks.at(page, "supervision")
    await page.get_by_role("link", name="考评细则").click()
    await page.get_by_role("link", name="印发考评细则").click()
    await page.locator("#title").fill("控辍保学考评细则")
    await page.get_by_label("施行日期").fill("2026-09-01")
    await page.get_by_text("再加").click()
    for n, (code, title, points) in enumerate((("A1", "家访登记", "10"), ("A1", "月报", "5"))):
        row = f"[name=items-{n}-%s]"
        await page.fill(row % "code", code)
        await page.fill(row % "title", title)
        await page.fill(row % "points", points)
        await page.fill(row % "evidence", "登记表")
    await page.get_by_role("button", name="印发").click()
    await page.wait_for_selector("#wrong")
    await looks.at(page, "rubric-refused")
    assert await page.input_value("[name=items-1-title]") == "月报"
    await page.fill("[name=items-1-code]", "A2")
    await save(page, "印发")
    await looks.at(page, "rubric")
    await page.goto("/supervision/rubrics/1/next")
    assert await page.input_value("[name=items-1-title]") == "月报"
    await page.get_by_label("施行日期").fill("2027-09-01")
    await save(page, "印发")
    await page.goto("/supervision/rubrics")
    await looks.at(page, "rubrics")
    first, second = (await bureau.get("/v1/rubrics")).json()["items"]
    assert (second["replaces"], second["items"]) == (1, first["items"])


async def test_a_school_is_scored_item_by_item_and_commended_by_a_person(open_as, looks, bureau):
    await rubric(bureau)
    page = await open_as("bureau")
    await page.goto("/supervision/rubrics/1")
    await page.get_by_role("link", name="按此细则考评").click()
    await page.get_by_label("晴川中学").check()
    await page.fill("[name=points-0-points]", "8")
    await page.fill("[name=points-1-points]", "5")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("#wrong:has-text('项目 A1 扣分,须写明依据。')")
    await looks.at(page, "score-refused")
    await page.fill("[name=points-0-points]", "8.2")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("fieldset:has-text('A1') .error:has-text('分值须为整数或半分')")
    await page.fill("[name=points-0-points]", "8")
    await page.fill("[name=points-0-evidence]", "两次家访未登记")
    await save(page)
    await page.get_by_role("link", name="表扬或撤回").click()
    await page.get_by_label("是", exact=True).check()
    await page.get_by_label("原因").fill("整改及时")
    await save(page)
    await page.get_by_role("link", name="更正").click()
    assert await page.input_value("[name=points-0-evidence]") == "两次家访未登记"
    await page.fill("[name=points-0-points]", "9")
    await page.get_by_label("原因").fill("复核")
    await save(page)
    await looks.at(page, "score")
    await page.goto("/supervision/scores")
    await looks.at(page, "scores")
    (one,) = (await bureau.get("/v1/scores")).json()["items"]
    assert (one["total"], one["commended"], len(one["versions"])) == (14, True, 2)
    assert [item["code"] for item in one["points"]] == ["A1", "A2"]


async def test_the_evidence_of_a_rebound_is_shown_and_a_person_decides_and_restates(
    open_as, looks, bureau, rebound
):
    page = await open_as("bureau")
    await page.goto("/supervision/vetoes")
    await page.wait_for_selector("text=证据,待人决定")
    await page.get_by_text("看个案(1)").click()
    await looks.at(page, "vetoes")
    case = page.get_by_role("link", name=f"个案 {rebound[:8].upper()}")
    assert await case.get_attribute("href") == f"/children/{rebound}"
    await page.get_by_role("link", name="研究决定").click()
    await page.get_by_label("否", exact=True).check()
    await page.get_by_label("原因").fill("及时上报")
    await looks.at(page, "veto-form")
    await save(page, "研究决定")
    await page.get_by_role("link", name="改变决定").click()
    await page.get_by_label("是", exact=True).check()
    await page.get_by_label("原因").fill("复议")
    await save(page, "改变决定")
    await looks.at(page, "veto-decided")
    (one,) = (await bureau.get(VETOES)).json()["items"]
    assert [(said["veto"], said["restates"]) for said in one["decisions"]] == [
        (False, None),
        (True, 1),
    ]


async def test_a_promise_of_a_talk_is_overdue_until_it_is_followed_up(open_as, looks, bureau):
    page = await open_as("bureau")
    await page.goto("/supervision/talks/new")
    await page.get_by_label("晴川中学").check()
    await page.get_by_label("约谈日期").fill("2026-10-12")
    await page.fill("[name=with_whom-0-name]", "测戊")
    await page.get_by_label("约谈事由").fill("两次月报逾期\n整改不力")
    for name, value in (("text", "按期整改"), ("due_on", "2026-10-01"), ("owner", "测戊")):
        await page.fill(f"[name=commitments-0-{name}]", value)
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("#wrong:has-text('早于约谈日期')")
    await looks.at(page, "talk-refused")
    await page.fill("[name=commitments-0-due_on]", DUE)
    await save(page)
    await looks.at(page, "talk")
    await page.goto("/supervision/talks?overdue=true")
    await page.wait_for_selector("text=逾期 1 项")
    await looks.at(page, "talks")
    await page.get_by_role("link", name="晴川中学").click()
    await page.get_by_role("link", name="跟进").click()
    await page.get_by_label("是", exact=True).check()
    await page.get_by_label("落实情况和依据").fill("月报已按期报送")
    await save(page)
    (one,) = (await bureau.get("/v1/talks")).json()["items"]
    assert one["reasons"] == ["两次月报逾期", "整改不力"]
    (promise,) = one["commitments"]
    assert (promise["state"], promise["due_on"]) == ("done", DUE)


async def test_a_bulletin_asks_whether_a_child_is_meant_and_is_published(
    open_as, looks, bureau, rebound, ask
):
    await rubric(bureau)
    await score(bureau)
    page = await open_as("bureau")
    await page.goto("/supervision/bulletins")
    await page.get_by_role("button", name="公告拟稿").click()
    await page.get_by_label("名称").fill("秋季公告")
    await page.get_by_label("公告正文").fill("学校地处高山")
    await page.get_by_label("晴川中学 2026-09-14").check()
    await page.locator("[name=summaries-0-school_code]").select_option(SCHOOL)
    await page.fill("[name=summaries-0-text]", "高山学校,整改及时")
    await page.get_by_role("button", name="保存草稿").click()
    await page.get_by_label("公告正文", exact=True).nth(0).check()
    await looks.at(page, "bulletin-asks")
    await page.get_by_role("button", name="保存草稿").click()
    await page.get_by_label("晴川中学的情况").check()
    await save(page, "保存草稿")
    path = page.url.split("?")[0]
    assert (await ask("teacher", path)).status_code == 403
    await page.get_by_role("link", name="发布").click()
    await save(page, "发布公告")
    await looks.at(page, "bulletin")
    await page.goto("/supervision/bulletins")
    await looks.at(page, "bulletins")
    for username in ("teacher", "village"):
        assert "高山学校,整改及时" in (await ask(username, path)).text
    pdf = await ask("teacher", f"{path}/file?format=pdf")
    assert pdf.headers["Content-Type"] == "application/pdf"


async def test_each_sees_of_supervision_what_is_theirs(ask, bureau):
    await rubric(bureau)
    here = "/supervision"
    for username, path, status in (
        (None, here, 303),
        ("admin", here, 200),
        ("teacher", f"{here}/rubrics", 200),
        ("teacher", f"{here}/scores", 403),
        ("teacher", f"{here}/vetoes", 403),
        ("teacher", f"{here}/talks", 403),
        ("member_unit", f"{here}/rubrics", 403),
        ("member_unit", f"{here}/bulletins", 200),
        ("principal", f"{here}/scores?school_code=3141000059", 404),
        ("principal", f"{here}/scores?period=x", 422),
        ("principal", f"{here}/scores/file?format=csv", 200),
        ("bureau", f"{here}/scores/file?format=pdf", 404),
        ("bureau", f"{here}/talks/file?format=xlsx", 200),
        ("bureau", f"{here}/scores/new/9", 404),
        ("bureau", f"{here}/bulletins/new?period=x", 404),
        ("bureau", f"{here}/vetoes/2026-2027/{SCHOOL}/restate/1", 404),
        ("inspector", f"{here}/rubrics/new", 403),
        ("principal", f"{here}/talks/new", 403),
        ("auditor", f"{here}/bulletins/new/2026-2027", 403),
        ("auditor", f"{here}/vetoes/2026-2027/{SCHOOL}/decide", 403),
        ("principal", f"{here}/scores/new/1", 403),
        ("inspector", f"{here}/scores/new/1", 200),
        ("bureau", f"{here}/talks/x/commitments/1", 404),
    ):
        assert (await ask(username, path)).status_code == status, (username, path)
    assert "考评细则" in (await ask("teacher", here)).text
    assert "一票否决" not in (await ask("teacher", here)).text
    assert "/supervision/rubrics/new" not in (await ask("teacher", f"{here}/rubrics")).text
