"""All that the owner lays out in a database, and what the service's own role may do with it."""

from application import access_log, accounts, directory
from application.store import preparing
from application.store.key_ring import KeyRing
from application.store.preparing import Prepared

SCHEMAS = (directory.SCHEMA, accounts.SCHEMA, access_log.SCHEMA)
GRANTS = """
GRANT USAGE ON SCHEMA directory, access TO {service};
REVOKE ALL ON ALL TABLES IN SCHEMA directory, access FROM {service};
GRANT SELECT, INSERT, UPDATE ON directory.schools TO {service};
GRANT SELECT, INSERT, UPDATE, DELETE ON access.accounts, access.sessions TO {service};
GRANT SELECT, INSERT ON access.access_log TO {service};
"""


def prepare(owner_url: str, ring: KeyRing) -> Prepared:
    """
    Lay out a database, or bring it up to date; the same again changes nothing.

    :raises NoKey: if what is sealed in it cannot be opened with the ring; nothing is changed
    :raises CannotPrepare: if the owner may not do what is needed
    """
    return preparing.prepare(owner_url, ring, SCHEMAS, GRANTS)
