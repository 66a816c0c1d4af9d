"""Rules that hang on who acts: who decides and corrects, who sees in full, what is logged."""

from tests.api.reading import access_log
from tests.people import OTHER_SCHOOL, example


async def test_a_superior_unit_decides_what_the_school_may_not(sign_in, teacher, child, app, head):
    await teacher.record(child, "absence-flags")
    papers = [{"kind": "roll_extract"}]
    await teacher.record(child, "close-out-requests", reason="C05", papers=papers)
    principal, office = await sign_in("principal"), await sign_in("office")
    before = await head()

    path = f"/v1/students/{child}/close-out-decisions"
    refused = await principal.post(path, {"approve": True}, Accept_Language="en")

    assert (refused.status_code, refused.headers["content-type"]) == (
        403,
        "application/problem+json",
    )
    assert refused.json()["type"] == "superior-unit-required"
    assert "superior unit" in refused.json()["detail"]
    assert await head() == before
    assert (await office.post(path, {"approve": True})).status_code == 201


async def test_an_entry_is_corrected_and_a_level_reported_to_by_those_who_may_record_it(
    sign_in, teacher, principal, reported, app, head
):
    bureau, township = await sign_in("bureau"), await sign_in("township")
    order = (await bureau.record(reported, "orders"))["entry"]
    before = await head()
    correction = {"entry": order, "changes": {"issued_by": "区教体局"}, "reason": "录错"}
    report = {**example("written-reports"), "to_level": "township"}

    refused = [
        await teacher.post(f"/v1/students/{reported}/corrections", correction),
        await principal.post(f"/v1/students/{reported}/corrections", correction),
        await township.post(f"/v1/students/{reported}/written-reports", report),
    ]

    assert [(answer.status_code, answer.json()["type"]) for answer in refused] == [
        (403, "not-allowed")
    ] * 3
    assert await head() == before
    assert len(await access_log(app)) == 3
    corrected = await bureau.post(f"/v1/students/{reported}/corrections", correction)
    assert corrected.status_code == 201


async def test_fields_are_shown_in_full_only_to_roles_that_may(sign_in, reported, app):
    paths = (f"/v1/students/{reported}", "/v1/students", "/v1/ledgers/dropout-control")
    query = "?reveal=true&reason=核对"
    for username in ("township", "counsellor"):
        caller = await sign_in(username)
        for path in paths:
            answer = await caller.get(path + query)
            assert (answer.status_code, answer.json()["type"]) == (403, "not-allowed"), path
    assert len(await access_log(app)) == 2 * len(paths)


async def test_whole_ledgers_are_no_teachers_to_take(teacher, principal, child, app):
    refused = await teacher.get("/v1/ledgers/dropout-control?format=csv")
    taken = await principal.get("/v1/ledgers/dropout-control?format=csv")

    assert (refused.status_code, refused.json()["type"]) == (403, "not-allowed")
    assert taken.status_code == 200
    assert [line[:2] for line in await access_log(app)] == [("teacher", "export dropout-control")]


async def test_counselling_notes_are_read_by_who_wrote_them_and_by_an_auditor_with_a_reason(
    sign_in, teacher, child
):
    counsellor, auditor = await sign_in("counsellor"), await sign_in("auditor")
    note = "只告诉心理老师的话"
    entry = await counsellor.record(child, "counselling-sessions", notes=note)
    path = f"/v1/students/{child}/history/{entry['entry']}"

    assert (await counsellor.get(path)).json()["data"]["notes"] == note
    assert (await auditor.get(f"{path}?reveal=true&reason=审计")).json()["data"]["notes"] == note
    for username in ("teacher", "principal", "bureau"):
        caller = await sign_in(username)
        for asked in (path, f"{path}?reveal=true&reason=核对", f"/v1/students/{child}/history"):
            told = await caller.get(asked)
            assert told.status_code == 200
            assert note not in told.text, (username, asked)
    ledger = await counsellor.fresh("/v1/ledgers/counselling", entry["position"])
    assert "notes" not in ledger["items"][0]
    assert note not in (await auditor.get(path)).text


async def test_who_may_see_no_id_number_sees_no_birth_date_to_tell_it_by(sign_in, reported, head):
    township = await sign_in("township")
    record = (await township.get(f"/v1/students/{reported}")).json()
    (listed,) = (await township.fresh("/v1/students", await head()))["items"]
    enrolled = (await township.get(f"/v1/students/{reported}/history/1")).json()["data"]

    assert {told["birth_date"] for told in (record, listed, enrolled)} == {"2014-**-**"}
    teacher = await sign_in("teacher")
    assert (await teacher.get(f"/v1/students/{reported}")).json()["birth_date"] == "2014-09-15"


async def test_a_child_is_not_put_into_another_school_by_a_correction(
    registrar, bureau, child, app
):
    path = f"/v1/students/{child}/corrections"
    correction = {"entry": 1, "changes": {"school_code": OTHER_SCHOOL}, "reason": "录错"}

    refused = await registrar.post(path, correction)
    put_right = await bureau.post(path, correction)

    assert (refused.status_code, refused.json()["type"]) == (403, "out-of-reach")
    assert put_right.status_code == 201
    assert len(await access_log(app)) == 1
