"""All pages, in the order in which an address is looked for."""

from starlette.routing import BaseRoute, Route

from api.web import assets, children, correcting, enrolling, entry_forms, offline, sign_in, work

routes: list[BaseRoute] = [
    Route("/static/{name}", assets.serve, include_in_schema=False),
    *sign_in.routes,
    *work.routes,
    *offline.routes,
    *enrolling.routes,
    *entry_forms.routes,
    *correcting.routes,
    *children.routes,
]
