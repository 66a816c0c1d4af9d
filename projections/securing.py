"""Row-level security on every view: no scope set for the transaction, no rows."""

from typing import Any

import psycopg
from psycopg import sql

from application.store.preparing import Roles
from projections.view import View

SECURED = """
GRANT SELECT ON {table} TO {service}, {district};
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS district ON {table};
DROP POLICY IF EXISTS scope ON {table};
CREATE POLICY district ON {table} FOR SELECT TO {district} USING (true);
CREATE POLICY scope ON {table} FOR SELECT TO {service} USING ({within});
"""


def secure(connection: psycopg.Connection[Any], view: View) -> None:
    """Let a view's rows be seen within a scope only, by the roles that answer people."""
    roles = Roles.of(connection.info.dbname)
    connection.execute(
        sql.SQL(SECURED).format(
            table=sql.Identifier("views", view.name),
            service=sql.Identifier(roles.service),
            district=sql.Identifier(roles.district),
            within=sql.SQL(view.within_scope),
        )
    )
