"""Administration on the pages: accounts and posts, rules and calendar, how the service runs."""

import httpx
import pytest_asyncio

from api.web.visit import SESSION
from tests.people import SCHOOL
from tests.web.conftest import token_of

NOTICE = """一、元旦:1月1日(周五)至3日(周日)放假,共3天。
二、春节:2月5日(周五)至11日(周四)放假调休,共7天。2月14日(周日)、2月20日(周六)上班。
七、国庆节:10月1日(周五)至7日(周四)放假调休,共7天。9月26日(周日)、10月9日(周六)上班。"""


@pytest_asyncio.fixture(loop_scope="session")
async def reading(app):
    """Ask for a page as somebody, without a browser."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    async def asking(who, path, **sent):
        cookies = {SESSION: await token_of(app, who)}
        headers = {"origin": "http://guixue"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://guixue", cookies=cookies, headers=headers
        ) as client:
            return await (client.post(path, data=sent) if sent else client.get(path))

    return asking


async def test_an_administrator_makes_an_account_and_ends_its_post(open_as, looks):
    page = await open_as("admin")
    await page.goto("/admin")
    await looks.at(page, "admin")
    await page.get_by_role("link", name="开立账号").click()
    await page.get_by_label("姓名").fill("测新")
    await page.get_by_label("用户名").fill("new-teacher")
    await page.get_by_label("岗位", exact=True).select_option("teacher")
    await page.get_by_role("button", name="开立").click()
    await page.wait_for_selector("#wrong")
    await looks.at(page, "account-refused")
    assert await page.get_by_label("姓名").input_value() == "测新"
    await page.locator(f"input[name=school_code][value='{SCHOOL}']").check()
    await page.get_by_label("年级").fill("7")
    await page.get_by_label("班级").fill("3班")
    await page.get_by_role("button", name="开立").click()
    await page.wait_for_selector("text=只显示这一次")
    password = await page.locator("code.secret").text_content()
    await looks.at(page, "account-given")
    await page.get_by_role("link", name="看这个账号").click()
    await page.wait_for_selector("text=在任")
    assert password not in await page.content()
    await looks.at(page, "account")
    await page.get_by_role("button", name="结束岗位 班主任").click()
    await page.wait_for_selector("td:has-text('已结束于')")
    await page.get_by_text("撤销账号(不能恢复)").click()
    await page.get_by_label("撤销的理由").fill("误开")
    await page.get_by_role("button", name="撤销账号").click()
    await page.wait_for_selector("text=不能恢复。")


async def test_a_bureau_post_is_given_with_its_second_factor(reading, app):
    made = {
        "name": "测局",
        "username": "new-bureau",
        "role": "bureau",
        "unit": "区教体局",
    }
    answer = await reading("admin", "/admin/accounts/new", **made)
    assert answer.status_code == 201
    assert "otpauth://" in answer.text
    again = await reading("admin", "/admin/accounts/new", **made)
    assert again.status_code == 409
    assert "new-bureau" in again.text


async def test_a_holiday_notice_is_pasted_and_tells_what_becomes_of_the_calendar(open_as, looks):
    page = await open_as("bureau")
    await page.goto("/admin/rules?school_year=2026")
    await page.get_by_label("哪一年的通知").fill("2026")
    await page.get_by_label("国务院办公厅").fill(NOTICE)
    await page.get_by_role("button", name="试读").click()
    await page.wait_for_selector(".error:has-text('2026-01-03 是周六')")
    assert await page.get_by_label("国务院办公厅").input_value() == NOTICE
    await page.get_by_label("哪一年的通知").fill("2027")
    await page.get_by_role("button", name="试读").click()
    await page.wait_for_selector("text=2027 年:放假 3 段,调休上班 4 天")
    assert "清明、劳动、端午、中秋" in await page.locator("#becomes").text_content()
    assert '["2027-02-05", "2027-02-11"]' in await page.locator("#becomes pre").text_content()
    await looks.at(page, "rules")


async def test_the_bureau_puts_a_notice_terms_and_deadlines_in_force(open_as, looks, reading):
    page = await open_as("bureau")
    await page.goto("/admin/rules")
    await page.get_by_label("国务院办公厅").fill(NOTICE)
    await page.get_by_role("button", name="试读").click()
    await page.get_by_label("发文字号").fill("国办发明电〔2026〕99号")
    await page.get_by_role("button", name="施行").click()
    await page.wait_for_selector("text=通知里没有提到清明、劳动、端午、中秋")
    assert await page.get_by_label("发文字号").input_value() == "国办发明电〔2026〕99号"
    confirming = page.get_by_role("group", name="通知未提到的节日确不放假")
    await confirming.get_by_label("是").check()
    await page.get_by_role("button", name="施行").click()
    await page.wait_for_selector("text=已施行。")
    await page.get_by_role("link", name="施行新的期限").click()
    await page.get_by_label("自哪天起施行").fill("2027-09-01")
    await page.get_by_label("依据").fill("区控辍保学工作方案")
    await page.get_by_label("首次家访(上学日内),现为 1").fill("3")
    await page.get_by_label("返校观察(第几个上学日),现为 1、7、15、30").fill("1、x")
    await page.get_by_role("button", name="施行").click()
    await page.wait_for_selector("#wrong:has-text('返校观察')")
    await page.get_by_label("返校观察(第几个上学日),现为 1、7、15、30").fill("1、10、20")
    await looks.at(page, "rules-deadlines")
    await page.get_by_role("button", name="施行").click()
    await page.wait_for_selector(
        "text=2027-09-01 起:首次家访(上学日内) 3;返校观察(第几个上学日) 1、10、20"
    )
    await page.get_by_role("link", name="2027 →").click()
    await page.get_by_role("link", name="施行学期起止").click()
    assert await page.get_by_label("学年(填开始的那一年)").input_value() == "2027"
    await page.get_by_label("秋季学期结束").fill("2028-01-21")
    await page.get_by_label("依据").fill("2027 学年校历")
    await looks.at(page, "rules-terms")
    await page.get_by_role("button", name="施行").click()
    await page.wait_for_selector("#changes ~ .wide >> text=2027-2028 学年")
    await looks.at(page, "rules-in-force")
    await page.get_by_role("link", name="停课与补课").click()
    await page.get_by_label("停课的日子").fill("2027-06-10、2027-06-11")
    await page.get_by_label("依据").fill("停课通知")
    await page.get_by_role("button", name="施行").click()
    await page.wait_for_selector("#changes ~ .wide >> text=停课 2027-06-10、2027-06-11")
    for path in ("deadlines", "holidays", "days", "terms"):
        assert (await reading("admin", f"/admin/rules/{path}")).status_code == 403


async def test_how_the_service_runs_is_told_in_words(open_as, looks):
    page = await open_as("admin")
    await page.goto("/admin/health")
    await page.get_by_text("给技术人员").click()
    await page.wait_for_selector("text=guixue_log_head")
    await looks.at(page, "health")


async def test_each_page_is_for_those_whose_it_is(reading):
    for username, path, status in (
        ("teacher", "/admin/health", 403),
        ("auditor", "/admin/accounts/new", 403),
        ("bureau", "/admin/accounts/new", 403),
        ("bureau", "/admin", 200),
        ("admin", "/admin/accounts/nobody", 404),
        ("teacher", "/audit/access-log", 403),
        ("teacher", "/audit/break-glass", 403),
        ("auditor", "/audit/checkpoint", 404),
        ("admin", "/children/nobody/replay", 403),
        ("auditor", "/children/nobody/audit", 404),
        ("auditor", "/children/nobody/break-glass", 403),
    ):
        answer = await reading(username, path)
        assert answer.status_code == status, (username, path)
    refused = await reading("teacher", "/admin/rules", year="2027", text=NOTICE)
    assert refused.status_code == 403
    for year, text in (("2027", "\0"), ("9" * 30, NOTICE), ("", NOTICE), ("²⁰²⁷", NOTICE)):
        assert (await reading("admin", "/admin/rules", year=year, text=text)).status_code == 422


async def test_an_account_nobody_has_begun_is_found_and_its_first_sign_in_says_what_to_do(
    open_as, looks, app, reading, call
):
    made = {"name": "测新", "username": "begins", "role": "principal", "school_code": SCHOOL}
    given = (await reading("admin", "/admin/accounts/new", **made)).text
    password = given.partition('class="secret">')[2].partition("<")[0]
    found = (await reading("admin", "/admin?not_begun=true")).text
    assert "begins" in found
    assert "registrar2" not in found
    (account,) = (await (await call("admin")).get("/v1/accounts?q=begins")).json()["items"]
    assert account["posts"][0]["unit"] == "晴川中学"
    page = await open_as(None)
    await page.goto("/sign-in")
    await page.get_by_label("用户名").fill("begins")
    await page.get_by_label("密码").fill(password)
    await page.get_by_role("button", name="登录").click()
    await page.wait_for_selector("text=首次登录")
    await looks.at(page, "first-sign-in")
    await page.get_by_label("首次密码").fill(password)
    await page.get_by_label("新密码").fill("short")
    await page.get_by_role("button", name="修改").click()
    await page.wait_for_selector("text=首次登录")
    await page.get_by_label("首次密码").fill(password)
    await page.get_by_label("新密码").fill("燕子归来寻旧垒,故园春")
    await page.get_by_role("button", name="修改").click()
    await page.wait_for_selector("h1:has-text('我的工作')")
