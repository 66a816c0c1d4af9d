"""The duties of one child over HTTP (应办事项): what is due, and what was missed."""

from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from api.checking import Checked
from api.deps import Language, RollPosition, Serving
from api.looking import Looking
from api.openapi import FRESH, NAMED, READ, answered, problems
from api.reach import Readable
from api.showing import local
from application.roles import ROLES
from domain.child_duties import DutyMissed
from domain.duties import DUTY_KIND, duties

router = APIRouter(route_class=Checked, tags=["duties 应办"])


@router.get(
    "/v1/students/{student_id}/duties",
    summary="应办事项 · What is due, by when, for whom",
    responses={
        **answered("duties", "Everything due, most urgent first; and all that was missed."),
        **problems(*READ, *NAMED, *FRESH),
    },
)
async def read_duties(
    found: Readable, service: Serving, language: Language, position: RollPosition, looking: Looking
) -> Response:
    today = service.tracking.today()
    rules = service.tracking.rule_book.on(today)
    due = [] if found.erased else duties(found.child, today, rules)
    missed = [] if found.erased else await service.missed_duties.of(found.child.id)
    return await looking.answer(
        "duties",
        {
            "items": [duty.told(language) for duty in due],
            "missed": [told(fact, language, service.settings.zone) for fact in missed],
            "next_cursor": None,
        },
        position=max(position, found.stored[-1].position),
    )


def told(fact: DutyMissed, language: str, zone: ZoneInfo) -> dict[str, Any]:
    """Give a missed duty as an answer shows it."""
    english = language == "en"
    return {
        "kind": fact.kind,
        "kind_label": DUTY_KIND.label(fact.kind, language),
        "due_on": fact.due_on,
        "entry": fact.arose,
        "episode": fact.episode,
        "for_role": fact.for_role,
        "for_role_label": ROLES[fact.for_role][english],
        "person": fact.person,
        "told": fact.told,
        "told_label": ROLES[fact.told][english],
        "under": fact.under,
        "recorded_at": local(fact.timestamp, zone),
    }
