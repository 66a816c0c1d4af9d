"""Every code list of the field, in one place: code, Chinese and English label, source."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.code_list import Code, CodeList


@dataclass(frozen=True, slots=True)
class CloseReason(Code):
    """
    A close-out reason: the statuses it fits, and the papers of which it demands any one.

    Source: P, two county verification reports; the proof D (domain.md section 5).
    """

    fits: frozenset[str]
    papers: frozenset[str]


class CloseReasons(CodeList):
    """The close-out reasons, which know more than their labels."""

    def __getitem__(self, code: str) -> CloseReason:
        reason = super().__getitem__(code)
        assert isinstance(reason, CloseReason)
        return reason


# The case -----------------------------------------------------------------------------------

STATUS = CodeList.read(
    "个案状态",
    "D",
    """
    none | 无个案 | No case
    watched | 缺勤预警 | Watched
    suspected | 疑似辍学 | Suspected dropout
    returned | 已返校(观察期) | Returned, under observation
    home_taught | 送教上门 | Taught at home
    placed | 其他安置 | Placed elsewhere
    unreachable | 失联 | Unreachable
    dropped_out | 确认辍学 | Confirmed dropout
    closed | 已销号 | Closed
    """,
)
RELAPSED = Code("returned", "已反弹", "Relapsed")  # what a page shows of a case that ended so
OPEN_STATUS = frozenset(STATUS) - {"none", "closed"}

ESCALATION_LEVEL = CodeList.read(
    "上报层级",
    "D",
    """
    school | 学校 | School
    township | 镇(街道) | Township
    bureau | 区教体局 | District education bureau
    legal | 依法处置 | Legal action
    """,
)
ESCALATION_ORDER = tuple(ESCALATION_LEVEL)

DROPOUT_REASON = CodeList.read(
    "辍学原因",
    "D, on the four heads of 教基〔2020〕5号",
    """
    R01 | 学习困难 | Learning difficulty
    R02 | 厌学 | Weary of school
    R03 | 外出务工 | Left for work
    R04 | 早婚早育 | Early marriage or parenthood
    R05 | 信教 | Religion
    R06 | 家庭经济困难 | Poverty
    R07 | 因病 | Illness
    R08 | 因残 | Disability
    R09 | 家庭变故或监护缺失 | Family upheaval or no guardian
    R10 | 上学路远 | School too far
    R11 | 沉迷网络 | Internet addiction
    R12 | 校园欺凌 | Bullying
    R13 | 涉案 | Involved in a legal case
    R14 | 随父母流动 | Moves with parents
    R15 | 不明 | Unknown
    R99 | 其他 | Other
    """,
)

_BUT_RETURNED = OPEN_STATUS - {"returned"}
CLOSE_REASON = CloseReasons(
    "销号原因",
    "P, two county verification reports; proof D",
    [
        CloseReason(
            "C01",
            "返校复学",
            "Back at school",
            frozenset({"returned"}),
            frozenset({"attendance_sheet"}),
        ),
        CloseReason(
            "C02",
            "已在他校就读有学籍",
            "At another school, on its roll",
            OPEN_STATUS,
            frozenset({"roll_extract"}),
        ),
        CloseReason(
            "C03",
            "省内就读无学籍",
            "At school in the province, not on a roll",
            OPEN_STATUS,
            frozenset({"host_school_letter"}),
        ),
        CloseReason(
            "C04",
            "省外就读无学籍",
            "At school in another province, not on a roll",
            OPEN_STATUS,
            frozenset({"host_school_letter"}),
        ),
        CloseReason(
            "C05",
            "信息错误或查无此人",
            "Wrong data or no such person",
            _BUT_RETURNED,
            frozenset({"roll_extract", "police_letter", "village_statement"}),
        ),
        CloseReason(
            "C06",
            "户籍问题",
            "Household registration",
            OPEN_STATUS,
            frozenset({"police_letter"}),
        ),
        CloseReason(
            "C07",
            "超龄离校",
            "Past the age of compulsory school",
            OPEN_STATUS,
            frozenset({"roll_extract"}),
        ),
        CloseReason("C08", "延缓入学", "Entry deferred", OPEN_STATUS, frozenset({"approval"})),
        CloseReason(
            "C09",
            "因病因残",
            "Illness or disability",
            frozenset({"home_taught", "placed"}),
            frozenset({"approval", "medical_proof"}),
        ),
        CloseReason(
            "C10",
            "出国",
            "Abroad",
            OPEN_STATUS,
            frozenset({"exit_record", "guardian_application"}),
        ),
        CloseReason("C11", "死亡", "Died", OPEN_STATUS, frozenset({"death_certificate"})),
        CloseReason("C13", "排除预警", "Warning ruled out", frozenset({"watched"}), frozenset()),
    ],
)

ABSENCE_KIND = CodeList.read(
    "缺勤类型",
    "D, P",
    """
    sick_leave | 病假 | Sick leave
    personal_leave | 事假 | Personal leave
    official_leave | 公假 | Official leave
    truancy | 旷课 | Truancy
    late | 迟到 | Late
    left_early | 早退 | Left early
    not_reported | 未报到 | Not reported
    out_of_contact | 联系不上 | Out of contact
    """,
)
COUNTING_ABSENCE = frozenset({"truancy", "not_reported", "out_of_contact"})

FOUND_BY = CodeList.read(
    "发现方式",
    "D",
    """
    roll_call | 点名 | Roll call
    screening | 排查 | Screening
    inspection | 督查 | Inspection
    roll_match | 学籍比对 | Roll match
    enrolment_no_show | 应入未入 | Did not enrol
    report | 反映 | Report
    """,
)

# Work with the family -----------------------------------------------------------------------

VISIT_MODE = CodeList.read(
    "家访方式",
    "P",
    """
    at_home | 入户 | At home
    phone | 电话 | By phone
    video | 视频 | By video
    at_school | 到校 | At school
    away | 异地 | Away from home
    joint | 联合 | Joint visit
    """,
)
IN_PERSON_VISIT = frozenset({"at_home", "away", "joint"})

MET = CodeList.read(
    "见到",
    "P",
    """
    student | 学生 | Student
    guardian | 监护人 | Guardian
    relative | 其他亲属 | Other relative
    neighbour | 邻居 | Neighbour
    nobody | 未见到 | Nobody
    """,
)

PERSUASION_OUTCOME = CodeList.read(
    "劝返情况",
    "P",
    """
    agreed | 同意返校 | Agreed to return
    hesitant | 犹豫 | Hesitant
    refused | 拒绝 | Refused
    not_met | 未见到 | Not met
    studying_elsewhere | 已在他处就读 | Studying elsewhere
    whereabouts_unknown | 去向不明 | Whereabouts unknown
    """,
)

COUNSELLING_KIND = CodeList.read(
    "辅导类别",
    "S1",
    """
    psychological | 心理疏导 | Psychological counselling
    academic | 学业辅导 | Tutoring
    """,
)

SUPPORT_KIND = CodeList.read(
    "帮扶类别",
    "S1, S2",
    """
    two_exemptions | 两免一补 | Two exemptions and one subsidy
    nutrition | 营养改善计划 | Nutrition programme
    hardship_aid | 困难资助 | Hardship aid
    other | 其他 | Other
    """,
)

REFERRAL_KIND = CodeList.read(
    "转介事项",
    "D, on the member units of S3 and the village committee",
    """
    whereabouts | 核实去向 | Confirm where the child is
    search | 查找下落 | Search by the police
    hardship | 困难救助 | Aid in hardship
    disability | 残疾认定与康复 | Disability assessment and rehabilitation
    child_labour | 查处违法用工 | Unlawful employment
    legal_help | 司法帮扶 | Legal help
    other | 其他 | Other
    """,
)

RESPONSIBILITY_ROLE = CodeList.read(
    "责任类别",
    "S1, S2",
    """
    responsible | 责任人 | Responsible person
    mentor | 帮扶人 | Mentor
    """,
)

# Papers and placements ----------------------------------------------------------------------

PAPER_KIND = CodeList.read(
    "证明材料",
    "P",
    """
    attendance_sheet | 考勤表 | Attendance sheet
    roll_extract | 学籍截图 | Roll extract
    host_school_letter | 接收学校证明 | Host school's letter
    police_letter | 公安证明 | Police letter
    village_statement | 村(居)委会证明 | Village committee's statement
    approval | 批准文件 | Approval
    exit_record | 出境记录 | Exit record
    death_certificate | 死亡证明 | Death certificate
    medical_proof | 医学诊断证明 | Medical proof
    disability_certificate | 残疾证 | Disability certificate
    guardian_application | 监护人申请 | Guardian's application
    court_document | 司法文书 | Court document
    other | 其他 | Other
    """,
)

PLACEMENT_KIND = CodeList.read(
    "安置方式",
    "S1, D",
    """
    inclusive_class | 随班就读 | Inclusive class
    special_school | 特殊教育学校 | Special school
    institution | 培训或康复机构 | Training or rehabilitation institution
    suspension | 休学 | Suspension
    deferred | 延缓入学 | Deferred entry
    enrolled_elsewhere | 他校就读 | Enrolled elsewhere
    vocational | 职业学校 | Vocational school
    """,
)

# One paper of each group is demanded.
HOME_TEACHING_PAPERS = (
    frozenset({"disability_certificate", "medical_proof"}),
    frozenset({"guardian_application"}),
)
CONTACT_LOSS_PAPERS = (frozenset({"police_letter", "village_statement"}),)


def missing_papers(
    demanded: tuple[frozenset[str], ...], given: Iterable[str]
) -> tuple[frozenset[str], ...]:
    """Return the groups of papers of which none was given."""
    have = frozenset(given)
    return tuple(group for group in demanded if not group & have)


# The child and the roll ---------------------------------------------------------------------

SEX = CodeList.read("性别", "L: GB/T 2261.1", "male | 男 | Male\nfemale | 女 | Female")
KEY_GROUP = CodeList.read(
    "重点群体",
    "S3",
    """
    left_behind | 留守 | Left behind
    poverty_relieved | 脱贫户 | Poverty-relieved household
    disabled | 残疾 | Disabled
    learning_difficulty | 学习困难 | Learning difficulty
    prisoners_child | 服刑人员未成年子女 | Prisoner's child
    migrant | 随迁子女 | Migrant
    orphan | 孤儿 | Orphan
    de_facto_unattended | 事实无人抚养 | De facto unattended
    """,
)
DISABILITY_TYPE = CodeList.read(
    "残疾类别",
    "L: GB/T 26341",
    """
    1 | 视力 | Visual
    2 | 听力 | Hearing
    3 | 言语 | Speech
    4 | 肢体 | Physical
    5 | 智力 | Intellectual
    6 | 精神 | Psychiatric
    7 | 多重 | Multiple
    """,
)
DISABILITY_LEVEL = CodeList.read(
    "残疾等级",
    "L: GB/T 26341",
    "1 | 一级 | Level 1\n2 | 二级 | Level 2\n3 | 三级 | Level 3\n4 | 四级 | Level 4",
)
STUDENT_STATUS = CodeList.read(
    "学生当前状态",
    "L: JY/T 1001 XSDQZT",
    """
    01 | 在读 | At school
    02 | 休学 | Suspended
    05 | 复学 | Resumed
    06 | 流失 | Lost
    07 | 毕业 | Graduated
    08 | 结业 | Completed
    10 | 转出 | Transferred out
    11 | 死亡 | Died
    15 | 下落不明 | Whereabouts unknown
    99 | 其他 | Other
    """,
)
ROLL_CHANGE = CodeList.read(
    "学籍异动类别",
    "L: JY/T 1001 XJYDLB; 退学 and 开除 are not offered",
    """
    11 | 休学 | Suspension
    12 | 复学 | Resumption
    21 | 转出 | Transfer out
    22 | 转入 | Transfer in
    29 | 转班级 | Class change
    51 | 死亡 | Death
    """,
)
STAGE = CodeList.read("学段", "L", "primary | 小学 | Primary\njunior | 初中 | Junior secondary")
SCHOOL_TYPE = CodeList.read(
    "学校类别", "L", "21 | 小学 | Primary\n31 | 初中 | Junior secondary\n51 | 特殊教育 | Special"
)
