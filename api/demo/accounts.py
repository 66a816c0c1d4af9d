"""The demo's accounts: one for each role, all with a password everybody knows."""

from datetime import date

from api.demo.district import TEACHERS_CLASS, demo_school
from application.accounts import NewAccount
from application.roles import ROLES

PASSWORD = "guixue-demo"  # noqa: S105  # of invented people, on loopback only

_SCHOOL = demo_school()
_GRADE, _CLASS = TEACHERS_CLASS
VILLAGE = f"{_SCHOOL.township}河湾村"
MEMBER_UNIT = "区民政局"

DEMO_ACCOUNTS = (
    NewAccount(
        "teacher",
        "测晓岚",
        "teacher",
        f"{_SCHOOL.name} {_GRADE}年级{_CLASS}",
        school=_SCHOOL.code,
        grade=_GRADE,
        class_name=_CLASS,
    ),
    NewAccount("registrar", "测明册", "registrar", _SCHOOL.name, school=_SCHOOL.code),
    NewAccount("counsellor", "测心田", "counsellor", _SCHOOL.name, school=_SCHOOL.code),
    NewAccount("principal", "测守望", "principal", _SCHOOL.name, school=_SCHOOL.code),
    NewAccount(
        "office",
        "测平川",
        "township_office",
        _SCHOOL.township_office,
        office=_SCHOOL.township_office,
    ),
    NewAccount(
        "township",
        "测安澜",
        "township",
        f"{_SCHOOL.township}人民政府",
        township=_SCHOOL.township,
    ),
    NewAccount("village", "测阡陌", "village", VILLAGE, township=_SCHOOL.township),
    NewAccount("bureau", "测知行", "bureau", "区教体局"),
    NewAccount("taskforce", "测合力", "task_force", "区控辍保学专班办公室"),
    NewAccount("memberunit", "测援手", "member_unit", MEMBER_UNIT),
    NewAccount(
        *("inspector", "测巡行", "inspector", "区督查组"),
        schools=(_SCHOOL.code,),
        until_day=date(2099, 12, 31),
    ),
    NewAccount("auditor", "测鉴清", "auditor", "区审计"),
    NewAccount("admin", "测司机", "admin", "区教体局"),
)


def role_words(role: str) -> str:
    """Name a role in both languages."""
    return " ".join(ROLES[role])
