"""What a form calls its fields, where the record's own words would not do on a form."""

from domain.code_list import CodeList
from domain.record_fields import field_label

FORM_FIELD = CodeList.read(
    "表单字段",
    "domain.md sections 2 to 5",
    """
    title        | 名称             | Title
    number       | 编号             | Number
    issued_on    | 出具日期         | Issued on
    code         | 类别             | Group
    entry        | 记录序号         | Entry
    from         | 起始日期         | From
    role         | 身份             | Role
    unit         | 单位             | Unit
    level        | 级别             | Level
    type         | 类型             | Type
    certificate  | 残疾证号         | Certificate number
    relation     | 与学生关系       | Relation
    to_level     | 报送层级         | Reported to
    to_unit      | 转介单位         | Unit referred to
    to_school    | 转入学校         | School moved to
    approve      | 是否批准         | Approve
    accept       | 是否接收         | Accept
    school_code  | 学校             | School
    notes        | 疏导记录         | Notes
    home_teaching_plan | 送教计划   | Home-teaching plan
    held_on      | 日期               | Held on
    withdrawn    | 撤销此条           | Withdraw the line
    school_year  | 学年               | School year
    text         | 责任书正文         | Text of the pledge
    terms        | 责任条款           | Terms
    to_person    | 承诺人             | Who pledges
    term_from    | 任期起             | Term from
    term_to      | 任期止             | Term to
    replaces     | 替换第几份         | Replaces number
    signed_on    | 签订日期           | Signed on
    schools      | 学校               | Schools
    starts_on    | 开始日期           | Starts on
    ends_on      | 结束日期           | Ends on
    methods      | 督查方式           | Methods
    inspectors   | 督查人员           | Inspectors
    joint_units  | 参与单位           | Units that take part
    counted      | 实到人数           | Heads counted
    explained    | 其中请假人数       | Absent with leave
    what         | 发现的问题         | What was found
    remedy       | 整改方式           | Remedy
    owner        | 整改责任人         | Who puts it right
    severity     | 问题程度           | Severity
    done_on      | 整改完成日期       | Put right on
    in_force_from | 施行日期          | In force from
    items        | 考评项目           | Items
    points       | 得分               | Points
    evidence     | 依据               | Evidence
    rubric       | 考评细则           | Rubric
    period       | 考评周期           | Period
    inspection   | 督查编号           | Inspection
    inspections  | 所依据的督查       | Inspections it tells of
    commended    | 是否表扬           | Commended
    veto         | 是否一票否决       | Veto
    restates     | 改变的决定         | Decision restated
    with_whom    | 约谈对象           | With whom
    commitments  | 承诺事项           | Promises
    commitment   | 承诺               | Promise
    done         | 是否已落实         | Kept
    scores       | 所依据的考评       | Scores it tells of
    summaries    | 各校情况           | What is said of each school
    confirmed    | 已核对的栏目       | Fields looked at
    email        | 电子邮箱           | E-mail
    digest       | 每日提醒           | Daily digest
    url          | 接收地址           | Address
    kinds        | 记录种类           | Kinds of entry
    from_name    | 交接人             | Hands over
    to_name      | 接任人             | Follows
    """,
)


def form_label(name: str, language: str) -> str:
    """Name a field of a form."""
    if name in FORM_FIELD:
        return FORM_FIELD.label(name, language)
    return field_label(name, language)
