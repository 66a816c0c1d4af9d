"""The demo's accounts: one for each role, all with a password everybody knows."""

from api.demo.district import TEACHERS_CLASS, demo_school
from application.access import ROLES
from application.accounts import NewAccount

PASSWORD = "guixue-demo"  # noqa: S105  # of invented people, on loopback only

_SCHOOL = demo_school()
_GRADE, _CLASS = TEACHERS_CLASS

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
    NewAccount("principal", "测守望", "principal", _SCHOOL.name, school=_SCHOOL.code),
    NewAccount(
        "township",
        "测安澜",
        "township",
        f"{_SCHOOL.township}人民政府",
        township=_SCHOOL.township,
    ),
    NewAccount("bureau", "测知行", "bureau", "区教体局"),
    NewAccount("auditor", "测鉴清", "auditor", "区审计"),
    NewAccount("admin", "测司机", "admin", "区教体局"),
)


def role_words(role: str) -> str:
    """Name a role in both languages."""
    return " ".join(ROLES[role])
