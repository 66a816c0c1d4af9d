"""The refusals about webhooks and notices, in both languages."""

# slug: status, title zh, title en, detail zh, detail en
NOTICE_PROBLEMS: dict[str, tuple[int, str, str, str, str]] = {
    "unknown-webhook": (
        404,
        "未找到",
        "Not found",
        "没有这个订阅。",
        "There is no such subscription.",
    ),
    "unknown-notice": (
        404,
        "未找到",
        "Not found",
        "没有这条通知,或已超过保存期限。",
        "There is no such notice, or it was forgotten after its time.",
    ),
    "notice-not-dead": (
        409,
        "不能办理",
        "A rule says no",
        "只有未能送达且订阅仍有效的通知可以重发。",
        "Only a dead letter whose subscription is still in force is sent again.",
    ),
}
