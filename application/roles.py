"""The roles of the field and the steps each takes (domain.md sections 1 and 3), as tables."""

ROLES = {
    "teacher": ("班主任", "homeroom teacher"),
    "registrar": ("学籍管理员", "roll registrar"),
    "counsellor": ("心理教师", "counsellor"),
    "principal": ("校长", "principal"),
    "township_office": ("中心校", "township school office"),
    "township": ("镇人民政府(街道)", "township government"),
    "village": ("村(居)委会", "village committee"),
    "bureau": ("区教体局", "district education bureau"),
    "task_force": ("工作专班办公室", "task force office"),
    "member_unit": ("成员单位", "member unit"),
    "inspector": ("督查组", "inspector"),
    "auditor": ("审计", "auditor"),
    "admin": ("系统管理员", "administrator"),
}
SECOND_FACTOR = frozenset({"bureau", "auditor", "admin"})  # sign in with one only
LEVEL = {
    "township_office": "township",
    "township": "township",
    "village": "township",
    "bureau": "bureau",
    "task_force": "bureau",
    "member_unit": "bureau",
    "inspector": "bureau",
    "auditor": "bureau",
    "admin": "bureau",
}
SUPERIOR = frozenset({"township_office", "bureau"})  # units that decide a school's close-outs

SCHOOL = frozenset({"teacher", "registrar", "principal"})
WHOLE_SCHOOL = frozenset(
    {"registrar", "principal", "counsellor", "township_office", "inspector"}
)  # whose posts reach every child of their schools
ASKED = frozenset({"village", "member_unit"})  # units that know of a child what they are asked
REGISTRY = frozenset({"registrar", "principal", "bureau"})
ANYONE_AT_WORK = SCHOOL | {"counsellor", "township_office", "township", "bureau"}
READERS = ANYONE_AT_WORK | {"task_force", "inspector", "auditor"}

# Which roles may take which step (domain.md sections 1 and 3). Reach is asked besides.
MAY: dict[str, frozenset[str]] = {
    "enrol": REGISTRY | {"township"},
    "change_roll": REGISTRY,
    "receive_papers": REGISTRY,
    "issue_notice": REGISTRY | {"township"},
    "issue_notices": REGISTRY,
    "screen_no_shows": frozenset({"principal", "bureau"}),
    "admit": REGISTRY,
    "promote": REGISTRY,
    "hand_over": REGISTRY,
    "assign_key_group": SCHOOL | {"bureau"},
    "end_key_group": SCHOOL | {"bureau"},
    "flag_absence": ANYONE_AT_WORK,
    "suspect": SCHOOL,
    "name_responsible": SCHOOL | {"bureau"},
    "visit_home": ANYONE_AT_WORK,
    "counsel": SCHOOL | {"counsellor"},
    "persuade": ANYONE_AT_WORK | {"village"},
    "support": SCHOOL | {"township", "bureau"},
    "report": frozenset({"principal", "township_office", "township"}),
    "report_to_township": frozenset({"principal"}),
    "report_to_bureau": frozenset({"principal", "township_office", "township"}),
    "issue_order": frozenset({"township", "bureau"}),
    "serve_order": frozenset({"township", "bureau"}),
    "take_legal_action": frozenset({"township"}),
    "refer": frozenset({"township", "bureau", "task_force"}),
    "answer_referral": frozenset({"township", "bureau", "task_force"}) | ASKED,
    "confirm_return": SCHOOL,
    "observe_attendance": SCHOOL,
    "assign_home_teaching": frozenset({"bureau"}),
    "teach_at_home": SCHOOL | {"bureau"},
    "place": frozenset({"bureau"}),
    "lose_contact": SCHOOL,
    "mark_dropout": SCHOOL,
    "confirm_dropout": frozenset({"bureau"}),
    "request_close_out": SCHOOL,
    "decide_close_out": SCHOOL | SUPERIOR,
    "request_transfer": REGISTRY,
    "decide_transfer": REGISTRY,
    "correct": ANYONE_AT_WORK,
    "restrict": frozenset({"bureau"}),
    "lift_restriction": frozenset({"bureau"}),
    "request_erasure": frozenset({"bureau"}),
    "decide_erasure": frozenset({"bureau"}),
    "read": READERS,
    "read_entry": READERS | ASKED,
    "read_referral": READERS | ASKED,
    "count_cases": READERS - {"teacher", "counsellor"},
    "export": ANYONE_AT_WORK - {"teacher"} | {"auditor"},
    "reveal": SCHOOL | {"township_office", "bureau", "auditor"} | ASKED,
    "import_roll": REGISTRY,
    "call_roll": SCHOOL,
    "read_attendance": SCHOOL | WHOLE_SCHOOL | {"bureau", "auditor"},
    "watch_access": frozenset({"principal", "auditor"}),
    "break_glass": ANYONE_AT_WORK,
    "watch_glass": frozenset({"principal", "bureau", "auditor"}),
    "tell_who_sees": frozenset({"principal", "bureau", "auditor"}),
    "take_evidence": frozenset({"principal", "bureau", "auditor"}),
    "open_evidence": frozenset({"auditor"}),  # with the child's key: every entry, notes too
    "keep_register": frozenset(
        {"principal", "registrar", "township_office", "township", "bureau", "task_force"}
    ),
    "read_register": READERS,
    "issue_pledge": frozenset({"principal", "bureau"}),
    "sign_pledge": frozenset({"teacher", "registrar", "principal", "township", "bureau"}),
    "read_pledge": READERS - {"counsellor"},
    "watch_log": frozenset({"bureau", "auditor"}),
    "try_notice": frozenset({"bureau", "admin"}),
    "change_rules": frozenset({"bureau"}),
    "check_class": frozenset({"teacher", "principal"}),
    "submit_return": frozenset({"principal"}),
    "decide_return": frozenset({"bureau"}),  # freeze, send back, restate
    "read_return": READERS - {"counsellor"},
    "watch_returns": READERS - {"teacher", "counsellor"},
    "read_return_rows": WHOLE_SCHOOL - {"counsellor"} | {"bureau", "auditor"},
    "report_quarter": frozenset({"township_office", "township", "member_unit", "task_force"}),
    "read_quarter": frozenset(
        {"township_office", "township", "member_unit", "task_force", "bureau", "auditor"}
    ),
    "plan_inspection": frozenset({"township_office", "bureau"}),
    "inspect": frozenset({"inspector", "township_office", "bureau"}),
    "rectify": frozenset({"principal"}),
    "read_inspections": frozenset(
        {"principal", "inspector", "township_office", "bureau", "task_force", "auditor"}
    ),
    "keep_webhooks": frozenset({"admin"}),
    "watch_notices": frozenset({"bureau", "admin"}),
    "retry_notice": frozenset({"admin"}),
    "issue_rubric": frozenset({"bureau"}),
    "read_rubric": READERS,
    "publish_bulletin": frozenset({"bureau"}),
    "read_bulletin_drafts": frozenset({"bureau", "auditor"}),
    "read_bulletins": frozenset(ROLES),
    "talk": frozenset({"township", "bureau"}),
    "read_talks": frozenset(
        {"principal", "township_office", "township", "bureau", "task_force", "auditor"}
    ),
    "decide_veto": frozenset({"bureau"}),
    "read_vetoes": frozenset(
        {"principal", "township_office", "township", "bureau", "task_force", "auditor"}
    ),
    "score": frozenset({"inspector", "bureau"}),
    "commend": frozenset({"bureau"}),
    "read_scores": frozenset(
        {
            *("principal", "inspector", "township_office", "township"),
            *("bureau", "task_force", "auditor"),
        }
    ),
}

# What only its author may correct: a decision's note, and what was said in counselling.
AUTHORS_OWN: dict[str, frozenset[str]] = {
    "close_out_approved": frozenset({"note"}),
    "close_out_rejected": frozenset({"note"}),
    "counselling_given": frozenset({"notes"}),
}

# The step that records each kind of entry.
STEP_OF_KIND = {
    "enrolled": "enrol",
    "roll_changed": "change_roll",
    "admitted": "admit",
    "promoted": "promote",
    "graduated": "promote",
    "roll_change_papers_received": "receive_papers",
    "enrolment_notice_issued": "issue_notice",
    "transfer_requested": "request_transfer",
    "transfer_accepted": "decide_transfer",
    "transfer_rejected": "decide_transfer",
    "key_group_assigned": "assign_key_group",
    "key_group_ended": "end_key_group",
    "absence_flagged": "flag_absence",
    "dropout_suspected": "suspect",
    "contact_lost": "lose_contact",
    "dropout_marked": "mark_dropout",
    "dropout_confirmed": "confirm_dropout",
    "returned_to_school": "confirm_return",
    "attendance_observed": "observe_attendance",
    "responsible_person_named": "name_responsible",
    "home_visited": "visit_home",
    "counselling_given": "counsel",
    "persuasion_attempted": "persuade",
    "support_given": "support",
    "home_teaching_assigned": "assign_home_teaching",
    "home_teaching_given": "teach_at_home",
    "placement_arranged": "place",
    "written_report_filed": "report",
    "order_issued": "issue_order",
    "order_served": "serve_order",
    "legal_action_taken": "take_legal_action",
    "referral_made": "refer",
    "referral_answered": "answer_referral",
    "close_out_requested": "request_close_out",
    "close_out_approved": "decide_close_out",
    "close_out_rejected": "decide_close_out",
    "corrected": "correct",
    "restricted": "restrict",
    "restriction_lifted": "lift_restriction",
    "erasure_requested": "request_erasure",
    "erasure_approved": "decide_erasure",
    "erasure_rejected": "decide_erasure",
}
