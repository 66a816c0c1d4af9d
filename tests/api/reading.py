"""How the tests read: refusals, records, histories, ledgers page by page or as a table."""

import csv
import io
from typing import Any

from tests.people import Caller


async def items(caller: Caller, path: str, position: int) -> list[dict[str, Any]]:
    """Every row of a ledger, page by page."""
    found, cursor = [], ""
    while True:
        joint = "&" if "?" in path else "?"
        page = await caller.fresh(f"{path}{joint}limit=2{cursor}", position)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def table(caller: Caller, path: str, position: int) -> list[list[str]]:
    """A ledger as its CSV file, heading first."""
    answer = await caller.get(path, Min_Log_Position=str(position))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def told(answer: Any) -> tuple[int, str]:
    """The status and the slug of a refusal."""
    return answer.status_code, answer.json().get("type")


async def record_of(caller: Caller, child: str) -> dict[str, Any]:
    answer = await caller.get(f"/v1/students/{child}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def kinds(caller: Caller, child: str) -> list[str]:
    history = (await caller.get(f"/v1/students/{child}/history")).json()
    return [entry["kind"] for entry in history["items"]]


async def access_log(app) -> list[tuple[str, str, str | None]]:
    """What the access log says was refused, oldest first."""
    return await app.state.service.store.query(
        "SELECT a.username, l.action, l.students[1]::text FROM access.access_log l"
        " JOIN access.accounts a USING (account)"
        " WHERE l.outcome = 'refused' ORDER BY l.place"
    )


async def looks(app, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of every line of the access log, oldest first."""
    return await app.state.service.store.query(
        f"SELECT {', '.join(columns)} FROM access.access_log ORDER BY place"  # noqa: S608
    )


async def account_of(app, username: str) -> str:
    """The id of somebody's account."""
    rows = await app.state.service.store.query(
        "SELECT account::text FROM access.accounts WHERE username = %s", [username]
    )
    return rows[0][0]
