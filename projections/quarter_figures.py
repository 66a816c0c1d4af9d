"""What the views count for a quarter's report (季度末报送), as of a position."""

from collections.abc import Collection

from application.store.store import Store
from domain.codes import OPEN_STATUS
from domain.return_figures import COLUMN, added
from domain.return_periods import Period
from projections.return_figures import STOOD, VIEWS, WHOEVER_ASKS, counted

QUARTER_VIEWS = (
    *VIEWS,
    *("persuasion_register", "dropout_control_ledger", "referral_register"),
)
STANDS = STOOD.format("v", "%(position)s")
HERE = "(v.school_code = ANY(%(schools)s) OR (v.school_code IS NULL AND v.township = %(township)s))"
CASES = f"""
SELECT (SELECT count(*) FROM views.persuasion_register v
        WHERE {STANDS} AND {HERE} AND v.persuaded_on BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE v.status = ANY(%(open)s) AND NOT v.relapsed),
    count(*) FILTER (WHERE v.closed_on BETWEEN %(first)s AND %(last)s)
FROM views.dropout_control_ledger v WHERE {STANDS} AND {HERE}
"""  # noqa: S608  # our own words
REFERRALS = f"""
SELECT count(*) FILTER (WHERE v.day BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE v.answered_on BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE v.answered_on BETWEEN %(first)s AND %(last)s
        AND v.answered_on <= v.day + %(days)s::int),
    count(*) FILTER (WHERE v.answered_by IS NULL),
    count(*) FILTER (WHERE v.answered_by IS NULL AND v.day + %(days)s::int < %(last)s)
FROM views.referral_register v WHERE {STANDS} AND v.to_unit = %(unit)s AND v.day <= %(last)s
"""  # noqa: S608  # our own words


async def figures_of_schools(
    store: Store,
    period: Period,
    schools: Collection[str],
    township: str | None,
    position: int,
) -> dict[str, int]:
    """Count a quarter of some schools, and of the children of a township at none."""
    found = await counted(store, period, dict.fromkeys(schools), position)
    total = added(one.figures() for one in found.values()).total
    asked = {
        "schools": list(schools),
        "township": township,
        "position": position,
        "first": period.first,
        "last": period.last,
        "open": list(OPEN_STATUS),
    }
    ((persuasions, still_open, closed),) = await store.query(CASES, asked, scope=WHOEVER_ASKS)
    return {
        "schools": len(schools),
        **{name: total[name] for name in COLUMN if not name.startswith("moved_grade")},
        "persuasion_attempts": persuasions,
        "open_cases": still_open,
        "closed_cases": closed,
    }


async def figures_of_unit(
    store: Store, period: Period, unit: str, days: int, position: int
) -> dict[str, int]:
    """Count the referrals asked of a unit in a quarter, and how it answered them."""
    asked = {
        "unit": unit,
        "position": position,
        "days": days,
        "first": period.first,
        "last": period.last,
    }
    ((referred, answered, in_time, waiting, overdue),) = await store.query(
        REFERRALS, asked, scope=WHOEVER_ASKS
    )
    return {
        "referrals_asked": referred,
        "referrals_answered": answered,
        "answered_in_time": in_time,
        "answered_late": answered - in_time,
        "referrals_waiting": waiting,
        "waiting_overdue": overdue,
    }
