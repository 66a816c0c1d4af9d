"""建档入册: putting a child on the roll, or on record as found on none."""

from uuid import uuid4

from starlette.responses import Response

from api.schemas.entries import NewStudent
from api.web.asking import SIGNED_OUT, Refused
from api.web.fields import fields_of, shaped
from api.web.places import schools_to_choose
from api.web.reading import body_of, typed
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit

BEGINS = (
    *("name", "sex", "birth_date", "student_number", "school_code", "grade", "class_name"),
    "guardians",
)


async def form(visit: Visit) -> Response:
    visit.ever("enrol")
    schools = [code for post in visit.posts for code in post.schools]
    known = {"school_code": schools[0]} if len(schools) == 1 else {}
    return shown(visit, typed(fields_of(NewStudent), known))


async def enrol(visit: Visit) -> Response:
    """Record the child, or show the form again with what is wrong."""
    typed_in = await sent(visit.request)
    if typed_in.get(Sent.RESUME):
        return shown(visit, typed_in)
    try:
        done = await visit.ask.post(
            "/v1/students",
            body_of(fields_of(NewStudent), typed_in),
            key=typed_in.get(Sent.KEY) or None,
        )
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return shown(visit, typed_in, refused)
    return visit.go(f"/children/{done.body['student_id']}?at={done.position}&saved=1")


def shown(visit: Visit, typed_in: Sent, refused: Refused | None = None) -> Response:
    fields = shaped(fields_of(NewStudent), schools_to_choose(visit))
    known = {field.name: field for field in fields}
    return visit.page(
        "enrolling.html",
        status=refused.status if refused else 200,
        first=[known[name] for name in BEGINS],
        more=[field for name, field in known.items() if name not in BEGINS],
        typed=typed_in,
        key=typed_in.get(Sent.KEY) or str(uuid4()),
        refused=refused,
        known=refused.problem.get("student_id") if refused else None,
        errors=refused.errors if refused else {},
    )


routes = [page("/children/new", form), page("/children/new", enrol, methods=("POST",))]
