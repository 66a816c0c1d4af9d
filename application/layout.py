"""All that the owner lays out in a database, and what the service's own role may do with it."""

from importlib.resources import files

from application import directory
from application.store import preparing
from application.store.key_ring import KeyRing
from application.store.preparing import Prepared

SCHEMAS = (
    directory.SCHEMA,
    *(
        files("application").joinpath(name).read_text("utf-8")
        for name in (
            "accounts.sql",
            "access_log.sql",
            "break_glass.sql",
            "attendance.sql",
            "notices.sql",
        )
    ),
)
GRANTS = """
GRANT USAGE ON SCHEMA directory, access, attendance, notices TO {service};
REVOKE ALL ON ALL TABLES IN SCHEMA directory, access, attendance, notices FROM {service};
GRANT SELECT, INSERT, UPDATE ON directory.schools TO {service};
GRANT SELECT, INSERT, UPDATE ON access.accounts, access.posts TO {service};
GRANT SELECT, INSERT, UPDATE, DELETE
    ON access.sessions, access.sign_in_tries, access.provider_sign_ins TO {service};
GRANT SELECT ON access.access_log, access.glass_broken TO {service};
GRANT SELECT ON ALL TABLES IN SCHEMA attendance TO {service};
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA notices TO {service};
GRANT UPDATE (taken, resting_until, ended_by, ended_at) ON notices.subscriptions TO {service};
GRANT UPDATE (email, phone, digest) ON notices.choices TO {service};
GRANT UPDATE (state, attempts, next_at, done_at, error) ON notices.outbox TO {service};
GRANT UPDATE (count) ON notices.sent TO {service};
GRANT DELETE ON notices.outbox, notices.digests TO {service};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA access, attendance FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.log, access.break_glass, access.canonical TO {service};
GRANT EXECUTE ON FUNCTION attendance.take, attendance.tell TO {service};
"""


def prepare(owner_url: str, ring: KeyRing) -> Prepared:
    """
    Lay out a database, or bring it up to date; the same again changes nothing.

    :raises NoKey: if what is sealed in it cannot be opened with the ring; nothing is changed
    :raises CannotPrepare: if the owner may not do what is needed
    """
    return preparing.prepare(owner_url, ring, SCHEMAS, GRANTS)
