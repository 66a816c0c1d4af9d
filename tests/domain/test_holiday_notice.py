"""A year's holiday notice becomes days off and days worked; what cannot be is named."""

from datetime import date

import pytest

from domain.holiday_notice import WrongNotice, read_notice
from domain.rules import DEFAULT_RULES

WHOLE = """
关于2027年部分节假日安排的通知
一、元旦:1月1日(周五)至3日(周日)放假,共3天。
二、春节:2月5日(农历除夕前一日、周五)至11日(周四)放假调休,共7天。2月14日(周日)、2月20日(周六)上班。
三、清明节:4月3日(周六)至5日(周一)放假,共3天。
四、劳动节:5月1日(周六)至5日(周三)放假调休,共5天。4月25日(周日)、5月8日(星期六)上班。
五、端午节:6月9日(周三)放假1天,不调休。
六、中秋节:9月15日放假。
七、国庆节:10月1日(周五)至7日(周四)放假调休,共7天。9月26日(星期天)、10月9日(周六)上班。
节假日期间,各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
"""


def spans(notice):
    return [(one.first.isoformat(), one.last.isoformat()) for one in notice.holidays]


def test_a_whole_notice_becomes_the_year_s_holidays_and_make_up_days():
    notice = read_notice(WHOLE, 2027)

    assert spans(notice) == [
        ("2027-01-01", "2027-01-03"),
        ("2027-02-05", "2027-02-11"),
        ("2027-04-03", "2027-04-05"),
        ("2027-05-01", "2027-05-05"),
        ("2027-06-09", "2027-06-09"),
        ("2027-09-15", "2027-09-15"),
        ("2027-10-01", "2027-10-07"),
    ]
    assert [day.isoformat() for day in notice.made_up] == [
        *("2027-02-14", "2027-02-20", "2027-04-25", "2027-05-08", "2027-09-26", "2027-10-09")
    ]
    assert notice.missing == ()


def test_what_was_read_makes_another_calendar_of_days_to_come():
    known = DEFAULT_RULES.editions[0].calendar
    calendar = read_notice(WHOLE, 2027).upon(known, after=date(2027, 2, 14))

    assert not calendar.is_school_day(date(2027, 2, 14))  # over: a Sunday like any other
    assert not calendar.is_school_day(date(2027, 6, 9))
    assert calendar.is_school_day(date(2027, 9, 26))
    assert not known.is_school_day(date(2027, 9, 26))


def test_full_width_signs_and_spaces_are_read_alike():
    text = "国庆节:10月1日(周四)至 7日(周三)放假调休,共 7 天。9月20日(周日)、10月10日(周六)上班。"

    notice = read_notice(text, 2026)

    assert spans(notice) == [("2026-10-01", "2026-10-07")]
    assert notice.made_up == (date(2026, 9, 20), date(2026, 10, 10))
    assert notice.missing == ("元旦", "春节", "清明", "劳动", "端午", "中秋")


@pytest.mark.parametrize(
    ("text", "year", "days"),
    [
        ("元旦:12月31日至1月2日放假调休,共3天。", 2023, ("2022-12-31", "2023-01-02")),
        ("元旦:2023年12月30日至2024年1月1日放假。", 2024, ("2023-12-30", "2024-01-01")),
        ("元旦:12月31日(周四)放假。", 2027, ("2026-12-31", "2026-12-31")),
        (
            "春节:1月31日到2月6日放假,鼓励安排职工在除夕(1月30日)休息。",
            2022,
            ("2022-01-31", "2022-02-06"),
        ),
    ],
)
def test_a_december_before_the_new_year_is_the_year_before(text, year, days):
    assert spans(read_notice(text, year)) == [days]


def test_the_make_up_day_of_a_december_is_told_by_its_weekday():
    notice = read_notice("元旦:1月1日(周五)至2日(周六)放假。12月27日(周日)上班。", 2027)

    assert notice.made_up == (date(2026, 12, 27),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "没有读到放假的日子"),
        ("今天天气很好,明天也是。", "没有读到放假的日子"),
        ("9月20日(周日)上班。", "没有读到放假的日子"),
        ("国庆节:10月1日(周五)至7日放假。", "2026-10-01 是周四"),
        ("国庆节:10月1日至7日放假,共8天。", "写明共 8 天,按起止日期是 7 天"),
        ("劳动节:5月1日放假2天。", "写明共 2 天,按起止日期是 1 天"),
        ("2月30日放假。", "没有2月30日"),
        ("13月1日放假。", "没有13月1日"),
        ("1日至3日放假。", "“3日”没有写明月份"),
        ("10月7日至10月1日放假。", "不像一个假期"),
        ("1月1日至12月1日放假。", "不像一个假期"),
        ("1999年10月1日放假。", "不属于 2026 年"),
        ("9999年12月31日放假。", "不属于 2026 年"),
        ("0000年10月1日放假。", "没有10月1日"),
        ("10月1日至7日放假。10月5日至6日放假。", "重叠"),
        ("10月1日至7日放假。10月9日(周五)上班。", "不是周末"),
        ("10月1日至7日放假。10月3日(周六)上班。", "既放假又上班"),
        ("10月1日至7日放假。10月10日、10月10日上班。", "写了两次"),
        ("\0\ud800放假", "没有读到放假的日子"),
        ("一" * 10_001, "不超过 10000 字"),
    ],
)
def test_what_cannot_be_is_named(text, said):
    with pytest.raises(WrongNotice) as wrong:
        read_notice(text, 2026)

    assert said in wrong.value.zh
    assert wrong.value.en
