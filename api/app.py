"""The service put together: start reading here. Routes, refusals, limits, description."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer
from starlette.responses import HTMLResponse

from api import (
    access_log,
    accounts,
    attendance,
    break_glass,
    bulletins,
    case_trend,
    changes,
    difference,
    duties,
    enrolment_notices,
    entries,
    evidence,
    hand_overs,
    history,
    indicators,
    inspection_commands,
    inspection_plans,
    inspections,
    ledgers,
    live_counts,
    log,
    notices,
    oidc,
    operation,
    own_session,
    pledges,
    problems,
    quarterly_reports,
    referrals,
    registers,
    return_commands,
    return_records,
    returns,
    roll_calls,
    rubrics,
    rule_changes,
    rules,
    scores,
    students,
    talks,
    token,
    transfers,
    vetoes,
    webhooks,
    who_can_see,
    worklist,
)
from api.docs_page import docs_page
from api.forms import routes as forms
from api.imports import routes as imports
from api.meters import Metered, Meters
from api.service import Service
from api.tokens_in_urls import TokensInUrls
from api.web import nowhere, pages
from api.web.headers import HEADERS

DESCRIPTION = """
控辍保学个案跟踪:每名学生一条不可更改的记录流,台账和完整历史都由它得出。

Case tracking for children suspected of dropping out of school: one immutable stream per child;
ledgers and the full history follow from it. Codes travel as codes, each with a label beside it.
"""
DOCS_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def create_app(starting: Callable[[], AbstractAsyncContextManager[Service]]) -> FastAPI:
    """Make the web application; ``starting`` runs the service while the application runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with starting() as service:
            app.state.service = service
            yield

    app = FastAPI(
        title="Guixue 归学",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
        docs_url=None,
    )
    problems.install(app)
    nowhere.install(app)
    app.state.meters = Meters()
    app.add_middleware(TokensInUrls)
    app.add_middleware(Metered, meters=app.state.meters)
    for part in (operation, token, oidc):
        app.include_router(part.router)
    bearer = Security(HTTPBearer(auto_error=False, description="what `POST /v1/token` gave"))
    children = (imports, students, entries, history, difference, duties, evidence, referrals)
    classes = (attendance, roll_calls, enrolment_notices, forms, hand_overs, transfers)
    lists = (ledgers, indicators, worklist, changes, live_counts, case_trend)
    people = (access_log, break_glass, who_can_see, own_session, accounts, webhooks, notices)
    reports = (returns, return_records, return_commands, quarterly_reports)
    inspecting = (inspections, inspection_plans, inspection_commands, registers, pledges)
    supervision = (*inspecting, rubrics, scores, vetoes, talks, bulletins, rules, rule_changes)
    parts = (*children, *classes, *lists, *reports, *supervision, log, *people)
    routers = [part.router for part in parts]
    for router in (*routers, attendance.files):
        app.include_router(router, dependencies=[bearer])  # tells of it; checking.py asks

    app.router.routes.extend(pages.routes)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(
            docs_page(app.openapi()),
            headers={**HEADERS, "Content-Security-Policy": DOCS_POLICY},
        )

    return app
