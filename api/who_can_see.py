"""Who may see a child now, and by which rule: the people whom the check itself would let in."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import Language, Serving
from api.looking import Looking
from api.openapi import NAMED, READ, answered, problems
from api.reach import Reached, StudentId, reached_child
from api.service import Service
from api.showing import local, role_label
from application.access import NotAllowed, Person, Post, may_through_glass
from application.sight import RULE, sights
from domain.student import Student

router = APIRouter(route_class=Checked, tags=["access 访问"])


async def watched_child(request: Request, student_id: StudentId) -> Reached:
    return await reached_child(request, student_id, "tell_who_sees")


@router.get(
    "/v1/who-can-see/{student_id}",
    summary="谁能查看 · Who may see a child now, and by which rule",
    responses={
        **answered("who_can_see", "Everybody who may read the child, rule by rule."),
        **problems(*READ, *NAMED),
    },
)
async def who_can_see(
    found: Annotated[Reached, Depends(watched_child)],
    service: Serving,
    language: Language,
    looking: Looking,
) -> Response:
    """Asks of every account what is asked when its person reads the child."""
    seen: list[dict[str, Any]] = [
        {
            "account": person.account,
            "name": person.name,
            "role": post.role,
            "role_label": role_label(post.role, language),
            "unit": post.unit,
            "rule": rule,
            "rule_label": RULE.label(rule, language),
            "until": until and local(until, service.settings.zone),
        }
        for person, post, rule, until in await seeing(service, found.child)
    ]
    rules = list(RULE)
    seen.sort(key=lambda item: (rules.index(item["rule"]), item["unit"], item["name"]))
    return await looking.answer("who-can-see", {"items": seen, "next_cursor": None})


async def seeing(
    service: Service, child: Student
) -> list[tuple[Person, Post, str, datetime | None]]:
    """Name who may read a child now, in which post and by which rule; broken glass with its end."""
    now = service.tracking.now()
    broken = {glass.account: glass for glass in await service.break_glass.broken_for(child.id, now)}
    seen: list[tuple[Person, Post, str, datetime | None]] = []
    for person in await service.sessions.people(service.tracking.today()):
        seen += [(person, post, rule, None) for post, rule in sights(person, child)]
        if glass := broken.get(person.account):
            with suppress(NotAllowed):
                post = may_through_glass(person, "read", glass.until, now)
                seen.append((person, post, "break_glass", glass.until))
    return seen
