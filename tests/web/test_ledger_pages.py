"""The ledgers on pages: found, filtered, taken away, and printed on paper as their forms say."""

import csv
import io
import re
import unicodedata
from zoneinfo import ZoneInfo

import pypdf
import pytest_asyncio

from api.ledger_csv import csv_head, csv_lines, csv_read
from api.ledger_forms import FORMS
from api.web.ledger_asked import LedgerAsked
from tests.people import SCHOOL, enrol

A3_LANDSCAPE = (1191, 842)  # points


@pytest_asyncio.fixture(loop_scope="session")
async def children(app, call):
    """Two children of the teacher's class: one persuaded twice, one flagged."""
    registrar, teacher = await call("registrar"), await call("teacher")
    first = (await enrol(registrar, 1, name="测小舟"))["student_id"]
    second = (await enrol(registrar, 2, name="测小禾"))["student_id"]
    for path in ("absence-flags", "suspicions", "persuasion-attempts", "persuasion-attempts"):
        await teacher.record(first, path)
    done = await teacher.record(second, "absence-flags")
    await app.state.service.freshness.reached(done["position"])
    return [first, second]


# Chromium writes some characters as radicals of the same shape; what NFKC does not undo of that.
RADICALS = str.maketrans("⻚⻅⻓⻋⻔戶", "页见长车门户")


def plain(text):
    """Give a text without blanks, each character in the form it is typed in."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).translate(RADICALS))


class Paper:
    """A printed file read back: its pages' text, and their sizes in points."""

    def __init__(self, made):
        pages = pypdf.PdfReader(io.BytesIO(made)).pages
        self.pages = [plain(page.extract_text()) for page in pages]
        self.text = "".join(self.pages)
        self.sizes = [tuple(round(side) for side in page.mediabox[2:]) for page in pages]


def in_order(wanted, said):
    """Say whether the characters wanted stand in a text one after the other."""
    rest = iter(said)
    return all(character in rest for character in plain(wanted))


async def test_a_principal_finds_a_ledger_narrows_it_and_prints_it(
    open_as, looks, call, children, tmp_path
):
    page = await open_as("principal")
    await page.goto("/ledgers")
    await looks.at(page, "ledgers")
    await page.get_by_role("link", name="劝返复学台账").click()
    await page.get_by_label("学校", exact=True).select_option(SCHOOL)
    await page.get_by_label("状态", exact=True).select_option("suspected")
    await page.get_by_role("button", name="筛选").click()
    await page.wait_for_selector("table.ledger")
    await looks.at(page, "ledger")
    name = page.get_by_role("link", name="测小舟")
    assert await name.get_attribute("href") == f"/children/{children[0]}"
    lines = await page.locator("table.ledger tbody tr").all_inner_texts()
    assert [line.split("\t")[0] for line in lines] == ["晴川中学", ""]

    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="下载 CSV").click()
    await (await downloading.value).save_as(tmp_path / "ledger.csv")
    headings, *taken = csv.reader((tmp_path / "ledger.csv").read_text("utf-8-sig").splitlines())
    assert [line[3] for line in taken] == ["测小舟", ""]

    await page.get_by_role("link", name="打印").click()
    await page.wait_for_selector("article.paper")
    await looks.at(page, "ledger-on-paper")
    paper = Paper(await page.pdf(prefer_css_page_size=True))
    assert paper.sizes == [A3_LANDSCAPE]
    said = paper.text
    assert said.startswith(plain("第 1 页,共 1 页 劝返复学台账 学校(乡镇):晴川中学"))
    assert said.endswith(plain("填表人:审核人:盖章:填表日期:"))
    assert in_order("".join(headings), said)
    for line in taken:
        assert in_order("".join(line), said)


async def test_a_long_ledger_repeats_its_headings_and_drops_no_row(open_as, children, call, app):
    registrar = await call("registrar")
    for serial in range(10, 60):
        done = await enrol(registrar, serial, name=f"测{serial}号")
    await app.state.service.freshness.reached(done["position"])
    page = await open_as("registrar")
    await page.goto("/ledgers/school-age/print")
    paper = Paper(await page.pdf(prefer_css_page_size=True))
    assert len(paper.pages) > 1
    for text in paper.pages:
        assert "户籍所在地" in text
    for name in ("测小舟", "测小禾", *(f"测{serial}号" for serial in range(10, 60))):
        assert name in paper.text


async def test_filters_stay_with_a_file_and_a_wrong_one_is_named(ask, children):
    kept = await ask("principal", f"/ledgers/dropout-control?status=watched&school_code={SCHOOL}")
    assert "测小禾" in kept.text
    assert "测小舟" not in kept.text
    assert f"/ledgers/dropout-control/file?school_code={SCHOOL}&amp;status=watched" in kept.text
    before = await ask("principal", "/ledgers/dropout-control?as_of=2020-01-01")
    assert "没有符合条件的记录" in before.text
    wrong = await ask("principal", "/ledgers/dropout-control?from=2026-13-01")
    assert wrong.status_code == 422
    assert "YYYY-MM-DD" in wrong.text


async def test_a_page_of_a_ledger_is_shown_and_taken_by_those_alone_who_may(ask, children):
    async def status(username, path):
        return (await ask(username, path)).status_code

    assert await status("principal2", f"/ledgers/dropout-control?school_code={SCHOOL}") == 404
    assert "测小舟" not in (await ask("principal2", "/ledgers/dropout-control")).text
    for path in ("file?format=xlsx", "print"):
        assert await status("teacher", f"/ledgers/dropout-control/{path}") == 403
        assert await status("admin", f"/ledgers/dropout-control/{path}") == 403
    assert "打印" not in (await ask("teacher", "/ledgers/dropout-control")).text
    assert await status("admin", "/ledgers/dropout-control") == 403
    assert await status("principal", "/ledgers/nothing") == 404
    assert await status("principal", "/ledgers/dropout-control/file?format=exe") == 404
    assert "没有可查阅的内容" in (await ask("admin", "/ledgers")).text


async def test_nobody_sees_any_of_these_pages_without_signing_in(ask):
    for path in (
        *("/ledgers", "/ledgers/dropout-control", "/ledgers/dropout-control/print"),
        *("/ledgers/dropout-control/file?format=csv", "/registers/meetings", "/pledges"),
        *("/registers/meetings/new", "/inspections", "/inspections/new", "/worklist", "/referrals"),
        *("/children/x/forms/case-file", "/children/x/evidence"),
    ):
        answered = await ask(None, path)
        assert answered.status_code == 303
        assert answered.headers["Location"].startswith("/sign-in?to=")


async def test_an_address_of_no_ledger_or_day_is_refused_as_a_page(ask, children):
    for path, status in (
        ("/pledges/%01", 404),
        ("/children/%01", 404),
        ("/inspections/2026-1%3Fas_of=x", 404),
        (f"/children/{children[0]}/forms/%0A", 404),
        ("/registers/meetings/lines/%FF", 404),
        ("/ledgers/dropout-control?as_of=9999-12-31", 422),
        ("/ledgers/dropout-control/print?as_of=2026-11-24T08:00:00z", 422),
        ("/ledgers/dropout-control?cursor=x", 422),
        ("/worklist?view=x", 422),
    ):
        answered = await ask("principal", path)
        assert (path, answered.status_code) == (path, status)
        assert "<h1>" in answered.text


def test_as_known_on_a_day_means_by_its_end_in_the_district():
    asked = LedgerAsked({"as_of": "2026-11-24"}, ZoneInfo("Asia/Shanghai"))
    assert asked.params == {"as_of": "2026-11-24T23:59:59.999999+08:00"}
    assert asked.query(format="csv") == "?as_of=2026-11-24&format=csv"


def test_what_is_no_formula_in_a_file_reads_on_paper_as_it_was_typed():
    form = FORMS["counselling"]
    typed = ["=1+1", "+8613", "-", "@甲", "'普通", "两\n行", "", "", "7"]
    assert csv_read(csv_head(form) + csv_lines([typed])) == [form.headings("zh"), typed]
