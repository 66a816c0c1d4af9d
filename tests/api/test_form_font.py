"""Forms are set in the one font they name, and not at all without it: no page full of boxes."""

import io
import shutil
from datetime import UTC, datetime

import pypdf
import pytest

from api.doctor_cli import font_finding
from api.forms.coverage import covered
from api.forms.fonts import FAMILY, FILES, PACKAGE, Font, FontMissing, font_files
from api.forms.rendering import Press
from api.forms.sheet import Sheet, Table
from api.service import running
from api.settings import Settings
from application.store.finding import Level
from tests.api.paper import form
from tests.api.reading import looks
from tests.keys import KEY


@pytest.fixture
async def app(database_url, tmp_path, clock, routes):
    """The application on a server without the font."""
    (tmp_path / "fonts").mkdir()
    settings = Settings(
        data=tmp_path,
        sealing_key=KEY,
        follow_views="thread",
        keep_tree=False,
        fonts=tmp_path / "fonts",
    )
    async with routes.before(running(database_url, settings, now=clock)) as made:
        yield made


async def test_without_the_font_nothing_is_printed_and_the_answer_says_what_to_install(
    app, principal, child, tmp_path
):
    one = await principal.get(form(child, "enrolment-notice"))
    blank = await principal.get("/v1/forms/home-visit")
    body = {"forms": [{"student_id": child, "form": "enrolment-notice"}]}
    many = await principal.post("/v1/forms", body)

    for answer in (one, blank, many):
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "font-missing"
        assert f"apt-get install {PACKAGE}" in answer.json()["detail"]
    english = await principal.get("/v1/forms/home-visit", Accept_Language="en")
    assert f"apt-get install {PACKAGE}" in english.json()["detail"]
    assert await looks(app, "action") == []  # nothing was shown

    for file in font_files():  # installed while the service runs
        (tmp_path / "fonts" / file.name).symlink_to(file)
    assert (await principal.get(form(child, "enrolment-notice"))).status_code == 200


def test_the_doctor_says_whether_the_font_is_there(tmp_path):
    missing, found = font_finding(Settings(fonts=tmp_path)), font_finding(Settings())

    assert missing.level is Level.NOTE
    assert f"apt-get install {PACKAGE}" in missing.zh
    assert f"apt-get install {PACKAGE}" in missing.en
    assert found.level is Level.GOOD


def test_one_weight_alone_will_not_do(tmp_path):
    shutil.copy(font_files()[0], tmp_path)

    with pytest.raises(FontMissing):
        font_files(tmp_path)


def test_whatever_else_is_installed_pages_are_set_in_this_font_alone():
    font = Font.found()
    press = Press()
    sheet = Sheet("标题", [Table().row(("甲", "Latin 汉字 😀")).block()])
    made = press.set("标题", [sheet], "尾", datetime.now(UTC))
    page = pypdf.PdfReader(io.BytesIO(made)).pages[0]
    used = {font["/BaseFont"].partition("+")[2] for font in page["/Resources"]["/Font"].values()}

    assert {one.path.rpartition("/")[2] for one in font.loaded.fonts()} <= {
        name for names in FILES for name in names
    }
    assert all(name.startswith("NotoSerifCJK") for name in used)
    assert len(used) == len(FILES)


def test_the_same_data_makes_the_same_file():
    at = datetime(2026, 9, 14, tzinfo=UTC)
    sheet = Sheet("标题", [Table().row(("甲", "乙")).block()], code="JF-0000001-26")

    assert len({Press().set("标题", [sheet], "尾", at) for _ in range(2)}) == 1


def test_a_file_that_is_no_such_font_is_not_believed(tmp_path):
    regular = font_files()[0]

    assert ord("归") in covered(regular, FAMILY)
    assert ord("😀") not in covered(regular, FAMILY)
    with pytest.raises(ValueError, match="no Other"):
        covered(regular, "Other")
