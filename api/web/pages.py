"""All pages, in the order in which an address is looked for."""

from starlette.routing import BaseRoute, Route

from api.web import (
    assets,
    children,
    correcting,
    district_pages,
    enrolling,
    entry_forms,
    import_pages,
    offline,
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
    *offline.routes,
    *enrolling.routes,
    *entry_forms.routes,
    *correcting.routes,
    *children.routes,
    *returns_pages.routes,
    *return_pages.routes,
    *quarter_pages.routes,
    *import_pages.routes,
    *district_pages.routes,
]
