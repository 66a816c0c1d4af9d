"""Three suspected dropouts, played over HTTP by the people who would, from absence to close-out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx

from api.demo.accounts import MEMBER_UNIT, PASSWORD, VILLAGE
from api.demo.district import TEACHERS_CLASS, demo_school
from domain.calendar import default_calendar
from domain.rules import DEFAULT_RULES

PEOPLE = ("teacher", "principal", "township", "village", "bureau")
CREATED = 201
SINCE_RETURN = 33  # school days, so that the observation of thirty is over
SCHOOL_LEVEL = {"name": "测晓岚", "unit": "晴川学校", "level": "school"}
TOWN_LEVEL = {"name": "测安澜", "unit": "晴川镇人民政府", "level": "township"}


class StepRefused(Exception):
    """A step of a played case was not accepted; says which and why."""


@dataclass
class Story:
    """One case as it is told: its child, its days, and who looks after it at school."""

    client: httpx.AsyncClient
    tokens: dict[str, str]
    student_id: str
    class_name: str
    teacher: str
    seen_on: date
    told: int = field(default=0)

    def before(self, school_days: int) -> date:
        """Give the school day that lies so many before the return."""
        day, left = self.seen_on, school_days
        while left:
            day -= timedelta(days=1)
            left -= default_calendar().is_school_day(day)
        return day

    async def tell(self, who: str, path: str, **body: Any) -> dict[str, Any]:
        """
        Record one step as one person.

        A second telling changes nothing, by the step's own key.

        :raises StepRefused: if it is not accepted
        """
        self.told += 1
        answer = await self.client.post(
            f"/v1/students/{self.student_id}/{path}",
            json={
                name.rstrip("_"): value.isoformat() if isinstance(value, date) else value
                for name, value in body.items()
            },
            headers={
                "Authorization": f"Bearer {self.tokens[who]}",
                "Idempotency-Key": str(uuid5(NAMESPACE_URL, f"{self.student_id}/{self.told}")),
            },
        )
        if answer.status_code != CREATED:
            raise StepRefused(f"{who} → {path}: {answer.text}")
        recorded: dict[str, Any] = answer.json()
        return recorded


async def play_cases(client: httpx.AsyncClient, today: date) -> None:
    """Play the three cases; every one ends closed, its child back in class."""
    tokens = {who: await sign_in(client, who) for who in PEOPLE}
    chosen = await choose_children(client, tokens["principal"])
    calendar = default_calendar()
    seen_on = today
    while calendar.school_days_between(seen_on, today) < SINCE_RETURN:
        seen_on -= timedelta(days=1)
    grade, class_name = TEACHERS_CLASS
    stories = [
        Story(
            client,
            tokens,
            child["student_id"],
            child["class_name"],
            "teacher"
            if (child["grade"], child["class_name"]) == (grade, class_name)
            else "principal",
            seen_on - timedelta(days=earlier),
        )
        for child, earlier in zip(chosen, (0, 7, 14), strict=True)
    ]
    await agrees_at_once(stories[0])
    await hesitates_first(stories[1])
    await refuses_until_the_order(stories[2])
    for story in stories:
        await comes_back_and_stays(story, today)


async def sign_in(client: httpx.AsyncClient, username: str) -> str:
    answer = await client.post("/v1/token", data={"username": username, "password": PASSWORD})
    token: str = answer.raise_for_status().json()["access_token"]
    return token


async def choose_children(client: httpx.AsyncClient, token: str) -> Sequence[dict[str, Any]]:
    """Choose one child of the teacher's class and two of other classes of the school."""
    answer = await client.get(
        "/v1/students",
        params={"school_code": demo_school().code, "limit": 500},
        headers={"Authorization": f"Bearer {token}"},
    )
    items = answer.raise_for_status().json()["items"]
    own = [c for c in items if (c["grade"], c["class_name"]) == TEACHERS_CLASS]
    others = [c for c in items if c["grade"] != TEACHERS_CLASS[0]]
    return [own[3], others[5], others[-7]]


async def is_found(story: Story, days_absent: int, reason: str) -> None:
    """An inspection finds the child missing; the school verifies and names who is responsible."""
    absent = story.before(days_absent + 4)
    await story.tell(
        story.teacher,
        "absence-flags",
        first_absent_on=absent,
        absence_kind="truancy",
        days=days_absent,
        found_by="inspection",
        note="督查点名发现缺勤",
    )
    await story.tell(
        story.teacher,
        "home-visits",
        occurred_on=story.before(days_absent + 3),
        mode="at_home",
        visitors=["测晓岚"],
        met=["guardian"],
        purpose="核实缺勤原因",
        guardian_view="希望孩子读完初中",
        verified_reasons=[reason],
        next_step="约定再访",
    )
    await story.tell(
        "principal",
        "suspicions",
        occurred_on=story.before(4),
        days_absent=days_absent,
        reported_reasons=[reason],
    )
    await story.tell(
        "principal",
        "responsible-persons",
        name="测晓岚",
        role="responsible",
        from_=story.before(4),
    )


async def attempts(story: Story, who: str, school_days: int, outcome: str, **more: Any) -> None:
    persuaders = [SCHOOL_LEVEL, TOWN_LEVEL] if who == "township" else [SCHOOL_LEVEL]
    await story.tell(
        who,
        "persuasion-attempts",
        occurred_on=story.before(school_days),
        persuaders=persuaders,
        met=["student", "guardian"],
        outcome=outcome,
        **more,
    )


async def agrees_at_once(story: Story) -> None:
    """The child is weary of school, is counselled, and agrees at the first attempt."""
    await is_found(story, 3, "R02")
    await story.tell(
        story.teacher,
        "counselling-sessions",
        occurred_on=story.before(2),
        kind="psychological",
        counsellor="测心田",
        minutes=40,
    )
    await attempts(story, story.teacher, 1, "agreed", reasons=["R02"])


async def hesitates_first(story: Story) -> None:
    """The child works away from home; the second attempt is joined by the township."""
    await is_found(story, 5, "R03")
    await attempts(story, story.teacher, 3, "hesitant", reasons=["R03"])
    await story.tell(
        "principal",
        "written-reports",
        to_level="township",
        report_number="示例报〔1〕号",
        occurred_on=story.before(2),
        summary="首次劝返,学生犹豫,请镇政府联合家访。",
    )
    await story.tell(
        "township",
        "home-visits",
        occurred_on=story.before(1),
        mode="joint",
        visitors=["测安澜", "测晓岚"],
        met=["student", "guardian"],
    )
    await attempts(story, "township", 1, "agreed", support_offered="落实困难资助")


async def refuses_until_the_order(story: Story) -> None:
    """The family refuses until the township orders correction."""
    await is_found(story, 6, "R06")
    await attempts(story, story.teacher, 4, "refused", reasons=["R06"])
    await story.tell(
        "principal",
        "written-reports",
        to_level="township",
        report_number="示例报〔2〕号",
        occurred_on=story.before(3),
        summary="监护人拒绝送子女入学,请依法责令改正。",
    )
    order = await story.tell(
        "township",
        "orders",
        document_number="示例令〔1〕号",
        occurred_on=story.before(2),
        issued_by="晴川镇人民政府",
        due_on=story.before(2) + timedelta(days=7),
    )
    await story.tell(
        "township",
        f"orders/{order['entry']}/service",
        served_on=story.before(2),
        served_to="监护人本人",
        place="家中",
    )
    asked = await story.tell(
        "township",
        "referrals",
        to_unit=VILLAGE,
        kind="whereabouts",
        occurred_on=story.before(2),
        question="请入户核实学生近期去向。",
    )
    await story.tell(
        "village",
        f"referrals/{asked['entry']}/answer",
        occurred_on=story.before(1),
        answer="学生在家,未外出务工。",
    )
    await story.tell(
        "township",
        "referrals",
        to_unit=MEMBER_UNIT,
        kind="hardship",
        occurred_on=story.before(1),
        question="请核实能否纳入临时救助。",
    )
    await attempts(story, "township", 1, "agreed")
    await story.tell("principal", "support", kind="hardship_aid", from_=story.before(1), amount=625)


async def comes_back_and_stays(story: Story, today: date) -> None:
    """Seen in class, observed on the ladder, closed out by school and bureau."""
    await story.tell(
        story.teacher,
        "returns",
        seen_on=story.seen_on,
        class_name=story.class_name,
        confirmed_by="测晓岚",
    )
    for check in DEFAULT_RULES.on(today).observation_checks(story.seen_on):
        await story.tell(
            story.teacher, "observations", occurred_on=min(check, today), attending=True
        )
    await story.tell(
        "principal",
        "close-out-requests",
        reason="C01",
        papers=[{"kind": "attendance_sheet", "title": "返校后考勤表"}],
    )
    await story.tell("bureau", "close-out-decisions", approve=True, note="考勤属实")
