"""A text that is to be public is searched for children: names, numbers, and counts too small."""

import pytest

from domain.child_names import found_in, tells_few

NAMES = ["测小舟", "高山", "欧阳测试", "林", "阿依·古丽", "Anna Li", "Bo"]
NUMBERS = ["G410399201409150027", "T-2201"]


@pytest.mark.parametrize(
    "text",
    [
        *("测小舟已返校", "学生测 小 舟已返校", "测·小舟", "测\u200b小舟", "请欧阳测试同学到校"),
        *("阿依古丽", "阿依·古丽", "anna li came back", "ANNA  LI", "Anna·Li"),
        *("G410399201409150027", "学籍号 G4103 9920 1409 1500 27", "编号t2201"),
        *("410399201409150019", "电话13800138000", "138 0013 8000", "0379-60000000"),
        "1380013８000",
    ],
)
def test_a_name_or_number_is_found_however_it_is_written(text):
    assert found_in(text, NAMES, NUMBERS) == "named"


@pytest.mark.parametrize("text", ["高山已返校", "该校地处高山区", "高 山"])
def test_two_characters_are_only_perhaps_a_name(text):
    assert found_in(text, NAMES, NUMBERS) == "perhaps"


@pytest.mark.parametrize(
    "text",
    [
        *("总体情况良好", "园林学校", "测小", "Annabel Lin", "bother", "豫教办〔2026〕15号", ""),
        *("2026-10-13 至 2026-10-14", "台账 120 份"),
    ],
)
def test_other_texts_name_nobody(text):
    assert found_in(text, NAMES, NUMBERS) is None


def test_the_districts_own_words_name_no_child():
    assert found_in("高山镇中心校", NAMES, own={"高山镇", "高山镇中心校"}) is None
    assert found_in("高山镇的高山", NAMES, own={"高山镇"}) == "perhaps"
    assert found_in("任何文字", []) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "有2名学生未到",
            "三名疑似辍学学生无家访记录",
            "辍学1人",
            "疑似 3 名",
            "1位女生",
            "4个孩子",
        ),
        "两名残疾儿童",
    ],
)
def test_one_to_four_children_are_told_of(text):
    assert tells_few(text)


@pytest.mark.parametrize(
    "text",
    ["12名学生", "5名学生", "2名教师", "台账齐全", "1个班", "辍学率1.2%", "督查2次", "整改3项问题"],
)
def test_larger_counts_and_counts_of_other_things_are_not(text):
    assert not tells_few(text)
