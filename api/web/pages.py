"""All pages, in the order in which an address is looked for."""

from starlette.routing import BaseRoute, Route

from api.web import (
    accounts,
    assets,
    audit,
    children,
    differences,
    entry_forms,
    health,
    offline,
    proof,
    replay,
    reveal,
    rules,
    sign_in,
    work,
)

routes: list[BaseRoute] = [
    Route("/static/{name}", assets.serve, include_in_schema=False),
    *sign_in.routes,
    *work.routes,
    *offline.routes,
    *entry_forms.routes,
    *children.routes,
    *replay.routes,
    *differences.routes,
    *proof.routes,
    *audit.routes,
    *reveal.routes,
    *accounts.routes,
    *rules.routes,
    *health.routes,
]
