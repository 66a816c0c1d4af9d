"""`guixue accounts`: the first administrator, who there is, and a way back in."""

import re
from functools import partial
from uuid import UUID

import httpx
import psycopg
import pytest

from api.app import create_app
from api.service import running
from api.settings import Settings
from tests.api.reading import told
from tests.people import Caller
from tests.starting import guixue
from tests.ways_in import code_of

pytestmark = pytest.mark.empty_database


@pytest.fixture
def accounts(database_url, tmp_path):
    """Run a command on a database that no service has worked with yet."""
    place = {"GUIXUE_DATABASE_URL": database_url}
    return lambda *typed: guixue("accounts", *typed, "--data", tmp_path / "data", **place)


def shown(done) -> dict[str, str]:
    """What a command has shown, by the English word before it."""
    assert (done.returncode, done.stderr) == (0, "")
    return dict(re.findall(r"(\w+): (.*)", done.stdout))


def refused(done) -> str:
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_there_is_one_first_administrator_whose_way_in_is_shown(accounts, connection):
    made = shown(accounts("first-admin", "--username", " 管理员 ", "--name", "测[red]寅"))
    again = refused(accounts("first-admin", "--username", "other", "--name", "测"))

    assert made["username"] == "管理员"
    assert re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", made["password"])
    assert made["authenticator"].startswith("otpauth://totp/Guixue:%E7%AE%A1")
    assert "There is an administrator already" in again
    assert connection.execute("SELECT username, name FROM access.accounts").fetchall() == [
        ("管理员", "测[red]寅")
    ]
    listed = accounts("list")
    assert "管理员" in listed.stdout
    assert "测[red]寅" in listed.stdout
    assert "系统管理员 区教体局" in listed.stdout


async def test_the_first_administrator_makes_the_others(accounts, database_url, tmp_path):
    made = shown(accounts("first-admin", "--username", "admin", "--name", "测寅"))
    app = create_app(
        partial(
            running,
            database_url,
            Settings(
                data=tmp_path / "data",
                follow_views="thread",
                keep_tree=False,
                watch_duties=False,
                send_notices=False,
            ),
        )
    )
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://guixue") as client,
    ):
        code = code_of(made["authenticator"], app.state.service.tracking.now())
        form = {"username": "admin", "password": made["password"], "otp": code}
        admin = Caller(client, (await client.post("/v1/token", data=form)).json()["access_token"])
        assert told(await admin.get("/v1/accounts")) == (403, "password-change-required")
        new = {"current": made["password"], "new": "一二三四五六七八九十"}
        await admin.post("/v1/password", new)
        post = {"role": "bureau", "unit": "区教体局"}
        body = {"username": "bureau", "name": "测癸", "posts": [post]}
        assert (await admin.post("/v1/accounts", body)).status_code == 201

        fresh = shown(accounts("reset", "admin"))

        assert (await admin.get("/v1/accounts")).status_code == 401
        assert fresh["password"] != made["password"]
        assert fresh["authenticator"] != made["authenticator"]


def test_a_reset_of_nobody_or_of_a_revoked_account_is_refused(accounts, connection):
    shown(accounts("first-admin", "--username", "admin", "--name", "测寅"))
    assert "There is no account nobody" in refused(accounts("reset", "nobody"))
    connection.execute("UPDATE access.accounts SET revoked_at = now()")

    assert "is revoked" in refused(accounts("reset", "admin"))
    taken = refused(accounts("first-admin", "--username", "admin", "--name", "测"))
    assert "has the username" in taken
    shown(accounts("first-admin", "--username", "admin2", "--name", "测"))


@pytest.mark.parametrize("typed", [("", "测"), ("a\u200bb", "测"), ("a", " "), ("x" * 101, "测")])
def test_a_name_that_will_not_do_is_said(accounts, typed):
    username, name = typed

    refused(accounts("first-admin", "--username", username, "--name", name))


def test_what_the_commands_do_leaves_lines(accounts, database_url):
    shown(accounts("first-admin", "--username", "admin", "--name", "测寅"))
    shown(accounts("reset", "admin"))

    with psycopg.connect(database_url) as connection:
        lines = connection.execute(
            "SELECT account, action FROM access.access_log ORDER BY place"
        ).fetchall()
    assert [line[0] for line in lines] == [UUID(int=0)] * 2
    assert lines[0][1] == "make first administrator"


@pytest.mark.parametrize(
    ("variable", "value"), [("GUIXUE_OIDC_ISSUER", "geheim"), ("GUIXUE_MAX_BODY_BYTES", "geheim")]
)
def test_a_wrong_setting_is_named_and_what_it_holds_is_not(tmp_path, variable, value):
    said = refused(guixue("accounts", "list", "--data", tmp_path / "data", **{variable: value}))

    assert variable in said
    assert value not in said
