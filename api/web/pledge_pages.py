"""责任书: those of a school year, one of them, and the forms to issue, sign and withdraw it."""

from typing import Any

from starlette.responses import Response

from api.schemas.pledges import OF_A_TERM, PledgeBody, PledgeSignature, PledgeWithdrawal
from api.web.act_forms import ActForm, form_pages
from api.web.fields import fields_of, shaped
from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_pages import narrowed
from api.web.places import areas_of
from api.web.routing import page
from api.web.visit import Visit
from domain.code_list import Code
from domain.pledges import PLEDGE_LEVEL, PLEDGE_STATE, UNSIGNED, WITHIN_SCHOOL

PLEDGING = Code("to_unit", "承诺单位", "Unit that pledges")
FILTERS = ("state", "level", "school_year")
OF_A_CLASS = ("grade", "class_name")
# What the form begins with, by whether it is the bureau's.
BEGINS = {
    True: ("level", "to_unit", "due_on", "terms", "to_person", "term_from"),
    False: ("level", "to_unit", "due_on", "terms", "to_person", *OF_A_CLASS),
}


async def pledges(visit: Visit) -> Response:
    """Show a page of the pledges of a school year."""
    asked = LedgerAsked.of(visit, FILTERS)
    found, refused = await narrowed(visit, "/v1/pledges", asked)
    following = found["next_cursor"]
    return visit.page(
        "pledges.html",
        status=refused.status if refused else 200,
        pledges=found["items"],
        following=following and asked.query(**{PLACE: following}),
        wanted=asked.wanted,
        filtered=any(asked.wanted.values()),
        refused=refused,
        states=PLEDGE_STATE.values(),
        levels=PLEDGE_LEVEL.values(),
    )


async def pledge(visit: Visit) -> Response:
    """Show one pledge."""
    found = await read(visit)
    return visit.page(
        "pledge.html",
        pledge=found,
        unsigned=found["state"] in UNSIGNED,
        saved=bool(visit.request.query_params.get("saved")),
    )


async def read(visit: Visit) -> dict[str, Any]:
    pledge_id = visit.request.path_params["pledge"]
    found: dict[str, Any] = (await visit.ask.get(f"/v1/pledges/{pledge_id}")).body
    return found


async def issue_form(visit: Visit) -> ActForm:
    """Give the form of a new pledge: the bureau's, or a principal's."""
    visit.ever("issue_pledge")
    above = "bureau" in visit.roles
    levels = [level for level in PLEDGE_LEVEL.values() if (level.code in WITHIN_SCHOOL) != above]
    areas = areas_of(visit)
    units = [Code(area.township, area.township, area.township) for area in areas if above]
    units += [Code(one.code, one.name, one.name) for area in areas for one in area.schools]
    chosen: dict[str, dict[str, Any]] = {
        "level": {"options": tuple(levels)},
        "to_unit": {"kind": "pick", "options": tuple(units), "called": PLEDGING},
        "terms": {"kind": "lines"},
    }
    return ActForm(
        title=visit.t("发责任书", "Issue a pledge"),
        fields=tuple(
            field
            for field in shaped(fields_of(PledgeBody), chosen)
            if field.name not in (OF_A_CLASS if above else OF_A_TERM)
        ),
        sent_to="/v1/pledges",
        then="/pledges/{id}",
        back=("/pledges", visit.t("责任书", "Pledges")),
        known={
            "level": levels[0].code if len(levels) == 1 else None,
            "to_unit": units[0].code if len(units) == 1 else None,
        },
        about=visit.t(
            "双方签订后生效。正文和条款至少填一项。", "Both sides sign it. Give text or terms."
        ),
    )


async def sign_form(visit: Visit) -> ActForm:
    """Give the form that signs a pledge for one's own side."""
    found = await read(visit)
    return ActForm(
        title=visit.t("签订责任书", "Sign the pledge"),
        fields=fields_of(PledgeSignature),
        sent_to=f"/v1/pledges/{found['id']}/signatures",
        then="/pledges/{id}",
        back=back_to(found),
        known={"signed_on": visit.service.tracking.today()},
        about=told(found),
        reads=tuple(filter(None, (found["text"], *(found["terms"] or ())))),
        button=visit.t("签订", "Sign"),
    )


async def withdrawal_form(visit: Visit) -> ActForm:
    """Give the form that withdraws a pledge issued in error."""
    found = await read(visit)
    return ActForm(
        title=visit.t("撤回责任书", "Withdraw the pledge"),
        fields=fields_of(PledgeWithdrawal),
        sent_to=f"/v1/pledges/{found['id']}/withdrawal",
        then="/pledges/{id}",
        back=back_to(found),
        about=told(found),
        button=visit.t("撤回", "Withdraw"),
        grave=True,
    )


def back_to(found: dict[str, Any]) -> tuple[str, str]:
    return f"/pledges/{found['id']}", found["level_label"]


def told(found: dict[str, Any]) -> str:
    """Say in a line whose pledge it is."""
    sides = f"{found['from_unit_name']} → {found['to_unit_name']}"
    return " · ".join(filter(None, (sides, found["to_person"], found["school_year"])))


routes = [
    page("/pledges", pledges),
    *form_pages("/pledges/new", issue_form),
    page("/pledges/{pledge}", pledge),
    *form_pages("/pledges/{pledge}/sign", sign_form),
    *form_pages("/pledges/{pledge}/withdraw", withdrawal_form),
]
