"""督查结果公告: the bulletins, one as it is told, its files, and the forms to draft and publish."""

from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.schemas.bulletins import WHERE, BulletinBody
from api.web.act_forms import ActForm, form_pages
from api.web.asking import Params, Refused
from api.web.fields import Field, called, fields_of, shaped
from api.web.files import relay
from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_pages import narrowed
from api.web.periods import period_named, periods_offered
from api.web.places import areas_of
from api.web.reading import body_of
from api.web.routing import page
from api.web.sent import Sent
from api.web.visit import Visit
from domain.code_list import Code
from domain.supervision_periods import Period

CONTRACT, HERE = "/v1/bulletins", "/supervision/bulletins"
FILES = frozenset({"xlsx", "pdf"})
SOURCES = 200  # of a kind that a form offers
SUMMARIES = 20  # a form has room for
CONFIRMED = "confirmed"
FIELDS_OF_TEXT = {"title": ("名称", "the title"), "text": ("公告正文", "the text")}


async def bulletins(visit: Visit) -> Response:
    """Show the bulletins, the newest first."""
    asked = LedgerAsked.of(visit, ())
    found, refused = await narrowed(visit, CONTRACT, asked)
    following = found["next_cursor"]
    return visit.page(
        "bulletins.html",
        status=refused.status if refused else 200,
        bulletins=[
            {**one, "period": period_named(one["period"]).label(visit.language)}
            for one in found["items"]
        ],
        following=following and asked.query(**{PLACE: following}),
        refused=refused,
        periods=periods_offered(visit),
    )


async def draft_of(visit: Visit) -> Response:
    """Go to the form of a bulletin of the period chosen."""
    return visit.go(f"{HERE}/new/{period_asked(visit.request.query_params.get('period', ''))}")


def period_asked(name: str) -> str:
    """
    Give the name of a period.

    :raises Problem: ``not-found`` if it is of none
    """
    if Period.read(name) is None:
        raise Problem("not-found")
    return name


async def read(visit: Visit) -> dict[str, Any]:
    number = visit.request.path_params["bulletin"]
    found: dict[str, Any] = (await visit.ask.get(f"{CONTRACT}/{number}")).body
    return found


async def bulletin(visit: Visit) -> Response:
    """Show a bulletin as everybody reads it."""
    found = await read(visit)
    return visit.page(
        "bulletin.html",
        bulletin=found,
        period=period_named(found["period"]).label(visit.language),
        saved=bool(visit.request.query_params.get("saved")),
    )


async def bulletin_file(visit: Visit) -> Response:
    """Hand on a bulletin as a file."""
    kind, number = visit.request.query_params.get("format"), visit.request.path_params["bulletin"]
    if kind not in FILES:
        raise Problem("not-found")
    return relay(visit, await visit.ask.get(f"{CONTRACT}/{number}", {"format": kind}))


async def draft_form(visit: Visit) -> ActForm:
    """Give the form of a bulletin: the inspections and scores of a period, and words about them."""
    period = Period.read(period_asked(visit.request.path_params["period"]))
    assert period is not None
    schools = tuple(
        Code(one.code, one.name, one.name) for area in areas_of(visit) for one in area.schools
    )
    own = tuple(field for field in fields_of(BulletinBody) if field.name != CONFIRMED)
    parts = next(field.parts for field in own if field.name == "summaries")
    chosen: dict[str, dict[str, Any]] = {
        "title": {"called": called("名称", "Title")},
        "period": {"kind": "pick", "options": (period_named(period.name),)},
        "text": {"called": called("公告正文", "Text")},
        "inspections": {"kind": "picks", "options": await ended(visit, period)},
        "scores": {"kind": "picks", "options": await scored(visit, period)},
        "summaries": {
            "rows": SUMMARIES,
            "parts": shaped(
                parts,
                {
                    "school_code": {
                        "kind": "pick",
                        "options": schools,
                        "called": called("学校", "School"),
                    },
                    "text": {"called": called("情况", "What is said of it")},
                },
            ),
        },
    }
    return ActForm(
        title=visit.t("公告拟稿", "Draft a bulletin"),
        fields=tuple(
            field for field in shaped(own, chosen) if field.kind != "picks" or field.options
        ),
        sent_to=CONTRACT,
        then=f"{HERE}/{{id}}",
        back=(HERE, visit.t("督查结果公告", "Bulletins")),
        known={"period": period.name},
        about=visit.t(
            "选定督查或考评,至少一项。不得写入学生姓名、号码,或某校 1 至 4 人的数字。",
            "Choose inspections or scores. No child's name or number, nor how few of a school.",
        ),
        button=visit.t("保存草稿", "Save the draft"),
        body=drafted,
        asks=lambda typed_in, refused: confirmations(visit, schools, typed_in, refused),
    )


async def ended(visit: Visit, period: Period) -> tuple[Code, ...]:
    """Give the inspections that ended of the school years a period lies in."""
    years = {Period.year_of(day).first.year for day in (period.first, period.last)}
    found: list[Code] = []
    for year in sorted(years):
        asked: Params = {"state": "ended", "year": year, "limit": SOURCES}
        for one in (await visit.ask.get("/v1/inspections", asked)).body["items"]:
            told = f"{one['inspection']} {one['title']}"
            found.append(Code(one["inspection"], told, told))
    return tuple(found)


async def scored(visit: Visit, period: Period) -> tuple[Code, ...]:
    """Give the scores of a period."""
    asked: Params = {"period": period.name, "limit": SOURCES}
    items = (await visit.ask.get("/v1/scores", asked)).body["items"]
    named = [(one["id"], f"{one['school']} {one['occurred_on']}") for one in items]
    return tuple(Code(score_id, told, told) for score_id, told in named)


def drafted(fields: tuple[Field, ...], typed_in: Sent) -> dict[str, Any]:
    """Give the body: what was typed, and the fields a person saw name no child."""
    confirmed = typed_in.all(CONFIRMED)
    return {**body_of(fields, typed_in), **({CONFIRMED: confirmed} if confirmed else {})}


def confirmations(
    visit: Visit, schools: tuple[Code, ...], typed_in: Sent, refused: Refused
) -> tuple[Field, ...]:
    """Ask a person to confirm, field by field, that two characters are not a child's name."""
    found = WHERE.search(refused.detail) if refused.kind == "may-name-child" else None
    asked = dict.fromkeys([*typed_in.all(CONFIRMED), *([found[0]] if found else [])])
    names = {school.code: school.zh for school in schools}
    options = tuple(
        Code(where, words(visit, where, names, typed_in), words(visit, where, names, typed_in))
        for where in asked
        if WHERE.fullmatch(where)
    )
    if not options:
        return ()
    asks = called("已核对,确非学生姓名的栏目", "No child is meant in")
    return (Field(CONFIRMED, "picks", required=False, options=options, called=asks),)


def words(visit: Visit, where: str, schools: dict[str, str], typed_in: Sent) -> str:
    """Name a field of a bulletin; a summary by its school."""
    name, _, rest = where.strip("/").partition("/")
    if name in FIELDS_OF_TEXT:
        return visit.t(*FIELDS_OF_TEXT[name])
    code = typed_in.get(f"summaries-{rest.partition('/')[0]}-school_code")
    school = schools.get(code, "")
    return visit.t(f"{school}的情况", f"what is said of {school}")


async def publication_form(visit: Visit) -> ActForm:
    """Give the form that publishes a bulletin."""
    found = await read(visit)
    title = visit.t("发布公告", "Publish")
    return ActForm(
        title=title,
        fields=(),
        sent_to=f"{CONTRACT}/{found['id']}/publication",
        then=f"{HERE}/{{id}}",
        back=(f"{HERE}/{found['id']}", found["title"]),
        about=visit.t(
            f"《{found['title']}》发布后不再改变,所有单位都能看到。",
            f"Once published, “{found['title']}” never changes, and everybody reads it.",
        ),
        button=title,
    )


routes = [
    page(HERE, bulletins),
    page(f"{HERE}/new", draft_of),
    *form_pages(f"{HERE}/new/{{period}}", draft_form, "publish_bulletin"),
    page(f"{HERE}/{{bulletin}}", bulletin),
    page(f"{HERE}/{{bulletin}}/file", bulletin_file),
    *form_pages(f"{HERE}/{{bulletin}}/publish", publication_form, "publish_bulletin"),
]
