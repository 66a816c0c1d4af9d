"""管理: accounts and posts, made, ended, reset and revoked by administrators."""

import re
from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.schemas.accounts import REACH_FIELDS, ROLE, PostBody, PostEndBody
from api.web.asking import SIGNED_OUT, Params, Refused
from api.web.fields import Field, fields_of, shaped
from api.web.navigation import RUNNING
from api.web.places import all_schools, all_townships
from api.web.reading import body_of
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit

FILTERS = ("q", "role", "school_code", "not_begun", "cursor")
FOUND = 50  # accounts listed at once
CREATED = 201
# What the fields of a post and an account are called, where the field of a record is another.
LABELS = {
    "username": ("用户名", "Username"),
    "name": ("姓名", "Name"),
    "role": ("岗位", "Post"),
    "unit": ("单位", "Unit"),
    "school_code": ("学校", "School"),
    "schools": ("所督查的学校", "Schools inspected"),
    "grade": ("年级", "Grade"),
    "class_name": ("班级", "Class"),
    "township": ("乡镇(街道)", "Township"),
    "office": ("中心校", "Township school office"),
    "from": ("起始日期", "From"),
    "until": ("截止日期", "Last day"),
    "on": ("最后一日", "Last day"),
    "issuer": ("统一身份认证的签发方", "Identity provider"),
    "subject": ("统一身份认证中的编号", "Subject there"),
}
# What the contract calls the fields of a post, within its sentences.
FIELD = re.compile(rf"\b(?:{'|'.join((*REACH_FIELDS, 'until'))})\b", re.ASCII)
# The fields a post's form begins with: those of a school's posts, of which there are most.
BEGINS = ("role", "school_code", "grade", "class_name")
# The forms of one account: the path they are sent to, and what it is called in the contract.
DEEDS = {"reset": "credentials", "revoke": "revocation"}


def is_admin(visit: Visit) -> bool:
    return "admin" in visit.roles


async def administration(visit: Visit) -> Response:
    """
    Show the accounts to administrators; to the bureau, what of this area is its.

    :raises Problem: ``not-allowed`` for whoever does not run the service
    """
    if not visit.roles & RUNNING:
        raise Problem("not-allowed")
    return await listed(visit, dict(visit.request.query_params))


async def search(visit: Visit) -> Response:
    """Find accounts by name: what is typed never stands in an address."""
    return await listed(visit, dict((await sent(visit.request)).pairs))


async def listed(visit: Visit, wanted: dict[str, str]) -> Response:
    asked: Params = {name: wanted.get(name) for name in FILTERS}
    accounts, following = [], None
    if is_admin(visit):
        found = (await visit.ask.get("/v1/accounts", {**asked, "limit": FOUND})).body
        accounts, following = found["items"], found["next_cursor"]
    return visit.page(
        "admin.html",
        admin=is_admin(visit),
        accounts=accounts,
        following=following,
        wanted={name: wanted.get(name) or "" for name in FILTERS},
        known_roles=ROLE.values(),
    )


async def new_account(visit: Visit) -> Response:
    """
    Show the form of a new account.

    :raises Problem: ``not-allowed`` for others than administrators
    """
    if not is_admin(visit):
        raise Problem("not-allowed")
    return new_form(visit, Sent([]))


async def make_account(visit: Visit) -> Response:
    """Make an account with one post; its first password is shown on this one page."""
    fields = await sent(visit.request)
    if fields.get(Sent.RESUME):
        return new_form(visit, fields)
    own = {name: fields.get(name).strip() for name in ("username", "name", "issuer", "subject")}
    body = {name: value for name, value in own.items() if value}
    body_posts = [post_of(visit, fields)]
    try:
        made = (await visit.ask.post("/v1/accounts", {**body, "posts": body_posts})).body
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return new_form(visit, fields, refused)
    return once(visit, made)


def new_form(visit: Visit, fields: Sent, refused: Refused | None = None) -> Response:
    return visit.page(
        "account_new.html",
        status=refused.status if refused else 200,
        **post_form(visit, fields, refused),
    )


async def account_page(visit: Visit) -> Response:
    """Show one account with all its posts, and what can be done with it."""
    return await shown(visit, Sent([]))


async def shown(visit: Visit, fields: Sent, refused: Refused | None = None) -> Response:
    account = visit.request.path_params["account_id"]
    known = (await visit.ask.get(f"/v1/accounts/{account}")).body
    return visit.page(
        "account.html",
        status=refused.status if refused else 200,
        account=known,
        **post_form(visit, fields, refused),
    )


def post_fields(visit: Visit) -> tuple[Field, ...]:
    """Give the fields of a post, its places to choose from and none to type."""
    schools, townships = all_schools(visit), all_townships(visit)
    return shaped(
        fields_of(PostBody),
        {
            "school_code": {"kind": "pick", "options": schools},
            "schools": {"kind": "picks", "options": schools},
            "township": {"kind": "pick", "options": townships},
            "unit": {"required": False},
        },
    )


def post_form(visit: Visit, fields: Sent, refused: Refused | None) -> dict[str, Any]:
    """Give what the form of a post shows."""
    errors = errors_of(visit, refused)
    every = {field.name: field for field in post_fields(visit)}
    more = [field for name, field in every.items() if name not in BEGINS]
    return {
        "first": [every[name] for name in BEGINS],
        "more": more,
        "opened": any(field.name in errors or fields.get(field.name) for field in more),
        "typed": fields,
        "labels": labels(visit),
        "errors": errors,
        "refused": refused,
    }


def post_of(visit: Visit, fields: Sent) -> dict[str, Any]:
    """Make a post of what was typed; the unit of who is at a school or an office is known."""
    post = body_of(post_fields(visit), fields)
    known = visit.service.directory.name_of(post.get("school_code")) or post.get("office")
    return {"unit": known, **post} if known else post


async def give_post(visit: Visit) -> Response:
    """Give an account a further post; a new second factor is shown on this one page."""
    fields = await sent(visit.request)
    return await done(visit, "posts", post_of(visit, fields), fields)


async def end_post(visit: Visit) -> Response:
    """End a post, at once or with a day."""
    fields = await sent(visit.request)
    n = visit.request.path_params["n"]
    return await done(visit, f"posts/{n}/end", body_of(fields_of(PostEndBody), fields), fields)


async def change_account(visit: Visit) -> Response:
    """Reset an account's credentials, or revoke it."""
    fields = await sent(visit.request)
    reason = fields.get("reason").strip()
    deed = DEEDS["revoke" if visit.request.url.path.endswith("/revoke") else "reset"]
    return await done(visit, deed, {"reason": reason} if reason else {}, fields)


async def done(visit: Visit, path: str, body: dict[str, Any], fields: Sent) -> Response:
    """Do it; what is secret in the answer is shown once, else the account is shown again."""
    account = visit.request.path_params["account_id"]
    if fields.get(Sent.RESUME):
        return await shown(visit, fields)
    try:
        made = (await visit.ask.post(f"/v1/accounts/{account}/{path}", body)).body
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return await shown(visit, fields, refused)
    if made.get("first_password") or made.get("otpauth_uri"):
        return once(visit, made)
    return visit.go(f"/admin/accounts/{account}?done=yes")


def once(visit: Visit, made: dict[str, Any]) -> Response:
    """Show a first password and a second factor's secret, this once."""
    return visit.page("account_given.html", status=CREATED, account=made)


def errors_of(visit: Visit, refused: Refused | None) -> dict[str, str]:
    """Give what is wrong with each field, by the name it has in the form, whatever it is in."""
    errors: dict[str, str] = {}
    for error in refused.problem.get("errors", []) if refused else []:
        name = str(error.get("pointer", "")).rpartition("/")[2]
        detail = FIELD.sub(lambda named: visit.t(*LABELS[named[0]]), str(error.get("detail", "")))
        errors.setdefault(name, detail)
    return errors


def labels(visit: Visit) -> dict[str, str]:
    return {name: visit.t(*words) for name, words in LABELS.items()}


routes = [
    page("/admin", administration),
    page("/admin", search, methods=("POST",)),
    page("/admin/accounts/new", new_account),
    page("/admin/accounts/new", make_account, methods=("POST",)),
    page("/admin/accounts/{account_id}", account_page),
    page("/admin/accounts/{account_id}/posts", give_post, methods=("POST",)),
    page("/admin/accounts/{account_id}/posts/{n}/end", end_post, methods=("POST",)),
    page("/admin/accounts/{account_id}/reset", change_account, methods=("POST",)),
    page("/admin/accounts/{account_id}/revoke", change_account, methods=("POST",)),
]
