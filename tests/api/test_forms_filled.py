"""Every form is filled from the child's stream: each value stands on it, as text, on A4."""

import pytest

from tests.api.paper import form, printed
from tests.api.printed import PERSON
from tests.api.reading import told
from tests.people import PRIMARY, SCHOOL, enrol, student_number

VISIT = {
    "purpose": "核实缺勤原因",
    "family_situation": "与祖父母同住",
    "school_situation": "数学跟不上",
    "verified_reasons": ["R01", "R06"],
}
SESSION = {"response": "能数到十", "occurred_on": "2026-09-12"}


@pytest.fixture
async def township(sign_in):
    return await sign_in("township")


@pytest.fixture
async def followed(registrar, principal, teacher, bureau, township) -> str:
    """A child with an entry for every form."""
    child: str = (await enrol(registrar, 1, **PERSON))["student_id"]
    await bureau.record(child, "home-teaching-plans", school_code="3141000059")
    await teacher.record(child, "home-teaching-sessions", **SESSION)
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "responsible-persons")
    await teacher.record(child, "suspicions", reported_reasons=["R02"])
    await teacher.record(child, "home-visits", **VISIT)
    await teacher.record(child, "persuasion-attempts", outcome="refused", note="下周再访")
    await teacher.record(child, "persuasion-attempts", occurred_on="2026-09-21", outcome="agreed")
    await principal.record(child, "written-reports")
    order = await township.record(child, "orders")
    service = {"served_on": "2026-10-09", "served_to": "测大舟", "place": "晴川村一组"}
    answer = await township.post(f"/v1/students/{child}/orders/{order['entry']}/service", service)
    assert answer.status_code == 201, answer.text
    return child


WHO = ("测小舟", "晴川中学", "7年级1班", "测大舟")
STANDS = {
    "home-visit": (
        *("家访登记表", *WHO, "2014年9月15日", "190****0001", "晴川镇晴川***"),
        *("2026年9月15日", "测甲老师", "■入户", "□电话", "■监护人", "□邻居", "核实缺勤原因"),
        *("与祖父母同住", "数学跟不上", "愿意配合", "■学习困难", "■家庭经济困难", "□厌学"),
        *("三日内再访", "填表人", "审核人", "单位（盖章）", "0000001-7"),
    ),
    "persuasion": (
        *("劝返工作记录", *WHO, "第2次", "2026年9月21日", "测甲老师", "学校", "■同意返校"),
        *("□拒绝", "0000001-9"),
    ),
    "written-report": (
        *("疑似辍学学生书面报告", *WHO, "■镇(街道)", "□区教体局", "■学习困难", "□厌学"),
        *("2026年9月14日", "2026年9月21日", "同意返校", "拒绝", "G410399********0019"),
    ),
    "order": (
        *("责令限期改正通知书", *WHO, "送达回证", "被监护人", "第五十八条"),
        *("2026年10月9日", "晴川村一组"),
    ),
    "persuasion-notice": ("劝学通知书", *WHO, "送达回证", "2026年9月14日", "第五条"),
    "enrolment-notice": ("入学通知书", *WHO[:2], "7年级", "第十一条", "第五条", "送达回证"),
    "home-teaching-session": (
        *("送教上门记录", *WHO, "2026年9月12日", "测丙老师", "90", "认识数字", "能数到十"),
        "■是",
    ),
    "responsibility-pledge": ("控辍保学责任书", "测小舟", "晴川中学", "测甲老师", "责任人签字"),
}


async def test_every_value_stands_on_its_form_of_one_page(bureau, followed):
    for name, values in STANDS.items():
        paper = await printed(bureau, followed, name)
        assert [value for value in values if value not in paper] == [], name
        assert len(paper.pages) == 1, name
        assert "打印：测癸(bureau)" in paper
        assert "日志位置12" in paper
        assert "第1页" not in paper
        assert "留守" not in paper  # key groups are for the case file alone
    case_file = await printed(bureau, followed, "case-file")
    for value in ("留守", "排查", "关爱"):
        assert value in case_file


async def test_a_form_is_about_the_entry_that_is_named_else_the_last_of_its_kind(teacher, followed):
    first = await printed(teacher, followed, "persuasion", entry=8)

    assert "第1次" in first
    assert "■拒绝" in first
    assert "下周再访" in first
    for entry in (7, 13, 2**31):  # another kind, and none
        answer = await teacher.get(form(followed, "persuasion", entry=entry))
        assert told(answer) == (404, "no-such-entry")
    assert told(await teacher.get(form(followed, "case-file", entry=1))) == (404, "no-such-entry")
    for entry in (0, -1, 2**63, "x"):
        assert told(await teacher.get(form(followed, "order", entry=entry))) == (422, "malformed")


async def test_a_form_tells_the_entry_as_corrected_and_where_the_child_was_then(
    registrar, teacher, followed
):
    changes = {"guardian_view": "希望换班"}
    await teacher.record(followed, "corrections", entry=7, changes=changes)
    await registrar.record(
        followed, "roll-changes", kind="29", papers=[], to_class="9班", occurred_on="2026-10-12"
    )
    teacher9 = registrar  # of the whole school
    paper = await printed(teacher9, followed, "home-visit")

    assert "希望换班" in paper
    assert "愿意配合" not in paper
    assert "7年级1班" in paper


async def test_nothing_recorded_is_said_and_what_is_not_asked_for_is_not_found(teacher, child):
    english = {"Accept-Language": "en"}
    answer = await teacher.get(form(child, "home-visit"), **english)

    assert told(answer) == (409, "nothing-to-print")
    assert "blank=true" in answer.json()["detail"]
    for name in ("case-files", "x", "%00", "..%2Fetc"):
        assert (await teacher.get(form(child, name))).status_code in {400, 404}, name


async def test_masks_are_as_in_lists_until_a_reason_is_given(app, bureau, sign_in, followed):
    shown = await printed(bureau, followed, "home-visit", reveal="true", reason="家访核对住址")
    masked = await printed(bureau, followed, "home-visit")

    for value in ("19000000001", PERSON["home_address"]):
        assert value in shown
        assert value not in masked
    assert told(await bureau.get(form(followed, "home-visit", reveal="true"))) == (422, "malformed")
    report = await printed(bureau, followed, "written-report", reveal="true", reason="核对")
    assert student_number(1) in report
    inspector = await sign_in("inspector")  # who may see no number at all, nor work one out
    assert "2014-**-**" in await printed(inspector, followed, "home-visit")
    assert told(await inspector.get(form(followed, "order", reveal="true", reason="督查"))) == (
        403,
        "not-allowed",
    )


async def test_each_form_leaves_its_line_before_it_is_shown(app, bureau, followed):
    await printed(bureau, followed, "order")
    await printed(bureau, followed, "persuasion", entry=8, reveal="true", reason="核对")
    await printed(bureau, followed, "order", blank="true")
    await bureau.get(form(followed, "home-visit", entry=1))

    lines = await app.state.service.store.query(
        "SELECT action, outcome, reason, students[1]::text, details FROM access.access_log"
        " WHERE action ~ 'form' ORDER BY place"
    )
    assert lines == [
        ("view form order", "shown", None, followed, {}),
        ("reveal form persuasion", "shown", "核对", followed, {"entry": 8}),
        ("view form order", "shown", None, followed, {"blank": True}),
    ]


async def test_an_enrolment_notice_tells_the_school_and_day_it_names(bureau):
    child = (await enrol(bureau, 1, school_code=PRIMARY, grade=6))["student_id"]
    await bureau.record(
        child,
        "enrolment-notices",
        school_code=SCHOOL,
        grade=7,
        report_by="2026-09-01",
        document_number="晴教招〔2026〕1号",
    )

    paper = await printed(bureau, child, "enrolment-notice")

    for wanted in ("2026年9月1日", "晴川中学", "7年级", "晴教招〔2026〕1号"):
        assert wanted in paper
    assert "6年级" not in paper
