"""What each form is called, which fields it begins with, and what it is filled in with."""

from datetime import date
from typing import Any

from api.entries import COMMANDS, Command
from application.access import Person
from domain.code_list import Code
from domain.codes import CLOSE_REASON, PAPER_KIND, CloseReason

# path: English name (the Chinese one is the command's own)
ENGLISH = {
    "roll-changes": "Roll change",
    "roll-changes/{entry}/papers": "Papers of a roll change",
    "admissions": "Admission",
    "enrolment-notices": "Enrolment notice",
    "key-groups": "Key group",
    "absence-flags": "Flag an absence",
    "suspicions": "Suspected dropout",
    "responsible-persons": "Responsible person or mentor",
    "home-visits": "Home visit",
    "counselling-sessions": "Counselling session",
    "persuasion-attempts": "Persuasion attempt",
    "support": "Support",
    "written-reports": "Written report",
    "orders": "Order to correct",
    "orders/{entry}/service": "Proof of service",
    "legal-actions": "Legal action",
    "referrals": "Referral",
    "referrals/{entry}/answer": "Answer a referral",
    "returns": "Back in class",
    "observations": "Observation check",
    "home-teaching-plans": "Home-teaching plan",
    "home-teaching-sessions": "Home-teaching session",
    "placements": "Placement",
    "contact-losses": "Contact lost",
    "dropout-marks": "Mark as dropped out",
    "dropout-confirmations": "Confirm the dropout",
    "close-out-requests": "Ask for close-out",
    "close-out-decisions": "Decide the close-out",
    "corrections": "Correction",
    "transfers": "Ask for a transfer",
    "transfers/{entry}/decision": "Answer a transfer",
    "restriction": "Restrict the record",
    "restriction/end": "Lift the restriction",
    "erasure": "Ask for erasure",
    "erasure-decisions": "Decide the erasure",
}
# The fields a form begins with, where required ones alone would leave out what matters.
BEGINS = {
    "home-visits": ("occurred_on", "mode", "visitors", "met", "guardian_view", "next_step"),
    "persuasion-attempts": ("occurred_on", "persuaders", "met", "outcome", "reasons", "note"),
}
# Of which level a persuader is, where not of the school; to which level a post reports.
LEVEL_OF = {"township_office": "乡镇", "township": "乡镇", "village": "村", "bureau": "区教体局"}
REPORTS_TO = {"principal": "township", "township_office": "bureau", "township": "bureau"}
# The close-out reason a status mostly ends with.
CLOSES_AS = {"returned": "C01", "watched": "C13"}
BY_PATH = {command.path: command for command in COMMANDS}


def title(command: Command, language: str) -> str:
    """Name a form."""
    return ENGLISH[command.path] if language == "en" else command.title


def filled_in(
    command: Command, child: dict[str, Any], person: Person, today: date
) -> dict[str, Any]:
    """Give what is known before anybody types: the day, who writes, the child's place."""
    post = person.posts[0]
    name, unit = person.name, post.unit
    known: dict[str, Any] = {
        "occurred_on": today.isoformat(),
        "seen_on": today.isoformat(),
        "served_on": today.isoformat(),
        "from": today.isoformat(),
        "first_absent_on": today.isoformat(),
        "visitors": [name],
        "teachers": [name],
        "persuaders": [{"name": name, "unit": unit, "level": LEVEL_OF.get(post.role, "学校")}],
        "counsellor": name,
        "confirmed_by": name,
        "issued_by": unit,
        "class_name": child.get("class_name"),
        "school_code": child.get("school_code"),
        "grade": child.get("grade"),
        "found_by": "roll_call",
        "attending": True,
        "mode": "at_home",
        "role": "responsible",
    }
    if command.path == "written-reports":
        known["to_level"] = REPORTS_TO.get(post.role)
    if command.path == "close-out-requests":
        known["reason"] = CLOSES_AS.get(child["status"])
    if command.path == "responsible-persons":
        known["name"] = name
    allowed = command.body.model_fields
    names = {info.alias or field for field, info in allowed.items()}
    return {field: value for field, value in known.items() if field in names and value is not None}


def fitting(status: str) -> tuple[Code, ...]:
    """Give the close-out reasons that fit a status, each with the papers it demands."""
    return tuple(
        Code(one.code, said(one, one.zh, "zh"), said(one, one.en, "en"))
        for one in (CLOSE_REASON[code] for code in CLOSE_REASON)
        if status in one.fits
    )


def said(reason: CloseReason, label: str, language: str) -> str:
    """Name a reason with the papers of which it demands any one, or the line in their place."""
    papers = [PAPER_KIND.label(code, language) for code in PAPER_KIND if code in reason.papers]
    if language == "en":
        return f"{label} ({' or '.join(papers) or 'a line of note'})"
    return f"{label}(需{'或'.join(papers) or '备注一行说明'})"
