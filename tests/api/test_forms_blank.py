"""A blank form finds its child again by a code that is read aloud, checked, and names nobody."""

import pytest
from stdnum.iso7064 import mod_97_10

from api.forms.catalogue import BY_LETTERS, FORMS
from api.forms.form_code import FormCode, WrongFormCode, read_form_code
from tests.api.paper import Paper, code_on, form, printed
from tests.api.reading import access_log, told
from tests.people import OTHER_SCHOOL, enrol

BLANKS = [name for name in FORMS if name != "case-file"]


async def test_a_blank_form_is_about_nobody_and_has_room_to_write(teacher, child):
    for name in BLANKS:
        paper = Paper(await teacher.get(f"/v1/forms/{name}"))
        assert len(paper.pages) == 1, name
        assert FORMS[name].title in paper
        assert "■" not in paper.text
        assert "测小舟" not in paper
        assert "打印：测甲(teacher)" in paper


async def test_a_whole_history_has_no_blank(teacher, child):
    for path in ("/v1/forms/case-file", form(child, "case-file", blank="true"), "/v1/forms/x"):
        assert told(await teacher.get(path)) == (404, "not-found")


async def test_a_coded_form_bears_name_class_guardian_and_the_code_alone(teacher, child):
    for name in BLANKS:
        paper = await printed(teacher, child, name, blank="true")
        above, _, _ = paper.text.partition("打印")
        assert "测小舟" in above
        assert "测大舟" in above or name == "responsibility-pledge"
        assert "19" not in above  # neither phone nor number
        assert "2014" not in above
        assert "■" not in above
        assert len(paper.pages) == 1
        code = code_on(paper)
        assert code == str(FormCode(FORMS[name].letters, 1))
        found = await teacher.get(f"/v1/form-codes/{code}")
        assert found.json() == {
            "code": code,
            "form": name,
            "label": FORMS[name].title,
            "student_id": child,
            "name": "测小舟",
            "school": "晴川中学",
            "grade": 7,
            "class_name": "1班",
        }


def test_codes_are_checked_as_iso_7064_says():
    for number in (1, 52_384, 9_999_999, 10_000_000, 10**17):
        for letters in BY_LETTERS:
            code = str(FormCode(letters, number))
            assert mod_97_10.is_valid(code.replace("-", ""))
            assert read_form_code(code) == (letters, number)


def test_a_code_is_read_as_people_write_it():
    code = str(FormCode("JF", 52_384))
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    for told_as in (
        code.lower(),
        code.replace("-", " "),
        code.replace("-", "—"),
        wide,
        f" {code} ",
    ):
        assert read_form_code(told_as) == ("JF", 52_384)


def test_no_single_slip_of_the_pen_finds_another_child():
    code = str(FormCode("JF", 52_384))
    plain = code.replace("-", "")
    slips = {plain[:n] + c + plain[n + 1 :] for n in range(11) for c in "0123456789JFAZ"}
    slips |= {plain[:n] + plain[n + 1] + plain[n] + plain[n + 2 :] for n in range(10)}
    for slip in slips - {plain}:
        with pytest.raises(WrongFormCode):
            read_form_code(slip)


async def test_a_wrong_code_is_said_in_plain_words(teacher, child):
    code = str(FormCode("JF", 1))
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    for text in (wrong, "x", "%20", "JF-0000001", "XX-0000001-26", "9" * 300, "JF-%F0%9F%98%80-26"):
        answer = await teacher.get(f"/v1/form-codes/{text}")
        assert told(answer) == (422, "wrong-form-code"), text
    assert "逐位核对" in answer.json()["detail"]


async def test_a_code_is_answered_within_reach_and_each_other_try_is_logged(
    app, sign_in, registrar
):
    await enrol(registrar, 1)
    other = await enrol(await sign_in("registrar2"), 2, school_code=OTHER_SCHOOL)
    here, there, nobody = (str(FormCode("JF", n)) for n in (1, other["position"], 9999999))
    reaches = {
        "teacher": {here},
        "teacher2": set(),
        "principal": {here},
        "principal2": {there},
        "township": set(),
        "bureau": {here, there},
        "inspector": {here},
    }
    for username, codes in reaches.items():
        caller = await sign_in(username)
        for code in (here, there, nobody):
            answer = await caller.get(f"/v1/form-codes/{code}")
            if code in codes:
                assert answer.status_code == 200
            else:
                assert told(answer) == (404, "not-found")
    village = await sign_in("village")
    assert told(await village.get(f"/v1/form-codes/{here}")) == (403, "not-allowed")

    refused = await access_log(app)
    assert len(refused) == sum(3 - len(codes) for codes in reaches.values()) + 1


async def test_a_code_of_a_restricted_child_is_the_bureau_s_and_of_an_erased_one_names_nobody(
    district, sign_in
):
    service = district.service
    places = {}
    for name in ("restricted, reported", "erased", "own class"):
        rows = await service.store.query(
            "SELECT notification_id FROM log.stored_events"
            " WHERE originator_id = %s AND originator_version = 1",
            [district.id_of(name)],
        )
        places[name] = str(FormCode("QF", rows[0][0]))
    teacher, bureau = await sign_in("teacher"), await sign_in("bureau")

    restricted = f"/v1/form-codes/{places['restricted, reported']}"
    assert told(await teacher.get(restricted)) == (404, "not-found")
    assert (await bureau.get(restricted)).json()["name"] is not None
    erased = (await bureau.get(f"/v1/form-codes/{places['erased']}")).json()
    assert (erased["name"], erased["form"]) == (None, "persuasion")
    answer = await bureau.get(form(erased["student_id"], "case-file"))
    assert told(answer) == (409, "record-erased")
