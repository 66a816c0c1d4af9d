"""What the views count for returns: movements and cases of schools' days, as of a position."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from application.store.scope import Scope
from application.store.store import Store
from domain.codes import IN_PERSON_VISIT
from domain.return_facts import SchoolClass
from domain.return_figures import NO_GRADE, Cell, Figures, figures_of
from domain.return_periods import Period
from domain.roll import ON_ROLL

VIEWS = ("students", "mobility", "return_to_school_ledger", "home_visit_register")
WHOEVER_ASKS = Scope(district=True)  # counts leave, and no row
WHAT = "CASE v.kind WHEN 'moved_grade' THEN v.kind || '_' || v.way ELSE v.kind END"
STOOD = "({0}.since <= {1} AND coalesce({0}.until > {1}, true))"
ASKED = """
asked AS MATERIALIZED (
    SELECT * FROM unnest(%(schools)s::text[], %(befores)s::bigint[]) AS a (school_code, before)
)
"""
# What stands as it stood at the earlier position says nothing of earlier days, and is left out.
MOVED = f"""
WITH {ASKED}
SELECT v.school_code, coalesce(v.grade, {NO_GRADE}), {WHAT},
    count(*) FILTER (WHERE v.day >= %(first)s AND s.now),
    coalesce(sum(s.now::int - s.earlier::int) FILTER (WHERE v.day < %(first)s), 0),
    coalesce(sum(v.change) FILTER (WHERE v.day < %(first)s AND s.now AND a.before IS NULL), 0)
FROM views.mobility v JOIN asked a USING (school_code)
CROSS JOIN LATERAL (SELECT {STOOD.format("v", "%(position)s")} AS now,
    CASE WHEN a.before IS NOT NULL THEN {STOOD.format("v", "a.before")} END AS earlier) AS s
WHERE v.day <= %(last)s AND v.since <= %(position)s
    AND (v.day >= %(first)s OR a.before IS NULL OR v.since > a.before OR v.until > a.before)
GROUP BY 1, 2, 3
"""  # noqa: S608  # our own words
# A case is known by child and number, whatever school it is at: one that moves is counted once.
CASES = """
SELECT v.student_id, v.row_key, v.since, v.until, v.school_code, v.grade, w.what, w.day
FROM views.return_to_school_ledger v
CROSS JOIN LATERAL (VALUES ('suspected', v.suspected_on), ('returned', v.returned_on))
    AS w (what, day)
WHERE w.day <= %(last)s
UNION ALL
SELECT v.student_id, v.row_key, v.since, v.until, v.school_code, v.grade, 'visits', v.visited_on
FROM views.home_visit_register v WHERE v.visited_on <= %(last)s AND v.mode = ANY(%(in_person)s)
"""
COUNTED_CASES = f"""
WITH {ASKED}, told AS MATERIALIZED (
    SELECT t.* FROM ({CASES}) AS t
    WHERE t.since <= %(position)s AND (t.day >= %(first)s
        OR t.since > (SELECT min(before) FROM asked) OR t.until > (SELECT min(before) FROM asked))
)
SELECT t.school_code, coalesce(t.grade, {NO_GRADE}), t.what,
    count(*) FILTER (WHERE t.day >= %(first)s AND s.now),
    count(*) FILTER (WHERE t.day < %(first)s AND s.now AND NOT s.earlier AND NOT EXISTS (
        SELECT FROM told o WHERE (o.what, o.student_id, o.row_key)
            = (t.what, t.student_id, t.row_key) AND o.day < %(first)s
            AND {STOOD.format("o", "a.before")}))
    - count(*) FILTER (WHERE t.day < %(first)s AND s.earlier AND NOT s.now AND NOT EXISTS (
        SELECT FROM told o WHERE (o.what, o.student_id, o.row_key)
            = (t.what, t.student_id, t.row_key) AND o.day < %(first)s
            AND {STOOD.format("o", "%(position)s")})),
    0
FROM told t JOIN asked a USING (school_code)
CROSS JOIN LATERAL (SELECT {STOOD.format("t", "%(position)s")} AS now,
    CASE WHEN a.before IS NOT NULL THEN {STOOD.format("t", "a.before")} END AS earlier) AS s
GROUP BY 1, 2, 3
"""  # noqa: S608  # our own words
SAME = """
(o.what, o.student_id, o.row_key, o.day) = (t.what, t.student_id, t.row_key, t.day)
AND o.grade IS NOT DISTINCT FROM t.grade
"""
# The entries by which rows of a school's days came, or went, between two positions: of a row that
# was written anew with the same to say, none.
CAUSES = f"""
WITH told AS MATERIALIZED (
    SELECT t.*, {STOOD.format("t", "%(position)s")} AS now, {STOOD.format("t", "%(before)s")}
        AS earlier
    FROM (SELECT v.student_id, v.row_key, v.since, v.until, v.school_code, v.grade,
            {WHAT} AS what, v.day
        FROM views.mobility v WHERE v.day <= %(last)s
        UNION ALL {CASES}) AS t
    WHERE t.school_code = %(school)s AND t.since <= %(position)s
        AND (t.since > %(before)s OR t.until > %(before)s)
)
SELECT DISTINCT CASE WHEN t.now THEN least(t.since, (
        SELECT min(o.since) FROM told o WHERE {SAME} AND o.since > %(before)s)) ELSE t.until END
FROM told t WHERE t.now <> t.earlier AND NOT EXISTS (
    SELECT FROM told o WHERE {SAME} AND o.now <> o.earlier AND o.now <> t.now)
ORDER BY 1
"""  # noqa: S608  # our own words
CLASSES = """
SELECT school_code, grade, class_name, count(*) FROM views.students
WHERE school_code = ANY(%s) AND until IS NULL AND student_status = ANY(%s)
    AND grade IS NOT NULL AND class_name IS NOT NULL
GROUP BY 1, 2, 3 ORDER BY 1, 2, length(class_name), 3
"""


@dataclass
class Counted:
    """What was counted of a school: who was on the roll before, and what happened, by cell."""

    opening: dict[int, int] = field(default_factory=dict)
    within: dict[Cell, int] = field(default_factory=dict)
    adjusted: dict[Cell, int] = field(default_factory=dict)

    def figures(self, opening: Mapping[int, int] | None = None) -> Figures:
        """Give the figures, with the opening carried over from an earlier return if there is."""
        return figures_of(self.opening if opening is None else opening, self.within, self.adjusted)


async def counted(
    store: Store, period: Period, befores: Mapping[str, int | None], position: int
) -> dict[str, Counted]:
    """
    Count the movements and cases of some schools' days, as of a position of the log.

    ``befores`` gives each school with the position at which its earlier days were returned, from
    which on what is told of them otherwise is adjusted; without one, they are counted.
    """
    asked = {
        "schools": list(befores),
        "befores": list(befores.values()),
        "position": position,
        "first": period.first,
        "last": period.last,
        "in_person": list(IN_PERSON_VISIT),
    }
    found: dict[str, Counted] = defaultdict(Counted)
    for sql in (MOVED, COUNTED_CASES):
        for school, grade, what, within, adjusted, before in await store.query(
            sql, asked, scope=WHOEVER_ASKS
        ):
            of = found[school]
            of.within[grade, what] = within
            of.adjusted[grade, what] = int(adjusted)
            of.opening[grade] = of.opening.get(grade, 0) + int(before)
    return found


async def causes(
    store: Store, period: Period, school_code: str, before: int, position: int
) -> list[int]:
    """Give the places in the log of the entries that changed a school's days since a position."""
    rows = await store.query(
        CAUSES,
        {
            "school": school_code,
            "before": before,
            "position": position,
            "last": period.last,
            "in_person": list(IN_PERSON_VISIT),
        },
        scope=WHOEVER_ASKS,
    )
    return [int(cause) for (cause,) in rows]


async def classes_of(store: Store, schools: Iterable[str]) -> dict[str, dict[SchoolClass, int]]:
    """Give the classes of schools as they are now, each with how many children are on its roll."""
    found: dict[str, dict[SchoolClass, int]] = defaultdict(dict)
    params: list[Any] = [list(schools), list(ON_ROLL)]
    for school, grade, class_name, children in await store.query(
        CLASSES, params, scope=WHOEVER_ASKS
    ):
        found[school][SchoolClass(grade, class_name)] = children
    return found
