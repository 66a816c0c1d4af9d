"""转介登记: what units were asked about a child, and what they answered."""

from starlette.responses import Response

from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_pages import narrowed
from api.web.routing import page
from api.web.visit import Visit


async def referrals(visit: Visit) -> Response:
    """Show a page of the referrals within reach."""
    asked = LedgerAsked.of(visit, ("answered",))
    found, refused = await narrowed(visit, "/v1/referrals", asked)
    following = found["next_cursor"]
    return visit.page(
        "referrals.html",
        status=refused.status if refused else 200,
        referrals=found["items"],
        following=following and asked.query(**{PLACE: following}),
        wanted=asked.wanted,
        refused=refused,
    )


routes = [page("/referrals", referrals)]
