"""The bodies about accounts: posts by role, first of all; then one's own session and password."""

from typing import Annotated, Self
from unicodedata import normalize

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from api.schemas.fields import (
    Body,
    Day,
    Grade,
    Line,
    OneOf,
    SchoolCode,
    YesNo,
    refuse_control,
    wrong,
)
from application.accounts import NewPost
from application.passwords import LONGEST, SHORTEST
from application.roles import ROLES
from domain.code_list import Code, CodeList

ROLE = CodeList(
    "岗位", "domain.md section 1", (Code(role, zh, en) for role, (zh, en) in ROLES.items())
)
AT_ONE_SCHOOL = frozenset({"registrar", "counsellor", "principal"})
# Which fields say what a post reaches: those of its role are needed, the others refused.
REACH = {
    "teacher": ("school_code", "grade", "class_name"),
    **dict.fromkeys(AT_ONE_SCHOOL, ("school_code",)),
    "township_office": ("office",),
    "township": ("township",),
    "village": ("township",),
    "inspector": ("schools", "until"),
}
REACH_FIELDS = ("school_code", "schools", "grade", "class_name", "township", "office")


def _username(value: object) -> object:
    if not isinstance(value, str):
        return value
    name = normalize("NFC", value).strip()
    if not name.isprintable():
        raise wrong(
            "username",
            "A username is made of characters that can be seen.",
            "用户名不能含有看不见的字符。",
        )
    return name


Username = Annotated[
    str, StringConstraints(min_length=1, max_length=100), BeforeValidator(_username)
]
NewPassword = Annotated[
    str,
    StringConstraints(min_length=SHORTEST, max_length=LONGEST),
    BeforeValidator(refuse_control),
]


def _distinct(value: list[str]) -> list[str]:
    return list(dict.fromkeys(value))


class PostBody(Body):
    """A post (岗位) at a unit; ``until`` is its last day, and without ``from`` it begins today."""

    role: Annotated[str, OneOf(ROLE)]
    unit: Line
    school_code: SchoolCode | None = None
    schools: (
        Annotated[list[SchoolCode], Field(min_length=1, max_length=500), AfterValidator(_distinct)]
        | None
    ) = None
    grade: Grade | None = None
    class_name: Line | None = None
    township: Line | None = None
    office: Line | None = None
    from_day: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None

    @model_validator(mode="after")
    def _reach_of_its_role(self) -> Self:
        needs = REACH.get(self.role, ())
        for name in needs:
            if getattr(self, name) is None:
                raise wrong(
                    "post",
                    f"The post of this role needs {', '.join(needs)}.",
                    f"此类岗位须填写:{'、'.join(needs)}。",
                    below=(name,),
                )
        for name in REACH_FIELDS:
            if name not in needs and getattr(self, name) is not None:
                raise wrong(
                    "post",
                    "The post of this role has no such field.",
                    "此类岗位没有这一项。",
                    below=(name,),
                )
        if self.from_day and self.until and self.until < self.from_day:
            raise wrong(
                "post",
                "The last day is not before the first.",
                "截止日期不能早于起始日期。",
                below=("until",),
            )
        return self

    def post(self) -> NewPost:
        schools = (self.school_code,) if self.school_code else tuple(self.schools or ())
        reach = (schools, self.grade, self.class_name, self.township, self.office)
        return NewPost(self.role, self.unit, *reach, self.from_day, self.until)


class AccountBody(Body):
    """An account for somebody with posts; with a provider's subject, to sign in there alone."""

    username: Username
    name: Line
    posts: Annotated[list[PostBody], Field(min_length=1, max_length=20)]
    issuer: Line | None = None
    subject: Annotated[Line | None, Field(description="`sub` at the issuer")] = None

    @model_validator(mode="after")
    def _a_whole_subject(self) -> Self:
        if (self.issuer is None) != (self.subject is None):
            raise wrong(
                "subject",
                "Issuer and subject are given together.",
                "issuer 与 subject 须同时填写。",
                below=("issuer" if self.issuer is None else "subject",),
            )
        return self


class PostEndBody(Body):
    """The end of a post: at once, or with its last day."""

    on: Annotated[Day | None, Field(description="the last day, today or later; else at once")] = (
        None
    )


class AccountReason(Body):
    """Why something is done to an account, for the access log."""

    reason: Line | None = None


class SignOut(Body):
    """Which sessions to end: this one, or all of one's own."""

    everywhere: YesNo = False


class PasswordChange(Body):
    """The present password and the new one."""

    current: Annotated[str, StringConstraints(max_length=LONGEST)]
    new: NewPassword
