"""Writing without signal: the form kept in the browser, and the worker that keeps it."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.problems import Problem
from api.web.assets import NOT_FOUND, TYPES, asset, content
from api.web.entry_forms import split
from api.web.entry_words import BY_PATH, filled_in, title
from api.web.fields import fields_of
from api.web.headers import HEADERS
from api.web.reading import typed
from api.web.routing import page
from api.web.visit import Visit

# What is recorded at a child's door, or where it is taught.
AT_THE_DOOR = ("home-visits", "persuasion-attempts", "home-teaching-sessions", "observations")
SHELL_ASSETS = ("guixue.css", "guixue.js", "drafts.js", "offline.js", "icon.svg")


async def offline(visit: Visit) -> Response:
    """Show the form for who has no signal; it names no child."""
    if not visit.service.settings.offline_drafts:
        raise Problem("not-found")
    assert visit.person is not None
    today = visit.service.tracking.today()
    forms = []
    for path in AT_THE_DOOR:
        command = BY_PATH[path]
        if visit.may(command.step):
            known = filled_in(command, {}, visit.person, today)
            first, more = split(command)
            filled = typed(fields_of(command.body), known)
            forms.append((path, title(command, visit.language), first, more, filled))
    return visit.page("offline.html", forms=forms)


async def worker(request: Request) -> Response:
    """Give the worker, which is another whenever what it keeps is."""
    if not request.app.state.service.settings.offline_drafts:
        return Response(status_code=NOT_FOUND)
    kept = [asset(name) for name in SHELL_ASSETS]
    version = hashlib.sha256("".join(kept).encode() + content("sw.js")).hexdigest()[:12]
    lists = ", ".join(f'"{address}"' for address in kept)
    head = (
        f'"use strict";\nconst DRAFTS = "{asset("drafts.js")}";\n'
        f'const VERSION = "{version}";\nconst ASSETS = [{lists}];\n'
    )
    return Response(
        head.encode() + content("sw.js"),
        headers={**HEADERS, "Cache-Control": "no-cache"},
        media_type=TYPES[".js"],
    )


routes = [page("/offline", offline), Route("/sw.js", worker, include_in_schema=False)]
