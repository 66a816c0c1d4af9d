"""All pages, in the order in which an address is looked for."""

from starlette.routing import BaseRoute, Route

from api.web import (
    assets,
    child_papers,
    children,
    correcting,
    enrolling,
    entry_forms,
    inspection_forms,
    inspection_pages,
    ledger_pages,
    ledger_print,
    offline,
    pledge_pages,
    referral_pages,
    register_pages,
    sign_in,
    work,
    worklist_page,
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
    *child_papers.routes,
    *worklist_page.routes,
    *ledger_print.routes,
    *ledger_pages.routes,
    *referral_pages.routes,
    *register_pages.routes,
    *pledge_pages.routes,
    *inspection_forms.routes,
    *inspection_pages.routes,
]
