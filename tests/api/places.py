"""The children of every place in a district, and whose every row each person sees."""

import random
from uuid import UUID

from application.tracking import Ask
from domain.entry import Actor
from tests.lives import BUREAU, START, TEACHER, a_child, acts
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL

HERE, THERE, NO_SCHOOL_OF_OURS = "晴川镇", "云溪镇", "5141000077"
OTHER = Actor("acc-other", "测癸", "bureau", "区教体局", "bureau", superior=True)
BASIS = {"reason": "监护人要求", "legal_basis": "个人信息保护法第四十七条"}
NOTICE = {"grade": 7, "report_by": START, "occurred_on": START}
LETTER = [{"kind": "host_school_letter"}]
FACTS = {name: (by, facts) for name, by, facts in acts(random.Random(0), START)}

# The children of the district, by where they are; those of a case once reported to the township.
PLACES = {
    "own class": (SCHOOL, 7, "1班", HERE),
    "own class, reported": (SCHOOL, 7, "1班", HERE),
    "own class, taught by the other school": (SCHOOL, 7, "1班", HERE),
    "second class": (SCHOOL, 7, "2班", HERE),
    "second class, reported": (SCHOOL, 7, "2班", HERE),
    "other grade, reported": (SCHOOL, 8, "1班", HERE),
    "primary school": (PRIMARY, 6, "1班", HERE),
    "primary school, reported": (PRIMARY, 6, "1班", HERE),
    "other school": (OTHER_SCHOOL, 7, "1班", THERE),
    "other school, reported": (OTHER_SCHOOL, 7, "1班", THERE),
    "at no school": (None, None, None, HERE),
    "at no school, there": (None, None, None, THERE),
    "moved to the other school, reported": (SCHOOL, 7, "1班", HERE),
    "left the district": (SCHOOL, 7, "1班", HERE),
    "restricted, reported": (SCHOOL, 7, "1班", HERE),
    "erased": (SCHOOL, 7, "1班", HERE),
}
OWN_CLASS = {
    *("own class", "own class, reported", "own class, taught by the other school"),
    "left the district",  # its last class looks after it until another school takes it in
}
SECOND_CLASS = {"second class", "second class, reported"}
OWN_SCHOOL = OWN_CLASS | SECOND_CLASS | {"other grade, reported"}
PRIMARY_SCHOOL = {"primary school", "primary school, reported"}
OTHERS = {"other school", "other school, reported", "moved to the other school, reported"}
REPORTED_HERE = {
    *("own class, reported", "second class, reported", "other grade, reported"),
    *("primary school, reported", "moved to the other school, reported"),  # it lives here still
    "at no school",
}
EVERYBODY = OWN_SCHOOL | PRIMARY_SCHOOL | OTHERS | {"at no school", "at no school, there"}
REFERRED = EVERYBODY - {"left the district", "moved to the other school, reported"}  # case is over
# Which children a unit was asked about and has not answered; every other referral is answered.
ASKED_OF = {
    "民政": {"own class, reported", "other school"},
    "晴川镇河湾村": {"second class, reported"},
}
WITHDRAWN = {"restricted, reported", "erased"}

# Whose every row each person sees.
SEES: dict[str, set[str]] = {
    "teacher": OWN_CLASS,
    "teacher2": SECOND_CLASS,
    **dict.fromkeys(("registrar", "counsellor", "principal"), OWN_SCHOOL),
    **dict.fromkeys(("registrar2", "principal2"), OTHERS),
    "office": OWN_SCHOOL | PRIMARY_SCHOOL,
    "township": REPORTED_HERE,
    "task_force": REFERRED,
    "inspector": OWN_SCHOOL,
    "village": set(),  # these two know of their referrals alone
    "member_unit": set(),
    **dict.fromkeys(("bureau", "bureau2", "auditor"), EVERYBODY),
    "admin": set(),
}
DISTRICT = {"bureau", "bureau2", "auditor"}


class District:
    """The children of ``PLACES``, with entries in every register; rows by the child's name."""

    def __init__(self, app) -> None:
        self.service = app.state.service
        self.names: dict[UUID, str] = {}
        self.position = 0

    async def add(self, name: str) -> None:
        school, grade, class_name, township = PLACES[name]
        place = {"school_code": school, "grade": grade, "class_name": class_name}
        child = {**a_child(len(self.names)), **place, "township": township}
        if school is None:
            child = {**child, "student_number": None, "found_by": "screening"}
        done = await self.service.tracking.enrol(TEACHER, None, **child)
        student_id = UUID(done.answer["student_id"])
        self.names[student_id] = name

        async def record(step: str, by=None, **facts) -> None:
            usual_by, usual = FACTS.get(step, (TEACHER, {}))
            ask = Ask(by or usual_by, await self.service.tracking.child(student_id))
            done = await getattr(self.service.tracking, step)(ask, **{**usual, **facts})
            self.position = done.position

        await record("visit_home")
        await record("counsel")
        if name in {"left the district", "erased"}:
            day = START.replace(year=2019)
            await record("change_roll", kind="21", occurred_on=day, papers=LETTER)
        else:
            await a_case(record, reported=name.endswith("reported"))
            taught_by = OTHER_SCHOOL if "taught by" in name else school or NO_SCHOOL_OF_OURS
            await record("assign_home_teaching", school_code=taught_by)
            await record("teach_at_home")
            await record("refer", to_unit="公安", kind="search")
            await record("answer_referral", entry=(await self.child(name)).version)
            for unit in [unit for unit, asked in ASKED_OF.items() if name in asked]:
                await record("refer", to_unit=unit, kind="hardship")
        await self.on_the_roll(record, name)
        if name in WITHDRAWN:
            await record("restrict", BUREAU, **BASIS)
        if name == "erased":
            await record("request_erasure", BUREAU, **BASIS)
            await record("decide_erasure", OTHER, approve=True)

    async def on_the_roll(self, record, name: str) -> None:
        """A roll change of each child, and a notice of all that were not gone for years."""
        school, _, class_name, _ = PLACES[name]
        if name.startswith("moved"):
            await record("request_close_out", reason="C02")
            await record("decide_close_out", approve=True)
            await record("request_transfer", to_school=OTHER_SCHOOL)
            await record("decide_transfer", accept=True, entry=14, grade=7, class_name="1班")
            await record("visit_home")
        elif name.startswith("at no school"):
            await record("request_transfer", to_school=NO_SCHOOL_OF_OURS)
            await record("decide_transfer", accept=False, entry=(await self.child(name)).version)
        elif name not in {"left the district", "erased"}:
            await record("change_roll", kind="29", to_class=class_name)
        if name not in {"left the district", "erased"}:
            to = OTHER_SCHOOL if name.startswith("moved") else school or NO_SCHOOL_OF_OURS
            await record("issue_notice", school_code=to, **NOTICE)

    def id_of(self, name: str) -> UUID:
        return next(student_id for student_id, named in self.names.items() if named == name)

    async def child(self, name: str):
        return await self.service.tracking.child(self.id_of(name))

    def named(self, rows) -> set[tuple[str, int]]:
        found = [(self.names[student_id], key) for student_id, key in rows]
        assert len(set(found)) == len(found)
        return set(found)


async def a_case(record, *, reported: bool) -> None:
    await record("flag_absence", absence_kind="truancy")
    await record("suspect")
    await record("persuade", occurred_on=START, outcome="refused")
    if reported:
        report = {"to_level": "township", "report_number": "示例1号", "summary": "劝返未果。"}
        await record("report", occurred_on=START, **report)
