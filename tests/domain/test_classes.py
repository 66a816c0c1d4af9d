"""Classes go by many names, and a national class number says the grade."""

from datetime import date

import pytest

from domain.classes import grade_of_intake, intake_of, order_of, same_class


@pytest.mark.parametrize(
    ("school", "year", "today", "grade"),
    [
        ("3141000058", 2026, date(2026, 9, 1), 7),
        ("3141000058", 2026, date(2027, 8, 31), 7),
        ("3141000058", 2024, date(2026, 9, 1), 9),
        ("3141000058", 2023, date(2026, 9, 1), None),
        ("3141000058", 2026, date(2026, 8, 31), None),
        ("2141000001", 2021, date(2026, 9, 1), 6),
        ("2141000001", 2020, date(2026, 9, 1), None),
        ("5141000077", 2018, date(2026, 9, 1), 9),
        ("9941000077", 2026, date(2026, 9, 1), None),
    ],
)
def test_a_grade_follows_from_the_year_of_intake(school, year, today, grade):
    assert grade_of_intake(school, year, today) == grade


@pytest.mark.parametrize(
    ("name", "order"),
    [
        *(("202301", 1), ("1班", 1), ("01", 1), ("(1)班", 1), ("(1)班", 1), ("一班", 1)),
        *(("十班", 10), ("十二班", 12), ("二十班", 20), ("二十一班", 21)),
        *(("甲班", None), ("7.1", None), ("", None), ("2023011", None)),
    ],
)
def test_a_class_is_known_by_its_number_however_it_is_written(name, order):
    assert order_of(name) == order


def test_names_without_a_number_are_the_same_only_as_they_stand():
    assert same_class("火箭班", "火箭班")
    assert not same_class("火箭班", "实验班")
    assert not same_class(None, "1班")
    assert not same_class("1班", "2班")


def test_only_a_national_number_says_the_year():
    assert (intake_of("202301"), intake_of("1班"), intake_of("192301")) == (2023, None, None)
