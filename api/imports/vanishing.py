"""Children of a roll file's grades whom it does not name: questions, never deletions."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from api.deps import ROLL
from api.imports.report import Report
from api.listing import Wanted, stands, within_reach
from api.service import Service
from application.access import Post
from application.roll_questions import VANISHED
from application.store.store import Store
from projections.freshness import ViewBehind

AT_SCHOOL = ["01", "02", "05"]  # XSDQZT: at school, suspended, resumed


async def vanished(
    service: Service, posts: Sequence[Post], report: Report
) -> list[dict[str, Any]] | None:
    """Give those within reach of the posts; ``None`` while the roll cannot be looked up."""
    with suppress(ViewBehind):
        await service.freshness.reached(await service.store.head(), views=(ROLL,))
        return await missing(service.store, posts, report)
    return None


async def missing(store: Store, posts: Sequence[Post], report: Report) -> list[dict[str, Any]]:
    """Give the children of the grades a report covers that it does not name, by place."""
    covered = report.covered()
    if not covered:
        return []
    wanted = Wanted()
    stands(wanted, None)
    within_reach(wanted, posts)
    wanted.where("v.school_code = ANY(%s)", sorted({school for school, _ in covered}))
    wanted.where(
        "(v.school_code, v.grade) IN (SELECT * FROM unnest(%s::text[], %s::integer[]))",
        [school for school, _ in covered],
        [grade for _, grade in covered],
    )
    wanted.where("v.student_status = ANY(%s)", AT_SCHOOL)
    wanted.where("v.student_id <> ALL(%s)", list(report.known))
    rows = await store.query(
        "SELECT v.student_id, v.student_name, v.school_code, v.grade, v.class_name"  # noqa: S608  # our own names
        f" FROM views.students v WHERE {wanted.sql()}"
        " ORDER BY v.school_code, v.grade, v.class_name, v.opened",
        wanted.params,
        scope=wanted.scope,
    )
    question = VANISHED.sentence(report.language)
    return [
        {
            "student_id": str(student_id),
            "name": name,
            "school_code": school,
            "grade": grade,
            "class_name": class_name,
            "question": question,
        }
        for student_id, name, school, grade, class_name in rows
    ]


async def with_names(
    service: Service, posts: Sequence[Post], told: Mapping[str, Any]
) -> dict[str, Any]:
    """Give an answer whose vanished children have their names, as they are within reach today."""
    children = told.get("vanished")
    if not children:
        return dict(told)
    wanted = Wanted()
    stands(wanted, None)
    within_reach(wanted, posts)
    wanted.where("v.student_id = ANY(%s)", [UUID(child["student_id"]) for child in children])
    rows = await service.store.query(
        f"SELECT v.student_id, v.student_name FROM views.students v WHERE {wanted.sql()}",  # noqa: S608  # our own names
        wanted.params,
        scope=wanted.scope,
    )
    names = {str(student_id): name for student_id, name in rows}
    named = [{**child, "name": names.get(child["student_id"])} for child in children]
    return {**told, "vanished": named}
