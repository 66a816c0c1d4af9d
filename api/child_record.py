"""One child as answers show it: roll fields, how the case stands, counts, version."""

from collections import Counter
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from application.directory import Directory
from application.store.mapper import RecordedEvent
from domain.child import groups_in_force
from projections.episodes import case_file
from projections.replay import Child

ERASED = {"zh": "已依法销毁", "en": "Destroyed as the law demands"}
COUNTED = {
    "absence_flagged": "absence_flags",
    "home_visited": "home_visits",
    "counselling_given": "counselling_sessions",
    "persuasion_attempted": "persuasion_attempts",
    "attendance_observed": "observations",
    "home_teaching_given": "home_teaching_sessions",
    "written_report_filed": "written_reports",
    "corrected": "corrections",
}


def child_record(child: Child, directory: Directory, day: date) -> dict[str, Any]:
    """Give the record of a child as replayed, as of a day; unmasked and without labels."""
    student, enrolment = child.student, child.enrolment
    state, episode = student.state, student.state.episode
    kinds = Counter(entry.entry_kind() for entry in student.entries)
    case = case_file(child, episode.number) if episode else None
    return {
        "student_id": student.id,
        "name": enrolment.name,
        "sex": enrolment.sex,
        "birth_date": enrolment.birth_date,
        "student_number": state.student_number,
        "id_number": state.id_number,
        "school_code": state.school_code,
        "school": directory.name_of(state.school_code),
        "township_office": directory.office_of(state.school_code),
        "grade": state.grade,
        "class_name": state.class_name,
        "student_status": state.student_status,
        "found_by": enrolment.found_by,
        "guardians": enrolment.guardians or [],
        "home_address": enrolment.home_address,
        "registered_residence": enrolment.registered_residence,
        "township": state.township,
        "key_groups": [state.key_groups[code] for code in groups_in_force(state.key_groups, day)],
        "disability": enrolment.disability,
        "placement": state.placement,
        "home_teaching_plan": state.home_teaching.entry if state.home_teaching else None,
        "pending_transfer": state.transfer,
        "restricted_by": state.restricted_by,
        "pending_erasure": state.erasure.entry if state.erasure else None,
        "status": student.status,
        "episode": episode.number if episode else None,
        "escalation_level": episode.level if episode else None,
        "first_absent_on": episode.first_absent_on if episode else None,
        "reasons": case.reasons if case else [],
        "responsible_person": state.responsible.get("responsible"),
        "mentor": state.responsible.get("mentor"),
        "returned_on": episode.seen_on if episode else None,
        "observed_until": episode.observed_until if episode else None,
        "pending_close_out": episode.close_out.entry if episode and episode.close_out else None,
        "closed_on": episode.closed_on if episode else None,
        "close_reason": episode.close_reason if episode else None,
        "counts": {name: kinds[kind] for kind, name in COUNTED.items()},
        "version": student.version,
        "position": child.positions[-1],
    }


def beyond_the_record(child: Child) -> dict[str, Any]:
    """Give what else the child's state knows: what its entries tell and the record leaves out."""
    state, episode = child.student.state, child.student.state.episode
    plan, since = state.home_teaching, state.responsible_since
    return {
        "suspected_on": episode.suspected_on if episode else None,
        "days_absent": episode.days_absent if episode else None,
        "first_contact_on": episode.first_contact_on if episode else None,
        "first_visit_on": episode.first_visit_on if episode else None,
        "last_attempt_on": episode.last_attempt_on if episode else None,
        "marked_on": episode.marked_on if episode else None,
        "observed": [
            {"occurred_on": day, "attending": attending}
            for day, attending in (episode.observations if episode else [])
        ],
        "reported_to_township": episode.reported if episode else False,
        "earlier_episodes": [
            {
                "episode": earlier.number,
                "status": earlier.status,
                "escalation_level": earlier.level,
                "first_absent_on": earlier.first_absent_on,
                "returned_on": earlier.seen_on,
                "relapsed": earlier.relapsed,
                "closed_on": earlier.closed_on,
                "close_reason": earlier.close_reason,
            }
            for earlier in state.episodes[:-1]
        ],
        "home_teaching": {
            "school_code": plan.school_code,
            "planned_hours_per_month": plan.hours_per_month,
            "to": plan.ends,
        }
        if plan
        else None,
        "orders": [{"entry": n, "served_on": served_on} for n, served_on in state.orders.items()],
        "referrals": [{"entry": n, "answered_by": by} for n, by in state.referrals.items()],
        "responsible_since": since.get("responsible"),
        "mentor_since": since.get("mentor"),
        "promoted_on": state.promoted_on,
        "left_on": state.left_on,
        "died_on": state.died_on,
    }


def erased_record(stored: list[RecordedEvent], zone: ZoneInfo, language: str) -> dict[str, Any]:
    """Give what is left of an erased child: that it is, when, and how many entries stood."""
    last = stored[-1]
    return {
        "student_id": last.originator_id,
        "erased": True,
        "label": ERASED[language],
        "erased_at": last.recorded_at.astimezone(zone),
        "version": last.originator_version,
        "position": last.position,
    }
