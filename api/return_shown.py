"""How answers show returns: a version as it was, and the state of a school's return."""

from collections.abc import Collection, Mapping
from typing import Any

from api.service import Service
from api.showing import local, role_label
from domain.entry import RecordedBy
from domain.monthly_return import RETURN_STATE, MonthlyReturn
from domain.return_facts import Draft, Restated, SchoolClass, Submitted, Version, figures_in
from domain.return_figures import COLUMN, DECREASES, INCREASES, Figures, balanced
from domain.return_periods import Period
from domain.subject import Fact


def by_whom(by: RecordedBy, language: str) -> dict[str, Any]:
    """Tell who recorded something, as they stood that day."""
    return {
        "name": by["name"],
        "role": by["role"],
        "role_label": role_label(by["role"], language),
        "unit": by["unit"],
    }


def when(fact: Fact, service: Service, language: str) -> dict[str, Any]:
    """Tell when a fact was recorded, and by whom."""
    return {
        "recorded_at": local(fact.timestamp, service.settings.zone),
        "by": by_whom(fact.by, language),
    }


def document(
    period: Period, school_code: str, told: Draft | Version, service: Service, language: str
) -> dict[str, Any]:
    """Tell one version of a return, or its draft; of a version, the same whenever it is told."""
    figures = told.figures if isinstance(told, Draft) else figures_in(told)
    body = {
        "month": period.name,
        "school_code": school_code,
        "school": told.school,
        "township": told.township,
        "period": {"from": period.first, "to": period.last},
        "due_on": told.due_on if isinstance(told, Submitted) else period.due_on,
        "kind": "draft" if isinstance(told, Draft) else told.KIND,
        "version": None if isinstance(told, Draft) else told.number,
        "position": told.position,
        "opening_from": told.opening_from,
        "zero": not figures.not_zero,
        **figures_shown(figures, language),
        "unchecked": [],
        "unchecked_reason": None,
        "note": None,
        "reason": None,
        "causes": [],
        "recorded_at": None,
        "by": None,
    }
    if isinstance(told, Submitted):
        body |= {
            "unchecked": told.unchecked,
            "unchecked_reason": told.unchecked_reason,
            "note": told.note,
        }
    if isinstance(told, Restated):
        body |= {"reason": told.reason, "causes": told.causes}
    if not isinstance(told, Draft):
        body |= when(told, service, language)
    return body


def figures_shown(figures: Figures, language: str) -> dict[str, Any]:
    """Tell figures line by line, with their total and the sum that checks it (校验)."""
    total = figures.total
    return {
        "columns": [{"name": name, "label": COLUMN.label(name, language)} for name in COLUMN],
        "lines": [{name: line[name] for name in ("grade", *COLUMN)} for line in figures.lines],
        "total": total,
        "adjustments": [
            {**one, "column_label": COLUMN.label(str(one["column"]), language)}
            for one in figures.adjustments
        ],
        "check": {
            "opening": total["opening"],
            "increases": sum(total[name] for name in INCREASES),
            "decreases": sum(total[name] for name in DECREASES),
            "closing": total["closing"],
            "balances": all(map(balanced, [*figures.lines, total])),
        },
    }


def standing(
    one: MonthlyReturn,
    period: Period,
    classes: Collection[SchoolClass],
    service: Service,
    language: str,
) -> dict[str, Any]:
    """Tell how far a return is: its state, when it was submitted and by whom, classes checked."""
    today = service.tracking.today()
    state = one.state(period, today)
    submitted = one.submitted if one.stands else None
    return {
        "state": state,
        "state_label": RETURN_STATE.label(state, language),
        "due_on": period.due_on,
        "days_late": one.days_late(period, today),
        "zero": one.latest is not None and not figures_in(one.latest).not_zero,
        "submitted_on": submitted and submitted.occurred_on,
        "submitted_at": submitted and local(submitted.timestamp, service.settings.zone),
        "submitted_by": submitted and submitted.by["name"],
        "version": one.versions[-1].number if one.versions else None,
        "classes_checked": sum(group in one.checked for group in classes),
        "classes_total": len(classes),
    }


def whole(
    one: MonthlyReturn,
    period: Period,
    classes: Mapping[SchoolClass, int],
    service: Service,
    language: str,
) -> dict[str, Any]:
    """Tell all of a school's return but its figures: state, classes, and its versions."""
    return {
        **standing(one, period, classes, service, language),
        "classes": [class_shown(one, group, classes[group], service) for group in classes],
        "versions": [
            {
                "version": version.number,
                "kind": version.KIND,
                "position": version.position,
                **when(version, service, language),
            }
            for version in one.versions
        ],
        "sent_back": one.sent_back
        and {"reason": one.sent_back.reason, **when(one.sent_back, service, language)},
        "frozen": one.frozen
        and {"version": one.frozen.number, **when(one.frozen, service, language)},
    }


def class_shown(
    one: MonthlyReturn, group: SchoolClass, children: int, service: Service
) -> dict[str, Any]:
    """Tell of a class whether it was checked off, by whom and when."""
    checked = one.checked.get(group)
    return {
        "grade": group.grade,
        "class_name": group.class_name,
        "children": children,
        "checked_at": checked and local(checked.timestamp, service.settings.zone),
        "checked_by": checked and checked.by["name"],
        "note": checked and checked.note,
    }
