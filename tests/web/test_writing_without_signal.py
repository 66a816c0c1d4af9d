"""A visit written at a door without signal: kept encrypted, sent once, by whoever wrote it."""

import asyncio
import json

import pytest_asyncio

from api.web.visit import SESSION
from tests.people import enrol
from tests.web.conftest import CHROMIUM, FLAGS, token_of

KEPT = """async () => {
  const database = await new Promise((done) => {
    const asked = indexedDB.open("guixue"); asked.onsuccess = () => done(asked.result);
  });
  const all = await new Promise((done) => {
    const asked = database.transaction("drafts").objectStore("drafts").getAll();
    asked.onsuccess = () => done(asked.result);
  });
  database.close();
  return all.map((one) => ({...one, iv: 0, sealed: [...new Uint8Array(one.sealed)]}));
}"""
NOTHING_KEPT = "Drafts.all().then(all => all.length === 0)"
ONE_KEPT = "Drafts.all().then(all => all.length === 1)"
READY = "navigator.serviceWorker.ready.then(() => caches.match('/offline')).then((one) => !!one)"


@pytest_asyncio.fixture(loop_scope="session")
async def child(app, call):
    """A child of the teacher's class, flagged, found by the views."""
    teacher, registrar = await call("teacher"), await call("registrar")
    student_id = (await enrol(registrar, 1))["student_id"]
    done = await teacher.record(student_id, "absence-flags")
    await app.state.service.freshness.reached(done["position"])
    return student_id


@pytest_asyncio.fixture(loop_scope="session")
async def phone(app, site, browser, tmp_path):
    """A phone: a browser that keeps what it knows when it is closed and opened again."""
    opened = []

    async def opening(username="teacher", folder="phone"):
        context = await browser.browser_type.launch_persistent_context(
            tmp_path / folder,
            executable_path=CHROMIUM,
            args=list(FLAGS),
            base_url=site,
            viewport={"width": 390, "height": 800},
        )
        opened.append(context)
        token = await token_of(app, username)
        await context.add_cookies([{"name": SESSION, "value": token, "url": site}])
        context.set_default_timeout(10_000)
        return context, await context.new_page()

    yield opening
    for context in opened:
        await context.close()


async def visits(call, child):
    history = (await (await call("teacher")).get(f"/v1/students/{child}/history")).json()
    return [
        entry["data"].get("guardian_view")
        for entry in history["items"]
        if entry["kind"] == "home_visited"
    ]


async def until(page, said):
    """Wait for a promise of the page to come true."""
    async with asyncio.timeout(10):
        while not await page.evaluate(said):
            await asyncio.sleep(0.05)


async def write_at_the_door(page, said):
    await page.get_by_label("监护人", exact=True).check()
    await page.get_by_label("家长意见").fill(said)
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("#drafts li")


async def test_a_visit_written_without_signal_is_sent_once_after_the_browser_was_closed(
    phone, looks, call, child
):
    context, page = await phone()
    await page.goto("/")
    await until(page, READY)
    await context.set_offline(True)
    await page.goto(f"/children/{child}/record/home-visits")
    assert await page.get_by_label("个案号").input_value() == child
    await looks.at(page, "without-signal")
    await write_at_the_door(page, "等孩子父亲回家再谈")
    await looks.at(page, "waiting-to-be-sent")
    (kept,) = await page.evaluate(KEPT)
    assert kept["state"] == "waiting"
    assert "测小舟" not in json.dumps(kept, ensure_ascii=False)
    assert "等孩子父亲".encode() not in bytes(kept["sealed"])
    assert await visits(call, child) == []
    await context.close()

    context, page = await phone()
    await page.goto("/")
    await until(page, NOTHING_KEPT)
    assert await visits(call, child) == ["等孩子父亲回家再谈"]
    await page.reload()
    assert await visits(call, child) == ["等孩子父亲回家再谈"]


async def test_signal_lost_in_mid_form_and_two_phones_keep_both_visits(open_as, call, child):
    first, second = await open_as("teacher"), await open_as("principal")
    for page in (first, second):
        await page.goto(f"/children/{child}/record/home-visits")
        await page.context.set_offline(True)
        await page.get_by_label("监护人", exact=True).check()
    await first.get_by_label("家长意见").fill("愿意")
    await second.get_by_label("家长意见").fill("不愿意")
    for page in (first, second):
        await page.get_by_role("button", name="保存").click()
        await page.wait_for_selector("#drafts li")
    for page in (first, second):
        await page.context.set_offline(False)
        await until(page, NOTHING_KEPT)
    assert sorted(await visits(call, child)) == sorted(["愿意", "不愿意"])


async def test_what_arrived_without_an_answer_is_recorded_once(open_as, call, child):
    page = await open_as("teacher")
    await page.goto(f"/children/{child}/record/home-visits")

    async def answer_lost(route):
        await route.fetch()
        await route.abort()

    await page.route("**/record/home-visits", answer_lost)
    await write_at_the_door(page, "愿意配合")
    assert await visits(call, child) == ["愿意配合"]
    await page.unroute("**/record/home-visits")
    await page.goto("/")
    await until(page, NOTHING_KEPT)
    assert await visits(call, child) == ["愿意配合"]


async def test_another_accounts_draft_waits_for_its_writer(phone, app, site, call, child):
    context, page = await phone()
    await page.goto(f"/children/{child}/record/home-visits")
    await until(page, READY)
    await context.set_offline(True)
    await write_at_the_door(page, "班主任写的")
    token = await token_of(app, "principal")
    await context.add_cookies([{"name": SESSION, "value": token, "url": site}])
    await context.set_offline(False)
    await page.goto("/")
    await page.wait_for_selector("#drafts:has-text('由另一账号填写')")
    assert await page.evaluate("Drafts.send()") == "signed out"
    assert await visits(call, child) == []


async def test_a_refused_draft_says_why_and_opens_with_everything_in_it(
    open_as, looks, call, child
):
    page = await open_as("teacher")
    await page.goto(f"/children/{child}/record/home-visits")
    await page.context.set_offline(True)
    await page.get_by_label("发生日期").fill("2999-01-01")
    await write_at_the_door(page, "愿意配合")
    await page.context.set_offline(False)
    await page.goto("/")
    await page.wait_for_selector("#drafts:has-text('未被接受')")
    await looks.at(page, "draft-refused")
    await page.get_by_role("button", name="打开修改").click()
    await page.wait_for_selector("h1:has-text('家访登记')")
    assert await page.get_by_label("家长意见").input_value() == "愿意配合"
    await page.get_by_label("发生日期").fill("2026-11-20")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("text=已登记")
    assert await visits(call, child) == ["愿意配合"]
    assert await page.evaluate("Drafts.all()") == []


async def test_drafts_end_with_three_days_or_the_session_after_a_warning(open_as, child):
    page = await open_as("teacher")
    await page.goto(f"/children/{child}/record/home-visits")
    await page.context.set_offline(True)
    await write_at_the_door(page, "愿意配合")
    (hours,) = await page.evaluate("Drafts.all().then(all => all.map(Drafts.left))")
    assert 71 < hours / 3_600_000 <= 72
    assert await page.evaluate("Drafts.all().then(all => all.map(Drafts.ending))") == [False]
    await page.clock.install(time="2030-01-01")
    assert await page.evaluate("Drafts.all()") == []


async def test_signing_out_asks_and_then_forgets(open_as, child):
    page = await open_as("teacher")
    asked = []

    async def agree(dialog):
        asked.append(dialog.message)
        await dialog.accept()

    page.on("dialog", agree)
    await page.goto(f"/children/{child}/record/home-visits")
    await page.context.set_offline(True)
    await page.get_by_label("发生日期").fill("2999-01-01")
    await write_at_the_door(page, "愿意配合")
    await page.context.set_offline(False)
    await page.goto("/")
    await page.wait_for_selector("#drafts:has-text('未被接受')")
    await page.get_by_text("测甲").first.click()
    await page.get_by_role("button", name="退出登录").click()
    await page.wait_for_url("**/sign-in")
    assert len(asked) == 1
    assert "1 条没有发送" in asked[0]
    names = await page.evaluate("indexedDB.databases().then(all => all.map(one => one.name))")
    assert "guixue" not in names or await page.evaluate("Drafts.all()") == []


async def test_what_was_typed_and_not_saved_comes_back(open_as, child):
    page = await open_as("teacher")
    await page.goto(f"/children/{child}/record/home-visits")
    await page.get_by_label("家长意见").fill("写到一半")
    await until(page, ONE_KEPT)
    await page.goto("/")
    await page.goto(f"/children/{child}/record/home-visits")
    await page.wait_for_selector("text=已找回")
    assert await page.get_by_label("家长意见").input_value() == "写到一半"
    async with page.expect_navigation():  # the form begins anew
        await page.get_by_role("button", name="不要了").click()
    await until(page, NOTHING_KEPT)


async def test_switched_off_the_browser_deletes_what_it_has(open_as, app, child):
    page = await open_as("teacher")
    await page.goto(f"/children/{child}/record/home-visits")
    await until(page, READY)
    await page.context.set_offline(True)
    await write_at_the_door(page, "愿意配合")
    await page.context.set_offline(False)
    service = app.state.service
    service.settings = service.settings.model_copy(update={"offline_drafts": False})
    await page.context.clear_cookies(name=SESSION)  # nothing is sent meanwhile
    await page.goto("/sign-in")
    await until(page, "caches.keys().then(all => all.length === 0)")
    await until(page, "indexedDB.databases().then(all => all.length === 0)")
    await until(page, "navigator.serviceWorker.getRegistrations().then(all => all.length === 0)")
    assert await page.evaluate("localStorage.length") == 0
