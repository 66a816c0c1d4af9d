"""What saves a step or a doubt: told what was recorded and is next, not asked what is known."""

import pytest_asyncio

from api.entries import COMMANDS
from api.pledge_examples import PLEDGE_BODIES
from api.web.entry_forms import split
from api.web.fields import FIRST
from tests.api.inspecting import finding_noted
from tests.api.returning import done
from tests.people import enrol

PAPERS = [{"kind": "roll_extract", "number": "X-1"}]


@pytest_asyncio.fixture(loop_scope="session")
async def suspected(app, call):
    """Two children of the teacher's class, both suspected dropouts."""
    registrar, teacher = await call("registrar"), await call("teacher")
    children = [(await enrol(registrar, n, name=f"测小{n}号"))["student_id"] for n in (1, 2)]
    for child in children:
        await teacher.record(child, "absence-flags")
        verified = await teacher.record(child, "suspicions")
    await app.state.service.freshness.reached(verified["position"])
    return children


def test_every_form_begins_with_six_fields_at_most():
    assert {command.path for command in COMMANDS if len(split(command)[0]) > FIRST} == set()


async def test_the_guardian_is_called_in_one_tap_and_the_call_logged(
    open_as, looks, call, suspected
):
    page = await open_as("teacher")
    await page.goto(f"/children/{suspected[0]}")
    await page.get_by_role("button", name="显示电话,打给监护人").click()
    await page.get_by_role("link", name="19000000001").wait_for()
    assert "身份证号" not in await page.locator("main").inner_text()
    await looks.at(page, "number-shown")
    await page.get_by_role("link", name="登记这次通话").click()
    assert await page.get_by_label("电话", exact=True).is_checked()
    await page.get_by_label("监护人", exact=True).check()
    await page.get_by_role("button", name="保存").click()
    told = page.locator(".note.good")
    await told.wait_for()
    assert "已登记:测甲家访(电话),见到:监护人。" in await told.inner_text()
    assert "接下来:" in await told.inner_text()
    assert await page.evaluate("scrollY") == 0
    await looks.at(page, "recorded-and-next")
    log = await (await call("auditor")).get(f"/v1/access-log?student_id={suspected[0]}")
    assert "打电话联系监护人" in {line["reason"] for line in log.json()["items"]}


async def test_a_correction_comes_back_after_signing_in_and_begins_with_what_was_said(
    open_as, suspected
):
    page = await open_as("teacher")
    path = f"/children/{suspected[0]}/correct/3"
    await page.goto(path)
    assert await page.get_by_label("缺勤天数").is_visible()
    sent = {"days_absent": "4", "reason": "数错了", "_resume": "yes"}
    answer = await page.request.post(path, form=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert "还没有登记" in await answer.text()
    assert "数错了" in await answer.text()


async def test_close_outs_are_decided_one_after_the_other_with_what_is_asked_in_sight(
    open_as, looks, call, app, suspected
):
    principal = await call("principal")
    for child in suspected:
        asked = await principal.record(
            child, "close-out-requests", reason="C02", papers=PAPERS, note="已转往外省"
        )
    await app.state.service.freshness.reached(asked["position"])
    page = await open_as("bureau")
    await page.goto("/")
    await page.get_by_role("link", name="审批销号").first.click()
    told = page.locator("section[aria-labelledby=answers]")
    assert "学籍截图; 编号:X-1" in await told.inner_text()
    assert "已转往外省" in await told.inner_text()
    await looks.at(page, "close-out-to-decide")
    await page.get_by_label("否", exact=True).check()
    await page.get_by_label("备注").fill("请补学籍截图")
    await page.get_by_role("button", name="保存").click()
    await page.locator(".note.good").get_by_role("link", name="审批销号").click()
    await page.get_by_label("是", exact=True).check()
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector(".note.good:has-text('批准销号')")
    assert await page.locator(".note.good").get_by_role("link", name="审批销号").count() == 0


async def test_a_close_out_is_asked_for_a_reason_that_fits_with_its_papers_named(ask, suspected):
    page = (await ask("principal", f"/children/{suspected[0]}/record/close-out-requests")).text
    assert "已在他校就读有学籍(需学籍截图)" in page
    assert "排除预警" not in page
    assert "返校复学" not in page


async def test_a_school_is_chosen_by_name_wherever_a_form_asks_for_one(ask, suspected):
    for who, path in (
        ("registrar", f"/children/{suspected[0]}/record/transfers"),
        ("bureau", "/children/new"),
    ):
        page = (await ask(who, path)).text
        assert "云溪中学" in page
        assert "标识码" not in page


async def test_a_report_sums_up_what_was_tried(ask, call, suspected):
    await (await call("teacher")).record(suspected[0], "home-visits")
    page = (await ask("principal", f"/children/{suspected[0]}/record/written-reports")).text
    assert "家访(入户)" in page.partition('<textarea id="summary"')[2].partition("<")[0]
    assert 'name="to_level" value="township" checked' in page


async def test_a_referral_offers_the_units_that_read_it_and_the_village_lands_on_its_list(
    open_as, looks, call, app, suspected
):
    bureau = await open_as("bureau")
    await bureau.goto(f"/children/{suspected[0]}/record/referrals")
    offered = await bureau.locator("#to_unit-known option").evaluate_all(
        "all => all.map(o => o.value)"
    )
    assert {"晴川镇河湾村", "民政"} <= set(offered)
    await looks.at(bureau, "referral")
    asked = await (await call("bureau")).record(suspected[0], "referrals", to_unit="晴川镇河湾村")
    await app.state.service.freshness.reached(asked["position"])
    village = await open_as("village")
    await village.goto("/")
    await village.locator("a.what").click()
    await village.locator("#answer").fill("孩子在家")
    await village.get_by_role("button", name="保存").click()
    await village.wait_for_selector("text=没有等答复的转介")


async def test_an_order_is_due_by_the_rules_and_served_to_the_guardian(ask, call, suspected):
    form = (await ask("bureau", f"/children/{suspected[0]}/record/orders")).text
    assert 'name="due_on" value="2' in form
    issued = await (await call("bureau")).record(suspected[0], "orders")
    served = f"/children/{suspected[0]}/record/orders/{issued['entry']}/service"
    page = (await ask("bureau", served)).text
    assert 'name="served_to" value="测大舟"' in page
    assert "责令限期改正" in page.partition('aria-labelledby="answers"')[2]


async def test_my_work_leads_a_principal_to_what_is_to_be_signed_and_put_right(
    open_as, looks, call
):
    bureau = await call("bureau")
    pledge = {**PLEDGE_BODIES["PledgeBody"], "to_person": "测戊", "due_on": "2099-12-31"}
    del pledge["issued_on"]
    await done(bureau, "/v1/pledges", pledge)
    await finding_noted(bureau, what="部分家访登记缺家长意见")
    page = await open_as("principal")
    await page.goto("/")
    await looks.at(page, "my-work-of-a-principal")
    await page.get_by_role("link", name="签订责任书").click()
    assert PLEDGE_BODIES["PledgeBody"]["terms"][0] in await page.locator("main").inner_text()
    await page.get_by_role("button", name="签订").click()
    await page.wait_for_selector("text=已登记")
    await page.goto("/")
    assert await page.get_by_role("link", name="签订责任书").count() == 0
    await page.get_by_role("link", name="登记整改").click()
    assert "部分家访登记缺家长意见" in await page.locator("main").inner_text()
