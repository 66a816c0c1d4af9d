"""约谈: the talks of one's units, one with its promises, and the forms to record both."""

from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.schemas.supervision import TalkBody, TalkFollowUp
from api.web.act_forms import ActForm, form_pages, with_known
from api.web.fields import Field, called, fields_of, shaped
from api.web.files import relay
from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_pages import FILES, narrowed
from api.web.places import units_seen
from api.web.reading import body_of
from api.web.routing import page
from api.web.sent import Sent
from api.web.visit import Visit
from application.units import BUREAU, TASK_FORCE
from domain.code_list import Code

CONTRACT, HERE = "/v1/talks", "/supervision/talks"
FILTERS = ("unit", "overdue")
PROMISES = 10  # a form has room for
PROMISE = {
    "text": {"called": called("承诺事项", "Promise")},
    "owner": {"called": called("责任人", "Who answers for it")},
}


async def talks(visit: Visit) -> Response:
    """Show the talks, the newest first."""
    asked = LedgerAsked.of(visit, FILTERS)
    found, refused = await narrowed(visit, CONTRACT, asked)
    following = found["next_cursor"]
    return visit.page(
        "talks.html",
        status=refused.status if refused else 200,
        talks=found["items"],
        following=following and asked.query(**{PLACE: following}),
        wanted=asked.wanted,
        filtered=any(asked.wanted.values()),
        files=[(kind, asked.query(format=kind)) for kind in ("xlsx", "csv")],
        refused=refused,
        units=below(visit),
    )


async def talks_file(visit: Visit) -> Response:
    """Hand on the register of talks as a file."""
    kind = visit.request.query_params.get("format")
    if kind not in FILES:
        raise Problem("not-found")
    params = {**LedgerAsked.of(visit, FILTERS).params, "format": kind}
    return relay(visit, await visit.ask.get(CONTRACT, params))


def below(visit: Visit) -> list[Code]:
    """Give the units talks are held with: schools, 中心校 and townships."""
    return [unit for unit in units_seen(visit) if unit.code not in {BUREAU, TASK_FORCE}]


async def read(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = (
        await visit.ask.get(f"{CONTRACT}/{visit.request.path_params['talk']}")
    ).body
    return found


async def talk(visit: Visit) -> Response:
    """Show one talk, and what became of each promise."""
    saved = bool(visit.request.query_params.get("saved"))
    return visit.page("talk.html", talk=await read(visit), saved=saved)


async def talk_form(visit: Visit) -> ActForm:
    """Give the form of a talk that was held."""
    own = {post.township for post in visit.posts}
    units = tuple(unit for unit in below(visit) if unit.code not in own)
    fields = tuple(field for field in fields_of(TalkBody) if field.name != "school_code")
    parts = next(shaped(field.parts, PROMISE) for field in fields if field.name == "commitments")
    chosen: dict[str, dict[str, Any]] = {
        "unit": {
            "kind": "pick",
            "options": units,
            "required": True,
            "called": called("约谈单位", "Unit talked with"),
        },
        "held_on": {"called": called("约谈日期", "Held on")},
        "reasons": {"kind": "lines", "called": called("约谈事由", "Why")},
        "commitments": {"required": False, "parts": parts, "rows": PROMISES},
    }
    order = ("unit", "held_on", "with_whom", "reasons", "commitments")
    known = {field.name: field for field in shaped(fields, chosen)}
    return ActForm(
        title=visit.t("登记约谈", "Record a talk"),
        fields=tuple(known[name] for name in order),
        sent_to=CONTRACT,
        then=f"{HERE}/{{id}}",
        back=(HERE, visit.t("约谈", "Formal talks")),
        known={"held_on": visit.service.tracking.today()},
        about=visit.t(
            "不得写入学生姓名、学籍号或身份证号。", "No child's name or number belongs here."
        ),
        body=lambda fields, typed_in: held(visit, fields, typed_in),
    )


def held(visit: Visit, fields: tuple[Field, ...], typed_in: Sent) -> dict[str, Any]:
    """Give the body of a talk: a school is named by its code, another unit by its name."""
    body = {"commitments": [], **body_of(fields, typed_in)}
    if visit.service.directory.school(body.get("unit", "")):
        body["school_code"] = body.pop("unit")
    return body


async def follow_up_form(visit: Visit) -> ActForm:
    """Give the form that says how a promise is kept."""
    found = await read(visit)
    known = {str(one["commitment"]): one for one in found["commitments"]}
    promise = known.get(visit.request.path_params["commitment"])
    if promise is None:
        raise Problem("not-found")
    fields = tuple(field for field in fields_of(TalkFollowUp) if field.name != "commitment")
    return ActForm(
        title=visit.t("跟进承诺", "Follow up a promise"),
        fields=shaped(
            fields,
            {
                "done": {"called": called("是否已落实", "Kept")},
                "evidence": {"called": called("落实情况和依据", "How, and by what evidence")},
            },
        ),
        sent_to=f"{CONTRACT}/{found['id']}/follow-ups",
        then=f"{HERE}/{{id}}",
        back=(f"{HERE}/{found['id']}", found["unit_name"]),
        known={"occurred_on": visit.service.tracking.today()},
        about=f"{promise['text']} · {promise['owner']} · {promise['due_on']}",
        body=with_known(commitment=promise["commitment"]),
    )


routes = [
    page(HERE, talks),
    page(f"{HERE}/file", talks_file),
    *form_pages(f"{HERE}/new", talk_form, "talk"),
    page(f"{HERE}/{{talk}}", talk),
    *form_pages(f"{HERE}/{{talk}}/commitments/{{commitment}}", follow_up_form, "talk"),
]
