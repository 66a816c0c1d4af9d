"""交接: who follows whom at a school, from which day; and whom that left out, and why."""

from functools import partial
from typing import Any

from starlette.responses import Response

from api.schemas.roll import HandOverBody
from api.web.act_forms import ActForm, form_pages
from api.web.fields import Field, fields_of
from api.web.own_school import choosing, classes_of, school_named
from api.web.reading import body_of, whole
from api.web.routing import page
from api.web.sent import Sent
from api.web.visit import Visit
from domain.code_list import Code

CLASS = "class_of"  # grade and class in one choice
FIRST = ("from_name", "to_name", "from")
WHY = {
    "named-later": ("已另定责任人,自以后某日起", "Somebody is named from a later day on"),
    "record-restricted": ("档案已封存", "The record is restricted"),
    "record-erased": ("档案已销毁", "The record was erased"),
    "child-died": ("已登记死亡", "The child died"),
}
OTHERWISE = ("与现有记录不合,请逐一办理", "Does not fit what is recorded: name them one by one")


async def hand_over_form(visit: Visit) -> ActForm:
    """Give the form of a hand-over at a school."""
    code, school = school_named(visit, "hand_over")
    classes = [WHOLE_SCHOOL] + [
        Code(
            f"{one['grade']}/{one['class_name']}",
            f"{one['grade']}年级{one['class_name']}",
            f"Grade {one['grade']}, {one['class_name']}",
        )
        for one in await classes_of(visit, code)
    ]
    known = {field.name: field for field in fields_of(HandOverBody)}
    which = Field(CLASS, "pick", required=False, options=tuple(classes), called=OF_CLASS)
    return ActForm(
        title=visit.t("交接", "Hand-over"),
        fields=(*(known[name] for name in FIRST), which, known["role"], known["phone"]),
        sent_to=f"/v1/schools/{code}/hand-overs",
        then="",
        back=("/children", visit.t("学生", "Children")),
        known={"from": visit.service.tracking.today(), CLASS: WHOLE_SCHOOL.code},
        about=f"{school} · "
        + visit.t(
            "交接人负责的每名学生都改由接任人负责;不选身份就是责任人和帮扶人都交接。",
            "Every child the one answered for goes to the other; in every role, unless one is"
            " chosen.",
        ),
        button=visit.t("交接", "Hand over"),
        body=body,
        told=partial(told, back=f"/hand-over/{code}"),
    )


OF_CLASS = Code(CLASS, "哪些学生", "Which children")
WHOLE_SCHOOL = Code("all", "全校", "The whole school")


def body(fields: tuple[Field, ...], typed_in: Sent) -> dict[str, Any]:
    """Give the body of a hand-over: the class chosen is a grade and a name."""
    said = body_of(fields, typed_in)
    grade, _, class_name = said.pop(CLASS, "").partition("/")
    if class_name:
        said |= {"grade": whole(grade), "class_name": class_name}
    return said


def told(visit: Visit, done: dict[str, Any], back: str) -> Response:
    """Show how many were handed over, and who was left out."""
    return visit.page(
        "act_done.html",
        title=visit.t("已交接", "Handed over"),
        back=(back, visit.t("交接", "Hand-over")),
        tallies=[
            (done["handed_over"], visit.t("名学生已交接", "children handed over")),
            (len(done["left_out"]), visit.t("名未交接", "left out")),
        ],
        nothing=visit.t("没有由此人负责的学生。", "This person answers for no child here.")
        if not done["handed_over"] and not done["left_out"]
        else "",
        heading=visit.t("未交接的学生", "Who was left out"),
        rows=[
            (one["student_id"], visit.t(*WHY.get(one["why"], OTHERWISE)))
            for one in done["left_out"]
        ],
    )


routes = [
    page("/hand-over", choosing("hand_over", "/hand-over", "交接", "Hand-over")),
    *form_pages("/hand-over/{code}", hand_over_form),
]
