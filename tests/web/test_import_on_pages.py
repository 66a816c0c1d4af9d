"""The roll import on the page: tried first, told row by row, then recorded from the same file."""

import httpx
import pytest

from api.web.visit import SESSION
from tests.api.rolls import child, table, xlsx
from tests.web.conftest import token_of

ONE, WRONG = child(1), child(2, 性别="不详")
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file(*children):
    return {"name": "学籍.xlsx", "mimeType": TYPE, "buffer": xlsx(table(*children))}


GOOD, BOTH = file(ONE), file(ONE, WRONG)


async def press(page, name, roll, at):
    await page.get_by_label("学籍表").set_input_files([roll])
    await page.get_by_role("button", name=name).click()
    await page.wait_for_selector(at)


async def on_roll(call):
    return (await (await call("registrar")).get("/v1/students")).json()["items"]


async def test_a_roll_is_tried_mended_and_recorded(open_as, looks, call):
    page = await open_as("registrar")
    await page.goto("/children")
    await page.get_by_role("link", name="学籍导入").click()
    await press(page, "试导入", BOTH, "text=还没有登记")
    assert "性别" in await page.locator("tbody tr").first.inner_text()
    await looks.at(page, "import-tried")
    async with page.expect_download() as mended:
        await page.get_by_label("学籍表").set_input_files([BOTH])
        await page.get_by_role("button", name="下载待更正的表").click()
    assert (await mended.value).suggested_filename == "学籍导入_待更正.xlsx"
    await press(page, "登记", BOTH, "#wrong")
    await press(page, "登记", GOOD, "text=与刚才试导入的不同")
    assert await on_roll(call) == []
    await press(page, "登记", GOOD, "h2:has-text('已登记')")
    await looks.at(page, "import-recorded")
    assert len(await on_roll(call)) == 1


@pytest.mark.parametrize(
    ("username", "sent", "status"),
    [
        ("teacher", {"files": {"file": ("a.csv", b"x")}}, 403),
        ("registrar", {"files": {"file": ("a.csv", b"x")}}, 422),
        ("registrar", {"data": {"file": "x"}}, 400),
        ("registrar", {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        (None, {"files": {"file": ("a.csv", b"x")}}, 303),
    ],
)
async def test_what_is_no_roll_is_refused_in_words(app, username, sent, status):
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    cookies = {SESSION: await token_of(app, username)} if username else {}
    same = {"Sec-Fetch-Site": "same-origin", **sent.pop("headers", {})}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://guixue", cookies=cookies
    ) as client:
        answer = await client.post("/import", headers=same, **sent)
        assert answer.status_code == status
        assert (await client.get("/import")).status_code == {"teacher": 403, None: 303}.get(
            username, 200
        )
