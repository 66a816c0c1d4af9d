"""Pages where none of ours answers: nothing at an address, the database away, a fault of ours."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.problems import OF_STATUS, Problem, http_problem, problem, problem_told
from api.web.routing import told
from api.web.visit import nobody
from application.store.store import StoreUnavailable

CONTRACT = "/v1/"


def install(app: FastAPI) -> None:
    """Make the app answer a browser in a page; the contract and scripts keep their JSON."""
    app.add_exception_handler(HTTPException, nothing)
    app.add_exception_handler(StoreUnavailable, away)
    app.add_exception_handler(Exception, fault_of_ours)


def nothing(request: Request, fault: Exception) -> Response:
    """Answer that there is nothing at an address, or not by that method."""
    assert isinstance(fault, HTTPException)
    answer = http_problem(request, fault)
    if not reads_pages(request):
        return answer
    shown = page_of(request, Problem(OF_STATUS.get(fault.status_code, "not-found")))
    shown.headers.update(fault.headers or {})
    return shown


def away(request: Request, _: Exception) -> Response:
    """Answer that the database is away."""
    refused = Problem("database-away")
    return page_of(request, refused) if reads_pages(request) else problem(request, refused)


def fault_of_ours(request: Request, _: Exception) -> Response:
    """Answer what nobody expected; the server's log says what it was."""
    refused = Problem("fault")
    return page_of(request, refused) if reads_pages(request) else problem(request, refused)


def page_of(request: Request, refused: Problem) -> Response:
    """Say it on a page that asks the database nothing, not even who visits."""
    visiting = nobody(request)
    return told(visiting, *problem_told(refused, visiting.language))


def reads_pages(request: Request) -> bool:
    """Say whether a browser asks for a page."""
    wants = request.headers.get("accept", "")
    return "text/html" in wants and not request.url.path.startswith(CONTRACT)
