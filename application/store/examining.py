"""Examining a laid-out database: whether it still is as it was laid out; changes nothing."""

from collections.abc import Callable
from dataclasses import astuple

import psycopg

from application.access_log import FIRST_BAD
from application.store.database import OLDEST
from application.store.examining_keys import (
    CHILDREN,
    children_keys,
    erased_since_rotation,
    key_ring,
    number_key,
    secret_files,
)
from application.store.examining_proof import checkpoints, cosigned
from application.store.examining_reports import reports
from application.store.examining_standing import standing
from application.store.finding import Examined, Finding, Level, Words, judged
from application.store.key_ring import NoKey

Check = Callable[[Examined], Finding]
START_ANEW = Words(
    "查明是谁改动的,再启动一次归学以重新布置",
    "find out who changed it, then start Guixue once, which lays it out anew",
)


def examine(examined: Examined) -> list[Finding]:
    """Make every check; one that cannot be made is a bad finding, too."""
    return [_made(check, examined) for check in CHECKS]


def _made(check: Check, examined: Examined) -> Finding:
    try:
        return check(examined)
    except NoKey as missing:
        return Finding(check.__name__, Level.BAD, "密钥不可用", str(missing))
    except (psycopg.Error, OSError) as fault:
        why = type(fault).__name__
        return Finding(
            check.__name__,
            Level.BAD,
            f"无法检查({why}):数据库可能尚未布置,请启动一次归学",
            f"could not be checked ({why}): the database may not be laid out yet; start Guixue"
            " once",
        )


# The server -------------------------------------------------------------------------------------


def version(examined: Examined) -> Finding:
    return of_version(examined.connection.info.server_version // 10_000)


def of_version(found: int) -> Finding:
    return judged(
        "version",
        [] if found >= OLDEST else [str(found)],
        Words(f"PostgreSQL {found}", f"PostgreSQL {found}"),
        Words("PostgreSQL 版本过旧", "PostgreSQL is too old"),
        Words(f"请升级到 {OLDEST} 或更新", f"upgrade to {OLDEST} or newer"),
    )


def encoding(examined: Examined) -> Finding:
    found = examined.connection.info.parameter_status("server_encoding")
    return judged(
        "encoding",
        [] if found == "UTF8" else [str(found)],
        Words("编码 UTF8", "encoded in UTF8"),
        Words("数据库编码不是 UTF8", "the database is not encoded in UTF8"),
        Words("请另建 UTF8 数据库", "make a database in UTF8 and move there"),
    )


def durability(examined: Examined) -> Finding:
    off = examined.names("""
        SELECT name FROM pg_settings WHERE setting = 'off'
            AND name IN ('fsync', 'full_page_writes', 'synchronous_commit')
        UNION SELECT one FROM pg_db_role_setting s, unnest(s.setconfig) AS one
            WHERE one = 'synchronous_commit=off'
            AND (s.setdatabase = 0 OR s.setdatabase =
                (SELECT oid FROM pg_database WHERE datname = current_database()))
    """)
    return judged(
        "durability",
        off,
        Words("已登记的不会因断电丢失", "what is recorded survives a loss of power"),
        Words(
            "断电会丢失已登记的内容,因为关闭了", "a loss of power loses entries: switched off are"
        ),
        Words("请在服务器配置中打开", "switch them on in the server's configuration"),
    )


def checksums(examined: Examined) -> Finding:
    return of_checksums(*examined.names("SHOW data_checksums"))


def of_checksums(found: str) -> Finding:
    return judged(
        "checksums",
        [] if found == "on" else [f"data_checksums={found}"],
        Words("数据页校验已开启", "data pages carry checksums"),
        Words("磁盘损坏不会被发现", "a decaying disk goes unnoticed"),
        Words("停机后运行 pg_checksums --enable", "stop the server, run pg_checksums --enable"),
    )


# Roles and what they may ------------------------------------------------------------------------

ATTRIBUTES = {
    "rolsuper": "SUPERUSER",
    "rolcreaterole": "CREATEROLE",
    "rolcreatedb": "CREATEDB",
    "rolreplication": "REPLICATION",
    "rolinherit": "INHERIT",
    "rolbypassrls": "BYPASSRLS",
    "rolcanlogin": "LOGIN",
}


def roles(examined: Examined) -> Finding:
    laid_out = examined.roles
    wanted = {
        laid_out.service: {"LOGIN"},
        laid_out.district: set[str](),
        laid_out.views: {"LOGIN", "BYPASSRLS"},
        laid_out.reports: set(),
        laid_out.tree: {"LOGIN"},
    }
    found = {
        name: {word for word, held in zip(ATTRIBUTES.values(), has, strict=True) if held}
        for name, *has in examined.rows(
            f"SELECT rolname, {', '.join(ATTRIBUTES)} FROM pg_roles"  # noqa: S608
            " WHERE rolname = ANY (%(names)s)",
            names=list(wanted),
        )
    }
    return judged(
        "roles",
        [
            f"{name} {' '.join(sorted(found[name] ^ has)) if name in found else '—'}"
            for name, has in wanted.items()
            if found.get(name) != has
        ],
        Words("各角色的属性如布置", "the roles are as laid out"),
        Words("角色缺失或属性不符", "roles are missing or have other attributes than laid out"),
        START_ANEW,
    )


def memberships(examined: Examined) -> Finding:
    laid_out = examined.roles
    wrong = examined.names(
        """
        SELECT format('%%s → %%s', m.member::regrole, m.roleid::regrole) FROM pg_auth_members m
        JOIN pg_roles member ON member.oid = m.member JOIN pg_roles joined ON joined.oid = m.roleid
        WHERE member.rolname = ANY (%(names)s)
            AND (member.rolname <> %(service)s OR joined.rolname <> %(district)s
                OR m.inherit_option OR m.admin_option)
        """,
        names=list(astuple(laid_out)),
        service=laid_out.service,
        district=laid_out.district,
    )
    return judged(
        "memberships",
        wrong,
        Words("角色不属于其他角色", "no role is member of another it should not be"),
        Words("角色属于不该属于的角色", "a role is member of another"),
        Words("以 REVOKE 收回", "take it back by REVOKE … FROM …"),
    )


def privileges(examined: Examined) -> Finding:
    wrong = examined.names(
        """
        SELECT DISTINCT format('%%s %%s', what, c.oid::regclass)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
            unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS what,
            unnest(%(names)s::text[]) AS who
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND (n.nspname IN ('log', 'keys', 'views', 'attendance') OR c.oid IN (
                to_regclass('access.access_log'), to_regclass('access.glass_broken')))
            AND (has_table_privilege(who, c.oid, what) OR what IN ('INSERT', 'UPDATE')
                AND has_any_column_privilege(who, c.oid, what))
        """,
        names=[examined.roles.service, examined.roles.district],
    )
    return judged(
        "privileges",
        wrong,
        Words("服务角色只能追加,不能改动", "the service's role can append, and change nothing"),
        Words("服务角色能够改动", "the service's role may"),
        START_ANEW,
    )


def ownership(examined: Examined) -> Finding:
    wrong = examined.names(
        """
        SELECT pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
        WHERE deptype = 'o' AND refclassid = 'pg_authid'::regclass
            AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
            AND refobjid IN (SELECT oid FROM pg_roles WHERE rolname = ANY (%(names)s))
        UNION ALL SELECT 'CREATE ' || nspname FROM pg_namespace, unnest(%(names)s::text[]) AS who
        WHERE has_schema_privilege(who, oid, 'CREATE')
        UNION ALL SELECT what FROM unnest(ARRAY['CREATE', 'TEMP']) AS what,
            unnest(%(names)s::text[]) AS who
        WHERE has_database_privilege(who, current_database(), what)
        """,
        names=[examined.roles.service, examined.roles.district],
    )
    return judged(
        "ownership",
        wrong,
        Words("服务角色不拥有、不能新建任何对象", "the service's role owns and makes nothing"),
        Words("服务角色拥有或能新建", "the service's role owns or may make"),
        START_ANEW,
    )


# What keeps the log as it is --------------------------------------------------------------------

BEFORE_UPDATE_DELETE_TRUNCATE = 2 + 16 + 8 + 32  # pg_trigger.tgtype; a statement's
GUARDED = (
    *("log.stored_events", "log.answers", "log.tree_hashes", "log.checkpoints"),
    *("log.cosignatures", "access.access_log", "access.glass_broken"),
    *("attendance.roll_calls", "attendance.absences", "attendance.screened"),
    "attendance.dropped",
)
EVENT_TRIGGERS = ("guixue_log_stays", "guixue_log_is_kept")


def triggers(examined: Examined) -> Finding:
    wrong = [
        table
        for table in GUARDED
        if not examined.rows(
            """
            SELECT FROM pg_trigger WHERE tgrelid = to_regclass(%(table)s)
                AND tgname = 'append_only' AND tgfoid = to_regproc(%(refuses)s)
                AND tgtype = %(kind)s AND tgqual IS NULL AND tgenabled = 'A'
            """,
            table=table,
            refuses=f"{'attendance' if table.startswith('attendance') else 'log'}.refuse_change",
            kind=BEFORE_UPDATE_DELETE_TRUNCATE,
        )
    ]
    return judged(
        "triggers",
        wrong,
        Words("日志只增不改的触发器都在", "the triggers that keep the logs append-only are on"),
        Words("日志可被改动,缺少或关闭了触发器", "a log can be changed: missing or off are"),
        START_ANEW,
    )


def event_triggers(examined: Examined) -> Finding:
    there = examined.names("SELECT evtname FROM pg_event_trigger WHERE evtenabled IN ('O', 'A')")
    ((superuser,),) = examined.rows("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    known = examined.number("SELECT count(*) FROM pg_event_trigger WHERE evtname LIKE 'guixue%'")
    return judged(
        "event_triggers",
        [name for name in EVENT_TRIGGERS if name not in there],
        Words("日志的表不能被改建或删除", "the log's tables cannot be altered or dropped"),
        Words(
            "所有者可改建或删除日志的表,缺少", "the owner can alter or drop the log; missing are"
        ),
        START_ANEW
        if superuser or known
        else Words(
            "只有超级用户能建立;可请其以超级用户启动一次归学",
            "only a superuser can make them, which the owner is not; start Guixue once as one",
        ),
        Level.BAD if superuser or known else Level.NOTE,
    )


def views(examined: Examined) -> Finding:
    found = {
        name: rest
        for name, *rest in examined.rows(
            "SELECT relname, relpersistence = 'u', relrowsecurity, relforcerowsecurity"
            " FROM pg_class WHERE relnamespace = to_regnamespace('views') AND relkind = 'r'"
        )
    }
    missing = [name for name in examined.views if name not in found]
    lacking = [
        f"{name} {word}"
        for name in examined.views
        if name in found
        for word, holds in zip(("UNLOGGED", "ROW SECURITY", "FORCE"), found[name], strict=True)
        if not holds
    ]
    return judged(
        "views",
        lacking or missing,
        Words(
            "台账按行隔离,且不入预写日志", "every view is row-secured, and in no write-ahead log"
        ),
        Words("台账缺少", "views lack" if lacking else "views are not there yet"),
        Words("运行 guixue views rebuild", "run guixue views rebuild"),
        Level.BAD if lacking else Level.NOTE,
    )


# What is held ----------------------------------------------------------------------------------


def access_chain(examined: Examined) -> Finding:
    return judged(
        "access_chain",
        examined.names(FIRST_BAD),
        Words("访问日志前后相连,未被改动", "the access log's chain is whole"),
        Words("访问日志自此行起被改动", "the access log was altered, first at line"),
        Words("保全现场并报告", "keep everything as it is, and report it"),
    )


def counts(examined: Examined) -> Finding:
    events = examined.number("SELECT count(*) FROM log.stored_events")
    children = examined.number(CHILDREN)
    erased = examined.number(f"{CHILDREN} AND destroyed_at IS NOT NULL")
    return Finding(
        "counts",
        Level.GOOD,
        f"{events:,} 条记录,{children:,} 名儿童,其中已销毁 {erased:,} 名",
        f"{events:,} entries of {children:,} children, {erased:,} of them erased",
    )


CHECKS: tuple[Check, ...] = (
    *(version, encoding, durability, checksums),
    *(roles, memberships, privileges, ownership, reports),
    *(triggers, event_triggers, views, standing),
    *(checkpoints, cosigned),
    *(secret_files, key_ring, number_key),
    *(children_keys, erased_since_rotation, access_chain, counts),
)
