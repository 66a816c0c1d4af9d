"""What the schema `reports` shows to SQL users: ledgers without a word of who a child is."""

from typing import Any

import psycopg
from psycopg import sql

from application.store.preparing import Roles
from projections.view import View

PLACE = ("school_code", "grade", "township", "status")
# Codes, days, counts and flags only: no name, number, phone, address or free text, of nobody.
# A column may be added at the end; one that is taken away breaks what others built on it.
REPORTED = {
    "students": (*PLACE, "sex", "student_status", "escalation_level"),
    "dropout_control_ledger": (
        *(*PLACE, "sex", "first_absent_on", "found_by", "reason", "visit_count"),
        *("persuasion_count", "escalation_level", "returned_on", "relapsed", "closed_on"),
        "close_reason",
    ),
    "return_to_school_ledger": (
        *(*PLACE, "sex", "dropout_month", "reason", "returned_on", "observed_until"),
        *("relapsed", "closed_on", "ever_returned", "ever_dropped_out"),
    ),
    "home_teaching_ledger": (
        *(*PLACE, "planned_hours", "delivered_hours", "last_session_on", "guardian_confirmed"),
    ),
    "home_visit_register": (*PLACE, "visited_on", "mode"),
    "persuasion_register": (*PLACE, "attempt_no", "persuaded_on", "outcome"),
    "home_teaching_sessions": (*PLACE, "taught_on", "minutes", "guardian_present"),
    "counselling_register": (*PLACE, "counselled_on", "kind", "minutes"),
    "roll_change_register": (
        *(*PLACE, "roll_change", "changed_on", "transfer_answer", "incomplete", "completed_on"),
    ),
    "enrolment_notice_register": (*PLACE, "issued_on", "report_by", "reported_on", "replaced"),
}
SHOWN = """
CREATE OR REPLACE VIEW {report} AS SELECT {columns} FROM {table} WHERE until IS NULL;
GRANT SELECT ON {report} TO {reports};
"""


def report(connection: psycopg.Connection[Any], view: View, table: str) -> None:
    """Show the rows that stand in a table under the view's name; what is built on it stays."""
    if view.name not in REPORTED:
        return
    statements = sql.SQL(SHOWN).format(
        report=sql.Identifier("reports", view.name),
        columns=sql.SQL(", ").join(map(sql.Identifier, REPORTED[view.name])),
        table=sql.Identifier("views", table),
        reports=sql.Identifier(Roles.of(connection.info.dbname).reports),
    )
    try:
        with connection.transaction():
            connection.execute(statements)
    except psycopg.errors.InvalidTableDefinition:  # of an older version, with other columns
        connection.execute(
            sql.SQL("DROP VIEW {} CASCADE").format(sql.Identifier("reports", view.name))
        )
        connection.execute(statements)
