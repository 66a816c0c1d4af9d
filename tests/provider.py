"""The service beside an OpenID provider, and a browser that goes between the two."""

import socket
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from api.service import running_on
from api.settings import Settings
from application.accounts import NewPost
from tests.keys import KEY
from tests.settings import ready
from tests.ways_in import ADMIN, NOW

OURS = "http://guixue.example"
BACK = f"{OURS}/v1/oidc/callback"
CLIENT, SECRET = "guixue", "geheim"
PEOPLE = {
    "s-township": NewPost("township", "晴川镇人民政府", township="晴川镇"),
    "s-bureau": NewPost("bureau", "区教体局"),
    "s-over": NewPost("township", "晴川镇人民政府", township="晴川镇", until_day=NOW.date()),
}


class Clock:
    """The present, as far as it is not moved on."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


@asynccontextmanager
async def serving(routes, prepared, tmp_path, issuer, back=BACK, clock=None):
    """The service with that provider; yields its app and a browser."""
    settings = Settings(
        data=tmp_path,
        sealing_key=KEY,
        follow_views="no",
        oidc_issuer=issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_redirect_url=back,
    )
    service = running_on(ready(prepared, settings), settings, now=clock or Clock())
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(routes.before(service))
        for subject, post in PEOPLE.items():
            name = f"测{subject}"
            await app.state.service.accounts.open(
                name, name, [post], ADMIN, NOW, issuer=issuer, subject=subject
            )
        yield app, await stack.enter_async_context(browser_of(app))


def browser_of(app):
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=OURS)


async def begin(browser):
    """Where the provider is, for a browser of ours."""
    answer = await browser.get("/v1/oidc/start")
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def at_provider(place, subject, claims=None, **changes):
    """Sign in at the provider, as whom it then says; returns where it sends the browser."""
    parts = urlsplit(place)
    query = {**dict(parse_qsl(parts.query)), **changes}
    async with httpx.AsyncClient(trust_env=False) as http:
        root = f"{parts.scheme}://{parts.netloc}"
        (await http.put(f"{root}/users/{subject}", json=claims or {})).raise_for_status()
        place = parts._replace(query=urlencode(query)).geturl()
        answer = await http.post(place, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]
