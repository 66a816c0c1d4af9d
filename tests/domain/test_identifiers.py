"""An identifier is read as the standards write it; anything else is refused in two languages."""

from datetime import date

import pytest
from hypothesis import assume
from hypothesis import given as whatever
from hypothesis import strategies as st
from stdnum.cn import ric

from domain.identifiers import (
    MalformedIdentifier,
    birth_date_of,
    check_disability_certificate,
    check_id_number,
    id_check_character,
    masked_address,
    masked_certificate,
    masked_id_number,
    masked_phone,
    masked_student_number,
    parse_school_code,
    parse_student_number,
)

FULL_WIDTH = "４１０３９９２０１４０９１５００１９"
READERS = [check_id_number, parse_student_number, parse_school_code, check_disability_certificate]
HOSTILE = [
    "",
    " ",
    "0",
    "-",
    "NULL",
    "4" * 10_000_000,
    "G" + "4" * 1_000_000,
    "\x00",
    "410399201409150019\x00",
    "\x00410399201409150019",
    "410399201409150019\n",
    " 410399201409150019",
    "G410399201409150019\n",
    "G 410399201409150019",
    FULL_WIDTH,
    "G" + FULL_WIDTH,
    "Ｇ410399201409150019",
    "４１４１００００５８",
    "4103992014091500１9",
    "٤١٠٣٩٩٢٠١٤٠٩١٥٠٠١٩",
    "²" * 18,
    "G" * 19,
    "X" * 18,
    "41039920140915001",
    "4103992014091500199",
    "3141000058\n",
    "'; DROP TABLE --",
    "\ud800" * 18,
    "ß" * 9,
]


def with_check(first17):
    return first17 + id_check_character(first17)


@st.composite
def id_numbers(draw):
    area = draw(st.sampled_from(["410322", "410306", "410308", "110105", "650102"]))
    day = draw(st.dates(date(1900, 1, 1), date(2026, 11, 24)))
    return with_check(f"{area}{day:%Y%m%d}{draw(st.integers(0, 999)):03d}")


# ID numbers ---------------------------------------------------------------------------------


def test_the_check_character_of_the_standards_own_example():
    assert id_check_character("11010519491231002") == "X"


@whatever(id_numbers())
def test_an_id_number_with_its_check_character_is_taken_and_another_library_agrees(number):
    assert check_id_number(number) == number
    assert ric.calc_check_digit(number) == number[17]
    assert birth_date_of(number).strftime("%Y%m%d") == number[6:14]


@whatever(id_numbers(), st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed(number, place, more):
    digit = str((int(number[place]) + more) % 10)

    with pytest.raises(MalformedIdentifier):
        check_id_number(number[:place] + digit + number[place + 1 :])


@whatever(id_numbers(), st.integers(0, 16))
def test_two_neighbouring_digits_swapped_are_always_noticed(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assume(swapped != number)

    with pytest.raises(MalformedIdentifier):
        check_id_number(swapped)


def test_a_small_x_is_written_large():
    assert check_id_number("11010519491231002x") == "11010519491231002X"


@pytest.mark.parametrize("birth", ["20140229", "20141301", "20140900", "20140931", "00000915"])
def test_a_birth_date_that_never_was_is_refused(birth):
    with pytest.raises(MalformedIdentifier) as refused:
        check_id_number(with_check(f"410399{birth}001"))

    assert refused.value.slug == "id-number-form"


def test_a_leap_day_is_a_birth_date():
    assert birth_date_of(with_check("41039920160229001")) == date(2016, 2, 29)


@pytest.mark.parametrize("number", ["410399201409150018", "41039920140915001X"])
def test_a_wrong_check_character_says_so(number):
    with pytest.raises(MalformedIdentifier) as refused:
        check_id_number(number)

    assert refused.value.slug == "id-number-check"


# Student numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "id_number"),
    [
        ("G410399201409150019", "G", "410399201409150019"),
        ("g11010519491231002x", "G", "11010519491231002X"),
        ("J410322000000000001", "J", None),
        ("J41032200000000000X", "J", None),
        ("j410322000000000001", "J", None),
        ("L410322201409150001", "L", None),
        ("L410306201409159999", "L", None),
        ("L410308201602290000", "L", None),
    ],
)
def test_a_student_number_of_each_form_is_read_whatever_its_local_prefix(text, kind, id_number):
    read = parse_student_number(text)

    assert (read.kind, read.text, read.id_number) == (kind, text.upper(), id_number)


@whatever(id_numbers())
def test_a_g_number_is_g_and_the_id_number(number):
    assert parse_student_number(f"G{number}").id_number == number


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("410399201409150019", "student-number-form"),
        ("H410399201409150019", "student-number-form"),
        ("G410399201409150018", "id-number-check"),
        ("G410399201402300010", "id-number-form"),
        ("G41039920140915001", "student-number-form"),
        ("J41032200000000000", "student-number-form"),
        ("J4103220000000000011", "student-number-form"),
        ("J41032200X000000001", "student-number-form"),
        ("L410322201413150001", "student-number-form"),
        ("L41032220140915000X", "student-number-form"),
    ],
)
def test_what_is_no_student_number_is_refused(text, slug):
    with pytest.raises(MalformedIdentifier) as refused:
        parse_student_number(text)

    assert refused.value.slug == slug


# School codes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "school_type"),
    [("2141000001", "21"), ("3141000058", "31"), ("5141000077", "51")],
)
def test_a_school_code_names_its_type_and_province(text, school_type):
    code = parse_school_code(text)

    assert (code.text, code.type, code.province) == (text, school_type, "41")


@pytest.mark.parametrize(
    "text",
    [
        "4141000058",
        "0041000058",
        "314100005",
        "31410000588",
        "314100005X",
        "3141 00058",
        "３1410058",
    ],
)
def test_what_is_no_school_code_is_refused(text):
    with pytest.raises(MalformedIdentifier) as refused:
        parse_school_code(text)

    assert refused.value.slug == "school-code-form"


# Disability certificates --------------------------------------------------------------------


@pytest.mark.parametrize("kind", "1234567")
@pytest.mark.parametrize("level", "1234")
def test_a_certificate_is_the_id_number_with_type_and_level(kind, level):
    text = f"11010519491231002x{kind}{level}"

    assert check_disability_certificate(text) == text.upper()


@pytest.mark.parametrize("tail", ["", "5", "05", "82", "50", "55", "522", "５2"])
def test_a_certificate_with_another_type_or_level_is_refused(tail):
    with pytest.raises(MalformedIdentifier) as refused:
        check_disability_certificate(f"410399201409150019{tail}")

    assert refused.value.slug == "certificate-form"


def test_a_certificate_with_a_wrong_id_number_is_refused():
    with pytest.raises(MalformedIdentifier) as refused:
        check_disability_certificate("41039920140915001852")

    assert refused.value.slug == "id-number-check"


# Whatever arrives ---------------------------------------------------------------------------


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_refused_in_both_languages_without_repeating_it(reader, text):
    with pytest.raises(MalformedIdentifier) as refused:
        reader(text)

    assert refused.value.zh
    assert refused.value.en
    assert len(refused.value.zh) + len(refused.value.en) < 300


@pytest.mark.parametrize("reader", READERS)
@whatever(text=st.text() | st.text("0123456789GJLXx０９", min_size=8, max_size=22))
def test_any_text_is_read_or_refused_and_what_is_read_is_read_again(reader, text):
    try:
        read = reader(text)
    except MalformedIdentifier:
        return
    normal = getattr(read, "text", read)
    assert normal.isascii()
    assert reader(normal) == read


# Masks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (masked_id_number, "410399201409150019", "410399********0019"),
        (masked_student_number, "G410399201409150019", "G410399********0019"),
        (masked_student_number, "g410399201409150019", "g410399********0019"),
        (masked_student_number, "J410322000000000001", "J410322000000000001"),
        (masked_phone, "13800000001", "138****0001"),
        (masked_phone, "6212345", "*****45"),
        (masked_certificate, "41039920140915001952", "410399********001952"),
        (masked_address, "晴川镇一村1号院", "晴川镇一***"),
        (masked_address, "孟津县晴川镇一村三组十七号", "孟津县晴川镇***"),
    ],
)
def test_a_mask_shows_what_a_list_may_show(mask, text, shown):
    assert mask(text) == shown


@pytest.mark.parametrize(
    "mask", [masked_id_number, masked_phone, masked_certificate, masked_address]
)
@whatever(text=st.text(st.characters(exclude_characters="*"), min_size=1, max_size=40))
def test_a_mask_never_shows_the_whole_whatever_was_typed(mask, text):
    shown = mask(text)

    assert "*" in shown
    assert shown != text
