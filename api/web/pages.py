"""All pages, in the order in which an address is looked for."""

from starlette.routing import BaseRoute, Route

from api.web import (
    assets,
    audit,
    children,
    differences,
    entry_forms,
    proof,
    replay,
    reveal,
    sign_in,
    work,
)

routes: list[BaseRoute] = [
    Route("/static/{name}", assets.serve, include_in_schema=False),
    *sign_in.routes,
    *work.routes,
    *entry_forms.routes,
    *children.routes,
    *replay.routes,
    *differences.routes,
    *proof.routes,
    *audit.routes,
    *reveal.routes,
]
