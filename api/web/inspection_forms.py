"""The forms of an inspection (督查): plan, start, count heads, findings, put right, end."""

from dataclasses import replace
from typing import Any

from api.schemas.fields import Body
from api.schemas.inspections import (
    FindingBody,
    HeadCount,
    InspectionCancellation,
    InspectionChange,
    InspectionEnd,
    InspectionPlan,
    Rectification,
    RectificationDecision,
)
from api.web.act_forms import ActForm, form_pages
from api.web.fields import Field, fields_of, shaped
from api.web.places import areas_of
from api.web.reading import body_of, typed
from api.web.sent import Sent
from api.web.visit import Visit
from domain.code_list import Code

CONTRACT = "/v1/inspections"
THEN = "/inspections/{inspection}"


async def plan_form(visit: Visit) -> ActForm:
    """Give the form of a new inspection."""
    visit.ever("plan_inspection")
    assert visit.person is not None
    today = visit.service.tracking.today()
    return ActForm(
        title=visit.t("督查计划", "Plan an inspection"),
        fields=with_schools(visit, fields_of(InspectionPlan)),
        sent_to=CONTRACT,
        then=THEN,
        back=("/inspections", visit.t("督查台账", "Inspections")),
        known={
            "starts_on": today,
            "ends_on": today,
            "inspectors": [{"name": visit.person.name, "unit": visit.posts[0].unit}],
        },
        about=visit.t(
            "突击检查在开始之前,学校看不到。", "Schools see a surprise check once it starts."
        ),
    )


def with_schools(visit: Visit, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Make the field for schools one to choose from."""
    schools = tuple(
        Code(one.code, one.name, one.name) for area in areas_of(visit) for one in area.schools
    )
    return shaped(fields, {"schools": {"kind": "picks", "options": schools}})


async def change_form(visit: Visit) -> ActForm:
    """Give the form that changes a plan before it starts, filled in with what it says now."""
    number = visit.request.path_params["inspection"]
    one = (await visit.ask.get(f"{CONTRACT}/{number}")).body
    fields = with_schools(visit, fields_of(InspectionChange))
    plan = tuple(field for field in fields if field.name != "reason")
    known = {**one, "schools": [school["school_code"] for school in one["schools"]]}
    stands = body_of(plan, in_order(plan, typed(plan, known)))

    def body(_: tuple[Field, ...], typed_in: Sent) -> dict[str, Any]:
        said = body_of(fields, typed_in)
        return {name: value for name, value in said.items() if value != stands.get(name)}

    title = visit.t("变更督查计划", "Change the plan")
    reason = tuple(field for field in fields if field.name == "reason")
    form = await step_form(visit, "changes", title, (*plan, *reason))
    return replace(form, known=known, body=body)


def in_order(fields: tuple[Field, ...], known: Sent) -> Sent:
    """Give what is known with the codes of each field in the order a form has them."""
    places = {
        (field.name, option.code): n for field in fields for n, option in enumerate(field.options)
    }
    return Sent(sorted(known.pairs, key=lambda pair: places.get(pair, 0)))


async def cancellation_form(visit: Visit) -> ActForm:
    """Give the form that cancels an inspection before it starts."""
    title = visit.t("取消督查", "Cancel the inspection")
    fields = fields_of(InspectionCancellation)
    return replace(await step_form(visit, "cancellation", title, fields, button=title), grave=True)


async def start_form(visit: Visit) -> ActForm:
    """Give the form that starts an inspection."""
    title = visit.t("开始督查", "Start the inspection")
    return await step_form(visit, "start", title, (), button=title)


async def end_form(visit: Visit) -> ActForm:
    """Give the form that ends an inspection with its summary."""
    title = visit.t("结束督查", "End the inspection")
    return await step_form(visit, "end", title, fields_of(InspectionEnd), button=title)


async def count_form(visit: Visit) -> ActForm:
    """Give the form of a class's head count; children are named in their own files, not here."""
    return await school_form(
        visit,
        "head-counts",
        visit.t("点人数", "Count heads"),
        tuple(field for field in fields_of(HeadCount) if field.name != "missing"),
    )


async def finding_form(visit: Visit) -> ActForm:
    """Give the form of a finding."""
    return await school_form(
        visit, "findings", visit.t("登记问题", "Note a finding"), fields_of(FindingBody)
    )


async def rectification_form(visit: Visit) -> ActForm:
    """Give the form that says a finding was put right."""
    return await of_finding(
        visit,
        "rectifications",
        visit.t("登记整改", "Put right"),
        Rectification,
        done_on=visit.service.tracking.today(),
    )


async def decision_form(visit: Visit) -> ActForm:
    """Give the form that closes a finding or sends it back."""
    return await of_finding(
        visit,
        "rectification-decisions",
        visit.t("整改销号", "Close the finding"),
        RectificationDecision,
    )


async def step_form(
    visit: Visit,
    path: str,
    title: str,
    fields: tuple[Field, ...],
    at: str = "",
    button: str = "",
    **known: Any,
) -> ActForm:
    """Give the form of a step of an inspection, or of one ``at`` a school or finding of it."""
    number = visit.request.path_params["inspection"]
    one = (await visit.ask.get(f"{CONTRACT}/{number}")).body
    return ActForm(
        title=title,
        fields=fields,
        sent_to=f"{CONTRACT}/{number}/{path}",
        then=THEN,
        back=(f"/inspections/{number}", one["title"]),
        known=known,
        about=" · ".join(filter(None, (one["kind_label"], one["title"], at))),
        button=button,
    )


async def school_form(
    visit: Visit, path: str, title: str, fields: tuple[Field, ...], **known: Any
) -> ActForm:
    """Give the form of a step at a school."""
    code = visit.request.path_params["school"]
    at = visit.service.directory.name_of(code) or code
    return await step_form(visit, f"schools/{code}/{path}", title, fields, at, **known)


async def of_finding(
    visit: Visit, path: str, title: str, body: type[Body], **known: Any
) -> ActForm:
    """Give the form of a step about a finding."""
    finding = visit.request.path_params["finding"]
    form = await school_form(visit, f"findings/{finding}/{path}", title, fields_of(body), **known)
    return replace(form, reads=await finding_read(visit, finding))


async def finding_read(visit: Visit, finding: str) -> tuple[str, ...]:
    """Give what was found, by when it is to be put right, and what was said of that so far."""
    params = visit.request.path_params
    one = (await visit.ask.get(f"{CONTRACT}/{params['inspection']}")).body
    findings = {
        (school["school_code"], str(found["finding"])): found
        for school in one["schools"]
        for found in school["findings"]
    }
    found = findings.get((params["school"], finding))
    if found is None:
        return ()
    due = visit.t(f"{found['due_on']} 前整改", f"to be put right by {found['due_on']}")
    steps = (found["rectification"], found["decision"])
    return (found["what"], due, *(step["note"] for step in steps if step and step["note"]))


ONE = "/inspections/{inspection}"
SCHOOL = f"{ONE}/schools/{{school}}"
FINDING = f"{SCHOOL}/findings/{{finding}}"
routes = [
    *form_pages("/inspections/new", plan_form),
    *form_pages(f"{ONE}/change", change_form, "plan_inspection"),
    *form_pages(f"{ONE}/cancel", cancellation_form, "plan_inspection"),
    *form_pages(f"{ONE}/start", start_form),
    *form_pages(f"{ONE}/end", end_form),
    *form_pages(f"{SCHOOL}/head-counts", count_form),
    *form_pages(f"{SCHOOL}/findings", finding_form),
    *form_pages(f"{FINDING}/rectification", rectification_form),
    *form_pages(f"{FINDING}/decision", decision_form),
]
