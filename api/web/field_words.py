"""What a form calls its fields, where the record's own words would not do on a form."""

from domain.code_list import CodeList
from domain.record_fields import field_label

FORM_FIELD = CodeList.read(
    "表单字段",
    "domain.md sections 3 to 5",
    """
    title        | 名称             | Title
    number       | 编号             | Number
    issued_on    | 出具日期         | Issued on
    code         | 类别             | Group
    from         | 起始日期         | From
    role         | 身份             | Role
    unit         | 单位             | Unit
    level        | 级别             | Level
    type         | 类型             | Type
    certificate  | 残疾证号         | Certificate number
    relation     | 与学生关系       | Relation
    to_level     | 报送层级         | Reported to
    to_unit      | 转介单位         | Unit referred to
    to_school    | 转入学校标识码   | School moved to (code)
    approve      | 是否批准         | Approve
    accept       | 是否接收         | Accept
    school_code  | 学校标识码       | School code
    notes        | 疏导记录         | Notes
    home_teaching_plan | 送教计划   | Home-teaching plan
    """,
)


def form_label(name: str, language: str) -> str:
    """Name a field of a form."""
    if name in FORM_FIELD:
        return FORM_FIELD.label(name, language)
    return field_label(name, language)
