"""The demo: load the district once, play its cases over HTTP, print the ledger, keep serving."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import psycopg
import uvicorn
from fastapi import FastAPI
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from api.demo.accounts import DEMO_ACCOUNTS, PASSWORD, role_words
from api.demo.cases import play_cases
from api.demo.district import CHILDREN
from api.demo.loading import load_district
from api.demo.returns import file_earlier_month, file_last_month
from api.demo.supervision import supervise
from api.ledger_forms import FORMS
from api.progress import counting
from api.reaching import Refused
from api.service import Service
from application.accounts import has_demo_accounts

LOADED = "loaded"
LOADING = "loading"
OURS = ("log", "keys", "views", "access", "directory")
ALWAYS_REAL = ("log.stored_events", "access.accounts")  # a demo's come with demo accounts
PATIENCE_SECONDS = 600.0


class NotADemo(Refused):
    """The data folder holds something that is not a demo; the demo keeps away from it."""


class Demo:
    """
    One data folder's demo.

    ``mark`` is a file that says the folder is a demo's and how far loading came; a folder that was
    left half loaded is loaded anew.
    """

    def __init__(self, url: str, mark: Path, console: Console) -> None:
        self._url = url
        self._mark = mark
        self._console = console

    def prepare(self, *, reset: bool) -> None:
        """
        Make sure that what is in the database is a whole demo, or nothing.

        :raises NotADemo: if there is data that no demo made
        """
        said = self._mark.read_text().strip() if self._mark.exists() else None
        with psycopg.connect(self._url, autocommit=True) as connection:
            demo = said is not None and has_demo_accounts(connection)
            tables = ALWAYS_REAL if said is not None else (*ALWAYS_REAL, "directory.schools")
            if not demo and any(_has_rows(connection, table) for table in tables):
                raise NotADemo(
                    "This database holds data that no demo made; the demo leaves it alone."
                    " Choose another folder with --data. 该数据库中已有非演示数据。"
                )
            if reset or said != LOADED or not demo:
                connection.execute("SET guixue.preparing = 'on'")  # a demo's log may be thrown away
                for schema in OURS:
                    connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
                self._mark.with_name("log.key").unlink(missing_ok=True)  # another log, another name
                self._mark.write_text(LOADING)

    async def run(self, app: FastAPI, server: uvicorn.Server, *, once: bool) -> None:
        """Serve the app; meanwhile load and play what is not there yet, then print."""
        serving = asyncio.create_task(server.serve())
        while not server.started:
            if serving.done():
                await serving
                return
            await asyncio.sleep(0.05)
        if server.should_exit:
            await serving
            return
        service: Service = app.state.service
        config = server.config
        base_url = f"http://{config.host}:{config.port}"
        async with httpx.AsyncClient(
            base_url=base_url, timeout=PATIENCE_SECONDS, trust_env=False
        ) as client:
            try:
                if self._mark.read_text() != LOADED:
                    service.ready = False
                    await self._load(service)
                    await file_earlier_month(service)
                    with self._console.status("Three cases are played through the API ..."):
                        await play_cases(client, service.tracking.today())
                    await file_last_month(service)
                    await supervise(service)
                    self._mark.write_text(LOADED)
                    service.ready = True
                with self._console.status("The views (台账) come to the end of the log ..."):
                    await service.freshness.reached(await service.store.head(), PATIENCE_SECONDS)
                await self._print(client, base_url)
            except BaseException:
                server.should_exit = True
                await serving
                raise
        if once:
            server.should_exit = True
        await serving

    async def _load(self, service: Service) -> None:
        with counting(self._console, "the roll 学籍", CHILDREN) as advance:
            await load_district(
                service.tracking,
                service.directory,
                service.pool,
                service.accounts,
                today=service.tracking.today(),
                advance=advance,
            )
        await self._views_reach_the_log(service)

    async def _views_reach_the_log(self, service: Service) -> None:
        head = await service.store.head()
        with counting(self._console, "the views 台账", head) as advance:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while (position := await service.freshness.position()) < head:
                    advance(position)
                    await asyncio.sleep(0.1)

    async def _print(self, client: httpx.AsyncClient, base_url: str) -> None:
        token = await client.post("/v1/token", data={"username": "bureau", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        ledger = (await client.get("/v1/ledgers/return-to-school")).raise_for_status().json()
        self._console.print(ledger_table(ledger))
        totals = ledger["totals"]
        self._console.print(
            f"疑似 suspected {totals['suspected']} · 劝返 returned {totals['returned']} · "
            f"辍学 dropped out {totals['dropped_out']} · 销号 closed {totals['closed']}"
        )
        accounts = Table("username", "岗位 post", "姓名 name", "单位 unit", box=SIMPLE_HEAD)
        for account in DEMO_ACCOUNTS:
            role = role_words(account.role)
            accounts.add_row(account.username, role, account.name, account.unit)
        self._console.print(accounts)
        self._console.print(f"Password of all demo accounts: {PASSWORD}")
        self._console.print(f"Guixue 归学 serves on {base_url}  (API: {base_url}/docs)")


def _has_rows(connection: psycopg.Connection[Any], table: str) -> bool:
    found = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
    if found is None or found[0] is None:
        return False
    row = connection.execute(f"SELECT EXISTS (SELECT FROM {table})".encode()).fetchone()  # noqa: S608
    return bool(row and row[0])


def ledger_table(ledger: dict[str, list[dict[str, object]]]) -> Table:
    """Make the return-to-school ledger as a table that fits a terminal of eighty columns."""
    table = Table(
        title=FORMS["return-to-school"].title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False
    )
    for heading in ("序号", "学校", "班级", "姓名", "辍学原因", "劝返", "返校", "观察至", "销号"):
        table.add_column(heading, no_wrap=True)
    for seq, row in enumerate(ledger["items"], start=1):
        attempts = row["attempts"]
        table.add_row(
            str(seq),
            str(row["school"]),
            f"{row['grade']}年级{row['class']}",
            str(row["student_name"]),
            str(row["reason_label"]),
            f"{len(attempts) if isinstance(attempts, list) else 0}次",
            *(str(row[day])[5:] for day in ("returned_on", "observed_until", "closed_on")),
        )
    return table
