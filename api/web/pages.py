"""All pages, in the order in which an address is looked for."""

from starlette.routing import BaseRoute, Route

from api.web import (
    assets,
    children,
    district_pages,
    entry_forms,
    import_pages,
    quarter_pages,
    return_pages,
    returns_pages,
    sign_in,
    work,
)

routes: list[BaseRoute] = [
    Route("/static/{name}", assets.serve, include_in_schema=False),
    *sign_in.routes,
    *work.routes,
    *entry_forms.routes,
    *children.routes,
    *returns_pages.routes,
    *return_pages.routes,
    *quarter_pages.routes,
    *import_pages.routes,
    *district_pages.routes,
]
