"""The level an open duty has reached, as SQL of its row, by the rule of `domain.duty_levels`."""

from collections.abc import Sequence

from domain.duty_levels import BELOW, LEVELS, WITHOUT_SCHOOL, Rung

WHOSE = " ".join(f"WHEN '{role}' THEN {below}" for role, below in BELOW.items())
STANDS_ABOVE = (
    f"greatest(CASE v.for_role {WHOSE} ELSE 0 END,"
    f" CASE WHEN v.school_code IS NULL THEN {WITHOUT_SCHOOL} ELSE 0 END)"
)
SINCE = "greatest(v.due_on, (v.known_at AT TIME ZONE %s)::date - 1)"


def level_sql(on: Sequence[Rung], zone: str) -> tuple[str, list[object]]:
    """
    Give a row ``l`` beside the row ``v`` of a duty, to join laterally, and its parameters.

    ``below`` counts the levels that are not above whose duty it is, ``level`` those up to the
    highest it has reached: the two are the same until it rises.
    """
    cases: list[str] = []
    params: list[object] = []
    for rung in on:
        passed = " + ".join("(since < %s)::int" for _ in rung.before)
        cases.append(f"WHEN v.due_on BETWEEN %s AND %s THEN {passed}")
        params += [rung.first, rung.last, *rung.before]
    steps = f"CASE {' '.join(cases)} ELSE 0 END"
    once = "OFFSET 0"  # worked out once for each row, where the planner would repeat it
    sql = (
        "LATERAL (SELECT below, CASE WHEN steps = 0 THEN below"  # noqa: S608  # our own words
        f" ELSE greatest(below, least(below + steps, {len(LEVELS)})) END AS level"
        f" FROM (SELECT {STANDS_ABOVE} AS below, {steps} AS steps"
        f" FROM (SELECT {SINCE} AS since {once}) b {once}) s {once}) l"
    )
    return sql, [*params, zone]
