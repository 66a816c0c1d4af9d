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
from domain.child_duties import DutyEscalated, DutyMissed
from domain.codes import ESCALATION_LEVEL
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
    due = [] if found.erased else duties(found.child, today, service.tracking.rule_book)
    on_record = await service.missed_duties.of(found.child.id)
    missed = [fact for fact in on_record.facts if isinstance(fact, DutyMissed)]
    still = service.missed_duties.still_missed(found.child)
    return await looking.answer(
        "duties",
        {
            "items": [duty.told(language) for duty in due],
            "missed": [
                {
                    **told(fact, language, service.settings.zone),
                    "open": any(map(fact.which.is_same_as, still)),
                    **level_shown(on_record.level_of(fact.which), language),
                }
                for fact in ([] if found.erased else missed)
            ],
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


def level_shown(rose: DutyEscalated | None, language: str) -> dict[str, Any]:
    """Tell the level a missed duty rose to, if it did, and who answers for it there."""
    if rose is None:
        return {"level": None, "level_label": None, "escalated_to": None}
    return {
        "level": rose.level,
        "level_label": ESCALATION_LEVEL.label(rose.level, language),
        "escalated_to": {
            "role": rose.to_role,
            "role_label": ROLES[rose.to_role][language == "en"],
            "person": rose.person,
            "since": rose.occurred_on,
            "under": rose.under,
        },
    }
