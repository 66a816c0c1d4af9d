"""The reference district has the counts of a real one, and not one child, number or home of it."""

from collections import Counter
from datetime import date
from operator import eq

import pytest
from stdnum import numdb
from stdnum.cn import ric

from api.demo.district import (
    AREA,
    InventedChild,
    children,
    demo_school,
    schools,
    special_school,
)
from domain.codes import KEY_GROUP
from domain.identifiers import (
    check_disability_certificate,
    check_id_number,
    parse_school_code,
    parse_student_number,
)

TODAY = date(2026, 11, 24)
STAGE = {school.code: school.stage for school in schools()}


@pytest.fixture(scope="module")
def district() -> list[InventedChild]:
    return list(children(TODAY))


def test_there_are_77_schools_one_of_them_special():
    assert len(schools()) == len({s.code for s in schools()}) == len({s.name for s in schools()})
    assert Counter(school.stage for school in schools()) == {"primary": 57, "junior": 20}
    assert Counter(parse_school_code(school.code).type for school in schools()) == {
        "21": 57,
        "31": 19,
        "51": 1,
    }
    assert special_school().code.startswith("51")


def test_every_township_has_schools_of_both_stages_under_one_office():
    townships = {school.township for school in schools()}

    for stage in ("primary", "junior"):
        assert {school.township for school in schools() if school.stage == stage} == townships
    for school in schools():
        assert school.township_office == f"{school.township}中心校"


def test_there_are_52384_children_in_primary_and_junior_schools(district):
    assert len(district) == 52_384
    assert Counter(STAGE[child.facts["school_code"]] for child in district) == {
        "primary": 34_550,
        "junior": 17_834,
    }


def test_337_disabled_children_are_placed(district):
    disabled = [child for child in district if child.arrangement is not None]

    at_school = {"special_school", "institution"}
    placed = Counter("special" if c.arrangement in at_school else c.arrangement for c in disabled)
    assert placed == {"inclusive_class": 229, "special": 72, "home_teaching": 36}
    assert len(disabled) == 337
    for child in district:
        assert ("disability" in child.facts) == (child.arrangement is not None)
        assert ("disabled" in groups(child)) == (child.arrangement is not None)
        at_special_school = child.facts["school_code"] == special_school().code
        assert at_special_school == (child.arrangement == "special_school")


def test_1332_children_are_of_poverty_relieved_households(district):
    marked = Counter(code for child in district for code in groups(child))

    assert marked["poverty_relieved"] == 1_332
    assert set(marked) <= set(KEY_GROUP)
    assert all(len(groups(child)) == len(set(groups(child))) for child in district)


def test_every_number_is_valid_and_no_two_children_share_one(district):
    for child in district:
        id_number, number = child.facts["id_number"], child.facts["student_number"]
        assert check_id_number(id_number) == id_number
        assert parse_student_number(number).id_number == id_number
        if "disability" in child.facts:
            certificate = child.facts["disability"]["certificate"]
            assert check_disability_certificate(certificate).startswith(id_number)

    assert len({child.facts["id_number"] for child in district}) == 52_384
    assert len({child.facts["student_number"] for child in district}) == 52_384


def test_id_numbers_agree_with_birth_date_and_sex_by_an_oracle_of_others(district):
    for child in district:
        id_number = child.facts["id_number"]
        assert ric.calc_check_digit(id_number) == id_number[-1]
        assert ric.get_birth_date(id_number) == child.facts["birth_date"]
        # GB 11643: odd numbers are men's, even ones women's.
        assert child.facts["sex"] == ("female", "male")[int(id_number[16]) % 2]

    sexes = Counter(child.facts["sex"] for child in district)
    assert 0.45 < sexes["female"] / len(district) < 0.55


def test_no_county_has_ever_given_out_such_numbers(district):
    assert {child.facts["id_number"][:6] for child in district} == {AREA}
    assert not any("county" in known for _, known in numdb.get("cn/loc").info(AREA))


@pytest.mark.parametrize(
    ("today", "begins"),
    [(date(2026, 9, 1), date(2026, 9, 1)), (date(2028, 2, 29), date(2027, 9, 1))],
)
def test_birth_dates_fit_the_grades_of_the_school_year(today, begins):
    for child in children(today):
        born, grade = child.facts["birth_date"], child.facts["grade"]
        oldest, youngest = (begins.replace(year=begins.year - grade - more) for more in (6, 5))
        assert oldest <= born < youngest, (grade, born)


def test_grades_fit_the_stage_and_every_school_has_all_of_its_own(district):
    grades: dict[str, set[int]] = {}
    for child in district:
        grades.setdefault(child.facts["school_code"], set()).add(child.facts["grade"])

    assert grades == {
        code: set(range(1, 7) if stage == "primary" else range(7, 10))
        for code, stage in STAGE.items()
    }


def test_the_same_day_gives_the_same_district(district):
    assert all(map(eq, children(TODAY), district))


def test_classes_are_as_large_as_classes_are(district):
    sizes = Counter(
        (child.facts["school_code"], child.facts["grade"], child.facts["class_name"])
        for child in district
    )

    special = {size for (code, _, _), size in sizes.items() if code == special_school().code}
    ordinary = {size for (code, _, _), size in sizes.items() if code != special_school().code}
    assert 30 <= min(ordinary) <= max(ordinary) <= 60
    assert 6 <= min(special) <= max(special) <= 14
    for code, grade in {(code, grade) for code, grade, _ in sizes}:
        names = {name for c, g, name in sizes if (c, g) == (code, grade)}
        assert names == {f"{number}班" for number in range(1, len(names) + 1)}


def test_the_demo_teacher_has_a_class_without_disabled_children(district):
    own = [
        child
        for child in district
        if child.facts["school_code"] == demo_school().code
        and (child.facts["grade"], child.facts["class_name"]) == (8, "2班")
    ]

    assert 20 <= len(own) <= 60
    assert all(child.arrangement is None for child in own)


def test_every_phone_and_address_is_visibly_invented(district):
    for child in district:
        facts = child.facts
        assert facts["home_address"].startswith("示例区")
        assert facts["registered_residence"].startswith("示例区")
        assert facts["township"] in facts["home_address"]
        (guardian,) = facts["guardians"]
        assert guardian["phone"].startswith("1900000")
        assert len(guardian["phone"]) == 11
        assert guardian["phone"].isdigit()
    assert all("示例" in s.name or s.township[:2] in s.name for s in schools())


def groups(child: InventedChild) -> list[str]:
    return [group["code"] for group in child.facts.get("key_groups", [])]
