"""考评: the scores of a period by school code, one with its versions, and the forms about it."""

from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.schemas.supervision import ScoreBody, ScoreCommendation, ScoreCorrection, ScoredItemBody
from api.web.act_forms import ActForm, form_pages
from api.web.fields import Field, called, fields_of, shaped
from api.web.files import relay
from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_pages import FILES, narrowed
from api.web.periods import periods_offered, this_year
from api.web.places import areas_of
from api.web.reading import body_of
from api.web.routing import page
from api.web.sent import Sent
from api.web.visit import Visit
from domain.code_list import Code

CONTRACT, HERE = "/v1/scores", "/supervision/scores"
FILTERS = ("period", "school_code", "township", "commended")
RUBRICS = 100  # looked through for those in force
GIVEN = tuple(field for field in fields_of(ScoredItemBody) if field.name in {"points", "evidence"})
ITEM = "points-"  # as the contract names the points of an item, by its place


async def scores(visit: Visit) -> Response:
    """Show the scores of a period by school code."""
    asked = LedgerAsked.of(visit, FILTERS)
    found, refused = await narrowed(visit, CONTRACT, asked)
    following = found["next_cursor"]
    return visit.page(
        "scores.html",
        status=refused.status if refused else 200,
        scores=found["items"],
        rubrics=await in_force(visit) if visit.may("score") else [],
        following=following and asked.query(**{PLACE: following}),
        wanted=asked.wanted,
        filtered=any(asked.wanted.values()),
        files=[(kind, asked.query(format=kind)) for kind in ("xlsx", "csv")],
        refused=refused,
        areas=areas_of(visit),
        periods=periods_offered(visit, asked.wanted["period"]),
        saved=bool(visit.request.query_params.get("saved")),
    )


async def in_force(visit: Visit) -> list[dict[str, Any]]:
    """Give the rubrics schools are scored by now."""
    found = (await visit.ask.get("/v1/rubrics", {"limit": RUBRICS})).body["items"]
    return [rubric for rubric in found if rubric["state"] == "in_force"]


async def scores_file(visit: Visit) -> Response:
    """Hand on the register of scores as a file."""
    kind = visit.request.query_params.get("format")
    if kind not in FILES:
        raise Problem("not-found")
    params = {**LedgerAsked.of(visit, FILTERS).params, "format": kind}
    return relay(visit, await visit.ask.get(CONTRACT, params))


async def read(visit: Visit) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a score, and the rubric it was given by."""
    found = (await visit.ask.get(f"{CONTRACT}/{visit.request.path_params['score']}")).body
    return found, (await visit.ask.get(f"/v1/rubrics/{found['rubric']}")).body


async def score(visit: Visit) -> Response:
    """Show one score, item by item."""
    found, rubric = await read(visit)
    return visit.page(
        "score.html",
        score=found,
        lines=[(item, by_code(found["points"])[item["code"]]) for item in rubric["items"]],
        saved=bool(visit.request.query_params.get("saved")),
    )


def by_code(points: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in points}


def items_of(rubric: dict[str, Any]) -> tuple[Field, ...]:
    """Give a group of fields for each item of a rubric."""
    return tuple(
        Field(
            *(f"{ITEM}{n}", "group", True, (), GIVEN),
            called=called(
                f"{item['code']} {item['title']}({item['points']:g} 分;{item['evidence']})",
                f"{item['code']} {item['title']} ({item['points']:g} points; {item['evidence']})",
            ),
        )
        for n, item in enumerate(rubric["items"])
    )


def scored_by(rubric: dict[str, Any], fields: tuple[Field, ...], typed_in: Sent) -> dict[str, Any]:
    """Give the body: the points of every item of the rubric."""
    own = tuple(field for field in fields if not field.name.startswith(ITEM))
    points = [
        {"code": item["code"], **body_of(GIVEN, typed_in, f"{ITEM}{n}-")}
        for n, item in enumerate(rubric["items"])
    ]
    return {**body_of(own, typed_in), "points": points}


async def score_form(visit: Visit) -> ActForm:
    """Give the form that scores a school by a rubric."""
    number = visit.request.path_params["rubric"]
    rubric = (await visit.ask.get(f"/v1/rubrics/{number}")).body
    schools = [(one.code, one.name) for area in areas_of(visit) for one in area.schools]
    own = {
        field.name: field
        for field in await shaped_score(visit, schools)
        if field.kind != "pick" or field.options
    }
    last = ("note",)
    return ActForm(
        title=visit.t("学校考评", "Score a school"),
        fields=(
            *(field for name, field in own.items() if name not in last),
            *items_of(rubric),
            *(own[name] for name in last),
        ),
        sent_to=CONTRACT,
        then=f"{HERE}/{{id}}",
        back=(HERE, visit.t("考评", "Scores")),
        known={"period": this_year(visit).name, "occurred_on": visit.service.tracking.today()},
        about=visit.t(
            f"按《{rubric['title']}》,满分 {rubric['points']:g} 分。扣分的项目须写明依据。",
            f"By “{rubric['title']}”, out of {rubric['points']:g}. Say why points are deducted.",
        ),
        body=lambda fields, typed_in: {
            **scored_by(rubric, fields, typed_in),
            "rubric": rubric["number"],
        },
    )


async def shaped_score(visit: Visit, schools: list[tuple[str, str]]) -> tuple[Field, ...]:
    """Give the fields of a score beside its points: school, period, day, inspection, note."""
    found = (await visit.ask.get("/v1/inspections", {"state": "running"})).body["items"]
    running = [(one["inspection"], f"{one['inspection']} {one['title']}") for one in found]
    fields = tuple(
        field for field in fields_of(ScoreBody) if field.name not in {"points", "rubric"}
    )
    return shaped(
        fields,
        {
            "school_code": {
                "kind": "pick",
                "options": tuple(Code(code, name, name) for code, name in schools),
                "called": called("学校", "School"),
            },
            "period": {"kind": "pick", "options": tuple(periods_offered(visit))},
            "occurred_on": {"called": called("考评日期", "Scored on")},
            "inspection": {
                "kind": "pick",
                "options": tuple(Code(number, title, title) for number, title in running),
                "called": called("正在进行的督查(督查组必填)", "Running inspection"),
            },
        },
    )


async def correction_form(visit: Visit) -> ActForm:
    """Give the form that puts a new version of a score beside the old, filled in with it."""
    found, rubric = await read(visit)
    own = fields_of(ScoreCorrection)
    known = by_code(found["points"])
    return ActForm(
        title=visit.t("更正考评", "Correct the score"),
        fields=(*items_of(rubric), *(field for field in own if field.name != "points")),
        sent_to=f"{CONTRACT}/{found['id']}/corrections",
        then=f"{HERE}/{{id}}",
        back=back_to(found),
        known={
            **{f"{ITEM}{n}": known[item["code"]] for n, item in enumerate(rubric["items"])},
            "note": found["note"],
        },
        about=told(found),
        body=lambda fields, typed_in: scored_by(rubric, fields, typed_in),
    )


async def commendation_form(visit: Visit) -> ActForm:
    """Give the form that commends a school, or takes it back."""
    found, _ = await read(visit)
    return ActForm(
        title=visit.t("表扬", "Commend the school"),
        fields=fields_of(ScoreCommendation),
        sent_to=f"{CONTRACT}/{found['id']}/commendation",
        then=f"{HERE}/{{id}}",
        back=back_to(found),
        about=visit.t(
            f"{told(found)}。由人决定,不由分数决定。", f"{told(found)}. A person decides."
        ),
    )


def back_to(found: dict[str, Any]) -> tuple[str, str]:
    return f"{HERE}/{found['id']}", f"{found['school']} {found['period']}"


def told(found: dict[str, Any]) -> str:
    return f"{found['school']} · {found['period']} · {found['total']:g}/{found['out_of']:g}"


routes = [
    page(HERE, scores),
    page(f"{HERE}/file", scores_file),
    *form_pages(f"{HERE}/new/{{rubric}}", score_form, "score"),
    page(f"{HERE}/{{score}}", score),
    *form_pages(f"{HERE}/{{score}}/correct", correction_form, "score"),
    *form_pages(f"{HERE}/{{score}}/commend", commendation_form, "commend"),
]
