"""Signing in and out in the browser; a form interrupted by an expired session is given back."""

import json
from urllib.parse import quote

from starlette.responses import Response

from api.problems import Problem, problem_told
from api.web.asking import Refused
from api.web.routing import open_page
from api.web.sent import Sent, sent
from api.web.visit import LANGUAGE, SESSION, Visit, here, ours

UNAUTHORIZED = 401


async def ask_to_sign_in(visit: Visit) -> Response:
    """Ask who it is; a form that was being sent is kept in the page, and nowhere else; no file."""
    if visit.wants_json:
        return visit.json({"type": "not-signed-in"}, UNAUTHORIZED)
    sends_file = visit.request.headers.get("content-type", "").startswith("multipart/")
    if visit.request.method == "GET" or sends_file:
        to = here(visit.request)
        return visit.go("/sign-in" if to == "/" else f"/sign-in?to={quote(to)}")
    fields = await sent(visit.request)
    return form(visit, visit.request.url.path, kept=json.dumps(fields.pairs), status=UNAUTHORIZED)


def form(
    visit: Visit, to: str, *, kept: str = "", status: int = 200, said: str = "", username: str = ""
) -> Response:
    return visit.page(
        "sign_in.html",
        status=status,
        to=ours(to),
        kept=kept,
        said=said,
        username=username,
        provider=visit.service.provider is not None,
    )


async def sign_in_page(visit: Visit) -> Response:
    to = ours(visit.request.query_params.get("to", "/"))
    if visit.person:
        return visit.go(to)
    failed = visit.request.query_params.get("provider") == "failed"
    said = problem_told(Problem("provider-sign-in-failed"), visit.language)[1]["detail"]
    return form(visit, to, said=said if failed else "")


async def sign_in(visit: Visit) -> Response:
    fields = await sent(visit.request)
    to, kept, username = ours(fields.get("to")), fields.get("kept"), fields.get("username")
    credentials = {"username": username, "password": fields.get("password")}
    if code := fields.get("otp").strip():
        credentials["otp"] = code
    try:
        token = (await visit.ask.send_form("/v1/token", credentials)).body["access_token"]
    except Refused as refused:
        said = str(refused.problem.get("detail", ""))
        return form(visit, to, kept=kept, status=refused.status, said=said, username=username)
    if visit.person:  # another session of this browser's, which nobody could end any more
        await visit.ask.post("/v1/sign-out", {"everywhere": False})
    visit.cookies[SESSION] = token
    if not kept:
        return visit.go(to)
    return visit.page("go_on.html", to=to, fields=interrupted(kept))


def interrupted(kept: str) -> list[tuple[str, str]]:
    """Read back the fields of a form; whatever is none of ours is nothing."""
    try:
        pairs = json.loads(kept)
        return [(str(name), str(value)) for name, value in pairs if name != Sent.RESUME]
    except (ValueError, TypeError, RecursionError):
        return []


async def sign_out(visit: Visit) -> Response:
    """End the session, or all of the account, and with it all the browser keeps of ours."""
    everywhere = bool((await sent(visit.request)).get("everywhere"))
    if visit.person:
        await visit.ask.post("/v1/sign-out", {"everywhere": everywhere})
    visit.cookies[SESSION] = None
    answer = visit.go("/sign-in")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


async def choose_language(visit: Visit) -> Response:
    fields = await sent(visit.request)
    visit.cookies[LANGUAGE] = "en" if fields.get("language") == "en" else "zh"
    return visit.go(ours(fields.get("to")))


async def password_page(visit: Visit) -> Response:
    """Show the form, to those too whose first password is all they have."""
    if visit.person is None:
        return visit.go("/sign-in?to=/password")
    return visit.page("password.html", errors={}, said="", first=is_first(visit))


def is_first(visit: Visit) -> bool:
    """Say whether the form is for somebody whose first password is all they have."""
    return bool(visit.request.query_params.get("first"))


async def change_password(visit: Visit) -> Response:
    fields = await sent(visit.request)
    try:
        await visit.ask.post(
            "/v1/password", {"current": fields.get("current"), "new": fields.get("new")}
        )
    except Refused as refused:
        if refused.status == UNAUTHORIZED:
            return visit.go("/sign-in?to=/password")  # no password is kept in a page
        return visit.page(
            "password.html",
            status=refused.status,
            errors=refused.errors,
            said=str(refused.problem.get("detail", "")),
            first=is_first(visit),
        )
    return visit.go("/")


routes = [
    open_page("/sign-in", sign_in_page),
    open_page("/sign-in", sign_in, methods=("POST",)),
    open_page("/language", choose_language, methods=("POST",)),
    open_page("/sign-out", sign_out, methods=("POST",)),
    open_page("/password", password_page),
    open_page("/password", change_password, methods=("POST",)),
]
