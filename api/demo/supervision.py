"""The demo's supervision: a pledge, an inspection with a finding, a rubric, a score, a talk."""

from datetime import timedelta

from api.demo.district import demo_school, schools
from api.demo.returns import BUREAU
from api.service import Service
from application.inspections import InspectionId
from application.pledges import Bundle
from application.subjects import Wish
from domain.supervision_periods import Period

NOBODYS: frozenset[str] = frozenset()
TALKED_WITH = 70  # a school by its place in the district, one whose last return is awaited
WEEK = timedelta(days=7)
ITEMS = [
    {"code": "A1", "title": "家访登记", "points": 40.0, "evidence": "家访登记表"},
    {"code": "A2", "title": "月报按时报送", "points": 30.0, "evidence": "月报提交记录"},
    {"code": "A3", "title": "台账销号材料", "points": 30.0, "evidence": "销号证明材料"},
]
POINTS = [
    {"code": "A1", "points": 36.0, "evidence": "两次家访登记不全"},
    {"code": "A2", "points": 30.0},
    {"code": "A3", "points": 30.0},
]


async def supervise(service: Service) -> None:
    """Record a little of everything, by the bureau, today."""
    wish, today, school = Wish(BUREAU), service.tracking.today(), demo_school()
    year = Period.year_of(today)
    await service.pledges.issue(
        wish,
        Bundle("bureau_school", school.code, year.name),
        due_on=today + WEEK,
        to_person="测守望",
        term_from=year.first,
        terms=["校长为控辍保学第一责任人", "每月 25 日前报送学生流动情况"],
    )
    planned = await service.inspections.plan(
        wish,
        kind="routine",
        title="秋季定期巡查",
        schools=[school.code],
        starts_on=today,
        ends_on=today + WEEK,
        methods=["papers", "roll"],
        inspectors=[{"name": "测巡行", "unit": "区督查组"}],
        own=NOBODYS,
    )
    inspection = InspectionId.read(planned.answer["inspection"])
    assert inspection is not None
    await service.inspections.start(wish, inspection, own=NOBODYS)
    await service.inspections.note_finding(
        wish,
        inspection,
        school_code=school.code,
        what="部分家访登记缺家长意见",
        remedy="by_day",
        owner={"name": "测守望", "role": "校长"},
        due_on=today + WEEK,
        own=NOBODYS,
    )
    rubric = await service.supervision.issue_rubric(
        wish, title="控辍保学考评细则", in_force_from=year.first, items=ITEMS
    )
    await service.supervision.score(
        wish,
        year,
        school_code=school.code,
        rubric=rubric.answer["entry"],
        occurred_on=today,
        points=POINTS,
        own=NOBODYS,
        inspecting=True,
        inspection=str(inspection),
    )
    late = list(schools())[TALKED_WITH]
    await service.supervision.hold_talk(
        wish,
        late.code,
        with_whom=[{"name": "测知远", "role": "校长"}],
        held_on=today,
        reasons=["上月学生流动月报逾期未报"],
        commitments=[
            {"text": "补报上月月报", "due_on": (today + WEEK).isoformat(), "owner": "测知远"}
        ],
    )
