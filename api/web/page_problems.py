"""Refusals that only pages give, beside those of the contract."""

PAGE_PROBLEMS: dict[str, tuple[int, str, str, str, str]] = {
    "cross-site": (
        403,
        "请求被拒绝",
        "Refused",
        "这次提交来自别的网站,未作任何登记。请在本系统的页面上重新操作。",
        "This was sent from another site; nothing was recorded. Use the pages of this service.",
    ),
    "fault": (
        500,
        "系统出错",
        "A fault of ours",
        "系统出了错,请稍后重试;若仍不行,请告诉管理员出错的时间和所做的操作。",
        "Something went wrong here. Try again in a while; if it stays, tell the administrator when"
        " it was and what you did.",
    ),
}
