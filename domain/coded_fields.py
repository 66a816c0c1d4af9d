"""Which code list a field of a record is of, by its name or by its kind of entry."""

from domain.code_list import CodeList
from domain.codes import (
    ABSENCE_KIND,
    CLOSE_REASON,
    COUNSELLING_KIND,
    DISABILITY_LEVEL,
    DISABILITY_TYPE,
    DROPOUT_REASON,
    ESCALATION_LEVEL,
    FOUND_BY,
    KEY_GROUP,
    MET,
    PERSUASION_OUTCOME,
    PLACEMENT_KIND,
    REFERRAL_KIND,
    RESPONSIBILITY_ROLE,
    ROLL_CHANGE,
    SEX,
    STATUS,
    STUDENT_STATUS,
    SUPPORT_KIND,
    VISIT_MODE,
)
from domain.enrolment_notices import NOTICE_STATE
from domain.roll_papers import REGISTERED_CHANGE, TRANSFER_ANSWER

# Where a field's name tells its list.
CODED_FIELDS: dict[str, CodeList] = {
    "status": STATUS,
    "escalation_level": ESCALATION_LEVEL,
    "to_level": ESCALATION_LEVEL,
    "sex": SEX,
    "reason": DROPOUT_REASON,
    "reasons": DROPOUT_REASON,
    "reported_reasons": DROPOUT_REASON,
    "verified_reasons": DROPOUT_REASON,
    "close_reason": CLOSE_REASON,
    "absence_kind": ABSENCE_KIND,
    "found_by": FOUND_BY,
    "mode": VISIT_MODE,
    "met": MET,
    "outcome": PERSUASION_OUTCOME,
    "key_groups": KEY_GROUP,
    "student_status": STUDENT_STATUS,
    "placement": PLACEMENT_KIND,
    "notice_state": NOTICE_STATE,
    "roll_change": REGISTERED_CHANGE,
    "transfer_answer": TRANSFER_ANSWER,
    "disability_type": DISABILITY_TYPE,
    "disability_level": DISABILITY_LEVEL,
}
# Where the kind of entry must.
KINDS_BY_EVENT: dict[tuple[str, str], CodeList] = {
    ("roll_changed", "kind"): ROLL_CHANGE,
    ("counselling_given", "kind"): COUNSELLING_KIND,
    ("support_given", "kind"): SUPPORT_KIND,
    ("placement_arranged", "kind"): PLACEMENT_KIND,
    ("referral_made", "kind"): REFERRAL_KIND,
    ("close_out_requested", "reason"): CLOSE_REASON,
    ("close_out_approved", "reason"): CLOSE_REASON,
    ("close_out_rejected", "reason"): CLOSE_REASON,
    ("responsible_person_named", "role"): RESPONSIBILITY_ROLE,
    ("key_group_assigned", "code"): KEY_GROUP,
    ("key_group_ended", "code"): KEY_GROUP,
}
