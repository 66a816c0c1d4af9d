"""The printed form of each ledger: its columns in print order, under the headings of the field."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.ledger_words import HEADINGS, TITLES
from projections.indicators import OF_SCHOOL_AGE


@dataclass(frozen=True)
class Form:
    """
    A ledger as printed: the view it reads and its columns, heading and field.

    A heading's field may be a list whose items print one line each, as ``attempts.outcome``, or
    several fields that share a cell, as ``grade class``. ``only`` is what holds of its rows, where
    it has not all of the view's, as SQL that may name what ``projections.indicators`` names;
    ``untold`` are fields of the view that are of no concern to its readers.
    """

    view: str
    title: str
    columns: tuple[tuple[str, str], ...]
    only: str | None = None
    untold: frozenset[str] = frozenset()

    @property
    def repeated(self) -> str | None:
        """Name the field that prints one line per item."""
        return next((f.partition(".")[0] for _, f in self.columns if "." in f), None)

    def titled(self, language: str) -> str:
        return TITLES[self.title] if language == "en" else self.title

    def headings(self, language: str) -> list[str]:
        """Give the headings in print order, the running number's first."""
        headings = ["序号", *(heading for heading, _ in self.columns)]
        return [HEADINGS[heading] for heading in headings] if language == "en" else headings


CASE_OF_A_CHILD = (
    ("姓名", "student_name"),
    ("性别", "sex_label"),
    ("身份证号", "id_number"),
    ("户籍所在地", "registered_residence"),
    ("家庭住址", "home_address"),
    ("监护人", "guardian_name"),
    ("电话", "guardian_phone"),
    ("学校", "school"),
    ("年级", "grade"),
    ("班级", "class"),
)
HOW_IT_STANDS = (
    ("原因", "reasons_label"),
    ("劝返次数", "persuasion_count"),
    ("最近劝返日期", "last_persuaded_on"),
    ("状态", "status_label"),
    ("返校日期", "returned_on"),
    ("销号日期", "closed_on"),
    ("销号原因", "close_reason_label"),
)
OF_A_CHILD = frozenset({"id_number", "registered_residence", "home_address"})
# Of the three ledgers of 教基厅函〔2024〕15号 (L) the two of cases are the dropout control ledger's
# rows; what each adds to it is not told there.
ADDED = frozenset({"last_persuaded_on", "needed_persuasion_on", "dropped_out_on"})
FORMS: Mapping[str, Form] = {
    "dropout-control": Form(
        "dropout_control_ledger",
        "控辍保学台账",
        (
            ("中心校", "township_office"),
            ("学校", "school"),
            ("年级", "grade"),
            ("班级", "class"),
            ("姓名", "student_name"),
            ("性别", "sex_label"),
            ("学籍号", "student_number"),
            ("监护人", "guardian_name"),
            ("联系电话", "guardian_phone"),
            ("重点群体类别", "key_groups_label"),
            ("首次缺勤日", "first_absent_on"),
            ("发现方式", "found_by_label"),
            ("原因", "reasons_label"),
            ("家访次数", "visit_count"),
            ("劝返次数", "persuasion_count"),
            ("责任人", "responsible_person"),
            ("状态", "status_label"),
            ("上报层级", "escalation_level_label"),
            ("返校日期", "returned_on"),
            ("销号日期", "closed_on"),
            ("销号原因", "close_reason_label"),
            ("备注", "remark"),
        ),
        untold=OF_A_CHILD | ADDED,
    ),
    "return-to-school": Form(
        "return_to_school_ledger",
        "劝返复学台账",
        (
            ("学校", "school"),
            ("年级班级", "grade class"),
            ("姓名", "student_name"),
            ("性别", "sex_label"),
            ("身份证号", "id_number"),
            ("户籍所在地", "registered_residence"),
            ("家庭住址", "home_address"),
            ("监护人", "guardian_name"),
            ("电话", "guardian_phone"),
            ("辍学年月", "dropout_month"),
            ("辍学原因", "reasons_label"),
            ("已采取的帮扶措施", "support_taken"),
            ("劝返次数", "attempts.attempt_no"),
            ("劝返时间", "attempts.persuaded_on"),
            ("劝返人员", "attempts.persuaders"),
            ("劝返情况", "attempts.outcome_label"),
            ("返校日期", "returned_on"),
            ("观察截止", "observed_until"),
            ("是否再辍", "relapsed"),
            ("销号日期", "closed_on"),
        ),
    ),
    "home-teaching": Form(
        "home_teaching_ledger",
        "送教上门台账",
        (
            ("送教学校", "school"),
            ("姓名", "student_name"),
            ("性别", "sex_label"),
            ("学籍号", "student_number"),
            ("残疾证号", "disability_certificate"),
            ("残疾类别", "disability_type_label"),
            ("等级", "disability_level_label"),
            ("家庭住址", "home_address"),
            ("监护人", "guardian_name"),
            ("电话", "guardian_phone"),
            ("送教教师", "teachers"),
            ("计划课时", "planned_hours"),
            ("完成课时", "delivered_hours"),
            ("最近送教日期", "last_session_on"),
            ("家长确认", "guardian_confirmed"),
        ),
    ),
    "home-visits": Form(
        "home_visit_register",
        "家访登记表",
        (
            ("学生姓名", "student_name"),
            ("学校班级", "school grade class"),
            ("家访日期", "visited_on"),
            ("方式", "mode_label"),
            ("家访教师", "visitors"),
            ("见到", "met_label"),
            ("家庭住址", "home_address"),
            ("家访目的", "purpose"),
            ("家庭情况", "family_situation"),
            ("在校表现", "school_situation"),
            ("家长意见", "guardian_view"),
            ("后续跟进", "next_step"),
        ),
    ),
    "persuasion": Form(
        "persuasion_register",
        "劝返工作记录",
        (
            ("学生姓名", "student_name"),
            ("学校班级", "school grade class"),
            ("劝返次数", "attempt_no"),
            ("劝返时间", "persuaded_on"),
            ("劝返人员", "persuaders"),
            ("见到", "met_label"),
            ("劝返情况", "outcome_label"),
            ("原因", "reasons_label"),
            ("帮扶措施", "support_offered"),
            ("备注", "note"),
        ),
    ),
    "home-teaching-sessions": Form(
        "home_teaching_sessions",
        "送教记录",
        (
            ("学生姓名", "student_name"),
            ("学校", "school"),
            ("送教日期", "taught_on"),
            ("送教教师", "teachers"),
            ("时长(分钟)", "minutes"),
            ("内容", "topic"),
            ("学生反应", "response"),
            ("家长在场", "guardian_present"),
        ),
    ),
    "counselling": Form(
        "counselling_register",
        "心理疏导与学业辅导记录",
        (
            ("学生姓名", "student_name"),
            ("学校班级", "school grade class"),
            ("日期", "counselled_on"),
            ("类别", "kind_label"),
            ("辅导人", "counsellor"),
            ("时长(分钟)", "minutes"),
        ),
    ),
    "roll-changes": Form(
        "roll_change_register",
        "学籍异动登记表",
        (
            ("学校", "school"),
            ("年级", "grade"),
            ("班级", "class"),
            ("姓名", "student_name"),
            ("学籍号", "student_number"),
            ("异动类别", "roll_change_label"),
            ("异动日期", "changed_on"),
            ("转入学校", "to_school_name"),
            ("原因", "reason"),
            ("已交材料", "papers"),
            ("缺少材料", "papers_missing_label"),
            ("材料补齐日期", "completed_on"),
            ("登记人", "recorded_by"),
            ("备注", "transfer_answer_label"),
        ),
    ),
    "enrolment-notices": Form(
        "enrolment_notice_register",
        "入学通知书发放登记表",
        (
            ("学校", "school"),
            ("姓名", "student_name"),
            ("学籍号", "student_number"),
            ("年级", "grade"),
            ("通知书编号", "document_number"),
            ("发放日期", "issued_on"),
            ("签收人", "served_to"),
            ("报到期限", "report_by"),
            ("报到日期", "reported_on"),
            ("状态", "notice_state_label"),
        ),
    ),
    "mobility": Form(
        "mobility",
        "学生流动情况台账",
        (
            ("学校", "school"),
            ("年级", "grade"),
            ("班级", "class"),
            ("姓名", "student_name"),
            ("性别", "sex_label"),
            ("学籍号", "student_number"),
            ("增减", "way_label"),
            ("流动类别", "kind_label"),
            ("变动日期", "happened_on"),
        ),
    ),
    "school-age": Form(
        "school_age_ledger",
        "适龄儿童台账",
        (
            ("姓名", "student_name"),
            ("性别", "sex_label"),
            ("出生日期", "birth_date"),
            ("身份证号", "id_number"),
            ("学籍号", "student_number"),
            ("户籍所在地", "registered_residence"),
            ("家庭住址", "home_address"),
            ("监护人", "guardian_name"),
            ("电话", "guardian_phone"),
            ("学校", "school"),
            ("年级", "grade"),
            ("班级", "class"),
            ("学籍状态", "student_status_label"),
            ("安置方式", "placement_label"),
            ("备注", "remark_label"),
        ),
        only=OF_SCHOOL_AGE,
        untold=frozenset({"disabled", "finished"}),
    ),
    "suspected-dropout": Form(
        "dropout_control_ledger",
        "疑似辍学台账",
        (*CASE_OF_A_CHILD, ("疑似辍学日期", "needed_persuasion_on"), *HOW_IT_STANDS),
        only="v.needed_persuasion_on IS NOT NULL",
    ),
    "dropout": Form(
        "dropout_control_ledger",
        "辍学台账",
        (*CASE_OF_A_CHILD, ("确认辍学日期", "dropped_out_on"), *HOW_IT_STANDS),
        only="v.dropped_out_on IS NOT NULL",
    ),
}
