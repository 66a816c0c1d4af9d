"""The headings of a roll file, the national template's first, and which it cannot do without."""

import re
from collections.abc import Mapping, Sequence

HEADING_ROWS = 10  # a title and notes may stand above the headings
OURS = "问题 · What is wrong"  # the last column of a dry run's workbook, which may come back

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "school_code": ("学校标识码",),
    "name": ("姓名", "学生姓名"),
    "sex": ("性别",),
    "birth_date": ("出生日期",),
    "student_number": ("学籍号", "全国学籍号", "学籍号码"),
    "id_type": ("身份证件类型", "证件类型"),
    "id_number": ("身份证件号", "身份证号", "身份证件号码", "身份证号码"),
    "grade": ("年级", "年级名称"),
    "class_name": ("班级", "班级名称"),
    "class_number": ("班号",),
    "enrolled_in": ("入学年月", "入学时间"),
    "student_status": ("学籍状态", "学生状态", "学生当前状态", "就读状态"),
    "township": ("乡镇(街道)", "乡镇", "镇街"),
    "home_address": ("现住址", "家庭住址", "家庭地址"),
    "registered_residence": ("户口所在地", "户籍所在地"),
    "residence_code": ("户口所在地行政区划", "户口所在地行政区划码", "户籍所在地行政区划"),
    "guardian_1": ("成员1姓名", "监护人姓名", "监护人", "家长姓名"),
    "relation_1": ("成员1关系", "监护人关系", "与学生关系"),
    "phone_1": ("成员1联系电话", "成员1电话", "监护人电话", "监护人联系电话"),
    "is_guardian_1": ("成员1是否监护人",),
    "guardian_2": ("成员2姓名",),
    "relation_2": ("成员2关系",),
    "phone_2": ("成员2联系电话", "成员2电话"),
    "is_guardian_2": ("成员2是否监护人",),
    "phone": ("联系电话",),
    "left_behind": ("是否留守儿童", "留守儿童"),
    "migrant": ("是否进城务工人员随迁子女", "是否随迁子女", "随迁子女"),
    "orphan": ("是否孤儿", "孤儿"),
    "poverty_relieved": ("是否脱贫户", "是否建档立卡", "脱贫户"),
    "disability_type": ("残疾类型", "残疾类别", "残疾人类型"),
    "disability_level": ("残疾等级",),
    "disability_certificate": ("残疾证号",),
}
# Of the template's headings these have no place in a child's record and are named as ignored:
# 就读方式, 是否享受一补 (support is an entry of its own, with a day and an amount), 随班就读 (an
# inclusive class is a placement the bureau arranges, with its papers).
# One of each; 班号 may say grade and class at once.
REQUIRED: Sequence[tuple[str, ...]] = (
    *(("school_code",), ("name",), ("sex",), ("birth_date",), ("student_number",)),
    *(("grade", "class_number"), ("class_name", "class_number")),
)


def normal(heading: object) -> str:
    """Give a heading without spaces, stars and the notes in brackets."""
    return re.sub(r"[\s**::]|[((【].*?[))】]", "", str(heading or ""))


def required_names() -> list[list[str]]:
    """Give the names by which each required heading may stand."""
    return [[name for field in fields for name in HEADINGS[field]] for fields in REQUIRED]
