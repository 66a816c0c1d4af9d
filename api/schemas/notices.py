"""The bodies about notices: what a machine is told of, and where a person wants to be told."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from api.schemas.fields import (
    Body,
    Line,
    Phone,
    SchoolCode,
    YesNo,
    refuse_control,
    wrong,
)
from application.roles import STEP_OF_KIND

EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+", re.ASCII
)
LONGEST_EMAIL = 254


def _kind(value: str) -> str:
    if value not in STEP_OF_KIND:
        raise wrong("kind", "There is no such kind of entry; see the history.", "没有这一类记录。")
    return value


def _email(value: str) -> str:
    if len(value) > LONGEST_EMAIL or not EMAIL.fullmatch(value):
        raise wrong("email", "This is no e-mail address.", "电子邮箱格式不正确。")
    return value


Kind = Annotated[Line, AfterValidator(_kind)]
Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    BeforeValidator(refuse_control),
]


class WebhookBody(Body):
    """Where to post changes, and which: of a school, of a township, or of the whole district."""

    url: Annotated[Address, Field(description="at one of `GUIXUE_WEBHOOK_ORIGINS`")]
    school_code: SchoolCode | None = None
    township: Line | None = None
    kinds: Annotated[list[Kind], Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.school_code is not None and self.township is not None:
            raise wrong(
                "place",
                "Name a school or a township, not both.",
                "学校与镇(街道)只填一项。",
                below=("township",),
            )
        return self


class ChoiceBody(Body):
    """Where to be told, and whether to get a digest each school day; what is missing is nothing."""

    email: Annotated[Address, AfterValidator(_email)] | None = None
    phone: Phone | None = None
    digest: YesNo = False

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.digest and self.email is None and self.phone is None:
            raise wrong(
                "digest",
                "A digest needs an e-mail address or a phone number to go to.",
                "订阅每日提醒须填写电子邮箱或手机号。",
                below=("digest",),
            )
        return self
