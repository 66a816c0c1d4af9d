"""What the role of the reports can reach: the reports, and nothing else."""

from application.store.finding import Examined, Finding, Words, judged


def reports(examined: Examined) -> Finding:
    """Name every table outside `reports` that the role may read or change, and every write."""
    wrong = examined.names(
        """
        SELECT DISTINCT format('%%s %%s', what, c.oid::regclass)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
            unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS what
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            AND (n.nspname <> 'reports' OR what <> 'SELECT')
            AND (has_table_privilege(%(who)s, c.oid, what)
                OR what IN ('SELECT', 'INSERT', 'UPDATE')
                AND has_any_column_privilege(%(who)s, c.oid, what))
        """,
        who=examined.roles.reports,
    )
    return judged(
        "reports",
        wrong,
        Words("报表角色只能读取报表", "the reports' role reads the reports and nothing else"),
        Words("报表角色能够触及", "the reports' role may"),
        Words("以 REVOKE 收回", "take it back by REVOKE … FROM …"),
    )
