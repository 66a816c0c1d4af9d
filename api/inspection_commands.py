"""What people do in an inspection: start, count heads, note and put right findings, end."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from api.checking import Checked
from api.deps import IfMatch, Key, Language, Serving, SignedIn
from api.evidence import receipt
from api.inspection_asked import (
    FindingAsked,
    InspectionAsked,
    SchoolAsked,
    asking,
    asking_finding,
    asking_school,
)
from api.inspection_shown import count_shown, questions
from api.openapi import FRESH, READ, RECORDED_HEADERS, WRITE, answered, body_example, problems
from api.return_asked import whole_log
from api.schemas.fields import Body
from api.schemas.inspections import (
    FindingBody,
    HeadCount,
    InspectionEnd,
    InspectionStart,
    Rectification,
    RectificationDecision,
)
from api.service import Service
from api.showing import answer
from application.access import Person, Post, scope_of
from application.inspecting import own_schools
from application.store.store import Appended
from application.subjects import Wish
from domain import inspection_refusals, refusals, return_refusals
from domain.inspection_facts import HeadsCounted
from domain.refusals import Refusal
from domain.return_facts import SchoolClass
from domain.roll import ON_ROLL
from projections.return_figures import classes_of

router = APIRouter(route_class=Checked, tags=["inspections 督查"])
ONE = "/v1/inspections/{inspection}"
SCHOOL = f"{ONE}/schools/{{school_code}}"
FINDING = f"{SCHOOL}/findings/{{n}}"
OF_THE_CLASS = """
SELECT count(*) FROM views.students WHERE until IS NULL AND student_id = ANY(%s)
    AND school_code = %s AND grade = %s AND class_name = %s AND student_status = ANY(%s)
"""


class InspectionRecorded(BaseModel):
    """Where a fact of an inspection stands: in its stream (``entry``), and in the log."""

    inspection: str
    entry: int
    version: int
    position: int


def described(
    summary: str,
    body: type[Body],
    *rules: type[Refusal],
    example: str = "inspection_recorded",
    fresh: bool = False,
    moves: bool = True,
) -> dict[str, Any]:
    """Describe a command on an inspection; ``moves`` says that it may have moved on."""
    told = answered(example, "Recorded, as one fact of the inspection.", 201)
    moved = ("version-moved", "not-found") if moves else ()
    return {
        "status_code": 201,
        "summary": summary,
        "responses": {
            201: {**told[201], "model": InspectionRecorded, "headers": RECORDED_HEADERS},
            **problems(
                *(*READ, *WRITE, "out-of-reach", *moved),
                *("record-damaged", "keys-away", *(FRESH if fresh else ())),
                rules=list(rules),
            ),
        },
        "openapi_extra": body_example(body),
    }


def recorded(service: Service, done: Appended, **told: Any) -> Response:
    """Answer a command: where its fact stands, and the log's receipt for it."""
    return answer(
        {**done.answer, **told},
        status=201,
        position=done.position,
        headers={
            "Location": f"/v1/inspections/{done.answer['inspection']}",
            "ETag": f'"{done.answer["version"]}"',
            **receipt(service, done),
        },
    )


def wish_of(person: Person, post: Post, if_match: IfMatch, key: Key) -> Wish:
    return Wish(person.actor(post), if_match, key)


@router.post(
    f"{ONE}/start",
    **described(
        "督查开始 · Start an inspection; from now on its schools see a surprise check",
        InspectionStart,
        inspection_refusals.OwnSchool,
        inspection_refusals.InspectionNotYet,
        inspection_refusals.InspectionStarted,
        inspection_refusals.InspectionEnded,
    ),
)
async def start_inspection(
    asked: Annotated[InspectionAsked, asking("inspect")],
    service: Serving,
    person: SignedIn,
    body: InspectionStart,  # noqa: ARG001  # holds nothing, and nothing else may stand in it
    if_match: IfMatch,
    key: Key,
) -> Response:
    """By who answers for all of its schools, from its first day on."""
    wish = wish_of(person, asked.post, if_match, key)
    return recorded(
        service, await service.inspections.start(wish, asked.id, own=own_schools(person))
    )


@router.post(
    f"{SCHOOL}/head-counts",
    **described(
        "点人数 · Count heads in a class, against its roll as it stands now",
        HeadCount,
        inspection_refusals.OwnSchool,
        inspection_refusals.InspectionNotStarted,
        inspection_refusals.InspectionEnded,
        inspection_refusals.MissingNotOfClass,
        return_refusals.ClassUnknown,
        example="heads_counted",
        fresh=True,
    ),
)
async def count_heads(
    asked: Annotated[SchoolAsked, asking_school("inspect")],
    service: Serving,
    language: Language,
    person: SignedIn,
    body: HeadCount,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """
    Again is well too: a class's last count stands. Heads unaccounted for are answered as questions.

    Children named as `missing` are answered with a body for `POST …/absence-flags`, for those who
    work with them: nothing is recorded for a child here, and no fact of an inspection names one.
    """
    position = await whole_log(service)
    classes = (await classes_of(service.store, [asked.school_code])).get(asked.school_code, {})
    done = await service.inspections.count_heads(
        wish_of(person, asked.post, if_match, key),
        asked.id,
        **{name: value for name, value in body.facts().items() if name != "missing"},
        school_code=asked.school_code,
        on_roll=classes.get(SchoolClass(body.grade, body.class_name)),
        strangers=await strangers(service, asked, body),
        position=position,
        own=own_schools(person),
    )
    one = await service.inspections.one(asked.id)
    assert one is not None
    count = one.facts[done.answer["entry"] - 1]
    assert isinstance(count, HeadsCounted)
    return recorded(
        service,
        done,
        school_code=asked.school_code,
        **count_shown(count, service, language),
        questions=questions(count),
        missing=[flag(child, count) for child in body.missing or []],
    )


async def strangers(service: Service, asked: SchoolAsked, body: HeadCount) -> int:
    """Count the children named as missing who are not on the class's roll, within reach."""
    named = body.missing or []
    if not named:
        return 0
    ((known,),) = await service.store.query(
        OF_THE_CLASS,
        [named, asked.school_code, body.grade, body.class_name, list(ON_ROLL)],
        scope=scope_of([asked.post]),
    )
    return len(named) - int(known)


def flag(child: UUID, count: HeadsCounted) -> dict[str, Any]:
    """Give the question about a child named as missing, ready for who may record it."""
    return {
        "student_id": child,
        "record": f"/v1/students/{child}/absence-flags",
        "body": {
            "first_absent_on": count.occurred_on,
            "absence_kind": "truancy",
            "found_by": "inspection",
            "occurred_on": count.occurred_on,
        },
    }


@router.post(
    f"{SCHOOL}/findings",
    **described(
        "发现问题 · Note a finding: who puts it right, and by which day",
        FindingBody,
        inspection_refusals.OwnSchool,
        inspection_refusals.InspectionNotStarted,
        inspection_refusals.InspectionEnded,
        inspection_refusals.FindingDueEarly,
        example="finding_noted",
    ),
)
async def note_finding(
    asked: Annotated[SchoolAsked, asking_school("inspect")],
    service: Serving,
    person: SignedIn,
    body: FindingBody,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """`at_once` (立行立改) is due the same day unless `due_on` says otherwise."""
    done = await service.inspections.note_finding(
        wish_of(person, asked.post, if_match, key),
        asked.id,
        **body.facts(),
        school_code=asked.school_code,
        own=own_schools(person),
    )
    one = await service.inspections.one(asked.id)
    assert one is not None
    noted: Any = one.facts[done.answer["entry"] - 1]
    return recorded(service, done, school_code=asked.school_code, finding=noted.number)


@router.post(
    f"{FINDING}/rectifications",
    **described(
        "整改 · Record that a finding was put right, with its proof",
        Rectification,
        inspection_refusals.FindingClosed,
        inspection_refusals.FindingAwaitsDecision,
        inspection_refusals.RectifiedBeforeFound,
        refusals.FutureDay,
    ),
)
async def rectify(
    asked: Annotated[FindingAsked, asking_finding("rectify")],
    service: Serving,
    person: SignedIn,
    body: Rectification,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """By the school's principal, while the inspection runs and after; again if it is sent back."""
    wish = wish_of(person, asked.post, if_match, key)
    return recorded(
        service, await service.inspections.rectify(wish, asked.id, asked.key, **body.facts())
    )


@router.post(
    f"{FINDING}/rectification-decisions",
    **described(
        "整改销号 · Close a finding that was put right, or send it back",
        RectificationDecision,
        inspection_refusals.OwnSchool,
        inspection_refusals.FindingClosed,
        inspection_refusals.NotRectified,
        refusals.SamePerson,
    ),
)
async def decide_rectification(
    asked: Annotated[FindingAsked, asking_finding("inspect")],
    service: Serving,
    person: SignedIn,
    body: RectificationDecision,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """By the inspecting side, never by who recorded that it was put right."""
    done = await service.inspections.decide_rectification(
        wish_of(person, asked.post, if_match, key),
        asked.id,
        asked.key,
        **body.facts(),
        own=own_schools(person),
    )
    return recorded(service, done)


@router.post(
    f"{ONE}/end",
    **described(
        "督查结束 · End an inspection with its summary; findings are still put right",
        InspectionEnd,
        inspection_refusals.OwnSchool,
        inspection_refusals.InspectionNotStarted,
        inspection_refusals.InspectionEnded,
    ),
)
async def end_inspection(
    asked: Annotated[InspectionAsked, asking("inspect")],
    service: Serving,
    person: SignedIn,
    body: InspectionEnd,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """By who answers for all of its schools."""
    wish = wish_of(person, asked.post, if_match, key)
    done = await service.inspections.end(
        wish, asked.id, summary=body.summary, own=own_schools(person)
    )
    return recorded(service, done)
