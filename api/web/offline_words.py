"""What the script says about drafts that wait in the browser, in both languages."""

OFFLINE: dict[str, tuple[str, str]] = {
    "waiting": ("有 {count} 条还没有发送:", "{count} not sent yet:"),
    "kept": (
        "没有信号:已加密保存在本机,有信号后自动发送。",
        "No signal: kept in this browser, encrypted, and sent by itself when there is signal.",
    ),
    "case": ("个案号", "case"),
    "unsent": ("待发送,有信号后自动发送", "waiting; sent by itself when there is signal"),
    "refused": ("未被接受:{why}", "not accepted: {why}"),
    "other": (
        "由另一账号填写,登录该账号后发送",
        "written by another account, sent when it signs in",
    ),
    "ending": ("还有 {hours} 小时就会删除", "gone in {hours} hours"),
    "open": ("打开修改", "Open"),
    "drop": ("删除", "Delete"),
    "sure": ("删除后无法找回。确定删除吗?", "It cannot be had back. Delete it?"),
    "leaving": (
        "还有 {count} 条没有发送,退出登录就会删除。确定退出吗?",
        "{count} not sent yet will be deleted. Sign out all the same?",
    ),
    "restored": ("已找回上次没有保存的内容。", "What you typed here before is back."),
    "fresh": ("不要了,重新填写", "Begin anew"),
}
