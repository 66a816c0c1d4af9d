"""点名 on its page: taken, screened, corrected; from the keyboard and without scripts too."""

import pytest_asyncio

from tests.people import OTHER_SCHOOL, SCHOOL, enrol, student_number

DAY = "2026-09-14"
CLASS = f"/roll-call?school_code={SCHOOL}&grade=7&class_name=1班"


@pytest_asyncio.fixture(loop_scope="session")
async def children(app, call):
    """Three children of the teacher's class, and one of another."""
    registrar = await call("registrar")
    done = [await enrol(registrar, n, name=f"测小{'舟帆岸'[n - 1]}") for n in (1, 2, 3)]
    done.append(await enrol(registrar, 4, class_name="2班"))
    await app.state.service.freshness.reached(done[-1]["position"])
    return [one["student_id"] for one in done]


async def calls(call, **asked):
    path = f"/v1/attendance?school_code={SCHOOL}&date={asked.get('day', DAY)}"
    items = (await (await call("registrar")).get(path)).json()["items"]
    return [
        (one["class_name"], [(a["student_name"], a["absence_kind"]) for a in one["absences"]])
        for one in items
    ]


async def test_a_teacher_calls_the_roll_and_corrects_it(open_as, looks, call, children):
    page = await open_as("teacher")
    await page.goto("/")
    await page.get_by_role("link", name="今天点名").click()
    assert await page.locator(".roll li").count() == 3
    await page.get_by_label("哪一天").fill(DAY)
    await page.get_by_role("button", name="换一天").click()
    await page.wait_for_selector(f"text={DAY} 还没有点名")
    await page.get_by_label("测小舟").select_option(label="旷课")
    await page.get_by_label("测小帆").select_option(label="病假")
    await looks.at(page, "roll-call")
    await page.get_by_role("button", name="发送点名").click()
    await page.wait_for_selector("h1:has-text('已点名')")
    shown = [" ".join((await one.inner_text()).split()) for one in await rows(page)]
    assert shown == [
        "测小舟 旷课 已预警 显示电话,打给监护人 登记家访",
        "测小帆 病假 请假或不计入的缺勤",
    ]
    await looks.at(page, "roll-called")
    assert await calls(call) == [("1班", [("测小舟", "truancy"), ("测小帆", "sick_leave")])]

    await page.get_by_role("link", name="更正这次点名").click()
    assert await page.get_by_label("测小舟").input_value() == "truancy"
    await looks.at(page, "roll-call-again")
    await page.get_by_role("button", name="全班到齐").click()
    await page.wait_for_selector("text=此前记为缺勤、现为到校")
    assert (await calls(call))[-1] == ("1班", [])


async def rows(page):
    return await page.locator(".lines li").all()


async def test_a_registrar_picks_the_class_without_scripts(open_as, looks, call, children):
    page = await open_as("registrar", java_script_enabled=False)
    await page.goto(f"/roll-call?date={DAY}")
    assert await page.locator(".classes a").count() == 2
    await page.get_by_role("link", name="2班").click()
    await page.get_by_role("button", name="全班到齐").click()
    await page.wait_for_selector("text=全部到齐,已登记")
    assert await calls(call) == [("2班", [])]
    seeing = await open_as("registrar")
    await seeing.goto(f"/roll-call?date={DAY}")
    await looks.at(seeing, "roll-call-classes")


async def test_the_whole_school_is_called_by_a_file_and_wrong_rows_are_named(
    open_as, call, children
):
    page = await open_as("registrar")
    await page.goto(f"/roll-call?date={DAY}")
    for number, told in ((99, "#wrong >> text=第 2 行"), (4, "h1:has-text('已点名')")):
        sheet = f"学籍号,缺勤类型\n{student_number(number)},旷课\n".encode()
        await page.get_by_text("用文件点名").click()
        await page.get_by_label("点名表").set_input_files(
            {"name": "点名.csv", "mimeType": "text/csv", "buffer": sheet}
        )
        await page.get_by_role("button", name="发送文件").click()
        await page.wait_for_selector(told)
    assert await calls(call) == [(None, [("测小舟", "truancy")])]


async def test_what_is_not_ones_own_is_not_called(ask, open_as, children):
    for username, path, status in (
        ("teacher", f"/roll-call?school_code={SCHOOL}&grade=7&class_name=2班", 404),
        ("registrar", f"/roll-call?school_code={OTHER_SCHOOL}", 404),
        ("teacher", f"{CLASS}&date=9999-99-99", 200),
        ("teacher", f"{CLASS}&date=9999-12-31", 200),
        ("bureau", "/roll-call", 403),
        ("admin", "/roll-call", 403),
    ):
        answered = await ask(username, path)
        assert (username, path, answered.status_code) == (username, path, status)
