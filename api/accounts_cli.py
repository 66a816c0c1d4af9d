"""The `guixue accounts` commands: the first administrator, who there is, a way back in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api import reaching
from api.cli_options import OPERATOR, DataFolder, settings_for
from api.schemas.accounts import ROLE, Username
from api.schemas.fields import Line as OneLine
from api.service import key_ring, now_utc, second_factor_on
from api.settings import Settings
from application.access_log import AccessLog, Line
from application.account_list import AccountList
from application.account_refusals import AccountRevoked, AdministratorExists, UsernameTaken
from application.accounts import Accounts, Given
from application.sign_in import normal_username

app = typer.Typer(help="Look after the accounts (账号).", no_args_is_help=True)
console = Console()
PAGE = 500


@dataclass(frozen=True)
class Opened:
    """A database's accounts, their list and the access log, on one day."""

    accounts: Accounts
    listed: AccountList
    access_log: AccessLog
    today: date


@asynccontextmanager
async def opened(settings: Settings, url: str) -> AsyncIterator[Opened]:
    async with reaching.reference_data(settings, url) as (pool, store, directory):
        second_factor = second_factor_on(store, key_ring(settings, url))
        accounts = Accounts(pool, store, directory, second_factor)
        access_log = AccessLog(store)
        today = now_utc().astimezone(settings.zone).date()
        yield Opened(accounts, AccountList(store), access_log, today)


def by_operator(action: str) -> Line:
    return Line(OPERATOR, action, "done", unit="命令行 guixue accounts")


@app.command("first-admin")
def first_admin(
    username: Annotated[str, typer.Option(help="The name to sign in with.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    unit: Annotated[str, typer.Option(help="Where the person works.")] = "区教体局",
    data: DataFolder = None,
) -> None:
    """Make the first administrator's account, from which all others are made.

    Prints the first password, which is changed at the first sign-in, and the address to put into
    an authenticator app; both are shown once. Refuses if there is an administrator.
    """
    try:
        username = TypeAdapter[str](Username).validate_python(username)
        name, unit = (TypeAdapter[str](OneLine).validate_python(text) for text in (name, unit))
    except ValidationError as wrong:
        raise reaching.Refused(str(wrong.errors()[0]["msg"])) from None
    settings = settings_for(data)

    async def made(url: str) -> Given:
        async with opened(settings, url) as ours:
            given = await ours.accounts.open_first(username, name, unit, now_utc(), ours.today)
            await ours.access_log.write(by_operator("make first administrator"))
            return given

    with reaching.reached(settings) as url:
        try:
            show(username, asyncio.run(made(url)))
        except AdministratorExists:
            raise reaching.Refused(
                "There is an administrator already, who makes further accounts."
                " 已有系统管理员,其他账号由其开立。"
            ) from None
        except UsernameTaken:
            raise reaching.Refused(
                f"Another account has the username {username}. 用户名已被使用。"
            ) from None


@app.command("list")
def list_accounts(data: DataFolder = None) -> None:
    """List every account with the posts it holds today."""
    settings = settings_for(data)

    async def read(url: str) -> None:
        table = Table("username", "姓名 name", "岗位 posts", "")
        async with opened(settings, url) as ours:
            after = 0
            while page := await ours.listed.page(ours.today, PAGE, after):
                for row in page:
                    posts = [
                        f"{ROLE.label(post['role'], 'zh')} {post['unit']}"
                        for post in row["posts"]
                        if post["in_force"]
                    ]
                    state = "已撤销 revoked" if row["revoked_at"] else ""
                    table.add_row(
                        *map(escape, (row["username"], row["name"], "、".join(posts))), state
                    )
                after = page[-1]["place"]
        console.print(table)

    with reaching.reached(settings) as url:
        asyncio.run(read(url))


@app.command("reset")
def reset(
    username: Annotated[str, typer.Argument(help="Whose credentials to make anew.")],
    data: DataFolder = None,
) -> None:
    """Give an account a new first password, and a new secret for codes where it needs them.

    For an administrator who has lost theirs; the account's sessions end.
    """
    settings = settings_for(data)
    username = normal_username(username)

    async def given(url: str) -> Given | None:
        async with opened(settings, url) as ours:
            account = await ours.listed.named(username)
            if account is None:
                return None
            fresh = await ours.accounts.reset(account)
            await ours.access_log.write(by_operator(f"reset account {account}"))
            return fresh

    with reaching.reached(settings) as url:
        try:
            fresh = asyncio.run(given(url))
        except AccountRevoked:
            raise reaching.Refused(f"The account {username} is revoked. 账号已撤销。") from None
    if fresh is None:
        raise reaching.Refused(f"There is no account {username}. 没有这个账号。")
    show(username, fresh)


def show(username: str, given: Given) -> None:
    """Print what is shown once, in lines that can be copied whole."""
    lines = [
        f"用户名 username: {username}",
        f"初始密码 first password: {given.first_password}",
    ]
    if given.otpauth_uri:
        lines.append(f"验证器 authenticator: {given.otpauth_uri}")
    for line in lines:
        console.print(escape(line), soft_wrap=True, highlight=False)
