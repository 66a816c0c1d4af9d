"""An example of every body, for the OpenAPI description; all people invented."""

from typing import Any

from api.account_examples import ACCOUNT_ANSWERS, ACCOUNT_BODIES
from api.attendance_example import CLASSES, ROLL_CALL, ROLL_CALLS, SCREENED
from api.bulletin_examples import BULLETIN_ANSWERS, BULLETIN_BODIES
from api.change_examples import CHANGES
from api.difference_example import DIFFERENCE
from api.duty_examples import DUTY_ANSWERS, ROSE
from api.forms.form_examples import FORM_ANSWERS, FORM_BODIES
from api.imports.import_example import IMPORT_REPORT
from api.indicator_example import INDICATOR_ANSWERS
from api.inspection_examples import INSPECTION_ANSWERS, INSPECTION_BODIES
from api.notice_examples import NOTICE_ANSWERS, NOTICE_BODIES
from api.pledge_examples import PLEDGE_ANSWERS, PLEDGE_BODIES
from api.proof_examples import PROOF_ANSWERS, WITNESS
from api.referral_examples import REFERRAL_ANSWERS
from api.register_examples import REGISTER_ANSWERS, REGISTER_BODIES
from api.return_examples import RETURN_ANSWERS, RETURN_BODIES
from api.roll_examples import ROLL_ANSWERS, ROLL_BODIES
from api.rule_examples import RULE_ANSWERS, RULE_BODIES
from api.supervision_examples import SUPERVISION_ANSWERS, SUPERVISION_BODIES

PERSUADERS = [{"name": "测甲老师", "unit": "晴川中学", "level": "school"}]
EXAMPLES: dict[str, dict[str, Any]] = {
    "NewStudent": {
        "name": "测小舟",
        "sex": "female",
        "birth_date": "2014-09-15",
        "student_number": "G410399201409150027",
        "school_code": "3141000058",
        "grade": 7,
        "class_name": "1班",
        "guardians": [{"name": "测大舟", "relation": "父亲", "phone": "19000000001"}],
    },
    **ROLL_BODIES,
    **RETURN_BODIES,
    **REGISTER_BODIES,
    **PLEDGE_BODIES,
    **NOTICE_BODIES,
    **RULE_BODIES,
    "RollCall": ROLL_CALL,
    "GlassBreak": {"reason": "夜间接警,核实走失儿童身份"},
    "KeyGroupMark": {
        "code": "left_behind",
        "source": "班主任排查",
        "purpose": "重点关注",
        "from": "2026-09-01",
    },
    "KeyGroupEnd": {"occurred_on": "2026-10-01", "reason": "父母已返乡"},
    "AbsenceFlag": {
        "first_absent_on": "2026-09-14",
        "absence_kind": "truancy",
        "days": 1,
        "found_by": "roll_call",
    },
    "Suspicion": {"occurred_on": "2026-09-17", "days_absent": 3, "reported_reasons": ["R02"]},
    "ResponsiblePerson": {"name": "测甲老师", "role": "responsible", "from": "2026-09-17"},
    "HandOverBody": {"from_name": "测甲老师", "to_name": "测乙老师", "from": "2026-09-17"},
    "HomeVisit": {
        "occurred_on": "2026-09-15",
        "mode": "at_home",
        "visitors": ["测甲老师"],
        "met": ["guardian"],
        "guardian_view": "愿意配合",
        "next_step": "三日内再访",
    },
    "CounsellingSession": {
        "occurred_on": "2026-09-16",
        "kind": "psychological",
        "counsellor": "测乙老师",
        "minutes": 40,
    },
    "PersuasionAttempt": {
        "occurred_on": "2026-09-18",
        "persuaders": PERSUADERS,
        "met": ["student", "guardian"],
        "outcome": "agreed",
        "reasons": ["R02"],
    },
    "Support": {"kind": "two_exemptions", "from": "2026-09-01", "amount": 625},
    "WrittenReport": {
        "to_level": "township",
        "report_number": "示例报〔2026〕1号",
        "occurred_on": "2026-09-21",
        "summary": "两次劝返未果。",
    },
    "Order": {
        "document_number": "示例令〔2026〕1号",
        "occurred_on": "2026-09-22",
        "issued_by": "晴川镇人民政府",
        "due_on": "2026-09-29",
    },
    "OrderService": {"served_on": "2026-09-23", "served_to": "测大舟", "place": "家中"},
    "LegalAction": {
        "kind": "支持起诉",
        "document_number": "示例法〔2026〕1号",
        "occurred_on": "2026-10-12",
        "legal_basis": "义务教育法第五十八条",
    },
    "Referral": {
        "to_unit": "民政",
        "occurred_on": "2026-09-22",
        "question": "请核实家庭困难情况。",
        "kind": "hardship",
    },
    "ReferralAnswer": {"occurred_on": "2026-09-25", "answer": "已纳入临时救助。"},
    "Return": {"seen_on": "2026-09-24", "class_name": "1班", "confirmed_by": "测甲老师"},
    "Observation": {"occurred_on": "2026-09-25", "attending": True},
    "HomeTeachingPlan": {
        "occurred_on": "2026-09-01",
        "school_code": "5141000077",
        "teachers": ["测丙老师"],
        "planned_hours_per_month": 4,
        "from": "2026-09-01",
        "papers": [{"kind": "disability_certificate"}, {"kind": "guardian_application"}],
    },
    "HomeTeachingSession": {
        "occurred_on": "2026-09-10",
        "teachers": ["测丙老师"],
        "minutes": 90,
        "topic": "认识数字",
        "guardian_present": True,
    },
    "Placement": {
        "kind": "inclusive_class",
        "occurred_on": "2026-09-01",
        "papers": [{"kind": "disability_certificate"}],
    },
    "ContactLoss": {
        "occurred_on": "2026-09-21",
        "statement_by": "晴川村村委会",
        "papers": [{"kind": "village_statement"}],
    },
    "DropoutSummary": {"occurred_on": "2026-10-20", "summary": "三次劝返未果,仍未到校。"},
    "CloseOutRequest": {"reason": "C01", "papers": [{"kind": "attendance_sheet"}]},
    "CloseOutDecision": {"approve": True},
    "Correction": {
        "entry": 2,
        "changes": {"first_absent_on": "2026-09-11"},
        "reason": "点名册显示 11 日已缺勤",
    },
    "Transfer": {"to_school": "3141000059", "occurred_on": "2026-09-30", "reason": "随父母搬迁"},
    "TransferDecision": {"accept": True, "grade": 7, "class_name": "2班"},
    "Restriction": {"reason": "监护人要求停止使用", "legal_basis": "个人信息保护法第四十七条"},
    "RestrictionEnd": {"reason": "监护人撤回要求"},
    "Erasure": {"reason": "保存期已满", "legal_basis": "个人信息保护法第四十七条"},
    "ErasureDecision": {"approve": True},
    **(ACCOUNT_BODIES | FORM_BODIES | INSPECTION_BODIES | SUPERVISION_BODIES | BULLETIN_BODIES),
}

CHILD_ID = "0b54c1f2-6c1d-4f0e-9a55-2f1f6f2f6f10"
CASE: dict[str, Any] = {
    "status": "watched",
    "status_label": "缺勤预警",
    "episode": 1,
    "escalation_level": "school",
    "escalation_level_label": "学校",
}
PLACE: dict[str, Any] = {
    "school_code": "3141000058",
    "school": "晴川中学",
    "grade": 7,
    "class_name": "1班",
    "township": "晴川镇",
}
LISTED: dict[str, Any] = {
    "student_id": CHILD_ID,
    "name": "测小舟",
    "sex": "female",
    "sex_label": "女",
    "birth_date": "2014-09-15",
    "student_number": "G410399********0027",
    "id_number": None,
    "student_status": "01",
    "student_status_label": "在读",
    "key_groups": [],
    "responsible_person": None,
    "version": 2,
    **PLACE,
    **CASE,
}
TOLD: dict[str, Any] = {
    **LISTED,
    "township_office": "晴川镇中心校",
    "found_by": None,
    "guardians": [{"name": "测大舟", "relation": "父亲", "phone": "190****0001"}],
    "home_address": None,
    "registered_residence": None,
    "disability": None,
    "placement": None,
    "home_teaching_plan": None,
    "pending_transfer": None,
    "restricted_by": None,
    "pending_erasure": None,
    "first_absent_on": "2026-09-14",
    "reasons": [],
    "mentor": None,
    "returned_on": None,
    "observed_until": None,
    "pending_close_out": None,
    "closed_on": None,
    "close_reason": None,
    "counts": {
        "absence_flags": 1,
        "home_visits": 0,
        "counselling_sessions": 0,
        "persuasion_attempts": 0,
        "observations": 0,
        "home_teaching_sessions": 0,
        "written_reports": 0,
        "corrections": 0,
    },
    "position": 52385,
}
ENTRY: dict[str, Any] = {
    "version": 2,
    "position": 52385,
    "kind": "absence_flagged",
    "label": "缺勤预警",
    "sentence": "自 2026-09-14 起旷课,由点名发现。",
    "occurred_on": "2026-09-14",
    "recorded_at": "2026-09-14T09:12:03.123456+08:00",
    "recorded_by": {
        "account": "5d0c1a52-0a53-4a0a-8d3c-0f6f5c1b7a11",
        "name": "测甲",
        "role": "teacher",
        "unit": "晴川中学",
    },
    "data": {
        "first_absent_on": "2026-09-14",
        "absence_kind": "truancy",
        "absence_kind_label": "旷课",
        "found_by": "roll_call",
        "found_by_label": "点名",
        "days": 1,
        "opens": "watched",
    },
    "episode": 1,
}
LINE: dict[str, Any] = {
    "student_id": CHILD_ID,
    "student_name": "测小舟",
    "sex": "female",
    "sex_label": "女",
    "student_number": "G410399********0027",
    "guardian_name": "测大舟",
    "guardian_phone": "190****0001",
    "key_groups": [],
    "school_code": "3141000058",
    "school": "晴川中学",
    "grade": 7,
    "class": "1班",
    "township": "晴川镇",
    "township_office": "晴川镇中心校",
    **CASE,
    "first_absent_on": "2026-09-14",
    "found_by": "roll_call",
    "found_by_label": "点名",
    "reason": None,
    "reasons": [],
    "visit_count": 0,
    "persuasion_count": 0,
    "responsible_person": None,
    "returned_on": None,
    "relapsed": False,
    "closed_on": None,
    "close_reason": None,
    "remark": None,
}
ACCESS: dict[str, Any] = {
    "place": 42,
    "at": "2026-11-24T09:12:03.123456+08:00",
    "account": "5d0c1a52-0a53-4a0a-8d3c-0f6f5c1b7a11",
    "name": "测癸",
    "role": "bureau",
    "role_label": "区教体局",
    "unit": "区教体局",
    "action": "reveal ledger dropout-control",
    "students": [CHILD_ID],
    "schools": ["3141000058"],
    "outcome": "shown",
    "outcome_label": "已展示",
    "reason": "核对联系电话",
    "details": {"rows": 1},
    "hash": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
}
PERSON: dict[str, Any] = {
    "account": "5d0c1a52-0a53-4a0a-8d3c-0f6f5c1b7a11",
    "name": "测乙",
    "role": "teacher",
    "role_label": "班主任",
    "unit": "晴川中学",
}
GLASS: dict[str, Any] = {
    "number": 3,
    "at": "2026-11-24T22:12:03.123456+08:00",
    "until": "2026-11-25T01:12:03.123456+08:00",
    "student_id": CHILD_ID,
    "reason": "夜间接警,核实走失儿童身份",
}
SEEING: dict[str, Any] = {
    **PERSON,
    "rule": "break_glass",
    "rule_label": "紧急查看",
    "until": GLASS["until"],
}
REFERRED: dict[str, Any] = {
    "student_id": CHILD_ID,
    "entry": 9,
    "kind": "hardship",
    "kind_label": "困难救助",
    "to_unit": "民政",
    "question": "请核实家庭困难情况。",
    "answered_by": None,
    "answered_on": None,
    "answer": None,
    "referred_on": "2026-09-22",
}
ANSWERS: dict[str, Any] = {
    "health": {"status": "up"},
    "readiness": {
        "status": "ready",
        "views": {
            "position": 52385,
            "head": 52385,
            "lag": 0,
            "outdated": [],
            "rebuilding": None,
            "parked": [],
            "damaged_at": [],
        },
        "checkpoint": 52385,
        "witnesses": [WITNESS],
    },
    "recorded": {"student_id": CHILD_ID, "entry": 2, "version": 2, "position": 52385},
    "promotion": {
        "school_code": "3141000058",
        "promoted": 612,
        "graduated": 298,
        "position": 53294,
    },
    "students": {"items": [LISTED], "next_cursor": None},
    "student": TOLD,
    **DUTY_ANSWERS,
    "changes": CHANGES,
    "history": {"items": [ENTRY], "next_cursor": "NTIzODU=", "duties": [ROSE]},
    "entry": ENTRY,
    "difference": DIFFERENCE,
    "glass_broken": GLASS,
    "glass": {
        "items": [
            {
                **GLASS,
                **PERSON,
                "in_force": True,
                "school_code": "3141000058",
                "school": "晴川中学",
            }
        ],
        "next_cursor": None,
    },
    "who_can_see": {"items": [SEEING], "next_cursor": None},
    "referrals": {"items": [{**REFERRED, "name": "测小舟"}], "next_cursor": None},
    **REFERRAL_ANSWERS,
    "referral": {
        **REFERRED,
        "child": {"name": "测小舟", "sex": "male", "sex_label": "男", "school": "晴川中学"},
    },
    "live_counts": {
        "items": [
            {
                "school_code": "3141000058",
                "school": "晴川中学",
                "township": "晴川镇",
                "open": 2,
                "counts": [{"status": "suspected", "status_label": "疑似辍学", "cases": 2}],
            }
        ],
        "next_cursor": None,
    },
    "access_log": {"items": [ACCESS], "next_cursor": "NDE="},
    "ledger": {"items": [LINE], "next_cursor": "NTIzODU="},
    "ledger_csv": "序号,中心校,学校,年级,班级,姓名\r\n1,晴川镇中心校,晴川中学,7,1班,测小舟\r\n",
    "ledger_xlsx": "PK\x03\x04…",  # how every workbook begins
    "report": IMPORT_REPORT,
    "screened": SCREENED,
    **INDICATOR_ANSWERS,
    "roll_calls": ROLL_CALLS,
    "classes": CLASSES,
    **ROLL_ANSWERS,
    **(ACCOUNT_ANSWERS | PROOF_ANSWERS | FORM_ANSWERS | NOTICE_ANSWERS),
    **(ACCOUNT_ANSWERS | PROOF_ANSWERS | FORM_ANSWERS),
    **RULE_ANSWERS,
    **(RETURN_ANSWERS | REGISTER_ANSWERS | PLEDGE_ANSWERS | INSPECTION_ANSWERS),
    **(SUPERVISION_ANSWERS | BULLETIN_ANSWERS),
}
