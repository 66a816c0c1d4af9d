"""Whether the log is signed up to its end, and its witnesses cosigned lately."""

from application.store.finding import Examined, Finding, Level, Words, judged

UNSIGNED = """
SELECT s.notification_id FROM log.stored_events s
WHERE s.notification_id > (SELECT coalesce(max(size), 0) FROM log.checkpoints)
    AND s.recorded_at < clock_timestamp() - interval '1 minute'
ORDER BY s.notification_id LIMIT 1
"""
LATE = """
SELECT name FROM unnest(%(names)s::text[]) AS name WHERE NOT EXISTS (
    SELECT FROM log.cosignatures c
    WHERE c.witness = name AND c.made_at > clock_timestamp() - interval '1 day')
"""


def checkpoints(examined: Examined) -> Finding:
    """Name the first entry that is in no checkpoint a minute after it was recorded."""
    return judged(
        "checkpoints",
        examined.names(UNSIGNED),
        Words("一分钟之前登记的都已签名", "all that is older than a minute is signed"),
        Words("日志自此条起未签名", "the log is not signed from this entry on"),
        Words("启动归学即会补签", "start Guixue, which goes on signing"),
        Level.NOTE,
    )


def cosigned(examined: Examined) -> Finding:
    """Name the witnesses whose last cosignature is older than a day."""
    names = [*examined.witnesses()]
    if not names:
        return Finding(
            "cosigned",
            Level.NOTE,
            "未设见证方:日志若被分叉或回退,外部无从发现。请在 witnesses.txt 中登记。",
            "no witness is named: a forked or rolled back log would go unseen; name one in"
            " witnesses.txt.",
        )
    return judged(
        "cosigned",
        examined.names(LATE, names=names),
        Words("见证方一天内都已联署", "every witness cosigned within a day"),
        Words("见证方超过一天未联署", "witnesses have not cosigned for a day"),
        Words("请与见证方联系", "ask them why; /readyz says what they answered"),
    )
