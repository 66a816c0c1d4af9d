"""The refusals of signing in and of changing accounts, in both languages."""

# slug: status, title zh, title en, detail zh, detail en
ACCOUNT_PROBLEMS: dict[str, tuple[int, str, str, str, str]] = {
    "token-in-url": (
        400,
        "令牌不得写入网址",
        "Token in the URL",
        "访问令牌不得写入网址:网址会留在浏览记录和日志中。请改用 Authorization 请求头,"
        "并退出登录使该令牌失效。",
        "An access token does not belong in a URL, which histories and logs keep. Send it in the"
        " Authorization header, and sign out so that this one is dead.",
    ),
    "totp-required": (
        401,
        "需要动态验证码",
        "A code is needed",
        "密码正确。请再输入验证器应用中的六位动态验证码(otp)。",
        "The password is right. Send the six digits of your authenticator app too (otp).",
    ),
    "provider-sign-in-failed": (
        401,
        "登录失败",
        "Sign-in failed",
        "统一身份认证未能完成登录,或没有与之对应的账号。请重新登录;仍不成功请联系系统管理员。",
        "The provider did not sign you in, or no account here is yours. Start again; if it fails"
        " again, ask the administrator.",
    ),
    "second-factor-required": (
        401,
        "需要第二重验证",
        "A second factor is needed",
        "您的岗位须以两种方式验证身份。请在统一身份认证中启用第二重验证后重新登录。",
        "Your post needs a second factor. Turn it on at the provider, then sign in again.",
    ),
    "password-change-required": (
        403,
        "请先修改密码",
        "Change the password first",
        "这是管理员发放的初始密码。请先修改密码(POST /v1/password),再办理其他事项。",
        "This password was handed out. Change it first (POST /v1/password), then go on.",
    ),
    "unknown-account": (
        404,
        "未找到",
        "Not found",
        "没有这个账号。",
        "There is no such account.",
    ),
    "unknown-post": (
        404,
        "未找到",
        "Not found",
        "该账号没有这个岗位。",
        "The account has no such post.",
    ),
    "username-taken": (
        409,
        "不能办理",
        "A rule says no",
        "用户名已被使用。请另选一个。",
        "Another account has this username. Choose another.",
    ),
    "subject-taken": (
        409,
        "不能办理",
        "A rule says no",
        "该统一身份(issuer 与 subject)已对应另一个账号。",
        "Another account has this issuer and subject.",
    ),
    "own-account": (
        409,
        "不能办理",
        "A rule says no",
        "管理员不能改动自己的账号。请由另一名管理员办理。",
        "Administrators do not change their own account. Another administrator does.",
    ),
    "account-revoked": (
        409,
        "不能办理",
        "A rule says no",
        "该账号已撤销,不能再改动。请新建账号。",
        "The account is revoked, for good. Make another one.",
    ),
    "post-over": (
        409,
        "不能办理",
        "A rule says no",
        "该岗位已结束,或在该日之前就会结束。",
        "The post has ended, or ends before that day anyway.",
    ),
    "last-administrator": (
        409,
        "不能办理",
        "A rule says no",
        "这是最后一名在岗的系统管理员。请先指定另一名管理员。",
        "This is the last administrator in force. Make another one first.",
    ),
    "office-unknown": (
        409,
        "不能办理",
        "A rule says no",
        "本区学校名录中没有中心校“{office}”。请核对。",
        "No school of this district's directory is under the office “{office}”. Check it.",
    ),
    "too-many-tries": (
        429,
        "尝试次数过多",
        "Too many tries",
        "登录失败次数过多。请在 {minutes} 分钟后再试。",
        "Too many tries to sign in have failed. Try again in {minutes} minutes.",
    ),
    "provider-away": (
        503,
        "暂时无法登录",
        "Unavailable",
        "统一身份认证暂时无法连接,请稍后重试。",
        "The sign-in provider does not answer; try again shortly.",
    ),
}
