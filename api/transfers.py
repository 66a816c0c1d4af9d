"""A transfer that waits for its answer, as the school a child is offered to is told of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.checking import Checked
from api.child_record import child_record
from api.deps import Language, RollPosition, Serving
from api.looking import Looking
from api.openapi import FRESH, NAMED, READ, answered, problems
from api.reach import EntryPath, Reached, StudentId, entry_number, reached_child
from api.showing import MASKS, shown
from application.access import answers_transfer
from domain.refusals import NoSuchEntry
from domain.transfers import TransferRequested
from projections.replay import Child

router = APIRouter(route_class=Checked, tags=["students 学生"])
TOLD = ("name", "sex", "school_code", "school", "grade", "class_name")


async def offered(request: Request, student_id: StudentId, entry: EntryPath) -> Reached:
    return await reached_child(request, student_id, "decide_transfer", answers_transfer, entry)


@router.get(
    "/v1/students/{student_id}/transfers/{entry}",
    summary="转学申请 · A transfer that waits: who, from which school, and why",
    responses={
        **answered("transfer", "The transfer, until it is answered."),
        **problems(*READ, *NAMED, *FRESH, rules=[NoSuchEntry]),
    },
)
async def read_transfer(
    found: Annotated[Reached, Depends(offered)],
    entry: str,
    service: Serving,
    language: Language,
    position: RollPosition,
    looking: Looking,
) -> Response:
    """The school reads it that answers; once it has, there is nothing here."""
    number = entry_number(entry)
    asked = found.child.entries[number - 1] if found.child.state.transfer == number else None
    if not isinstance(asked, TransferRequested):
        raise NoSuchEntry(entry=number)
    record = child_record(Child.replayed(found.stored), service.directory, service.tracking.today())
    body = {
        "student_id": found.child.id,
        "entry": number,
        **{name: record[name] for name in TOLD},
        "to_school": asked.to_school,
        "to_school_name": service.directory.name_of(asked.to_school),
        "reason": asked.reason,
        "occurred_on": asked.occurred_on,
    }
    return await looking.answer(
        "transfer",
        shown(body, language, masks=MASKS, kinds={}),
        position=max(position, found.stored[-1].position),
        entry=number,
    )
