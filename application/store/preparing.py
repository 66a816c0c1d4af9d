"""Laying out a database as its owner: schemas, keys in use, roles, and what each role may."""

import hashlib
import hmac
import random
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application.store.key_ring import KeyRing, NoKey

PREPARING = 20230902  # the advisory lock of whoever lays out a database
# Sooner than the server looks for deadlocks: it is never an append that has to give way.
GIVING_WAY_MS, TRIES = 400, 60
GAVE_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
LONGEST_NAME = 63
PARTS = ("service", "district", "views", "reports", "tree")


class CannotPrepare(Exception):
    """The database cannot be laid out; says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Roles:
    """
    The roles of one database, each with only what its part needs.

    ``service`` answers people: it appends through ``log.append``, reads the log, and sees rows of
    views only within the scope set for a transaction. ``district`` is what it becomes, for one
    transaction, for those who see the whole district. ``views`` keeps the views: it reads the log
    and owns nothing but them. ``reports`` reads the reports, which name nobody; people who work
    with SQL are made members of it. ``tree`` keeps the log's tree and its checkpoints.
    """

    service: str
    district: str
    views: str
    reports: str
    tree: str

    @classmethod
    def of(cls, database: str) -> "Roles":
        """
        Name the roles of a database.

        :raises CannotPrepare: if its name is too long
        """
        names = [f"{database}_{part}" for part in PARTS]
        if max(len(name.encode()) for name in names) > LONGEST_NAME:
            raise CannotPrepare(f"The database's name {database} is too long to name roles after.")
        return cls(*names)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database laid out: how each part of the service connects to it."""

    owner_url: str
    service_url: str
    views_url: str
    tree_url: str


def prepare(
    owner_url: str, ring: KeyRing, schemas: Iterable[str] = (), grants: str = ""
) -> Prepared:
    """
    Lay out a database, or bring it up to date; the same again changes nothing.

    ``schemas`` is the SQL of parts beside the log, ``grants`` what ``{service}`` may do with
    them. The keys on the ring must be those the
    children's are wrapped under; this is checked first.

    :raises NoKey: if not
    :raises CannotPrepare: if the owner may not do what is needed
    """
    with psycopg.connect(owner_url, autocommit=True) as connection:
        check_keys(connection, ring)
        try:
            for _ in range(TRIES):
                with suppress(*GAVE_WAY):
                    return _laid_out(connection, owner_url, ring, schemas, grants)
                time.sleep(random.uniform(0.05, 0.3))  # noqa: S311  # so that no two go in step
            return _laid_out(connection, owner_url, ring, schemas, grants)
        except psycopg.errors.InsufficientPrivilege as refused:
            raise CannotPrepare(
                "The role of GUIXUE_DATABASE_URL must own its database and may need CREATEROLE and"
                f" BYPASSRLS (ALTER ROLE … CREATEROLE BYPASSRLS): {refused.diag.message_primary}."
            ) from None


def _laid_out(
    connection: psycopg.Connection[Any],
    owner_url: str,
    ring: KeyRing,
    schemas: Iterable[str],
    grants: str,
) -> Prepared:
    """Lay out, in one transaction; where others are at work on the tables, it gives way."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [PREPARING])
        connection.execute(f"SET LOCAL lock_timeout = '{GIVING_WAY_MS}ms'".encode())
        connection.execute("SET LOCAL client_min_messages = warning")
        connection.execute("SET LOCAL guixue.preparing = 'on'")
        for statements in (log_sql(), *schemas):
            connection.execute(statements.encode())
        connection.execute(NO_DDL.encode())
        _keys_in_use(connection, ring)
        return _with_roles(connection, owner_url, grants)


def has_keys(owner_url: str) -> bool:
    """Say whether something in a database is sealed, so that a key must be found, not made."""
    with psycopg.connect(owner_url) as connection:
        return _exists(connection, "keys.encryption_keys") and _has_rows(
            connection, "keys.encryption_keys"
        )


def log_sql() -> str:
    """Give the SQL of the log and the keys; it can be run again and again."""
    folder = files("application.store")
    return "".join(folder.joinpath(name).read_text("utf-8") for name in ("schema.sql", "tree.sql"))


def check_keys(connection: psycopg.Connection[Any], ring: KeyRing) -> None:
    """
    Check that what is sealed in a database can be opened with a ring; changes nothing.

    :raises NoKey: if not
    """
    check_version(connection)
    if not _exists(connection, "keys.encryption_keys"):
        return
    wanted = [
        bytes(fingerprint)
        for (fingerprint,) in connection.execute(
            "SELECT fingerprint FROM keys.encryption_keys WHERE retired_at IS NULL"
        )
    ]
    missing = [one.hex() for one in wanted if one not in ring.fingerprints]
    if missing:
        raise NoKey(
            f"The key file {ring.path or '(GUIXUE_SEALING_KEY)'} is not this database's: its"
            f" children's keys are wrapped under {', '.join(missing)}, the file holds"
            f" {', '.join(one.hex() for one in ring.fingerprints)}. Put the right file back from"
            " its backup. Nothing was changed. 密钥文件与数据库不符,请从备份恢复正确的密钥文件。"
        )


def check_version(connection: psycopg.Connection[Any]) -> None:
    """
    Check that a database, unless it is empty, was not made by an older version.

    :raises NoKey: if it was; there are keys it never had
    """
    if _exists(connection, "log.stored_events") and not _exists(connection, "keys.pseudonyms"):
        raise NoKey(
            "This database was made by a version that did not seal its entries, or did not prove"
            " them; this one does not read it. A demo starts over with --reset. Nothing was"
            " changed. 该数据库由旧版本建立,演示数据请用 --reset 重新生成。"
        )


def is_laid_out(connection: psycopg.Connection[Any]) -> bool:
    """Say whether a database holds a log."""
    return _exists(connection, "log.stored_events")


def _keys_in_use(connection: psycopg.Connection[Any], ring: KeyRing) -> None:
    connection.execute(
        "INSERT INTO keys.encryption_keys (fingerprint) VALUES (%s)"
        " ON CONFLICT (fingerprint) DO UPDATE SET retired_at = NULL",
        [ring.fingerprints[0]],
    )


# Roles ------------------------------------------------------------------------------------------


def _with_roles(connection: psycopg.Connection[Any], owner_url: str, grants: str) -> Prepared:
    info = connection.info
    roles = Roles.of(info.dbname)
    urls = {}
    for role in (roles.service, roles.views, roles.tree):
        password = _password(info.password, role)
        attributes = f"LOGIN NOINHERIT {'BYPASSRLS' if role == roles.views else 'NOBYPASSRLS'}"
        _make_role(connection, role, attributes, password)
        urls[role] = make_conninfo(
            "", **{**conninfo_to_dict(owner_url), "user": role, "password": password}
        )
    for role in (roles.district, roles.reports):
        _make_role(connection, role, "NOLOGIN NOINHERIT NOBYPASSRLS", None)
    _execute(connection, GRANTS + grants, info.dbname, roles)
    return Prepared(owner_url, urls[roles.service], urls[roles.views], urls[roles.tree])


def _make_role(
    connection: psycopg.Connection[Any], role: str, attributes: str, password: str | None
) -> None:
    # whoever owns the database may lack the right to name what is as it should be
    if _attributes(connection, role) != attributes:
        known = _attributes(connection, role) is not None
        connection.execute(
            sql.SQL("{} ROLE {} WITH {}").format(
                sql.SQL("ALTER" if known else "CREATE"),
                sql.Identifier(role),
                sql.SQL(f"NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {attributes}"),
            )
        )
    if password is not None:
        # the statement is logged nowhere, and holds a verifier in place of the password
        verifier = connection.pgconn.encrypt_password(
            password.encode(), role.encode(), b"scram-sha-256"
        ).decode()
        connection.execute(
            sql.SQL("ALTER ROLE {} WITH PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(verifier)
            )
        )


def _attributes(connection: psycopg.Connection[Any], role: str) -> str | None:
    """Give a role's attributes in the words of its making; ``None`` if there is none."""
    row = connection.execute(
        "SELECT concat_ws(' ', CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,"
        " CASE WHEN rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,"
        " CASE WHEN rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END,"
        " CASE WHEN rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication"
        " THEN 'and more than it should have' END) FROM pg_roles WHERE rolname = %s",
        [role],
    ).fetchone()
    return row[0] if row else None


def _password(owners: str, role: str) -> str:
    """Derive a role's password from the owner's, so that nothing more has to be kept."""
    return hmac.digest(owners.encode(), f"guixue role {role}".encode(), hashlib.sha256).hex()


GRANTS = """
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {service}, {views}, {reports}, {tree};
REVOKE ALL ON SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA log, keys TO {service}, {views}, {tree};
REVOKE ALL ON ALL TABLES IN SCHEMA log, keys FROM {service}, {views}, {tree}, PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA log, keys TO {service};
GRANT SELECT ON log.stored_events, keys.children TO {views};
GRANT EXECUTE ON FUNCTION log.append TO {service};
GRANT SELECT ON log.stored_events, keys.pseudonyms TO {tree};
GRANT SELECT, INSERT ON log.tree_hashes, log.checkpoints, log.cosignatures TO {tree};
GRANT SELECT, INSERT, UPDATE ON log.heads, log.head_groups TO {tree};
GRANT EXECUTE ON FUNCTION log.pseudonym, log.commit_heads TO {tree};

GRANT {district} TO {service} WITH INHERIT FALSE, SET TRUE;
GRANT {views} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE;
CREATE SCHEMA IF NOT EXISTS views AUTHORIZATION {views};
GRANT USAGE ON SCHEMA views TO {service}, {district};
CREATE SCHEMA IF NOT EXISTS reports AUTHORIZATION {views};
GRANT USAGE ON SCHEMA reports TO {reports};
"""


def _execute(
    connection: psycopg.Connection[Any], statements: str, database: str, roles: Roles
) -> None:
    connection.execute(
        sql.SQL(statements).format(
            database=sql.Identifier(database),
            service=sql.Identifier(roles.service),
            district=sql.Identifier(roles.district),
            views=sql.Identifier(roles.views),
            reports=sql.Identifier(roles.reports),
            tree=sql.Identifier(roles.tree),
        )
    )


# Only a superuser can make an event trigger; `guixue doctor` says where there is none.
NO_DDL = """
CREATE OR REPLACE FUNCTION public.guixue_refuse_ddl() RETURNS event_trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('guixue.preparing', true) = 'on' THEN
        RETURN;
    END IF;
    IF tg_event = 'sql_drop' AND EXISTS (
        SELECT FROM pg_event_trigger_dropped_objects() AS o
        WHERE o.schema_name IN ('log', 'keys', 'access', 'attendance')
            OR o.object_identity IN ('log', 'keys', 'access', 'attendance')
    ) OR tg_event = 'ddl_command_end' AND EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands() AS c
        WHERE c.schema_name IN ('log', 'keys', 'access', 'attendance')
    ) THEN
        RAISE EXCEPTION 'what is recorded is kept: % refused', tg_tag
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;
DO $$
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        AND NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'guixue_log_stays')
    THEN
        CREATE EVENT TRIGGER guixue_log_stays ON ddl_command_end
            EXECUTE FUNCTION public.guixue_refuse_ddl();
        CREATE EVENT TRIGGER guixue_log_is_kept ON sql_drop
            EXECUTE FUNCTION public.guixue_refuse_ddl();
    END IF;
END
$$;
"""


def _exists(connection: psycopg.Connection[Any], table: str) -> bool:
    found = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
    return found is not None and found[0] is not None


def _has_rows(connection: psycopg.Connection[Any], table: str) -> bool:
    found = connection.execute(f"SELECT EXISTS (SELECT FROM {table})".encode()).fetchone()  # noqa: S608
    return bool(found and found[0])
