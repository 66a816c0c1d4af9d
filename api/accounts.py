"""Accounts over HTTP, for administrators: made, listed, given posts, reset, revoked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.at_once import at_once
from api.checking import Checked, service_of
from api.deps import (
    Language,
    Limit,
    Serving,
    SignedIn,
    access_line,
    logged_refusal,
    malformed,
    signed_in_person,
)
from api.listing import Cursor, cursor_of
from api.openapi import READ, answered, body_example, problems
from api.problems import Problem
from api.schemas.accounts import ROLE, AccountBody, AccountReason, PostBody, PostEndBody
from api.schemas.fields import OneOf, SchoolCode
from api.service import Service
from api.showing import answer, local
from application.access import NotAllowed
from application.account_refusals import AccountRefusal
from application.accounts import Given
from domain.refusals import Refusal, SchoolUnknown

ADMINISTRATOR = "admin"
NAMED = (*READ, "not-json", "too-large", "unknown-account", "own-account", "account-revoked")


async def administrator(request: Request) -> None:
    """
    Check that an administrator asks; another's attempt leaves a line in the access log.

    :raises NotAllowed: for anybody else
    """
    if not any(post.role == ADMINISTRATOR for post in signed_in_person(request).posts):
        await logged_refusal(request, "accounts")
        raise NotAllowed


async def known_account(
    request: Request, account_id: Annotated[str, Path(description="the account's id, a UUID")]
) -> dict[str, Any]:
    """
    Read the account that the path names.

    :raises Problem: ``unknown-account``
    """
    service = service_of(request)
    try:
        account = UUID(account_id)
    except ValueError:
        raise Problem("unknown-account") from None
    known = await service.account_list.one(account, service.tracking.today())
    if known is None:
        raise Problem("unknown-account")
    return known


Known = Annotated[dict[str, Any], Depends(known_account)]


def named_account(known: Known) -> UUID:
    account: UUID = known["account_id"]
    return account


def named_post(
    known: Known, n: Annotated[str, Path(description="the post's number in the account")]
) -> int:
    """
    Read the number of a post of the account from the path.

    :raises Problem: ``unknown-post``
    """
    if not any(str(post["n"]) == n for post in known["posts"]):
        raise Problem("unknown-post")
    return int(n)


router = APIRouter(
    route_class=Checked, tags=["accounts 账号"], dependencies=[Depends(administrator)]
)
Named = Annotated[UUID, at_once(named_account)]
PostNumber = Annotated[int, at_once(named_post)]


@asynccontextmanager
async def logged(
    request: Request, action: str, reason: str | None = None
) -> AsyncIterator[datetime]:
    """Leave a line in the access log about a change, made or refused; yields the present moment."""
    service = service_of(request)
    try:
        yield service.tracking.now()
    except (AccountRefusal, Refusal):
        await logged_refusal(request, action, reason=reason)
        raise
    await service.access_log.write(access_line(request, action, "done", reason=reason))


@router.get(
    "/v1/accounts",
    summary="账号 · All accounts, in the order in which they were made",
    responses={**answered("accounts", "One page."), **problems(*READ)},
)
async def list_accounts(
    request: Request,
    service: Serving,
    language: Language,
    limit: Limit = 50,
    cursor: Cursor = None,
    role: Annotated[
        Annotated[str, OneOf(ROLE)] | None, Query(description="who holds such a post today")
    ] = None,
    school_code: Annotated[
        SchoolCode | None, Query(description="who holds a post at this school today")
    ] = None,
    q: Annotated[
        str | None, Query(max_length=100, description="part of the username or the name")
    ] = None,
    not_begun: Annotated[
        bool, Query(description="only those whose first password nobody has changed yet")
    ] = False,
) -> Response:
    """Show every account with all its posts; never a password or a secret."""
    rows = await service.account_list.page(
        *(service.tracking.today(), limit + 1, cursor or 0),
        role=role,
        school_code=school_code,
        q=q,
        not_begun=not_begun,
    )
    await service.access_log.write(access_line(request, "list accounts", "shown"))
    last = rows[limit - 1]["place"] if len(rows) > limit else None
    return answer(
        {
            "items": [_shown(row, service, language) for row in rows[:limit]],
            "next_cursor": None if last is None else cursor_of(last),
        }
    )


@router.post(
    "/v1/accounts",
    status_code=201,
    summary="开立账号 · Make an account for somebody with posts",
    responses={
        **answered("account_given", "Made; password and URI are shown this once.", 201),
        **problems(
            *(*READ, "not-json", "too-large", "username-taken", "subject-taken", "office-unknown"),
            rules=[SchoolUnknown],
        ),
    },
    openapi_extra=body_example(AccountBody),
)
async def make_account(
    request: Request, person: SignedIn, service: Serving, language: Language, body: AccountBody
) -> Response:
    """
    Make an account, with a first password that its owner must change.

    Where a post needs a second factor, `otpauth_uri` is for the authenticator app. With `issuer`
    and `subject` the account has no password: its owner signs in at the provider.
    """
    today = service.tracking.today()
    posts = [body_post.post() for body_post in body.posts]
    async with logged(request, f"make account {body.username}") as now:
        given = await service.accounts.open(
            body.username,
            body.name,
            [replace(post, from_day=post.from_day or today) for post in posts],
            *(person, now),
            issuer=body.issuer,
            subject=body.subject,
        )
    return await _answer(service, language, given)


@router.get(
    "/v1/accounts/{account_id}",
    summary="单个账号 · One account",
    responses={**answered("account", "With all its posts."), **problems(*READ, "unknown-account")},
)
async def read_account(
    request: Request, service: Serving, language: Language, known: Known
) -> Response:
    """Show an account with every post it ever had; never a password or a secret."""
    account = known["account_id"]
    await service.access_log.write(access_line(request, f"read account {account}", "shown"))
    return answer(_shown(known, service, language))


@router.post(
    "/v1/accounts/{account_id}/posts",
    status_code=201,
    summary="增加岗位 · Give an account a further post",
    responses={
        **answered("account_given", "Given; the URI is shown once, where one is new.", 201),
        **problems(*NAMED, "office-unknown", rules=[SchoolUnknown]),
    },
    openapi_extra=body_example(PostBody),
)
async def give_post(
    request: Request,
    person: SignedIn,
    service: Serving,
    language: Language,
    account: Named,
    body: PostBody,
) -> Response:
    """
    Give a post, from a day on.

    If it is the first that needs a second factor, the account gets the secret for its codes, and
    the post counts in sessions opened with one.
    """
    post = replace(body.post(), from_day=body.from_day or service.tracking.today())
    async with logged(request, f"give post to account {account}"):
        given = await service.accounts.give_post(account, post, person)
    return await _answer(service, language, given)


@router.post(
    "/v1/accounts/{account_id}/posts/{n}/end",
    status_code=201,
    summary="结束岗位 · End a post, at once or with a day",
    responses={
        **answered("account", "Ended; without a post in force, so have the sessions.", 201),
        **problems(*NAMED, "unknown-post", "post-over", "last-administrator"),
    },
    openapi_extra=body_example(PostEndBody),
)
async def end_post(
    request: Request,
    person: SignedIn,
    service: Serving,
    language: Language,
    account: Named,
    n: PostNumber,
    body: PostEndBody,
) -> Response:
    """End a post, which stays on record with its days."""
    today = service.tracking.today()
    if body.on is not None and body.on < today:
        raise malformed(
            *("body", "on"),
            "The last day is today or later; without one, the post ends at once.",
            "最后一日不能早于今天;不填则立即结束。",
        )
    async with logged(request, f"end post {n} of account {account}") as now:
        await service.accounts.end_post(account, n, person, now, today, body.on)
    return await _answer(service, language, Given(account), once=False)


@router.post(
    "/v1/accounts/{account_id}/revocation",
    status_code=201,
    summary="撤销账号 · Revoke an account for good",
    responses={
        **answered("account", "Revoked; its sessions have ended.", 201),
        **problems(*NAMED, "last-administrator"),
    },
    openapi_extra=body_example(AccountReason),
)
async def revoke_account(
    request: Request,
    person: SignedIn,
    service: Serving,
    language: Language,
    account: Named,
    body: AccountReason,
) -> Response:
    """Revoke an account; it stays on record, and its username stays taken."""
    async with logged(request, f"revoke account {account}", body.reason) as now:
        await service.accounts.revoke(account, person, now, service.tracking.today())
    return await _answer(service, language, Given(account), once=False)


@router.post(
    "/v1/accounts/{account_id}/credentials",
    status_code=201,
    summary="重置凭据 · Give an account new credentials",
    responses={
        **answered("account_given", "Given; password and URI are shown this once.", 201),
        **problems(*NAMED),
    },
    openapi_extra=body_example(AccountReason),
)
async def reset_credentials(
    request: Request,
    person: SignedIn,
    service: Serving,
    language: Language,
    account: Named,
    body: AccountReason,
) -> Response:
    """
    Give a new first password, and a new secret for codes where the account needs them.

    The old ones and every session of the account are dead.
    """
    async with logged(request, f"reset account {account}", body.reason):
        given = await service.accounts.reset(account, person)
    return await _answer(service, language, given)


async def _answer(service: Service, language: str, given: Given, *, once: bool = True) -> Response:
    row = await service.account_list.one(given.account, service.tracking.today())
    assert row is not None
    shown = _shown(row, service, language)
    if once:
        shown |= {"first_password": given.first_password, "otpauth_uri": given.otpauth_uri}
    return answer(shown, status=201)


def _shown(row: dict[str, Any], service: Service, language: str) -> dict[str, Any]:
    """Give an account as answers show it: moments with the district's offset, roles labelled."""
    shown = {name: value for name, value in row.items() if name != "place"}
    for name in ("made_at", "revoked_at"):
        shown[name] = row[name] and local(row[name], service.settings.zone)
    shown["posts"] = [_shown_post(post, service, language) for post in row["posts"]]
    return shown


def _shown_post(post: dict[str, Any], service: Service, language: str) -> dict[str, Any]:
    ended_at = post["ended_at"]
    several = post["role"] == "inspector"
    return {
        "n": post["n"],
        "role": post["role"],
        "role_label": ROLE.label(post["role"], language),
        "unit": post["unit"],
        "school_code": None if several or not post["schools"] else post["schools"][0],
        "schools": post["schools"],
        **{name: post[name] for name in ("grade", "class_name", "township", "office")},
        **{name: post[name] for name in ("from", "until")},
        "ended_at": ended_at and local(datetime.fromisoformat(ended_at), service.settings.zone),
        "in_force": post["in_force"],
    }
