"""Whatever people write is printed as they wrote it: never as markup, never as a box."""

import asyncio
import io
from datetime import UTC, datetime

import pypdf
import pytest

from api.forms.printable import printable
from api.forms.rendering import Press
from api.forms.sheet import Sheet, Table, fill, prose
from tests.api.paper import printed, squeezed

MARKUP = (
    '#read("/etc/passwd")',
    '#import "@preview/x:0.1.0"',
    "#sys.inputs",
    "$x^2$ $",
    "\\ \\u{41} \\#",
    "*粗* _斜_ `码`",
    "= 标题",
    "- 项 + 项 / 项: 项",
    "<标签> @引用 // 注释 /* */",
    "https://example.invalid/?a=1&b=2",
    "\"引\" '号' -- --- ...",
    "]}){[(",
    '{"fill": 1}',
    "&amp;<b>&#65;",
)
RARE = ("㐂", "𠮷", "买买提·艾力", "燚", "Ä ß ñ", "①㈱℃")


@pytest.fixture(scope="module")
def press():
    made = Press()
    made.font  # noqa: B018  # a missing font fails here, and says so
    yield made
    made.close()


def read(press: Press, *texts: str) -> str:
    table = Table()
    for text in texts:
        table.row(("文字", text))
    sheet = Sheet(texts[0], (table.block(), prose([fill(texts[0])])), about=texts[0], unit=texts[0])
    made = press.set(texts[0], [sheet], texts[0], datetime.now(UTC))
    return squeezed("".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(made)).pages))


@pytest.mark.parametrize("text", MARKUP + RARE)
def test_markup_and_rare_characters_print_as_they_are_written(press, text):
    assert read(press, text).count(squeezed(text)) >= 4  # title, cell, prose, unit


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("甲\u202e乙\u200f丙", "甲〔U+202E〕乙〔U+200F〕丙"),
        ("好😀", "好〔U+1F600〕"),
        ("甲\0乙\x1b", "甲〔U+0000〕乙〔U+001B〕"),
        ("甲\ud800乙", "甲〔U+D800〕乙"),
        ("a\u200bb\u2060c\ufeff", "a〔U+200B〕b〔U+2060〕c〔U+FEFF〕"),
        ("شىنجاڭ", "〔U+0634〕〔U+0649〕〔U+0646〕〔U+062C〕〔U+0627〕〔U+06AD〕"),
        ("甲\r\n乙\t丙", "甲乙丙"),
    ],
)
def test_what_the_font_does_not_draw_is_named_by_its_code(press, text, shown):
    printed_as = read(press, text)

    assert shown in printed_as
    assert "\0" not in printed_as  # how a box reads


def test_every_character_the_font_claims_is_drawn(press):
    characters = sorted(press.font.characters)[:: len(press.font.characters) // 300]
    text = printable("".join(map(chr, characters)), press.font.characters)

    assert "\0" not in read(press, text)


@pytest.mark.parametrize("text", ["字" * 10_000, "w" * 3_000, "字\n" * 500])
def test_a_long_text_flows_on_and_nothing_of_it_is_cut(press, text):
    table = Table().tall("备注", text)
    made = press.set("长", [Sheet("长", [table.block()])], "尾", datetime.now(UTC))
    pages = pypdf.PdfReader(io.BytesIO(made)).pages

    told = squeezed("".join(page.extract_text() for page in pages))
    assert len(pages) > 1
    assert told.count(text[0]) >= text.count(text[0])
    assert all(0 <= x <= 595 for page in pages for x in places_of(page))


def places_of(page: pypdf.PageObject) -> list[float]:
    """Where each piece of text of a page begins, from the left."""
    found: list[float] = []
    page.extract_text(visitor_text=lambda _, cm, tm, *__: found.append(tm[4] * cm[0] + cm[4]))
    return found


async def test_hostile_entries_print_through_the_service(teacher, registrar, child):
    nasty = '#read("/etc/passwd") $\\frac$ *_ \u202e 😀 㐂𠮷·'
    facts = {"purpose": nasty, "family_situation": "测" * 4000, "next_step": "#" * 4000}
    await teacher.record(child, "home-visits", visitors=[nasty[:20]], **facts)
    paper = await printed(teacher, child, "home-visit")

    assert '#read("/etc/passwd")$\\frac$*_〔U+202E〕〔U+1F600〕㐂𠮷·' in paper
    assert paper.text.count("测") >= 4000
    assert paper.text.count("#") >= 4000
    assert "root:" not in paper
    assert len(paper.pages) > 3


@pytest.mark.parametrize("many", [2, 20])
async def test_sheets_are_set_beside_the_loop_and_alike_however_many(press, many):
    at = datetime.now(UTC)
    text = "字 #1 \ud800 \0 😀"
    sheets = [Sheet(f"第{n}张", [Table().tall("备注", text).block()]) for n in range(many)]
    setting = asyncio.create_task(press.printed("多", sheets, "尾", at))
    turns = 0
    while not setting.done():
        await asyncio.sleep(0.001)
        turns += 1

    assert turns > 1
    assert setting.result() == press.set("多", sheets, "尾", at)
