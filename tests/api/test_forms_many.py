"""Many forms come as one file, in the order asked for: an export, logged with every child in it."""

import asyncio
import io
import time

import pypdf
import pytest

from api.forms.rendering import Press
from api.schemas.forms import MOST
from tests.api.paper import Paper
from tests.api.reading import told
from tests.people import OTHER_SCHOOL, enrol


@pytest.fixture
async def children(registrar) -> list[str]:
    """Five children of one class, by name."""
    return [(await enrol(registrar, n, name=f"测第{n}名"))["student_id"] for n in range(5)]


def asked(children, form="enrolment-notice", **more):
    return {"forms": [{"student_id": child, "form": form, **more} for child in children]}


async def test_the_forms_stand_in_the_order_asked_for_each_marked_with_who_took_them(
    app, principal, children
):
    order = [children[n] for n in (3, 0, 4, 0)]
    paper = Paper(await principal.post("/v1/forms", asked(order)))

    assert len(paper.pages) == 4
    for page, name in zip(paper.by_page, ("测第3名", "测第0名", "测第4名", "测第0名"), strict=True):
        assert name in page
        assert "打印：测戊(principal)" in page
        assert "日志位置5" in page
        assert "第1页" not in page
    lines = await app.state.service.store.query(
        "SELECT action, outcome, students::text[], details FROM access.access_log"
        " WHERE action = 'export forms' ORDER BY place"
    )
    begun, shown, taken = lines
    assert begun[1] == "begun"
    assert begun[2] == []
    assert begun[3] == {"watermark": "principal_5", "forms": ["enrolment-notice"]}
    assert shown[1] == "shown"
    assert set(shown[2]) == set(order)
    assert shown[3]["rows"] == 4
    assert (taken[1], taken[3]["rows"]) == ("taken", 4)


async def test_different_forms_come_together_those_of_several_pages_numbered_each_by_itself(
    registrar, teacher, principal, children
):
    child = children[0]
    note = "这段话很长。" * 600
    visit = await teacher.record(child, "home-visits", family_situation=note)
    forms = [
        {"student_id": children[1], "form": "home-visit", "blank": True},
        {"student_id": child, "form": "home-visit", "entry": visit["entry"]},
        {"student_id": child, "form": "responsibility-pledge"},
    ]
    paper = Paper(await principal.post("/v1/forms", {"forms": forms}))

    first, *middle, last = paper.by_page
    assert len(middle) > 1
    assert "第1页" not in first
    assert "责任书" in last
    for number, page in enumerate(middle, start=1):
        assert f"第{number}页共{len(middle)}页" in page
    assert all("家访登记表测第0名（续）" in page for page in middle[1:])
    assert note in "".join(page.partition("打印：")[0] for page in middle).replace(
        "家访登记表测第0名（续）", ""
    )


async def test_a_batch_is_whole_or_refused(app, principal, sign_in, children):
    elsewhere = await sign_in("registrar2")
    other = (await enrol(elsewhere, 7, school_code=OTHER_SCHOOL))["student_id"]
    unknown = "00000000-0000-4000-8000-000000000000"

    refusals = {
        other: (403, "out-of-reach"),
        unknown: (404, "unknown-child"),
    }
    for child, refusal in refusals.items():
        answer = await principal.post("/v1/forms", asked([children[0], child]))
        assert told(answer) == refusal
    visits = await principal.post("/v1/forms", asked(children, "home-visit"))
    assert told(visits) == (409, "nothing-to-print")
    entry = await principal.post("/v1/forms", asked(children, "home-visit", entry=1))
    assert told(entry) == (404, "no-such-entry")
    rows = await app.state.service.store.query(
        "SELECT outcome, students::text[] FROM access.access_log WHERE action ~ 'export'"
    )
    assert rows == [("refused", [other])]


async def test_a_batch_is_not_a_teacher_s_right(teacher, children):
    assert told(await teacher.post("/v1/forms", asked(children))) == (403, "not-allowed")


async def test_restricted_and_erased_children_are_in_no_school_s_batch(district, sign_in):
    principal, bureau = await sign_in("principal"), await sign_in("bureau")
    restricted = asked([str(district.id_of("restricted, reported"))])
    erased = asked([str(district.id_of("erased"))])

    assert told(await principal.post("/v1/forms", restricted)) == (403, "out-of-reach")
    assert len(Paper(await bureau.post("/v1/forms", restricted)).pages) == 1
    assert told(await bureau.post("/v1/forms", erased)) == (409, "record-erased")


async def test_broken_glass_opens_no_export(sign_in, children, principal):
    other = await sign_in("principal2")
    reason = {"reason": "夜间接警,核实走失儿童身份"}
    glass = await other.post(f"/v1/students/{children[0]}/break-glass", reason)
    assert glass.status_code == 201, glass.text

    read = await other.get(f"/v1/students/{children[0]}/forms/persuasion-notice")
    assert read.status_code == 200
    assert told(await other.post("/v1/forms", asked(children[:1]))) == (403, "out-of-reach")


async def test_what_cannot_be_asked_is_malformed(principal, children):
    bodies = [
        {},
        {"forms": []},
        asked(children[:1] * (MOST + 1)),
        asked(["x"]),
        asked(children, "unknown"),
        asked(children, entry=0),
        asked(children, entry=2**63),
        asked(children, blank="yes"),
        asked(children, surprise=1),
        {"forms": "x"},
    ]
    for body in bodies:
        assert told(await principal.post("/v1/forms", body)) == (422, "malformed"), body
    blank = await principal.post("/v1/forms", asked(children, "case-file", blank=True))
    assert told(blank) == (404, "not-found")


async def test_others_are_answered_while_a_file_is_set(app, client, principal, children):
    press = app.state.service.press
    assert isinstance(press, Press)
    printing = asyncio.create_task(
        principal.post("/v1/forms", asked(children * 12, "responsibility-pledge"))
    )
    longest, last = 0.0, time.monotonic()
    while not printing.done():
        assert (await client.get("/healthz")).status_code == 200
        await asyncio.sleep(0.005)
        now = time.monotonic()
        longest, last = max(longest, now - last), now

    answer = printing.result()
    assert len(pypdf.PdfReader(io.BytesIO(answer.content)).pages) == 60
    assert longest < 2.0  # seconds; the file itself takes longer where much else runs
