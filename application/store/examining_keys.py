"""Whether the secret files are there and private, and every key in use is at hand."""

from collections.abc import Collection
from uuid import UUID

from application.store.finding import Examined, Finding, Level, Words, judged
from application.store.number_key import fingerprint, read_number_key
from application.store.streams import KEY_IS_CHILDS

KEYS = "SELECT count(*) FROM keys.children"  # of every stream
CHILDREN = f"{KEYS} WHERE {KEY_IS_CHILDS}"
SINCE = {"log.key": "SELECT count(*) FROM log.checkpoints"}  # when a file must be there; else:


def secret_files(examined: Examined) -> Finding:
    wrong = []
    for name, path in examined.files.items():
        try:
            mode = path.stat().st_mode & 0o777
        except FileNotFoundError:
            if examined.number(SINCE.get(name, KEYS)):  # the first key
                wrong.append(f"{name} —")
            continue
        if mode & 0o077:
            wrong.append(f"{name} {mode:04o}")
    return judged(
        "secret_files",
        wrong,
        Words("密钥文件只有所有者可读", "only their owner can read the secret files"),
        Words("密钥文件缺失或他人可读", "secret files are missing, or others may read them"),
        Words(
            "缺失的从备份恢复;其余 chmod 600",
            "put a missing one back from its backup; chmod 600 the others",
        ),
    )


def key_ring(examined: Examined) -> Finding:
    held = examined.ring().fingerprints
    living = examined.rows("SELECT fingerprint FROM keys.encryption_keys WHERE retired_at IS NULL")
    return judged(
        "key_ring",
        [bytes(one).hex() for (one,) in living if bytes(one) not in held],
        Words("使用中的密钥都在手边", "every key in use is at hand"),
        Words("缺少使用中的密钥", "keys in use are not at hand"),
        Words("从备份恢复密钥文件", "put the key file back from its backup"),
    )


def number_key(examined: Examined) -> Finding:
    known = examined.rows("SELECT fingerprint FROM keys.number_key")
    held = fingerprint(read_number_key(examined.files["number.key"])) if known else None
    return judged(
        "number_key",
        ["number.key"] if known and held != bytes(known[0][0]) else [],
        Words("学籍号散列密钥与数据库相符", "the key of student numbers is this database's"),
        Words("学籍号散列密钥与数据库不符", "the key of student numbers is another database's"),
        Words("从备份恢复密钥文件", "put the key file back from its backup"),
    )


def children_keys(examined: Examined) -> Finding:
    wrong = examined.rows("""
        SELECT encode(c.under, 'hex'), count(*) FROM keys.children c
        WHERE c.wrapped IS NOT NULL AND c.under NOT IN (
            SELECT e.fingerprint FROM keys.encryption_keys e WHERE e.retired_at IS NULL)
        GROUP BY 1
    """)
    return judged(
        "children_keys",
        [f"{under} × {count}" for under, count in wrong],
        Words("每名儿童的密钥都由使用中的密钥包裹", "every child's key is under a key in use"),
        Words("有儿童的密钥由停用或未知的密钥包裹", "children's keys are under a key not in use"),
        Words("勿删旧密钥,运行 guixue keys rotate", "keep the old key; run guixue keys rotate"),
    )


def erased_since_rotation(examined: Examined) -> Finding:
    count = examined.number(
        f"{CHILDREN} AND destroyed_at >"  # noqa: S608
        " (SELECT min(made_at) FROM keys.encryption_keys WHERE retired_at IS NULL)"
    )
    return judged(
        "erased_since_rotation",
        [str(count)] if count else [],
        Words("没有待轮换的销毁", "no erasure awaits a rotation of keys"),
        Words("上次轮换密钥后销毁的儿童数", "children erased since the last rotation of keys"),
        Words(
            "旧备份连同旧密钥文件仍可读出其内容,请运行 guixue keys rotate 并销毁旧密钥文件",
            "an old backup with the old key file could still be read: run guixue keys rotate and"
            " destroy the old key file's copies",
        ),
        Level.NOTE,
    )


def still_erased(examined: Examined, noted: Collection[UUID]) -> Finding:
    """Name children noted elsewhere as erased whose key is here (domain.md section 8, duty 7)."""
    return judged(
        "still_erased",
        examined.names(
            "SELECT student_id FROM keys.children"
            " WHERE wrapped IS NOT NULL AND student_id = ANY(%(noted)s) ORDER BY student_id",
            noted=list(noted),
        ),
        Words(
            f"所记 {len(noted)} 名已销毁儿童均仍不可读",
            f"of the {len(noted)} children noted as erased, none can be read",
        ),
        Words("已销毁的儿童经备份恢复后又可读", "erased children can be read again"),
        Words(
            "对外服务前请重新封存、申请并决定销毁,再轮换密钥、另做备份",
            "before others are let in, restrict, ask and decide anew; then rotate the sealing key"
            " and back up anew",
        ),
    )
