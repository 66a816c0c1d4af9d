"""Every ledger and register is its form: columns in print order, masks, labels, lines of a case."""

from urllib.parse import quote
from uuid import UUID

from tests.api.printed import CERTIFICATE, FIELDS, HEADINGS, NUMBER
from tests.api.reading import items, looks, table

# The forms ---------------------------------------------------------------------------------------


async def test_every_ledger_prints_the_columns_of_its_form_in_order(bureau, full):
    _, last = full
    for name, headings in HEADINGS.items():
        head, *lines = await table(bureau, f"/v1/ledgers/{name}?format=csv", last)
        assert head == headings.split(), name
        assert lines, name
        assert {len(line) for line in lines} == {len(head)}, name
        assert lines[0][0] == "1", name


async def test_every_row_names_its_child_and_each_field_of_the_form(bureau, full):
    child, last = full
    for name, fields in FIELDS.items():
        for row in await items(bureau, f"/v1/ledgers/{name}", last):
            assert row["student_id"] == child
            assert set(fields.split()) <= row.keys(), name
            assert not {"seq", "opened", "day", "row_key", "since", "until"} & row.keys(), name


async def test_the_dropout_control_line_is_the_case(bureau, full):
    _, last = full
    (row,) = await items(bureau, "/v1/ledgers/dropout-control", last)
    _, line = await table(bureau, "/v1/ledgers/dropout-control?format=csv", last)

    shown = {
        "township_office": "晴川镇中心校",
        "school": "晴川中学",
        "grade": 7,
        "class": "1班",
        "student_name": "测小舟",
        "sex": "female",
        "sex_label": "女",
        "student_number": f"G410399********{NUMBER[-4:]}",
        "guardian_name": "测大舟",
        "guardian_phone": "190****0001",
        "key_groups": ["left_behind"],
        "key_groups_label": ["留守"],
        "first_absent_on": "2026-09-14",
        "episode": 1,
        "found_by": "roll_call",
        "found_by_label": "点名",
        "reason": "R02",
        "reason_label": "厌学",
        "reasons": ["R02", "R06"],
        "reasons_label": ["厌学", "家庭经济困难"],
        "visit_count": 1,
        "persuasion_count": 2,
        "responsible_person": "测甲老师",
        "status": "returned",
        "status_label": "已返校(观察期)",
        "escalation_level": "bureau",
        "escalation_level_label": "区教体局",
        "returned_on": "2026-09-24",
        "closed_on": None,
        "close_reason": None,
        "remark": "=1+1",
    }
    assert {key: row[key] for key in shown} == shown
    assert line == [
        *("1", "晴川镇中心校", "晴川中学", "7", "1班", "测小舟", "女"),
        *(f"G410399********{NUMBER[-4:]}", "测大舟", "190****0001", "留守", "2026-09-14"),
        *("点名", "厌学、家庭经济困难", "1", "2", "测甲老师", "已返校(观察期)", "区教体局"),
        *("2026-09-24", "", "", "'=1+1"),  # no spreadsheet takes a remark for a formula
    ]


async def test_the_return_to_school_ledger_prints_one_line_an_attempt(bureau, full):
    _, last = full
    (row,) = await items(bureau, "/v1/ledgers/return-to-school", last)
    _, first, second = await table(bureau, "/v1/ledgers/return-to-school?format=csv", last)

    assert row["attempts"] == [
        {
            "attempt_no": number,
            "persuaded_on": day,
            "persuaders": [{"name": "测甲老师", "unit": "晴川中学", "level": "school"}],
            "outcome": outcome,
            "outcome_label": label,
        }
        for number, day, outcome, label in (
            (1, "2026-09-18", "refused", "拒绝"),
            (2, "2026-09-21", "agreed", "同意返校"),
        )
    ]
    until = row["observed_until"]
    assert first == [
        *("1", "晴川中学", "7年级1班", "测小舟", "女", f"410399********{NUMBER[-4:]}", "晴***"),
        *("晴川镇晴川***", "测大舟", "190****0001", "2026-09", "厌学、家庭经济困难"),
        *(
            "两免一补、交通补助",
            "1",
            "2026-09-18",
            "测甲老师",
            "拒绝",
            "2026-09-24",
            until,
            "否",
            "",
        ),
    ]
    assert second == [*[""] * 13, "2", "2026-09-21", "测甲老师", "同意返校", *[""] * 4]


async def test_the_home_teaching_ledger_adds_up_its_sessions(bureau, full):
    _, last = full
    _, line = await table(bureau, "/v1/ledgers/home-teaching?format=csv", last)
    sessions = await table(bureau, "/v1/ledgers/home-teaching-sessions?format=csv", last)

    assert line == [
        *("1", "云溪中学", "测小舟", "女", f"G410399********{NUMBER[-4:]}"),
        *(f"410399********{CERTIFICATE[-6:]}", "智力", "二级", "晴川镇晴川***", "测大舟"),
        *("190****0001", "测丙老师、测丁老师", "4", "2.2", "2026-09-12", "否"),
    ]
    assert [line[3:] for line in sessions[1:]] == [
        ["2026-09-10", "测丙老师", "90", "认识数字", "会数到十", "是"],
        ["2026-09-12", "测丙老师", "45", "认识数字", "", "否"],
    ]


async def test_the_registers_tell_what_was_done_and_no_sealed_note(bureau, full):
    _, last = full
    printed = {
        name: await table(bureau, f"/v1/ledgers/{name}?format=csv", last)
        for name in ("home-visits", "persuasion", "counselling")
    }

    where = ["测小舟", "晴川中学 7年级1班"]
    visit = ["2026-09-15", "联合", "测甲老师", "监护人", "晴川镇晴川***", "了解情况", "", ""]
    assert printed["home-visits"][1:] == [["1", *where, *visit, "愿意配合", "三日内再访"]]
    refused = ["2026-09-18", "测甲老师", "学生、监护人", "拒绝", "厌学", "交通补助", ""]
    agreed = ["2026-09-21", "测甲老师", "学生、监护人", "同意返校", "厌学", "", ""]
    assert printed["persuasion"][1:] == [["1", *where, "1", *refused], ["2", *where, "2", *agreed]]
    assert printed["counselling"][1:] == [["1", *where, "2026-09-16", "心理疏导", "测乙老师", "40"]]


async def test_labels_are_in_the_callers_language_and_codes_are_the_same(bureau, full):
    _, last = full
    for name in FIELDS:
        rows = {}
        for language in ("zh", "en"):
            answer = await bureau.get(
                f"/v1/ledgers/{name}", Accept_Language=language, Min_Log_Position=str(last)
            )
            rows[language] = answer.json()["items"][0]
        labels = {field for field in rows["zh"] if field.endswith("_label")}
        assert labels, name
        assert rows["zh"].keys() == rows["en"].keys()
        differ = {field for field in rows["zh"] if rows["zh"][field] != rows["en"][field]}
        nested = {"attempts"} if name == "return-to-school" else set()
        assert differ == labels | nested, name


async def test_sensitive_fields_are_masked_in_every_form_until_a_reason_is_given(bureau, full, app):
    _, last = full
    secrets = (NUMBER, NUMBER[1:], CERTIFICATE, "19000000001", "一组十八号", "不外传")
    full_in = {
        "dropout-control": {NUMBER, "19000000001"},
        "return-to-school": {NUMBER[1:], "19000000001", "一组十八号"},
        "home-teaching": {NUMBER, NUMBER[1:], CERTIFICATE, "19000000001", "一组十八号"},
        "home-visits": {"一组十八号"},
    }
    for name in FIELDS:
        for form in ("json", "csv"):
            path = f"/v1/ledgers/{name}?format={form}"
            masked = (await bureau.get(path, Min_Log_Position=str(last))).text
            shown = (await bureau.get(f"{path}&reveal=true&reason=核对")).text
            assert not any(secret in masked for secret in secrets), (name, form)
            found = {secret for secret in secrets if secret in shown}
            assert full_in.get(name, set()) - found == set(), (name, form)
            assert "不外传" not in shown
    logged = await app.state.service.store.query(
        "SELECT action, outcome FROM access.access_log WHERE reason = '核对' ORDER BY place"
    )
    assert logged == [
        line
        for name in FIELDS
        for line in (
            (f"reveal ledger {name}", "shown"),
            *((f"export {name}", outcome) for outcome in ("begun", "shown", "taken")),
        )
    ]


async def test_a_file_says_who_took_it_and_at_which_position(principal, full):
    _, last = full
    answer = await principal.get("/v1/ledgers/home-visits?format=csv", Min_Log_Position=str(last))

    position = answer.headers["log-position"]
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="home-visits_principal_{position}.csv";'
        f" filename*=UTF-8''{quote('家访登记表')}_principal_{position}.csv"
    )
    assert answer.headers["cache-control"] == "no-store"


async def test_a_text_that_a_spreadsheet_would_run_is_only_text(bureau, teacher, child):
    views = ("=cmd|'/c calc'!A1", "+1", "-1", "@SUM(1)", "\uff1d1+1", 'a "b", c\nd')
    for view in views:
        last = await teacher.record(child, "home-visits", guardian_view=view)

    _, *lines = await table(bureau, "/v1/ledgers/home-visits?format=csv", last["position"])

    assert [line[11] for line in lines] == [*(f"'{view}" for view in views[:5]), views[5]]


# Lines of a case ---------------------------------------------------------------------------------


async def test_a_watched_case_stands_in_one_ledger_and_a_suspected_one_in_both(
    bureau, teacher, child
):
    flagged = (await teacher.record(child, "absence-flags"))["position"]
    watched = [
        await items(bureau, f"/v1/ledgers/{name}", flagged)
        for name in ("dropout-control", "return-to-school")
    ]
    suspected = (await teacher.record(child, "suspicions"))["position"]

    assert [len(rows) for rows in watched] == [1, 0]
    (row,) = await items(bureau, "/v1/ledgers/return-to-school", suspected)
    assert (row["attempts"], row["returned_on"], row["relapsed"]) == ([], None, False)
    _, line = await table(bureau, "/v1/ledgers/return-to-school?format=csv", suspected)
    assert line[13:17] == [""] * 4  # no attempt yet: one line all the same


async def test_a_relapse_is_a_second_line_and_a_closed_line_stays(teacher, bureau, child):
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    await teacher.record(child, "returns")
    await teacher.record(child, "absence-flags", first_absent_on="2026-10-12")
    papers = [{"kind": "roll_extract"}]
    await teacher.record(child, "close-out-requests", reason="C02", papers=papers)
    last = (await bureau.record(child, "close-out-decisions"))["position"]
    for name in ("dropout-control", "return-to-school"):
        rows = await items(bureau, f"/v1/ledgers/{name}", last)
        told = [(row["episode"], row["status"], row["relapsed"]) for row in rows]
        assert told == [(1, "returned", True), (2, "closed", False)], name
    assert rows[0]["closed_on"] is None
    (_, *lines) = await table(bureau, "/v1/ledgers/return-to-school?format=csv", last)
    assert [line[-2] for line in lines] == ["是", "否"]


async def test_a_ruled_out_warning_closes_its_line_with_its_reason(teacher, principal, child):
    await teacher.record(child, "absence-flags")
    ruled_out = {"reason": "C13", "papers": [], "note": "已销假"}
    await teacher.record(child, "close-out-requests", **ruled_out)
    last = (await principal.record(child, "close-out-decisions"))["position"]

    (row,) = await items(principal, "/v1/ledgers/dropout-control", last)

    assert (row["close_reason"], row["close_reason_label"]) == ("C13", "排除预警")
    assert await items(principal, "/v1/ledgers/return-to-school", last) == []


async def test_what_was_told_late_stands_where_it_happened(bureau, teacher, child):
    await teacher.record(child, "home-visits", occurred_on="2026-09-15")
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    for day, reasons in (("2026-09-25", ["R06"]), ("2026-09-16", ["R02"])):
        await teacher.record(child, "home-visits", occurred_on=day, verified_reasons=reasons)
    for day, name in (("2026-10-10", "测新老师"), ("2026-09-10", "测旧老师")):
        named = {"name": name, "from": day}
        last = (await teacher.record(child, "responsible-persons", **named))["position"]

    (row,) = await items(bureau, "/v1/ledgers/dropout-control", last)

    assert (row["visit_count"], row["reason"]) == (3, "R06")
    assert row["responsible_person"] == "测新老师"


async def test_a_name_in_a_list_that_a_spreadsheet_would_run_is_only_text(bureau, teacher, child):
    names = ["=cmd|'/c calc'!A1", "=1+1"]
    for name in names:
        last = await teacher.record(child, "home-visits", visitors=[name])

    _, *lines = await table(bureau, "/v1/ledgers/home-visits?format=csv", last["position"])

    assert [line[5] for line in lines] == [f"'{name}" for name in names]


async def test_a_file_of_too_many_rows_is_refused_and_names_nobody(app, bureau, full):
    child, last = full
    path = "/v1/ledgers/persuasion?format=csv"
    before = await looks(app, "action", "outcome", "students")
    refused = await bureau.get(f"{path}&most=1", Min_Log_Position=str(last))
    assert (refused.status_code, refused.json()["type"]) == (422, "too-many-rows")
    assert await looks(app, "action", "outcome", "students") == before
    whole = await bureau.get(f"{path}&most=2", Min_Log_Position=str(last))
    assert len(whole.text.splitlines()) == 3
    left = (await looks(app, "action", "outcome", "students"))[len(before) :]
    assert left == [
        ("export persuasion", "begun", []),
        ("export persuasion", "shown", [UUID(child)]),
        ("export persuasion", "taken", []),
    ]
