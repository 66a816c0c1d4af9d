"""新生入学、升级与毕业: a school's notices and who did not report; children moved up each year."""

from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

from starlette.responses import Response

from api.problems import Problem
from api.schemas.entries import Promotion
from api.schemas.roll import SchoolNotices
from api.web.act_forms import ActForm, form_pages
from api.web.asking import SIGNED_OUT, Params, Refused
from api.web.fields import Field, fields_of
from api.web.own_school import choosing, classes_of, school_named
from api.web.places import areas_of
from api.web.reading import body_of, typed
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit
from domain.code_list import Code

MOST = 500  # notices told of, and children invited, at once
CHILD = "child"
CAME, GONE = "reported", "replaced"  # what needs no looking after
NOTICE = tuple(field for field in fields_of(SchoolNotices) if field.name != "student_ids")
CONFIRMED = Field(
    "confirmed",
    "pick",
    required=True,
    options=(Code("yes", "已核对,全校升级与毕业", "Checked: move up the whole school"),),
    called=Code("confirmed", "请确认", "Please confirm"),
)


async def enrolment(visit: Visit) -> Response:
    """Show a school's notices, who has not reported before who has."""
    code, school = school_named(visit, "issue_notices")
    asked: Params = {
        "school_code": code,
        "limit": MOST,
        "cursor": visit.request.query_params.get("cursor"),
    }
    found = (await visit.ask.get("/v1/ledgers/enrolment-notices", asked)).body
    rows = sorted(found["items"], key=lambda row: row["notice_state"] in {CAME, GONE})
    return visit.page(
        "enrolment.html",
        code=code,
        school=school,
        rows=rows,
        following=found["next_cursor"],
        tallies=Counter((row["notice_state"], row["notice_state_label"]) for row in rows),
        issued=visit.request.query_params.get("issued", ""),
    )


async def screen(visit: Visit) -> Response:
    """Look for who has not reported, and show what became of each."""
    code, _ = school_named(visit, "screen_no_shows")
    done = (await visit.ask.post("/v1/screening/no-shows", {"school_code": code})).body
    return visit.page(
        "act_done.html",
        title=visit.t("应入未入排查", "Looking for who did not report"),
        back=(f"/enrolment/{code}", visit.t("新生入学", "Enrolment")),
        tallies=[
            (done["looked_at"], visit.t("名学生已排查", "children looked at")),
            (done["flagged"], visit.t("名新预警", "newly flagged")),
        ],
        nothing="" if done["items"] else visit.t("没有到期未报到的学生。", "Nobody is overdue."),
        heading=visit.t("排查结果", "What was found"),
        rows=[(one["student_id"], one["outcome_label"]) for one in done["items"]],
    )


async def notices_form(visit: Visit) -> Response:
    """Show the form that issues notices: the children of a school and a grade, all chosen."""
    known = {"occurred_on": visit.service.tracking.today()}
    return await notices_shown(visit, typed(NOTICE, known))


async def issue_notices(visit: Visit) -> Response:
    """Issue the notices, all or none."""
    code, _ = school_named(visit, "issue_notices")
    typed_in = await sent(visit.request)
    if typed_in.get(Sent.RESUME):
        return await notices_shown(visit, typed_in)
    body = {**body_of(NOTICE, typed_in), "student_ids": typed_in.all(CHILD)}
    try:
        done = await visit.ask.post(
            f"/v1/schools/{code}/enrolment-notices", body, key=typed_in.get(Sent.KEY) or None
        )
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return await notices_shown(visit, typed_in, refused)
    return visit.go(f"/enrolment/{code}?at={done.position}&issued={done.body['issued']}")


async def notices_shown(visit: Visit, typed_in: Sent, refused: Refused | None = None) -> Response:
    code, school = school_named(visit, "issue_notices")
    asked = visit.request.query_params
    source, grade = (
        typed_in.get(name) or asked.get(name, "") for name in ("at_school", "in_grade")
    )
    children: list[dict[str, Any]] = []
    if source and grade:
        listed: Params = {"school_code": source, "grade": grade, "limit": MOST}
        children = (await visit.ask.get("/v1/students", listed)).body["items"]
    again = bool(typed_in.all(CHILD)) or refused is not None
    return visit.page(
        "enrolment_notices.html",
        status=refused.status if refused else 200,
        code=code,
        school=school,
        areas=areas_of(visit),
        source=source or code,
        grade=grade,
        children=children,
        chosen=set(typed_in.all(CHILD)) if again else {one["student_id"] for one in children},
        fields=NOTICE,
        typed=typed_in,
        key=typed_in.get(Sent.KEY) or str(uuid4()),
        errors=refused.errors if refused else {},
        refused=refused,
    )


async def promotion_form(visit: Visit) -> ActForm:
    """Give the form that moves up a whole school, with how many are in each grade."""
    code, school = school_named(visit, "promote")
    grades: Counter[int] = Counter()
    for one in await classes_of(visit, code):
        grades[one["grade"]] += one["children"]
    if not grades:
        raise Problem("not-found")
    counted = visit.t("、", ", ").join(
        visit.t(f"{grade}年级 {count} 人", f"grade {grade}: {count}")
        for grade, count in sorted(grades.items())
    )
    return ActForm(
        title=visit.t("升级与毕业", "Promotion and graduation"),
        fields=(*fields_of(Promotion), CONFIRMED),
        sent_to=f"/v1/schools/{code}/promotions",
        then="",
        back=("/children", visit.t("学生", "Children")),
        known={"occurred_on": visit.service.tracking.today()},
        about=f"{school}:{counted}。"
        + visit.t(
            "每人升一个年级,毕业年级的学生毕业。每学年办一次,每名学生各记一条。",
            "Everybody moves up a grade; those of the last one graduate. Once a school year, an"
            " entry for each child.",
        ),
        button=visit.t("升级与毕业", "Move them up"),
        body=confirmed,
        told=partial(promoted, code=code),
    )


def confirmed(fields: tuple[Field, ...], typed_in: Sent) -> dict[str, Any]:
    """Give the body; unless it was confirmed, one the contract does not take."""
    body = body_of(fields, typed_in)
    return {name: value for name, value in body.items() if name != CONFIRMED.name} | (
        {} if body.get(CONFIRMED.name) == "yes" else {CONFIRMED.name: None}
    )


def promoted(visit: Visit, done: dict[str, Any], code: str) -> Response:
    return visit.page(
        "act_done.html",
        title=visit.t("已办理升级与毕业", "Moved up"),
        back=(f"/enrolment/{code}", visit.t("新生入学", "Enrolment")),
        tallies=[
            (done["promoted"], visit.t("名学生升级", "moved up")),
            (done["graduated"], visit.t("名学生毕业", "graduated")),
        ],
        nothing="",
        heading="",
        rows=[],
    )


routes = [
    page("/enrolment", choosing("issue_notices", "/enrolment", "新生入学", "Enrolment")),
    page("/enrolment/{code}", enrolment),
    page("/enrolment/{code}/notices", notices_form),
    page("/enrolment/{code}/notices", issue_notices, methods=("POST",)),
    page("/enrolment/{code}/screening", screen, methods=("POST",)),
    page("/promotion", choosing("promote", "/promotion", "升级与毕业", "Promotion")),
    *form_pages("/promotion/{code}", promotion_form),
]
