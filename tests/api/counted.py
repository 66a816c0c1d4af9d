"""A small district whose every figure is counted by hand; its days are its own."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from application.tracking import Ask
from domain.entry import Actor
from tests.lives import BUREAU, TEACHER, a_child
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL

COLLEAGUE = Actor("acc-colleague", "测庚", "principal", "晴川中学", "school")
HERE, THERE = "晴川镇", "云溪镇"
END = date(2036, 3, 15)
DISABLED = {"type": "5", "level": "2", "certificate": None}
PLAN_PAPERS = [{"kind": "disability_certificate"}, {"kind": "guardian_application"}]
EXTRACT = [{"kind": "roll_extract"}]
PERSUADER = {"name": "测甲", "unit": "晴川中学", "level": "school"}


class Clock:
    """What the service takes for the present; the tests move it on."""

    def __init__(self) -> None:
        self.day = date(2032, 9, 1)
        self.now: Callable[[], datetime] | None = None  # to go by instead

    def __call__(self) -> datetime:
        if self.now is not None:
            return self.now()
        return datetime(self.day.year, self.day.month, self.day.day, 2, tzinfo=UTC)


class Counted:
    """Records on the day it happens, by the child's name."""

    def __init__(self, app: Any, clock: Clock) -> None:
        self.service, self.clock = app.state.service, clock
        self.ids: dict[str, UUID] = {}
        self.position = 0

    @property
    def names(self) -> dict[str, str]:
        return {str(student_id): name for name, student_id in self.ids.items()}

    async def enrol(self, name: str, school: str | None, grade: int | None, **more: Any) -> None:
        facts = {**a_child(len(self.ids)), "school_code": school, "grade": grade}
        facts |= {"class_name": "1班" if school else None, "key_groups": [], "township": HERE}
        facts |= {"birth_date": date(2022, 5, 1)} | more
        done = await self.service.tracking.enrol(TEACHER, None, **facts)
        self.ids[name] = UUID(done.answer["student_id"])
        self.position = done.position

    async def does(self, day: str, name: str, step: str, **facts: Any) -> int:
        self.clock.day = date.fromisoformat(day)
        by = facts.pop("by", BUREAU if step in {"decide_close_out", "place"} else TEACHER)
        child = await self.service.tracking.child(self.ids[name])
        done = await getattr(self.service.tracking, step)(Ask(by, child), **facts)
        self.position = done.position
        return int(done.position)

    async def absent(self, name: str, day: str, suspected: str | None = None) -> None:
        first = date.fromisoformat(day)
        kind = {"absence_kind": "truancy", "found_by": "roll_call"}
        await self.does(day, name, "flag_absence", first_absent_on=first, **kind)
        if suspected:
            facts = {"occurred_on": date.fromisoformat(suspected), "days_absent": 3}
            await self.does(suspected, name, "suspect", reported_reasons=["R02"], **facts)

    async def visited(self, name: str, day: str, mode: str) -> None:
        facts = {"visitors": ["测甲"], "met": ["guardian"]}
        when = date.fromisoformat(day)
        await self.does(day, name, "visit_home", occurred_on=when, mode=mode, **facts)

    async def returned(self, name: str, day: str) -> None:
        seen = date.fromisoformat(day)
        facts = {"class_name": "1班", "confirmed_by": "测甲"}
        await self.does(day, name, "confirm_return", seen_on=seen, **facts)

    async def promoted(self, school: str, day: str) -> None:
        self.clock.day = date.fromisoformat(day)
        ids = list(self.ids.values())
        await self.service.tracking.promote(BUREAU, school, ids, self.clock.day, None)


async def a_cohort(made: Counted) -> None:
    """
    Four come in 2032 and one in 2034, of whom one goes abroad, one to the next school.

    Three graduate in 2035. One goes on at the next school, and does not.
    """
    for name in "abcd":
        await made.enrol(name, OTHER_SCHOOL, 7, township=THERE)
    day = "2033-03-01"
    left = {"kind": "21", "papers": [], "occurred_on": date.fromisoformat(day)}
    await made.does(day, "d", "change_roll", **left)
    await made.promoted(OTHER_SCHOOL, "2033-07-05")
    made.clock.day = date(2034, 3, 1)
    await made.enrol("e", OTHER_SCHOOL, 8, township=THERE)
    came = {"kind": "22", "papers": [], "occurred_on": made.clock.day}
    await made.does("2034-03-01", "e", "change_roll", **came)
    await made.promoted(OTHER_SCHOOL, "2034-07-05")
    moved = {"occurred_on": date(2034, 10, 8), "reason": "搬家", "to_school": SCHOOL}
    await made.does("2034-10-08", "c", "request_transfer", **moved)
    entry = (await made.service.tracking.child(made.ids["c"])).version
    taken = {"accept": True, "entry": entry, "grade": 9, "class_name": "1班"}
    await made.does("2034-10-08", "c", "decide_transfer", **taken)
    await made.promoted(OTHER_SCHOOL, "2035-07-05")


async def cases(made: Counted) -> None:
    """Eight cases of seven children, in the autumn of 2035."""
    made.clock.day = date(2035, 8, 30)
    for name in "fghj":
        await made.enrol(name, SCHOOL, 7)
    await made.enrol("i", SCHOOL, 7, disability=DISABLED)
    await made.enrol("p", PRIMARY, 1, birth_date=date(2029, 5, 1))
    await made.enrol("q", PRIMARY, 1, birth_date=date(2029, 6, 1), disability=DISABLED)
    found = {"student_number": None, "found_by": "screening", "birth_date": date(2028, 5, 1)}
    await made.enrol("n", None, None, disability=DISABLED, **found)
    await made.absent("f", "2035-09-10", "2035-09-13")
    await made.visited("f", "2035-09-14", "at_home")
    await made.returned("f", "2035-09-20")
    await made.absent("g", "2035-09-10", "2035-09-13")
    await made.visited("g", "2035-09-14", "phone")
    await made.returned("g", "2035-10-08")
    await made.absent("g", "2035-10-15")  # a relapse
    await made.absent("h", "2035-10-10", "2035-10-13")
    await made.visited("h", "2035-10-14", "joint")
    attempt = {"persuaders": [PERSUADER], "met": ["guardian"], "outcome": "refused"}
    await made.does("2035-10-16", "h", "persuade", occurred_on=date(2035, 10, 16), **attempt)
    for step, day in (("mark_dropout", "2035-11-19"), ("confirm_dropout", "2035-11-20")):
        by = BUREAU if step == "confirm_dropout" else TEACHER
        said = {"occurred_on": date.fromisoformat(day), "summary": "多次劝返未果。", "by": by}
        await made.does(day, "h", step, **said)
    await made.absent("i", "2035-11-02")
    ruled_out = {"reason": "C13", "papers": [], "note": "病假已补"}
    await made.does("2035-11-03", "i", "request_close_out", **ruled_out)
    await made.does("2035-11-03", "i", "decide_close_out", approve=True, by=COLLEAGUE)
    await made.absent("j", "2035-11-05", "2035-11-08")
    await made.does("2035-11-09", "j", "request_close_out", reason="C02", papers=EXTRACT)
    await made.does("2035-11-12", "j", "decide_close_out", approve=True)
    await made.absent("n", "2035-11-10")
    await made.absent("p", "2035-12-01")
    lost = {"occurred_on": date(2035, 12, 3), "statement_by": "派出所"}
    lost |= {"papers": [{"kind": "police_letter"}]}
    await made.does("2035-12-03", "p", "lose_contact", **lost)


async def arrangements(made: Counted) -> None:
    """One child taught at home, from December on; one in an inclusive class."""
    inclusive = {"kind": "inclusive_class", "papers": PLAN_PAPERS}
    await made.does("2035-12-04", "q", "place", occurred_on=date(2035, 12, 4), **inclusive)
    plan = {"school_code": SCHOOL, "teachers": ["测戊"], "planned_hours_per_month": 10}
    plan |= {"from_day": date(2035, 12, 1), "papers": PLAN_PAPERS, "by": BUREAU}
    day = date(2035, 12, 5)
    await made.does("2035-12-05", "i", "assign_home_teaching", occurred_on=day, **plan)
    lesson = {"teachers": ["测戊"], "minutes": 90, "topic": "识字", "guardian_present": True}
    for of_december in (5, 19):
        day = date(2035, 12, of_december)
        await made.does(day.isoformat(), "i", "teach_at_home", occurred_on=day, **lesson)


async def counted_district(app: Any, clock: Clock) -> Counted:
    made = Counted(app, clock)
    await a_cohort(made)
    await cases(made)
    await arrangements(made)
    clock.day = END
    await made.service.freshness.reached(made.position)
    return made


# Counted by hand: numerator and denominator, of the district, of its schools and townships.
NONE = (0, 0)
FIGURES: dict[str, dict[str | None, tuple[float, float]]] = {
    "return_rate": {None: (2, 6), SCHOOL: (2, 5), PRIMARY: (0, 1), HERE: (2, 6)},
    "clearance_rate": {None: (1, 7), SCHOOL: (1, 5), PRIMARY: (0, 1), HERE: (1, 7), "": (0, 1)},
    "dropout_rate": {None: (1, 8), SCHOOL: (1, 6), PRIMARY: (0, 2), HERE: (1, 8)},
    "retention_primary": {None: NONE},
    "retention_junior": {
        None: (3, 4),
        SCHOOL: (0, 1),
        OTHER_SCHOOL: (3, 3),
        HERE: (0, 1),
        THERE: (3, 3),
    },
    "nine_year_retention": {None: (3, 0)},
    "disabled_enrolment_rate": {
        None: (2, 3),
        SCHOOL: (1, 1),
        PRIMARY: (1, 1),
        HERE: (2, 3),
        "": (0, 1),
    },
    "home_visit_coverage": {None: (2, 6), SCHOOL: (2, 5), PRIMARY: (0, 1), HERE: (2, 6)},
    "relapse_rate": {None: (1, 2), SCHOOL: (1, 2), HERE: (1, 2)},
    "home_teaching_completion": {None: (3, 34.8), SCHOOL: (3, 34.8), HERE: (3, 34.8)},
    "on_time_rate": {  # from September 2032 to February 2036, and none came
        None: (0, 126),
        **dict.fromkeys((SCHOOL, OTHER_SCHOOL, PRIMARY, THERE), (0, 42)),
        HERE: (0, 84),
    },
}  # "" stands for the children at no school
BEHIND = {
    "return_rate": ("fg", "fgghjp"),
    "clearance_rate": ("j", "fgghjnp"),
    "dropout_rate": ("h", "cfghijpq"),
    "retention_junior": ("abe", "abcccdde"),
    "disabled_enrolment_rate": ("iq", "inq"),
    "home_visit_coverage": ("fh", "fgghjp"),
    "relapse_rate": ("g", "fg"),
    "home_teaching_completion": ("i", "i"),
}
