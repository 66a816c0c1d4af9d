"""What the fields of forms are called that no record or entry of a child has by that name."""

from domain.code_list import CodeList

FORM_FIELD = CodeList.read(
    "表格字段",
    "domain.md sections 2 to 4",
    """
    from         | 起始日期           | From
    code         | 类别               | Kind
    title        | 名称               | Title
    number       | 编号               | Number
    issued_on    | 签发日期           | Issued on
    unit         | 单位               | Unit
    level        | 级别               | Level
    role         | 身份或职务         | Role
    type         | 类型               | Type
    certificate  | 证件号             | Certificate number
    to_unit      | 对方单位           | Unit it goes to
    to_level     | 上报至             | Reported to
    to_school    | 转入学校           | School moved to
    approve      | 是否同意           | Approve
    accept       | 是否接收           | Accept
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
    """,
)
