"""What people call the district's rules, and the ways in which they are put in force."""

from domain.code_list import CodeList

RULE = CodeList.read(
    "期限与门槛",
    "domain.md section 3",
    """
    first_visit_school_days        | 首次家访(上学日内)         | First home visit, school days
    principal_visit_school_days    | 校长带队家访(上学日内)     | Led by the principal, school days
    written_report_school_days     | 书面报告(上学日内)         | Written report, school days
    persuasion_every_days          | 劝返间隔(日)               | Persuasion, every so many days
    persuasion_rests_in_holidays   | 假期内暂停劝返             | Persuasion rests in holidays
    observation_ladder             | 返校观察(第几个上学日)     | Observation checks, school days
    screening_school_days          | 缺勤预警(上学日)           | Absence flagged, school days
    no_show_school_days            | 应入未入(上学日)           | No-show, school days
    order_days                     | 责令限期改正(日)           | Order to correct, days
    close_out_decision_school_days | 审批销号(上学日内)         | Close-out decision, school days
    transfer_answer_school_days    | 答复转学(上学日内)         | Answer to a transfer, school days
    escalate_after_school_days     | 逾期升级(每几个上学日)     | A missed duty rises, school days
    missing_papers_school_days     | 补交异动材料(上学日内)     | Papers to come, school days
    referral_answer_days           | 转介答复(日)               | Answer to a referral, days
    return_cut_off_day             | 月报截止(每月几日)         | Monthly return, day of the month
    school_age                     | 入学年龄(周岁)             | School age, years
    adult_age                      | 成年(周岁)                 | Of age, years
    retention_years                | 离校后保存(年)             | Kept after leaving, years
    retention_years_after_case     | 销号后保存(年)             | Kept after close-out, years
    roll_call_retention_years      | 点名保存(年)               | Roll-calls kept, years
    """,
)
RULE_CHANGE = CodeList.read(
    "规则变更",
    "D",
    """
    deadlines_set | 施行期限     | Deadlines put in force
    holidays_set  | 施行放假通知 | Holidays put in force
    days_set      | 停课与补课   | Days closed and opened
    terms_set     | 施行学期起止 | Terms put in force
    """,
)
