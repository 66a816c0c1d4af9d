"""Guardians of a file and of the record are brought together, and nothing known is lost."""

import pytest

from application.roll_matching import ANY_GUARDIAN, merged

FATHER = {"name": "测大一", "relation": "父亲", "phone": "19000000001"}
MOTHER = {"name": "测大二", "relation": "母亲", "phone": "19000000002"}
NAMESAKE = {"name": "测大一", "relation": "母亲", "phone": "19000000002"}
AUNT = {"name": "测大三", "relation": "姑姑"}


@pytest.mark.parametrize(
    ("known", "told", "expected"),
    [
        ([], [FATHER], [FATHER]),
        ([FATHER, MOTHER], [], [FATHER, MOTHER]),
        ([FATHER, MOTHER], [FATHER], [FATHER, MOTHER]),
        ([FATHER, MOTHER], [MOTHER, FATHER], [FATHER, MOTHER]),
        ([FATHER], [{"name": "测大一", "relation": ANY_GUARDIAN}], [FATHER]),
        ([FATHER], [{**FATHER, "phone": "190-0000 0001"}], [FATHER]),
        ([FATHER], [{**FATHER, "phone": "19000000009"}], [{**FATHER, "phone": "19000000009"}]),
        ([FATHER, MOTHER], [AUNT], [AUNT, MOTHER]),
        ([FATHER, MOTHER], [AUNT, FATHER], [FATHER, MOTHER, AUNT]),
        ([FATHER], [MOTHER, FATHER], [FATHER, MOTHER]),
        ([FATHER, NAMESAKE], [FATHER, NAMESAKE], [FATHER, NAMESAKE]),
        ([FATHER], [FATHER, NAMESAKE], [FATHER, NAMESAKE]),
    ],
)
def test_guardians_are_brought_up_to_date_and_a_second_time_changes_nothing(known, told, expected):
    once = merged(known, told)

    assert once == expected
    assert merged(once, told) == once
