"""Every refusal as problem+json (RFC 9457), in the caller's language, by one table of statuses."""

import json
from collections.abc import Callable
from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.account_problems import ACCOUNT_PROBLEMS
from api.forms.fonts import PACKAGE, FontMissing
from api.forms.form_problems import FORM_PROBLEMS
from api.notice_problems import NOTICE_PROBLEMS
from api.validation import errors_of
from api.web.page_problems import PAGE_PROBLEMS
from application import account_refusals, sign_in
from application.access import NotAllowed, OutOfReach
from application.openid_provider import NotVouchedFor, ProviderAway
from application.sign_in_tries import TooManyTries
from application.store.key_ring import NoKey
from application.store.sealing import Tampered
from application.store.store import KeyReused, StoreUnavailable
from application.store.tree_keeping import TreeDamaged
from application.tracking import Busy, UnknownChild, VersionMoved
from domain import refusals
from domain.refusals import Refusal
from projections.freshness import ViewBehind

RULE = 409
RULE_TITLE = {"zh": "不能登记", "en": "A rule says no"}
# Refusals of a rule answer 409, but for these.
STATUS_OF: dict[type[Refusal], int] = {
    refusals.NoSuchEntry: 404,
    refusals.SuperiorUnitRequired: 403,
}
# slug: status, title zh, title en, detail zh, detail en
KNOWN: dict[str, tuple[int, str, str, str, str]] = {
    "not-json": (
        400,
        "无法读取请求",
        "Unreadable request",
        "请求正文不是有效的 JSON。",
        "The body is not JSON.",
    ),
    "unreadable-body": (
        400,
        "无法读取请求",
        "Unreadable request",
        "请求正文不是有效的表单。",
        "The body is not a readable form.",
    ),
    "unreadable-file": (422, "文件无法导入", "Unreadable file", "{why}", "{why}"),
    "rows-refused": (
        422,
        "部分行有误",
        "Some rows are wrong",
        "{count} 行有误,未作任何登记。改正后重新导入,或选择只导入无误的行(partial=true)。",
        "{count} rows are wrong; nothing was recorded. Mend them and import again, or take"
        " only the good rows (partial=true).",
    ),
    "absences-refused": (
        422,
        "点名有误",
        "The roll-call is wrong",
        "{count} 处有误,未作任何登记。请按行改正后重新提交整份点名。",
        "{count} things are wrong; nothing was recorded. Mend the rows and send the whole roll-call"
        " again.",
    ),
    "unreadable-query": (
        400,
        "无法读取请求",
        "Unreadable request",
        "网址参数须为 UTF-8 且不含 NUL。",
        "The query must be UTF-8 without NUL.",
    ),
    "not-signed-in": (
        401,
        "请先登录",
        "Not signed in",
        "请先登录,并在请求中附上访问令牌。",
        "Sign in first and send the access token.",
    ),
    "wrong-credentials": (
        401,
        "登录失败",
        "Sign-in failed",
        "用户名、密码或动态验证码不正确。",
        "The username, the password or the code is wrong.",
    ),
    "not-allowed": (
        403,
        "没有权限",
        "Not allowed",
        "您的岗位不办理此项工作。",
        "This step is not one of your post's.",
    ),
    "out-of-reach": (
        403,
        "不在职责范围",
        "Not in your scope",
        "该生或该校不在您的职责范围内;本次尝试已记录。",
        "This child or school is not in your scope; the attempt was logged.",
    ),
    "not-found": (
        404,
        "未找到",
        "Not found",
        "没有这个地址。",
        "There is nothing at this address.",
    ),
    "unknown-child": (
        404,
        "未找到",
        "Not found",
        "没有这名学生的档案。",
        "There is no record of this child.",
    ),
    "method-not-allowed": (
        405,
        "方法不适用",
        "Method not allowed",
        "该地址不接受此方法。",
        "This address does not take this method.",
    ),
    "too-large": (
        413,
        "内容过大",
        "Too large",
        "请求正文过大,请缩减后重试。",
        "The body is too large; send less.",
    ),
    "beyond-checkpoint": (
        404,
        "尚无检查点",
        "Beyond the last checkpoint",
        "最近的检查点只到第 {size} 条,其后的尚不能证明。",
        "The last checkpoint has size {size}; nothing beyond it is proven yet.",
    ),
    "checkpoint-behind": (
        503,
        "检查点尚未生成",
        "Checkpoint behind",
        "最近的检查点尚未包含该生的最新记录,请稍后重试。",
        "No checkpoint holds this child's last entry yet; try again shortly.",
    ),
    "version-moved": (
        412,
        "记录已更新",
        "The record has moved on",
        "您看到的不是最新版本(最新为 {latest})。请刷新后再提交。",
        "The version you saw is not the latest ({latest}). Read it again, then send it again.",
    ),
    "malformed": (
        422,
        "内容有误",
        "Malformed",
        "内容有 {count} 处错误,未作任何登记。",
        "{count} things are wrong; nothing was recorded.",
    ),
    "idempotency-key-reused": (
        422,
        "幂等键重复使用",
        "Idempotency key reused",
        "此 Idempotency-Key 已用于另一请求。请换用新的键。",
        "This Idempotency-Key was used for another request. Use a new one.",
    ),
    "database-away": (
        503,
        "暂时无法服务",
        "Unavailable",
        "数据库暂时无法连接,请稍后重试。",
        "The database is away; try again shortly.",
    ),
    "record-damaged": (
        503,
        "记录无法核验",
        "The record does not open",
        "该生第 {version} 条记录与登记时不符,已停止读取并报告管理员。请勿据此办理,等待核查。",
        "Entry {version} of this child is not what was recorded; reading stopped, and the"
        " administrators were told. Do not act on it; wait for the inquiry.",
    ),
    "log-damaged": (
        503,
        "日志不完整",
        "The log is not whole",
        "日志的哈希有缺失,无法给出证明。请系统管理员运行 guixue audit 核查。",
        "Hashes of the log are missing, so that it proves nothing; administrators run guixue audit"
        " to see which.",
    ),
    "keys-away": (
        503,
        "暂时无法服务",
        "Unavailable",
        "密钥暂不可用,请联系系统管理员。",
        "The keys are not at hand; tell the administrators.",
    ),
    "too-many-rows": (
        422,
        "行数过多",
        "Too many rows",
        "符合条件的超过 {most} 行,请缩小范围。",
        "More than {most} rows are asked for; narrow it down.",
    ),
    "position-unknown": (
        409,
        "没有该日志位置",
        "Position unknown",
        "日志止于位置 {head},没有所给的位置;日志从备份恢复过的,请从恢复处重新读取。",
        "The log ends at position {head} and has not the one given; where it was restored from a"
        " backup, go on from where it was lost.",
    ),
    "view-behind": (
        503,
        "数据尚未更新",
        "View behind",
        "台账尚未更新到所要求的位置,请稍后重试。",
        "The view has not reached the wanted position; try again shortly.",
    ),
    "busy": (
        503,
        "暂时繁忙",
        "Busy",
        "同时登记的人过多,请稍后重试。",
        "Too many people are writing at once; try again shortly.",
    ),
    **ACCOUNT_PROBLEMS,
    **FORM_PROBLEMS,
    **PAGE_PROBLEMS,
    **NOTICE_PROBLEMS,
}
RETRY_AFTER = "2"
CHALLENGE = {"WWW-Authenticate": "Bearer"}


class Problem(Exception):
    """A refusal of the HTTP layer, by its slug in ``KNOWN``."""

    def __init__(
        self,
        slug: str,
        *,
        errors: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
        **facts: Any,
    ) -> None:
        self.slug = slug
        self.errors = errors
        self.headers = headers or {}
        self.facts = facts
        super().__init__(slug)


def language_of(request: Request) -> str:
    """Give ``"zh"`` or ``"en"``, whichever the caller asks for first; Chinese if neither."""
    for wanted in request.headers.get("accept-language", "").split(","):
        tag = wanted.partition(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"


def status_of(refusal: Refusal) -> int:
    return STATUS_OF.get(type(refusal), RULE)


def render(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    headers = {"Cache-Control": "no-store", **(headers or {})}
    if status == KNOWN["database-away"][0]:
        headers["Retry-After"] = RETRY_AFTER
    return Response(
        # a lone surrogate of a caller's must not break the answer
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status,
        headers,
        "application/problem+json",
    )


def problem_told(problem: Problem, language: str) -> tuple[int, dict[str, Any]]:
    """Give the status of a refusal, and what is told of it."""
    status, title_zh, title_en, detail_zh, detail_en = KNOWN[problem.slug]
    english = language == "en"
    body: dict[str, Any] = {
        "type": problem.slug,
        "title": title_en if english else title_zh,
        "status": status,
        "detail": (detail_en if english else detail_zh).format(**problem.facts),
    }
    if problem.errors is not None:
        body["errors"] = problem.errors
    return status, body


def problem(request: Request, problem: Problem) -> Response:
    status, body = problem_told(problem, language_of(request))
    challenge = CHALLENGE if status == KNOWN["not-signed-in"][0] else {}
    return render(status, body, {**challenge, **problem.headers})


def refusal_problem(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    language = language_of(request)
    status = status_of(refusal)
    body: dict[str, Any] = {
        "type": refusal.slug,
        "title": RULE_TITLE[language],
        "status": status,
        "detail": refusal.sentence(language),
    }
    if isinstance(refusal, refusals.AlreadyOnRoll):
        body["student_id"] = refusal.facts["student_id"]
    return render(status, body)


def malformed(request: Request, fault: RequestValidationError) -> Problem:
    errors = errors_of(fault, language_of(request))
    return Problem("malformed", errors=errors, count=len(fault.errors()))


def too_many_tries(_: Request, fault: TooManyTries) -> Problem:
    retry = {"Retry-After": str(fault.seconds)}
    return Problem("too-many-tries", minutes=ceil(fault.seconds / 60), headers=retry)


TRANSLATED: dict[type[Exception], Callable[[Request, Any], Problem]] = {
    Problem: lambda _, fault: fault,
    RequestValidationError: malformed,
    OutOfReach: lambda *_: Problem("out-of-reach"),
    NotAllowed: lambda *_: Problem("not-allowed"),
    UnknownChild: lambda *_: Problem("unknown-child"),
    VersionMoved: lambda _, fault: Problem("version-moved", latest=fault.latest),
    KeyReused: lambda *_: Problem("idempotency-key-reused"),
    StoreUnavailable: lambda *_: Problem("database-away"),
    Tampered: lambda _, fault: Problem("record-damaged", version=fault.version),
    TreeDamaged: lambda *_: Problem("log-damaged"),
    NoKey: lambda *_: Problem("keys-away"),
    Busy: lambda *_: Problem("busy"),
    ViewBehind: lambda *_: Problem("view-behind"),
    TooManyTries: too_many_tries,
    FontMissing: lambda *_: Problem("font-missing", package=PACKAGE),
    sign_in.WrongCredentials: lambda *_: Problem("wrong-credentials"),
    sign_in.CodeRequired: lambda *_: Problem("totp-required"),
    sign_in.SecondFactorRequired: lambda *_: Problem("second-factor-required"),
    NotVouchedFor: lambda *_: Problem("provider-sign-in-failed"),
    ProviderAway: lambda *_: Problem("provider-away"),
    account_refusals.UnknownAccount: lambda *_: Problem("unknown-account"),
    account_refusals.UnknownPost: lambda *_: Problem("unknown-post"),
    account_refusals.UsernameTaken: lambda *_: Problem("username-taken"),
    account_refusals.SubjectTaken: lambda *_: Problem("subject-taken"),
    account_refusals.OwnAccount: lambda *_: Problem("own-account"),
    account_refusals.AccountRevoked: lambda *_: Problem("account-revoked"),
    account_refusals.PostOver: lambda *_: Problem("post-over"),
    account_refusals.LastAdministrator: lambda *_: Problem("last-administrator"),
    account_refusals.OfficeUnknown: lambda _, fault: Problem("office-unknown", office=fault.office),
}
OF_STATUS = {404: "not-found", 405: "method-not-allowed", 400: "unreadable-body", 413: "too-large"}


def http_problem(request: Request, fault: HTTPException) -> Response:
    """Answer what the framework refused, such as an address of nothing."""
    answer = problem(request, Problem(OF_STATUS.get(fault.status_code, "not-found")))
    answer.headers.update(fault.headers or {})
    return answer


def install(app: FastAPI) -> None:
    """Make the app answer every refusal in its own words."""

    def translating(translate: Callable[[Request, Any], Problem]) -> Any:
        return lambda request, fault: problem(request, translate(request, fault))

    for kind, translate in TRANSLATED.items():
        app.add_exception_handler(kind, translating(translate))
    app.add_exception_handler(Refusal, refusal_problem)
