"""完整显示: the masked fields of a child in full, for a reason that the access log keeps."""

from starlette.responses import Response

from api.web.asking import Refused
from api.web.routing import page
from api.web.sent import sent
from api.web.visit import Visit


async def reveal(visit: Visit) -> Response:
    """Show the fields in full on this one page; neither they nor the reason stand in an address."""
    student_id = visit.request.path_params["student_id"]
    typed = await sent(visit.request)
    reason = typed.get("reason").strip()
    child = f"/v1/students/{student_id}"
    said = ""
    try:
        record = (await visit.ask.get(child, {"reveal": True, "reason": reason})).body
    except Refused as refused:
        if refused.kind != "malformed":
            raise
        errors = refused.problem.get("errors", [])
        said = str(errors[0]["detail"]) if errors else refused.detail
        record = (await visit.ask.get(child)).body
    return visit.page(
        "revealed.html",
        status=422 if said else 200,
        student_id=student_id,
        record=record,
        only=typed.get("only"),
        said=said,
        reason=reason,
    )


routes = [page("/children/{student_id}/reveal", reveal, methods=("POST",))]
