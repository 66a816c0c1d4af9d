"""系统对接: the machines of the district that are told of changes; a new one, the end of one."""

from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.schemas.notices import WebhookBody
from api.web.asking import SIGNED_OUT, Refused
from api.web.fields import Field, called, fields_of, shaped
from api.web.plain_words import labels_of, plainly
from api.web.reading import body_of
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit
from application.roles import STEP_OF_KIND
from domain.code_list import Code
from projections.sentences import kind_label

CONTRACT, HERE = "/v1/webhooks", "/admin/webhooks"
STEP = "keep_webhooks"
CREATED = 201


async def webhooks(visit: Visit) -> Response:
    """Show every subscription there ever was."""
    return await listed(visit)


async def listed(visit: Visit, refused: Refused | None = None) -> Response:
    found = (await visit.ask.get(CONTRACT)).body["items"]
    return visit.page(
        "webhooks.html",
        status=refused.status if refused else 200,
        webhooks=[told(visit, one) for one in found],
        refused=refused,
        done=bool(visit.request.query_params.get("done")),
    )


def told(visit: Visit, one: dict[str, Any]) -> dict[str, Any]:
    """Give a subscription with its place and its kinds in words."""
    place = visit.service.directory.name_of(one["school_code"] or "") or one["township"]
    kinds = [kind_label(kind, visit.language) for kind in one["kinds"] or []]
    return {**one, "place": place or visit.t("全区", "the district"), "kinds": kinds}


def fields(visit: Visit) -> tuple[Field, ...]:
    """Give the fields of a subscription."""
    directory = visit.service.directory
    schools = [school for code in sorted(directory.codes()) if (school := directory.school(code))]
    townships = sorted({school.township for school in schools})
    return shaped(
        fields_of(WebhookBody),
        {
            "url": {"kind": "line"},
            "school_code": {
                "kind": "pick",
                "options": tuple(Code(one.code, one.name, one.name) for one in schools),
                "called": called("只要一所学校的", "Of one school alone"),
            },
            "township": {
                "kind": "pick",
                "options": tuple(Code(one, one, one) for one in townships),
                "called": called("只要一个乡镇(街道)的", "Of one township alone"),
            },
            "kinds": {
                "kind": "picks",
                "options": tuple(
                    Code(kind, kind_label(kind, "zh"), kind_label(kind, "en"))
                    for kind in STEP_OF_KIND
                ),
                "called": called("只要这些记录(不选就是全部)", "Of these kinds alone (none: all)"),
            },
        },
    )


async def new_webhook(visit: Visit) -> Response:
    """
    Show the form of a subscription.

    :raises Problem: ``not-allowed`` for others than administrators
    """
    if not visit.may(STEP):
        raise Problem("not-allowed")
    return form(visit, Sent([]))


def form(visit: Visit, typed_in: Sent, refused: Refused | None = None) -> Response:
    asked = fields(visit)
    labels = labels_of(asked, visit.language)
    said = refused.errors if refused else {}
    return visit.page(
        "webhook_new.html",
        status=refused.status if refused else 200,
        fields=asked,
        typed=typed_in,
        errors={name: plainly(words, labels, visit.language) for name, words in said.items()},
        refused=refused,
    )


async def subscribe(visit: Visit) -> Response:
    """Subscribe a machine; its secret is shown on this one page."""
    typed_in = await sent(visit.request)
    if typed_in.get(Sent.RESUME):
        return form(visit, typed_in)
    try:
        made = (await visit.ask.post(CONTRACT, body_of(fields(visit), typed_in))).body
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return form(visit, typed_in, refused)
    return visit.page("webhook_given.html", status=CREATED, webhook=told(visit, made))


async def end(visit: Visit) -> Response:
    """End a subscription, for good."""
    if (await sent(visit.request)).get(Sent.RESUME):
        return visit.go(HERE)
    try:
        await visit.ask.post(f"{CONTRACT}/{visit.request.path_params['webhook']}/end")
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return await listed(visit, refused)
    return visit.go(f"{HERE}?done=yes")


routes = [
    page(HERE, webhooks),
    page(f"{HERE}/new", new_webhook),
    page(f"{HERE}/new", subscribe, methods=("POST",)),
    page(f"{HERE}/{{webhook}}/end", end, methods=("POST",)),
]
