"""一人一案 is the whole history on paper, and its receipt holds it against the log."""

import pytest

from application.store.checkpoint_checks import Asked
from application.store.evidence import Bundle
from application.store.receipts import RECEIPT, Receipt
from application.store.verdict import Verdict
from application.store.verifying import check
from tests.api.paper import Paper, printed
from tests.api.printed import PERSON
from tests.people import enrol, example


@pytest.fixture
async def auditor(sign_in):
    return await sign_in("auditor")


async def whole_life(registrar, teacher, principal, bureau) -> str:
    child: str = (await enrol(registrar, 1, **PERSON))["student_id"]
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    await teacher.record(child, "responsible-persons")
    await teacher.record(child, "counselling-sessions", notes="绝不外传的话")
    await teacher.record(child, "persuasion-attempts", occurred_on="2026-09-18")
    await teacher.record(child, "returns")
    changes = {"first_absent_on": "2026-09-11"}
    await teacher.record(child, "corrections", entry=2, changes=changes, reason="点名册为准")
    await teacher.record(
        child, "corrections", entry=5, changes={"notes": "改过的私话"}, reason="补正"
    )
    guardians = [{"name": "测大舟", "relation": "父亲", "phone": "19000000002"}]
    await registrar.record(
        child, "corrections", entry=1, changes={"guardians": guardians}, reason="换了号码"
    )
    return child


def receipt_on(paper: Paper) -> str:
    """The receipt on the paper, of 149 characters however it is broken."""
    (found,) = RECEIPT.finditer(paper.text)
    return found[0]


async def test_every_entry_stands_on_it_with_both_clocks_and_corrections_beside(
    registrar, teacher, principal, bureau
):
    child = await whole_life(registrar, teacher, principal, bureau)
    paper = await printed(bureau, child, "case-file")

    history = (await bureau.get(f"/v1/students/{child}/history")).json()["items"]
    for entry in history:
        recorded = entry["recorded_at"][:16].replace("T", " ")
        assert entry["label"] in paper
        assert f"{entry['occurred_on']}{recorded}" in paper or entry["version"] == 2
        assert entry["recorded_by"]["name"] in paper
        if entry["kind"] != "corrected":
            assert entry["sentence"] in paper, entry
    for value in (
        *(
            "自 2026-09-11 起旷课",
            "经第 8 条更正；原登记",
            "自 2026-09-14 起旷课",
        ),
        *("首次缺勤日：2026-09-14 → 2026-09-11", "点名册为准", "第 1 次", "责任人", "测甲老师"),
        *("该生记录第 10 版", "日志位置 10", "观察截止", "填表人", "第1页共2页"),
        "父亲 190****0001 → 测大舟 父亲 190****0002",
    ):
        assert value in paper, value
    for secret in ("绝不外传的话", "改过的私话", "19000000002", PERSON["home_address"]):
        assert secret not in paper


async def test_the_author_s_notes_do_not_print_even_for_the_auditor(
    registrar, teacher, principal, bureau, auditor
):
    child = await whole_life(registrar, teacher, principal, bureau)
    for caller in (teacher, auditor):
        paper = await printed(caller, child, "case-file", reveal="true", reason="核查")
        assert "心理疏导" in paper
        assert "绝不外传" not in paper
        assert "改过的私话" not in paper
        assert PERSON["home_address"] in paper


async def test_an_auditor_holds_the_paper_against_the_log(app, child, teacher, auditor, checkpoint):
    promised = await teacher.post(f"/v1/students/{child}/absence-flags", example("absence-flags"))
    paper = await printed(auditor, child, "case-file")
    text = receipt_on(paper)
    assert text == promised.headers["Log-Receipt"]
    await teacher.record(child, "suspicions")
    checkpoint()

    bundle = Bundle.read((await auditor.get(f"/v1/students/{child}/evidence")).text)
    keys = tuple(key.signer.key for key in app.state.service.log_keys.current())
    honoured = Asked(keys, Receipt.read(text).promised, receipts=(Receipt.read(text),))
    assert check(bundle, honoured).verdict is Verdict.PROVEN
    forged = Receipt.read(text[:10] + ("A" if text[10] != "A" else "B") + text[11:])
    assert check(bundle, Asked(keys, forged.promised, receipts=(forged,))).verdict is not (
        Verdict.PROVEN
    )


async def test_a_child_without_a_case_has_a_file_too(teacher, child):
    paper = await printed(teacher, child, "case-file")

    for value in ("无个案", "未指定", "测小舟建档入册"):
        assert value in paper
