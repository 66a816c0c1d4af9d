"""Totals of a whole view, now or as of a position, without counting all of its rows."""

from typing import Any

import psycopg
from psycopg import sql

from application.store.preparing import Roles
from projections.view import View

SPAN = 4_000  # positions of the log whose rows are counted together
NOW = -1  # in place of a span: of the rows that stand
SCHEMA = """
CREATE UNLOGGED TABLE IF NOT EXISTS views.totals (
    view text NOT NULL,
    span bigint NOT NULL,
    what text NOT NULL,
    count bigint NOT NULL, -- of rows that began to stand within the span, less those that ended
    PRIMARY KEY (view, span, what)
);
GRANT SELECT ON views.totals TO {district};
"""
COUNTED = """
INSERT INTO views.totals AS known
SELECT {table}, span, what, sum(more) FROM ({rows}) AS row CROSS JOIN LATERAL (
    SELECT what, since / {span} AS span, sign AS more FROM (VALUES {totals}) AS one (what, holds)
    WHERE holds
    UNION ALL
    SELECT what, coalesce(until / {span}, {now}), CASE WHEN until IS NULL THEN sign ELSE -sign END
    FROM (VALUES {totals}) AS one (what, holds) WHERE holds
) AS counted GROUP BY 1, 2, 3 HAVING sum(more) <> 0
ON CONFLICT (view, span, what) DO UPDATE SET count = known.count + excluded.count
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION views.{name}_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {inserted};
    ELSIF TG_OP = 'UPDATE' THEN {updated};
    ELSE {deleted};
    END IF;
    RETURN NULL;
END
$$
"""
NEW, OLD = "SELECT 1 AS sign, * FROM new_rows", "SELECT -1 AS sign, * FROM old_rows"
TRIGGERS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "NEW TABLE AS new_rows OLD TABLE AS old_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def lay_out(connection: psycopg.Connection[Any]) -> None:
    """Make the table of totals, for those who see the whole district."""
    district = sql.Identifier(Roles.of(connection.info.dbname).district)
    connection.execute(sql.SQL(SCHEMA).format(district=district))


def count(
    connection: psycopg.Connection[Any], view: View, suffix: str = "", span: int = SPAN
) -> None:
    """Count the rows of a view's table, and from now on with every change of it."""
    table = f"{view.name}{suffix}"
    connection.execute("DELETE FROM views.totals WHERE view = %s", [table])
    if not view.totals:
        return
    rows = f"SELECT 1 AS sign, * FROM views.{table}"  # noqa: S608  # our own names
    connection.execute(counted(view, span, f"'{table}'", rows))
    connection.execute(
        FUNCTION.format(
            name=view.name,
            inserted=counted(view, span, "TG_TABLE_NAME", NEW).decode(),
            updated=counted(view, span, "TG_TABLE_NAME", f"{NEW} UNION ALL {OLD}").decode(),
            deleted=counted(view, span, "TG_TABLE_NAME", OLD).decode(),
        ).encode()
    )
    for change, tables in TRIGGERS.items():
        connection.execute(
            f"CREATE OR REPLACE TRIGGER counted_{change.lower()} AFTER {change} ON views.{table}"
            f" REFERENCING {tables} FOR EACH STATEMENT"
            f" EXECUTE FUNCTION views.{view.name}_counted()".encode()
        )


def take_over(connection: psycopg.Connection[Any], view: View, suffix: str) -> None:
    """Let the totals of a table stand for the view in whose place it goes."""
    connection.execute("DELETE FROM views.totals WHERE view = %s", [view.name])
    connection.execute(
        "UPDATE views.totals SET view = %s WHERE view = %s", [view.name, view.name + suffix]
    )


def counted(view: View, span: int, table: str, rows: str) -> bytes:
    totals = ", ".join(f"('{what}', {holds})" for what, holds in view.totals.items())
    return COUNTED.format(table=table, span=span, now=NOW, rows=rows, totals=totals).encode()


def totals_sql(view: View, position: int | None, span: int = SPAN) -> tuple[str, list[Any]]:
    """Give the query for a view's totals, now or as of a position: what, and how many."""
    if position is None:
        now = "SELECT what, count FROM views.totals WHERE view = %s AND span = %s"
        return now, [view.name, NOW]
    known = "SELECT what, count FROM views.totals WHERE view = %s AND span >= 0 AND span < %s"
    totals = ", ".join(f"('{what}', {holds})" for what, holds in view.totals.items())
    within = " UNION ALL ".join(
        f"SELECT what, {more} FROM views.{view.name} CROSS JOIN LATERAL (VALUES {totals})"  # noqa: S608
        f" AS one (what, holds) WHERE holds AND {moment} >= %s AND {moment} <= %s"
        for moment, more in (("since", 1), ("until", -1))
    )
    first = position // span * span
    return (
        f"SELECT what, sum(count)::bigint FROM ({known} UNION ALL {within}) AS t"  # noqa: S608
        " GROUP BY 1",
        [view.name, position // span, first, position, first, position],
    )
