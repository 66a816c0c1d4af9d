"""Notices on pages: where I am told, machines that are told of changes, what was not delivered."""

import pytest

from tests.api.receiving import receiver
from tests.keys import KEY
from tests.people import enrol
from tests.settings import quiet


@pytest.fixture
def machine():
    with receiver() as received:
        yield received


@pytest.fixture
def settings(tmp_path, machine):
    origins = [machine.url.removesuffix("/in")]
    return quiet(tmp_path, sealing_key=KEY, webhook_origins=origins, notice_attempts=1)


async def test_a_person_chooses_where_to_be_told(open_as, looks, call):
    page = await open_as("teacher")
    await page.goto("/")
    await page.get_by_text("测甲", exact=True).click()
    await page.get_by_role("link", name="通知方式").click()
    await page.get_by_label("是", exact=True).check()
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("#wrong:has-text('订阅每日提醒须填写电子邮箱或手机号')")
    await looks.at(page, "my-notices-refused")
    assert await page.get_by_label("是", exact=True).is_checked()
    await page.get_by_label("电子邮箱").fill("ceshi@school.example")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector("text=已保存")
    assert await page.get_by_label("电子邮箱").input_value() == "ceshi@school.example"
    await looks.at(page, "my-notices")
    chosen = (await (await call("teacher")).get("/v1/my/notices")).json()
    assert chosen == {"email": "ceshi@school.example", "phone": None, "digest": True}


async def test_a_machine_subscribes_and_what_it_did_not_take_is_sent_again(
    open_as, looks, call, app, machine, ask
):
    page = await open_as("admin")
    await page.goto("/admin/webhooks/new")
    await page.get_by_label("接收地址").fill("https://elsewhere.example/in")
    await page.get_by_label("缺勤预警").check()
    await page.get_by_role("button", name="订阅").click()
    await page.wait_for_selector("#wrong:has-text('不在允许的范围内')")
    await looks.at(page, "webhook-refused")
    assert await page.get_by_label("缺勤预警").is_checked()
    await page.get_by_label("缺勤预警").uncheck()
    await page.get_by_label("接收地址").fill(machine.url)
    await page.get_by_role("button", name="订阅").click()
    secret = await page.locator("code.secret").text_content()
    await looks.at(page, "webhook-given")
    assert secret.startswith("whsec_")

    machine.answer = lambda _: 500
    service = app.state.service
    done = await enrol(await call("registrar"), 1)
    await service.freshness.reached(done["position"])
    await service.notices.notifying.look()
    await service.notices.delivering.look()
    await page.goto("/admin/notices")
    await page.wait_for_selector("text=对方答复 500")
    await looks.at(page, "notices")
    bureau = (await ask("bureau", "/admin/notices")).text
    assert "对方答复 500" in bureau
    assert "/retry" not in bureau
    await page.get_by_role("button", name="重发").click()
    await page.wait_for_selector("text=已放回等待")
    (again,) = (await (await call("admin")).get("/v1/notices?state=waiting")).json()["items"]
    assert again["attempts"] == 0

    await page.get_by_role("link", name="系统对接").click()
    assert secret not in await page.content()
    await page.get_by_text("终止(不能恢复)").click()
    await looks.at(page, "webhooks")
    await page.get_by_role("button", name="终止").click()
    await page.wait_for_selector("td:has-text('终止')")
    (one,) = (await (await call("admin")).get("/v1/webhooks")).json()["items"]
    assert one["ended_at"]


async def test_who_may_see_webhooks_and_the_outbox(ask):
    for username, path, status in (
        ("admin", "/admin/webhooks", 200),
        ("bureau", "/admin/webhooks", 403),
        ("bureau", "/admin/webhooks/new", 403),
        ("bureau", "/admin/notices?state=sent", 200),
        ("bureau", "/admin/notices?state=lost", 422),
        ("auditor", "/admin/notices", 403),
        ("teacher", "/my-notices", 200),
        (None, "/my-notices", 303),
    ):
        assert (await ask(username, path)).status_code == status, (username, path)
