"""Files of the contract handed on by a page as they are: workbooks, CSV, printed forms."""

from starlette.responses import Response

from api.web.asking import Answered
from api.web.visit import Visit

HANDED_ON = ("Content-Type", "Content-Disposition")


def relay(visit: Visit, answered: Answered) -> Response:
    """Hand on a file: its bytes, its kind and its name."""
    headers = {name: answered.headers[name] for name in HANDED_ON if name in answered.headers}
    return visit.sent(Response(answered.content, headers=headers))
