"""Hand-overs over HTTP (交接): who follows a teacher is named for all of the teacher's children."""

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.checking import Checked
from api.deps import ROLL, Key, Serving, SignedIn
from api.evidence import receipt
from api.openapi import FRESH, READ, WRITE, answered, body_example, problems
from api.reach import at_school
from api.schemas.roll import HandOverBody
from api.showing import answer
from application.access import may_at_school, scope_of
from domain.hand_over import HandOver
from domain.refusals import FutureDay

router = APIRouter(route_class=Checked, tags=["students 学生"])


@router.post(
    "/v1/schools/{school_code}/hand-overs",
    status_code=201,
    dependencies=[Depends(at_school("hand_over"))],
    summary="交接 · Name who follows a responsible person, one entry for each child",
    responses={
        **answered("hand_over", "Recorded, one entry for each child and role.", 201),
        **problems(*(*READ, *WRITE, *FRESH, "out-of-reach", "not-found"), rules=[FutureDay]),
    },
    openapi_extra=body_example(HandOverBody),
)
async def hand_over(
    school_code: str, person: SignedIn, body: HandOverBody, key: Key, service: Serving
) -> Response:
    """
    For every child of the school, or of one `grade` and `class_name`, that has `from_name` as
    responsible person or mentor (`role` names one). `left_out` says of which children not, and
    why, by the refusal's name. Sent again, it finds nobody left and records nothing.
    """
    await service.freshness.reached(await service.store.head(), views=(ROLL,))
    post = may_at_school(person, "hand_over", school_code, None)
    rows = await service.store.query(
        "SELECT student_id FROM views.students WHERE school_code = %s AND until IS NULL"
        " AND grade = coalesce(%s, grade) AND class_name = coalesce(%s, class_name)"
        " ORDER BY opened",
        [school_code, body.grade, body.class_name],
        scope=scope_of([post]),
    )
    handing = HandOver(body.from_name, body.to_name, body.from_day, body.phone, body.role)
    done = await service.tracking.hand_over(
        person.actor(post), school_code, [student_id for (student_id,) in rows], handing, key
    )
    headers = {"Location": f"/v1/students?school_code={school_code}"}
    if done.answer["entries"]:
        headers |= receipt(service, done)  # for the last entry
    return answer(done.answer, status=201, position=done.position, headers=headers)
