"""What the fields of a record and of its entries are called, in Chinese and English."""

from domain.code_list import CodeList

RECORD_FIELD = CodeList.read(
    "档案字段",
    "domain.md sections 3 to 5",
    """
    name                    | 姓名                   | Name
    sex                     | 性别                   | Sex
    birth_date              | 出生日期               | Date of birth
    student_number          | 学籍号                 | Student number
    id_number               | 身份证号               | ID number
    school_code             | 学校标识码             | School code
    school                  | 学校                   | School
    township_office         | 中心校                 | Township school office
    grade                   | 年级                   | Grade
    class_name              | 班级                   | Class
    student_status          | 学生状态               | Roll status
    found_by                | 发现方式               | How found
    guardians               | 监护人                 | Guardians
    home_address            | 家庭住址               | Home address
    registered_residence    | 户籍所在地             | Registered residence
    township                | 乡镇(街道)           | Township
    key_groups              | 重点群体               | Key groups
    disability              | 残疾                   | Disability
    placement               | 安置方式               | Placement
    home_teaching_plan      | 送教计划(记录序号)   | Home-teaching plan, its entry
    pending_transfer        | 待答复的转学           | Transfer awaiting an answer
    restricted_by           | 封存                   | Restricted by
    pending_erasure         | 待决定的销毁           | Erasure awaiting a decision
    status                  | 状态                   | Status
    episode                 | 第几次个案             | Case number
    escalation_level        | 上报层级               | Escalation level
    first_absent_on         | 首次缺勤日             | First day absent
    reasons                 | 辍学原因               | Dropout reasons
    responsible_person      | 责任人                 | Responsible person
    mentor                  | 结对帮扶人             | Mentor
    returned_on             | 返校日期               | Returned on
    observed_until          | 观察截止               | Observed until
    pending_close_out       | 待审批的销号           | Close-out awaiting a decision
    closed_on               | 销号日期               | Closed on
    close_reason            | 销号原因               | Close-out reason
    absence_flags           | 缺勤预警次数           | Absences flagged
    home_visits             | 家访次数               | Home visits
    counselling_sessions    | 疏导与辅导次数         | Counselling sessions
    persuasion_attempts     | 劝返次数               | Persuasion attempts
    observations            | 返校观察次数           | Observations
    home_teaching_sessions  | 送教次数               | Home-teaching sessions
    written_reports         | 书面报告次数           | Written reports
    corrections             | 更正次数               | Corrections
    suspected_on            | 核实疑似辍学日期       | Verified as suspected on
    days_absent             | 缺勤天数               | Days absent
    first_contact_on        | 首次联系日期           | First contact on
    first_visit_on          | 首次家访日期           | First home visit on
    last_attempt_on         | 最近劝返日期           | Last persuasion on
    marked_on               | 标记辍学日期           | Marked as dropout on
    observed                | 返校观察               | What was observed
    reported_to_township    | 乡镇已知                | Known to the township
    earlier_episodes        | 以往个案               | Earlier cases
    home_teaching           | 送教上门               | Home teaching
    orders                  | 责令限期改正           | Orders to correct
    referrals               | 转介                   | Referrals
    responsible_since       | 责任人起始日期         | Responsible person since
    mentor_since            | 结对帮扶起始日期       | Mentor since
    promoted_on             | 升级日期               | Promoted on
    left_on                 | 离校日期               | Left school on
    died_on                 | 死亡日期               | Died on
    """,
)
# What an entry may hold besides, and a correction replace.
ENTRY_FIELD = CodeList.read(
    "记录字段",
    "domain.md sections 3 to 5",
    """
    occurred_on             | 发生日期               | Day it happened
    absence_kind            | 缺勤类型               | Kind of absence
    days                    | 缺勤天数               | Days missed
    note                    | 备注                   | Note
    notes                   | 疏导记录(封存)       | Notes, sealed
    opens                   | 预警结果               | What the flag set going
    reported_reasons        | 上报原因               | Reported reasons
    verified_reasons        | 核实原因               | Verified reasons
    statement_by            | 证明单位               | Statement by
    papers                  | 证明材料               | Papers
    papers_missing          | 待补材料               | Papers missing
    summary                 | 情况摘要               | Summary
    seen_on                 | 见到到校日期           | Seen in class on
    confirmed_by            | 确认人                 | Confirmed by
    attending               | 是否在校               | Attending
    phone                   | 电话                   | Phone
    mode                    | 方式                   | Mode
    visitors                | 家访人员               | Visitors
    met                     | 见到                   | Met
    purpose                 | 目的                   | Purpose
    family_situation        | 家庭情况               | Family situation
    school_situation        | 在校表现               | School situation
    guardian_view           | 家长意见               | Guardian's view
    next_step               | 后续跟进               | Next step
    counsellor              | 疏导辅导教师           | Counsellor
    minutes                 | 时长(分钟)           | Minutes
    persuaders              | 劝返人员               | Persuaders
    outcome                 | 劝返情况               | Outcome
    support_offered         | 提供的帮扶             | Support offered
    kind                    | 类别                   | Kind
    amount                  | 金额                   | Amount
    teachers                | 送教教师               | Teachers
    planned_hours_per_month | 每月计划课时           | Planned hours a month
    to                      | 截止日期               | Until
    topic                   | 送教内容               | Topic
    response                | 学生反应               | Response
    guardian_present        | 家长在场               | Guardian present
    where                   | 安置地点               | Where
    report_number           | 报告编号               | Report number
    document_number         | 文号                   | Document number
    issued_by               | 责令单位               | Issued by
    report_by               | 报到期限               | To report by
    due_on                  | 期限                   | Due on
    served_on               | 送达日期               | Served on
    served_to               | 送达对象               | Served to
    place                   | 送达地点               | Place
    legal_basis             | 依据                   | Legal basis
    result                  | 结果                   | Result
    question                | 转介事项               | Question
    answer                  | 答复                   | Answer
    to_grade                | 转入年级               | Grade moved to
    to_class                | 转入班级               | Class moved to
    reason                  | 原因                   | Reason
    source                  | 来源                   | Source
    until                   | 到期                   | Until
    """,
)


def field_label(field: str, language: str) -> str:
    """Name a field of a record or an entry for people."""
    words = RECORD_FIELD if field in RECORD_FIELD else ENTRY_FIELD
    return words.label(field, language)
