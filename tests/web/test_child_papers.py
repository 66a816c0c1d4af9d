"""The worklist, and a child's printed forms, on pages: narrowed, and opened as files."""

import pypdf
import pytest_asyncio

from tests.people import enrol


@pytest_asyncio.fixture(loop_scope="session")
async def child(app, call):
    """A flagged child of the teacher's class, visited at home."""
    registrar, teacher = await call("registrar"), await call("teacher")
    student_id = (await enrol(registrar, 1))["student_id"]
    await teacher.record(student_id, "absence-flags")
    done = await teacher.record(student_id, "home-visits")
    await app.state.service.freshness.reached(done["position"])
    return student_id


async def test_the_worklist_is_narrowed_without_a_name_in_its_address(open_as, looks, child):
    page = await open_as("teacher")
    await page.goto("/worklist?view=all")
    assert await page.get_by_role("link", name="测小舟").count() > 0
    await looks.at(page, "worklist")
    await page.get_by_label("责任人").fill("查无此人")
    await page.get_by_role("button", name="筛选").click()
    await page.wait_for_selector("text=目前没有要办的事")
    assert page.url.endswith("/worklist")
    assert await page.get_by_role("link", name="全部", exact=True).get_attribute("aria-current")


async def test_a_childs_page_opens_its_printed_forms(open_as, ask, looks, child, tmp_path):
    page = await open_as("principal")
    await page.goto(f"/children/{child}")
    await looks.at(page, "child-papers")
    hrefs = [
        await link.get_attribute("href")
        for link in await page.locator("section[aria-labelledby=papers] a").all()
    ]
    forms = f"/children/{child}/forms"
    assert f"{forms}/home-visit" in hrefs
    assert f"{forms}/persuasion" not in hrefs  # none is recorded; the blank one is there
    assert f"{forms}/persuasion?blank=true" in hrefs
    assert f"/children/{child}/evidence" in hrefs
    made = await ask("principal", f"{forms}/home-visit?entry=3")
    assert made.headers["Content-Type"] == "application/pdf"
    (tmp_path / "form.pdf").write_bytes(made.content)
    assert "家访登记表" in pypdf.PdfReader(tmp_path / "form.pdf").pages[0].extract_text()


async def test_papers_are_opened_by_those_alone_who_may(ask, child):
    for username, path, status in (
        ("principal2", "forms/case-file", 403),
        ("admin", "forms/case-file", 403),
        ("teacher", "evidence", 403),
        ("teacher", "forms/persuasion", 409),
        ("teacher", "forms/nothing", 404),
        ("teacher", "forms/home-visit?entry=x", 422),
    ):
        answered = await ask(username, f"/children/{child}/{path}")
        assert (username, path, answered.status_code) == (username, path, status)
