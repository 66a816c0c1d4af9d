"""How answers show inspections: their state, head counts with questions, findings by school."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from api.return_shown import when
from api.service import Service
from api.showing import shown
from domain.inspection import Inspection
from domain.inspection_codes import (
    FINDING_SEVERITY,
    FINDING_STATE,
    INSPECTION_KIND,
    INSPECTION_METHOD,
    INSPECTION_STATE,
    REMEDY,
)
from domain.inspection_facts import HeadsCounted, Rectified
from domain.inspection_findings import Finding
from domain.subject import Fact


def place(code: str, service: Service) -> dict[str, Any]:
    school = service.directory.school(code)
    return {
        "school_code": code,
        "school": service.directory.name_of(code),
        "township": school.township if school else None,
    }


def head_sums(counts: Iterable[HeadsCounted]) -> dict[str, int]:
    """Add head counts up."""
    held = list(counts)
    return {
        "classes": len(held),
        "on_roll": sum(one.on_roll for one in held),
        "counted": sum(one.counted for one in held),
        "explained": sum(one.explained for one in held),
        "unaccounted": sum(one.unaccounted for one in held),
    }


def finding_sums(findings: Iterable[Finding], today: date) -> dict[str, int]:
    """Count findings by how far they are put right."""
    held = list(findings)
    states = [one.state for one in held]
    return {
        "noted": len(held),
        **{state: states.count(state) for state in FINDING_STATE},
        "overdue": sum(one.overdue(today) for one in held),
    }


def listed(one: Inspection, schools: Sequence[str], service: Service, lang: str) -> dict[str, Any]:
    """Tell an inspection as lists do, by the schools that are seen of it."""
    plan, today = one.planned, service.tracking.today()
    return {
        "inspection": plan.inspection,
        "kind": plan.kind,
        "kind_label": INSPECTION_KIND.label(plan.kind, lang),
        "title": plan.title,
        "state": one.state,
        "state_label": INSPECTION_STATE.label(one.state, lang),
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "methods": plan.methods,
        "methods_label": [INSPECTION_METHOD.label(method, lang) for method in plan.methods],
        "schools": [place(code, service) for code in schools],
        "heads": head_sums(c for c in one.heads.values() if c.school_code in schools),
        "findings": finding_sums(
            (f for f in one.findings.values() if f.noted.school_code in schools), today
        ),
    }


def whole(one: Inspection, schools: Sequence[str], service: Service, lang: str) -> dict[str, Any]:
    """Tell all of an inspection, by the schools that are seen of it."""
    counts = [count for count in one.heads.values() if count.school_code in schools]
    return {
        **listed(one, schools, service, lang),
        "inspectors": one.planned.inspectors,
        "joint_units": one.planned.joint_units or [],
        "changes": [
            {"changes": c.changes, "reason": c.reason, **when(c, service, lang)}
            for c in one.changes
        ],
        "cancelled": one.cancelled
        and {"reason": one.cancelled.reason, **when(one.cancelled, service, lang)},
        "planned": when(one.planned, service, lang),
        "started": one.started and when(one.started, service, lang),
        "ended": one.ended and {"summary": one.ended.summary, **when(one.ended, service, lang)},
        "schools": [
            {
                **place(code, service),
                "heads": [
                    count_shown(count, service, lang)
                    for count in counts
                    if count.school_code == code
                ],
                "findings": [
                    finding_shown(finding, service, lang) for finding in one.findings_at(code)
                ],
            }
            for code in schools
        ],
        "questions": [question for count in counts for question in questions(count)],
    }


def count_shown(count: HeadsCounted, service: Service, lang: str) -> dict[str, Any]:
    """Tell one class's head count."""
    return {
        "grade": count.grade,
        "class_name": count.class_name,
        "counted_on": count.occurred_on,
        "on_roll": count.on_roll,
        "counted": count.counted,
        "explained": count.explained,
        "unaccounted": count.unaccounted,
        "beyond_roll": count.beyond_roll,
        "roll_position": count.position,
        "note": count.note,
        **when(count, service, lang),
    }


def questions(count: HeadsCounted) -> list[dict[str, Any]]:
    """Tell what a head count leaves open: how many of the roll are unaccounted for."""
    if not count.unaccounted:
        return []
    return [
        {
            "school_code": count.school_code,
            "grade": count.grade,
            "class_name": count.class_name,
            "counted_on": count.occurred_on,
            "unaccounted": count.unaccounted,
        }
    ]


def finding_shown(finding: Finding, service: Service, lang: str) -> dict[str, Any]:
    """Tell a finding, how far it is put right, and the last step towards that."""
    noted, state = finding.noted, finding.state
    return {
        "finding": noted.number,
        "what": noted.what,
        "severity": noted.severity,
        "severity_label": noted.severity and FINDING_SEVERITY.label(noted.severity, lang),
        "remedy": noted.remedy,
        "remedy_label": REMEDY.label(noted.remedy, lang),
        "owner": {"name": noted.owner["name"], "role": noted.owner.get("role")},
        "found_on": noted.occurred_on,
        "due_on": noted.due_on,
        "state": state,
        "state_label": FINDING_STATE.label(state, lang),
        "overdue": finding.overdue(service.tracking.today()),
        **when(noted, service, lang),
        "rectification": step_shown(finding.rectified, service, lang),
        "decision": step_shown(
            None if isinstance(finding.last, Rectified) else finding.last, service, lang
        ),
    }


def step_shown(step: Fact | None, service: Service, lang: str) -> dict[str, Any] | None:
    """Tell what the school did, or what the inspecting side decided of it."""
    if step is None:
        return None
    if isinstance(step, Rectified):
        papers = shown({"papers": step.papers}, lang, masks={})["papers"]
        told = {"done_on": step.occurred_on, "papers": papers, "note": step.note}
    else:
        approve = step.KIND == "rectification_accepted"
        told = {"approve": approve, "note": getattr(step, "note", None)}
    return {**told, **when(step, service, lang)}
