"""What every recorded field is for (处理目的), in Chinese and English; a test holds it complete."""

# A field's name, or "kind.name" where one kind of entry needs words of its own; parts of a field
# follow it after a slash.
TABLE = """
originator_id        | 区分每名儿童的记录 | tells one child's record from another
originator_version   | 记录在该儿童历史中的序号 | the entry's place in the child's history
timestamp            | 登记时刻,供查证 | when it was recorded, as evidence
occurred_on          | 事情发生之日,用于计算期限 | the day it happened, from which deadlines count
by/account           | 谁登记,责任可查 | who recorded it, to be answered for
by/name              | 登记人姓名 | the recording person's name
by/role              | 登记人当时岗位 | the recording person's post then
by/unit              | 登记人当时单位 | the recording person's unit then
name                 | 辨认儿童 | identifies the child
responsible_person_named.name | 责任人或结对帮扶人姓名 | name of the responsible person or mentor
sex                  | 学籍信息,与学籍系统核对 | roll data, compared with the national roll
birth_date           | 判断义务教育年龄 | tells whether the child is of compulsory school age
student_number       | 与学籍系统对应,防止重复 | matches the national roll, prevents doubles
id_number            | 核实身份 | verifies identity
school_code          | 确定责任学校 | the school that answers for the child
grade                | 确定年级 | the child's grade
class_name           | 确定班级与班主任 | the child's class and its teacher
township             | 确定属地责任 | the township that answers for the child
guardians/name       | 联系监护人、送达文书 | reaches the guardian, serves orders
guardians/relation   | 确认监护关系 | the guardian's relation to the child
guardians/phone      | 联系监护人 | reaches the guardian
home_address         | 家访、送达 | home visits and service of orders
registered_residence | 确定户籍地责任 | the place of registered residence that answers
found_by             | 发现途径,用于改进排查 | how it was found, to better the search
enrolled.found_by    | 建档途径 | how the child came to be known
disability/type      | 安排适合的教育 | arranges fitting education
disability/level     | 安排适合的教育 | arranges fitting education
disability/certificate | 核验残疾证 | verifies the certificate
key_groups/code      | 重点关注与帮扶 | attention and support due to key groups
key_groups/source    | 标记依据 | where the mark comes from
key_groups/purpose   | 标记用途 | what the mark is for
key_groups/until     | 标记到期自动失效 | the mark ends by itself
kind                 | 所登记事项的类别 | which kind of thing is recorded
code                 | 重点群体类别 | which key group
source               | 标记依据 | where the mark comes from
purpose              | 标记或家访的用途 | what the mark or the visit is for
until                | 标记到期自动失效 | the mark ends by itself
reason               | 说明理由 | the reason given
papers/kind          | 证明材料类别 | which kind of proof
papers/title         | 证明材料名称 | the proof's title
papers/number        | 证明材料编号 | the proof's number
papers/issued_on     | 证明材料日期 | the proof's date
papers_missing       | 待补的材料 | proofs still to come
change               | 所补材料的异动 | the roll change whose papers came later
to_school            | 转入学校 | the school moved to
from_school          | 转出学校 | the school moved from
to_grade             | 升入或转入年级 | the grade moved to
to_class             | 转入班级 | the class moved to
from_grade           | 毕业年级 | the grade finished
report_by            | 报到期限,逾期排查 | the day to report by, from which no-shows are told
request              | 所答复的申请 | the request that is answered
note                 | 补充说明 | a remark
first_absent_on      | 首个缺勤日,期限起算 | the first day missed, from which deadlines count
absence_kind         | 区分请假与旷课 | tells leave from truancy
days                 | 缺勤天数 | days missed
days_absent          | 缺勤上学日数 | school days missed
opens                | 预警的结果 | what the flag set going
reopens              | 是否复辍 | whether it is a relapse
reported_reasons     | 学校报告的辍学原因 | dropout reasons as reported
verified_reasons     | 核实的辍学原因 | dropout reasons as verified
reasons              | 劝返中了解的原因 | reasons learnt in persuasion
statement_by         | 出具失联说明的单位 | who stated that contact is lost
summary              | 情况摘要 | a summary of the situation
level                | 办理单位层级 | the level of the deciding unit
seen_on              | 返校之日,观察期起算 | the day of return, from which observation counts
confirmed_by         | 确认返校的人 | who confirmed the return
observed_until       | 观察期截止 | the last day of observation
attending            | 是否在校 | whether the child is in class
role                 | 责任人或结对帮扶人 | responsible person or mentor
phone                | 联系责任人 | reaches the responsible person
from_day             | 起始日 | the first day it holds
to                   | 截止日 | the last day it holds
mode                 | 家访方式 | how the visit was made
visitors             | 家访人员 | who visited
met                  | 见到何人 | who was met
family_situation     | 家庭情况,用于确定帮扶 | the family's situation, to find support
school_situation     | 在校情况,用于确定帮扶 | the situation at school, to find support
guardian_view        | 监护人意见 | the guardian's view
next_step            | 下一步安排 | what is to be done next
counsellor           | 疏导或辅导人员 | who counselled or tutored
notes                | 疏导内容,仅本人与审计可见 | what was said, for author and auditor only
minutes              | 时长 | how long it took
persuaders/name      | 劝返人员姓名 | who persuaded
persuaders/unit      | 劝返人员单位 | the persuader's unit
persuaders/level     | 劝返人员层级 | the persuader's level
outcome              | 劝返结果 | what persuasion achieved
support_offered      | 提出的帮扶 | what support was offered
amount               | 资助金额 | how much was granted
teachers             | 送教教师 | who teaches at home
planned_hours_per_month | 每月计划课时 | hours planned a month
plan                 | 所依据的送教安排 | the plan it belongs to
topic                | 送教内容 | what was taught
guardian_present     | 监护人是否在场 | whether the guardian was there
response             | 儿童反应 | how the child took it
where                | 安置地点 | where the child learns
to_level             | 报告的上级 | the level reported to
report_number        | 报告文号 | the report's number
document_number      | 文书编号 | the document's number
issued_by            | 发文机关 | who issued it
due_on               | 责令改正期限 | the day by which to correct
order                | 所送达的文书 | the order that was served
served_on            | 送达日期 | the day of service
served_to            | 受送达人 | whom it was served to
place                | 送达地点 | where it was served
legal_basis          | 法律依据 | the legal basis
result               | 处置结果 | what came of it
to_unit              | 受转介单位 | the unit asked
question             | 请求协助事项 | what it was asked
fields               | 约定提供的字段 | the fields sent to the unit
referral             | 所答复的转介 | the referral that is answered
answer               | 转介答复 | what the unit answered
entry                | 被更正的记录 | the entry that is corrected
changes              | 更正后的内容 | what it should have said
derived              | 由更正得出的内容 | what follows from the correction
restriction          | 所解除的封存 | the restriction that is lifted
retention_ended_on   | 保存期届满日 | the day the retention period ended
"""


def _read(table: str) -> dict[str, tuple[str, str]]:
    rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return {name: (zh, en) for name, zh, en in rows}


PURPOSES = _read(TABLE)


def purpose_of(kind: str, field: str) -> tuple[str, str]:
    """Give what a field of a kind of entry is for; ``KeyError`` for one nobody stated."""
    return PURPOSES.get(f"{kind}.{field}") or PURPOSES[field]
