"""The printed forms said a second time, and a child with a line in every ledger."""

from tests.people import OTHER_SCHOOL, enrol, student_number

# domain.md section 4, said here a second time: the printed headings, and the fields by name.
HEADINGS = {
    "dropout-control": "序号 中心校 学校 年级 班级 姓名 性别 学籍号 监护人 联系电话 重点群体类别"
    " 首次缺勤日 发现方式 原因 家访次数 劝返次数 责任人 状态 上报层级 返校日期 销号日期"
    " 销号原因 备注",
    "return-to-school": "序号 学校 年级班级 姓名 性别 身份证号 户籍所在地 家庭住址 监护人 电话"
    " 辍学年月 辍学原因 已采取的帮扶措施 劝返次数 劝返时间 劝返人员 劝返情况 返校日期 观察截止"
    " 是否再辍 销号日期",
    "home-teaching": "序号 送教学校 姓名 性别 学籍号 残疾证号 残疾类别 等级 家庭住址 监护人 电话"
    " 送教教师 计划课时 完成课时 最近送教日期 家长确认",
    "home-visits": "序号 学生姓名 学校班级 家访日期 方式 家访教师 见到 家庭住址 家访目的"
    " 家庭情况 在校表现 家长意见 后续跟进",
    "persuasion": "序号 学生姓名 学校班级 劝返次数 劝返时间 劝返人员 见到 劝返情况 原因"
    " 帮扶措施 备注",
    "home-teaching-sessions": "序号 学生姓名 学校 送教日期 送教教师 时长(分钟)"
    " 内容 学生反应 家长在场",
    "counselling": "序号 学生姓名 学校班级 日期 类别 辅导人 时长(分钟)",
    "school-age": "序号 姓名 性别 出生日期 身份证号 学籍号 户籍所在地 家庭住址 监护人 电话 学校"
    " 年级 班级 学籍状态 安置方式 备注",
    "suspected-dropout": "序号 姓名 性别 身份证号 户籍所在地 家庭住址 监护人 电话 学校 年级 班级"
    " 疑似辍学日期 原因 劝返次数 最近劝返日期 状态 返校日期 销号日期 销号原因",
    "dropout": "序号 姓名 性别 身份证号 户籍所在地 家庭住址 监护人 电话 学校 年级 班级"
    " 确认辍学日期 原因 劝返次数 最近劝返日期 状态 返校日期 销号日期 销号原因",
    "roll-changes": "序号 学校 年级 班级 姓名 学籍号 异动类别 异动日期 转入学校 原因 已交材料"
    " 缺少材料 材料补齐日期 登记人 备注",
    "enrolment-notices": "序号 学校 姓名 学籍号 年级 通知书编号 发放日期 签收人 报到期限"
    " 报到日期 状态",
}
FIELDS = {
    "dropout-control": "township_office school grade class student_name sex student_number"
    " guardian_name guardian_phone key_groups first_absent_on found_by reason visit_count"
    " persuasion_count responsible_person status escalation_level returned_on closed_on"
    " close_reason remark",
    "return-to-school": "school grade class student_name sex id_number registered_residence"
    " home_address guardian_name guardian_phone dropout_month reason support_taken attempts"
    " returned_on observed_until relapsed closed_on",
    "home-teaching": "school student_name sex student_number disability_certificate"
    " disability_type disability_level home_address guardian_name guardian_phone teachers"
    " planned_hours delivered_hours last_session_on guardian_confirmed",
    "home-visits": "student_name school class visited_on mode visitors met home_address"
    " purpose family_situation school_situation guardian_view next_step",
    "persuasion": "student_name school class attempt_no persuaded_on persuaders met outcome",
    "home-teaching-sessions": "student_name school taught_on teachers minutes topic response"
    " guardian_present",
    "counselling": "student_name school counselled_on kind counsellor minutes",
    "school-age": "student_name sex birth_date id_number student_number registered_residence"
    " home_address guardian_name guardian_phone school grade class student_status placement remark",
    **dict.fromkeys(
        ("suspected-dropout", "dropout"),
        "student_name sex id_number registered_residence home_address guardian_name guardian_phone"
        " school grade class needed_persuasion_on dropped_out_on reason persuasion_count"
        " last_persuaded_on status returned_on closed_on close_reason",
    ),
    "roll-changes": "school grade class student_name student_number roll_change changed_on"
    " to_school to_school_name reason papers papers_missing incomplete completed_on recorded_by"
    " transfer_answer",
    "enrolment-notices": "school student_name student_number grade document_number issued_on"
    " served_to report_by reported_on notice_state",
}
NUMBER = student_number(1)
CERTIFICATE = f"{NUMBER[1:]}52"
PERSON = {
    "id_number": NUMBER[1:],
    "home_address": "晴川镇晴川村一组十八号",
    "registered_residence": "晴川镇",
    "key_groups": [{"code": "left_behind", "source": "排查", "purpose": "关爱"}],
    "disability": {"type": "5", "level": "2", "certificate": CERTIFICATE},
}
OFFER = {"outcome": "refused", "support_offered": "交通补助"}
PLAN = {"school_code": OTHER_SCHOOL, "teachers": ["测丙老师", "测丁老师"]}


async def child_in_every_ledger(registrar, principal, teacher, bureau) -> tuple[str, int]:
    child = (await enrol(registrar, 1, **PERSON))["student_id"]
    class_change = {"kind": "29", "to_class": "1班", "papers": [], "reason": "分班"}
    await registrar.record(child, "roll-changes", **class_change)
    await registrar.record(child, "enrolment-notices")
    await bureau.record(child, "home-teaching-plans", **PLAN)
    await teacher.record(child, "home-teaching-sessions", response="会数到十")
    short = {"occurred_on": "2026-09-12", "minutes": 45, "guardian_present": False}
    await teacher.record(child, "home-teaching-sessions", **short)
    await teacher.record(child, "absence-flags", note="=1+1")
    await teacher.record(child, "responsible-persons")
    await teacher.record(child, "suspicions", reported_reasons=["R02", "R06"])
    await teacher.record(child, "home-visits", purpose="了解情况", mode="joint")
    await teacher.record(child, "counselling-sessions", notes="不外传")
    await teacher.record(child, "persuasion-attempts", **OFFER)
    await teacher.record(child, "persuasion-attempts", occurred_on="2026-09-21")
    await teacher.record(child, "support")
    await principal.record(child, "written-reports")
    await teacher.record(child, "dropout-marks")
    await bureau.record(child, "dropout-confirmations")
    last = await teacher.record(child, "returns")
    return child, last["position"]
