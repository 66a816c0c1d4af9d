"""Roll changes without papers stand on a list of their own until the papers come."""

import pytest

from tests.api.reading import access_log, items, table, told
from tests.people import OTHER_SCHOOL, SCHOOL, enrol

LEDGER = "/v1/ledgers/roll-changes"
PAPERS = [{"kind": "medical_proof", "title": "诊断证明", "number": "示例-7"}]


async def suspended(registrar, serial, **changes):
    child = (await enrol(registrar, serial))["student_id"]
    return child, await registrar.record(child, "roll-changes", **{"papers": [], **changes})


async def test_a_change_leaves_the_list_of_the_incomplete_when_its_papers_come(registrar):
    child, change = await suspended(registrar, 1)
    _, complete = await suspended(registrar, 2, papers=PAPERS)
    lacking = f"{LEDGER}?incomplete=true"
    before = await items(registrar, lacking, complete["position"])

    path = f"/v1/students/{child}/roll-changes/{change['entry']}/papers"
    answer = await registrar.post(path, {"papers": PAPERS, "occurred_on": "2026-09-21"})
    done = answer.json()

    assert [(row["student_id"], row["papers_missing_label"]) for row in before] == [
        (child, ["批准文件或医学诊断证明"])
    ]
    assert answer.status_code == 201
    assert await items(registrar, lacking, done["position"]) == []
    first, second = await items(registrar, f"{LEDGER}?incomplete=false", done["position"])
    assert (first["student_id"], first["entry"], first["completed_on"]) == (
        *(child, change["entry"], "2026-09-21"),
    )
    assert second["completed_on"] is None
    (_, line, _) = await table(registrar, f"{LEDGER}?format=csv", done["position"])
    assert line[6:] == [
        *("休学", "2026-09-14", "", "因病休学", "医学诊断证明 诊断证明 示例-7", ""),
        *("2026-09-21", "测丙", ""),
    ]


async def test_the_history_tells_when_papers_came_and_when_that_was_recorded(registrar):
    child, change = await suspended(registrar, 1)
    path = f"roll-changes/{change['entry']}/papers"
    answer = await registrar.post(
        f"/v1/students/{child}/{path}", {"papers": PAPERS, "occurred_on": "2026-09-21"}
    )
    as_then = change["version"]

    history = (await registrar.get(f"/v1/students/{child}/history")).json()["items"]
    earlier = await registrar.fresh(
        f"{LEDGER}?incomplete=true&as_of={history[1]['recorded_at'].replace('+', '%2B')}",
        answer.json()["position"],
    )

    assert history[2]["sentence"] == "补交第 2 条异动的材料:医学诊断证明。"
    assert history[2]["occurred_on"] == "2026-09-21"
    assert history[2]["recorded_at"] > history[1]["recorded_at"]
    assert history[1]["data"]["papers_missing"] == [["approval", "medical_proof"]]
    assert (as_then, [row["student_id"] for row in earlier["items"]]) == (2, [child])


async def test_a_transfer_lacks_its_papers_for_both_schools_and_either_hands_them_in(
    registrar, sign_in
):
    child = (await enrol(registrar, 1))["student_id"]
    offer = await registrar.record(child, "transfers", to_school=OTHER_SCHOOL)
    other = await sign_in("registrar2")
    path = f"/v1/students/{child}/transfers/{offer['entry']}/decision"
    taken = await other.post(path, {"accept": True, "grade": 7, "class_name": "2班"})
    lacking = f"{LEDGER}?incomplete=true"

    theirs, ours = [
        await items(caller, lacking, taken.json()["position"]) for caller in (other, registrar)
    ]
    answer = await registrar.post(
        f"/v1/students/{child}/roll-changes/{offer['entry']}/papers",
        {"papers": [{"kind": "guardian_application"}]},
    )

    assert [row["student_id"] for row in theirs] == [row["student_id"] for row in ours] == [child]
    assert [
        ours[0][k] for k in ("roll_change_label", "to_school_name", "transfer_answer_label")
    ] == [*("区内转学", "云溪中学", "已接收")]
    assert answer.status_code == 201
    assert await items(other, lacking, answer.json()["position"]) == []


async def test_only_the_schools_of_the_change_hand_in_its_papers(registrar, sign_in, app):
    child, change = await suspended(registrar, 1)
    path = f"/v1/students/{child}/roll-changes/{change['entry']}/papers"
    stranger = await sign_in("principal2")

    assert told(await stranger.post(path, {"papers": PAPERS})) == (403, "out-of-reach")
    assert (await access_log(app))[-1] == ("principal2", "receive_papers", child)
    assert await items(stranger, f"{LEDGER}?incomplete=true", change["position"]) == []
    elsewhere = await stranger.get(f"{LEDGER}?school_code={SCHOOL}&incomplete=true")
    assert told(elsewhere) == (404, "not-found")


@pytest.mark.parametrize("entry", ["1", "0", "99", "9" * 30, "x", "%00"])
async def test_papers_for_no_roll_change_are_refused(registrar, child, entry):
    answer = await registrar.post(
        f"/v1/students/{child}/roll-changes/{entry}/papers", {"papers": PAPERS}
    )

    assert answer.status_code in {400, 404}


@pytest.mark.parametrize(
    "body",
    [
        {"papers": []},
        {"papers": [{"kind": "退学"}]},
        {"papers": [{"kind": "other", "title": "\ud800"}]},
        {"papers": [{"kind": "other", "title": "x" * 201}]},
        {"papers": PAPERS, "occurred_on": "2026-13-01"},
        {"papers": PAPERS * 51},
    ],
)
async def test_malformed_papers_are_told_where(registrar, body):
    child, change = await suspended(registrar, 1)

    answer = await registrar.post(
        f"/v1/students/{child}/roll-changes/{change['entry']}/papers", body
    )

    assert answer.status_code == 422


async def test_a_change_that_lacks_nothing_takes_no_papers(registrar):
    child, change = await suspended(registrar, 1, papers=PAPERS)

    answer = await registrar.post(
        f"/v1/students/{child}/roll-changes/{change['entry']}/papers", {"papers": PAPERS}
    )

    assert told(answer) == (409, "papers-complete")


async def test_no_other_ledger_is_filtered_by_missing_papers(registrar):
    answer = await registrar.get("/v1/ledgers/home-visits?incomplete=true")

    assert answer.status_code == 422


async def test_papers_to_come_are_due_from_the_registrar_until_they_are_there(
    registrar, teacher, principal
):
    child, change = await suspended(registrar, 1, occurred_on="2026-09-14")
    due = ("missing_papers", "2026-09-28", "registrar", change["entry"])

    async def told(caller, position, query="view=mine"):
        items = (await caller.fresh(f"/v1/worklist?{query}", position))["items"]
        return [(one["kind"], one["due_on"], one["for_role"], one["entry"]) for one in items]

    assert await told(registrar, change["position"]) == [due]
    assert await told(teacher, change["position"]) == []
    assert await told(principal, change["position"], "view=all&kind=missing_papers") == [due]
    [item] = (await registrar.get(f"/v1/students/{child}/duties")).json()["items"]
    assert (item["kind"], item["due_on"], item["kind_label"]) == (*due[:2], "补交异动材料")

    path = f"/v1/students/{child}/roll-changes/{change['entry']}/papers"
    done = await registrar.post(path, {"papers": PAPERS, "occurred_on": "2026-09-21"})
    assert await told(registrar, done.json()["position"]) == []


async def test_the_papers_of_a_transfer_are_due_where_the_child_was(registrar, sign_in):
    child = (await enrol(registrar, 1))["student_id"]
    offer = await registrar.record(child, "transfers", to_school=OTHER_SCHOOL)
    there = await sign_in("registrar2")
    path = f"/v1/students/{child}/transfers/{offer['entry']}/decision"
    taken = await there.post(path, {"accept": True, "grade": 7, "class_name": "3班"})
    position = taken.json()["position"]

    query = "/v1/worklist?view=mine&kind=missing_papers"
    [here] = (await registrar.fresh(query, position))["items"]
    assert (here["student_id"], here["school_code"]) == (child, SCHOOL)
