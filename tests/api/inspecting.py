"""How the tests of inspections go through one: planned, started, and something found."""

from typing import Any

from api.inspection_examples import INSPECTION_BODIES
from tests.api.returning import done, seen
from tests.people import SCHOOL, Caller

INSPECTIONS = "/v1/inspections"
COUNT: dict[str, Any] = {"grade": 7, "class_name": "1班", "counted": 1}
FINDING = "/findings/1"


def body(name: str, **changes: Any) -> dict[str, Any]:
    """The example body of a step, changed as given; ``None`` leaves a field out."""
    whole = {**INSPECTION_BODIES[name], **changes}
    return {field: value for field, value in whole.items() if value is not None}


def path_of(inspection: str, what: str = "", school: str | None = None) -> str:
    """The path of an inspection, or of something at one of its schools."""
    at = f"/schools/{school}" if school else ""
    return f"{INSPECTIONS}/{inspection}{at}{what}"


async def planned(caller: Caller, **changes: Any) -> str:
    """Plan an inspection; its number."""
    told = await done(caller, INSPECTIONS, body("InspectionPlan", **changes))
    return str(told["inspection"])


async def started(caller: Caller, **changes: Any) -> str:
    """Plan an inspection and start it; its number."""
    number = await planned(caller, **changes)
    await done(caller, path_of(number, "/start"))
    return number


async def finding_noted(caller: Caller, school: str = SCHOOL, **changes: Any) -> str:
    """Plan an inspection, start it and note something found at a school; its number."""
    number = await started(caller)
    finding = body("FindingBody", due_on="2099-10-20", **changes)
    await done(caller, path_of(number, "/findings", school), finding)
    return number


async def numbers(caller: Caller, query: str = "") -> list[str]:
    """The numbers of the inspections somebody is told of."""
    told = await seen(caller, INSPECTIONS + query)
    return [one["inspection"] for one in told["items"]]
