"""Whether every view goes on, and every entry the views met opens."""

from application.store.finding import Examined, Finding, Words, judged


def standing(examined: Examined) -> Finding:
    """Name the views that stand still, and the entries that do not open, by their positions."""
    there = examined.rows("SELECT WHERE to_regclass('views.parked') IS NOT NULL")
    wrong = (
        examined.names("""
        SELECT format('%s @ %s %s %s', view, position, kind, error) FROM views.parked
        UNION ALL SELECT format('damaged @ %s', position) FROM views.damaged
    """)
        if there
        else []
    )
    return judged(
        "standing",
        wrong,
        Words("没有台账停滞,没有无法解开的记录", "no view stands still, and no entry is damaged"),
        Words("有台账停滞,或有无法解开的记录", "views stand still, or entries do not open"),
        Words(
            "停滞的台账请升级后运行 guixue views resume;损坏的记录请从备份恢复",
            "for a view that stands still, upgrade, then run guixue views resume; put a damaged"
            " entry back from a backup",
        ),
    )
