"""A form of something recorded beside the children: shown, sent once, given back if refused."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.responses import Response
from starlette.routing import Route

from api.web.asking import SIGNED_OUT, Refused
from api.web.fields import Field
from api.web.reading import body_of, typed
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit


@dataclass(frozen=True)
class ActForm:
    """
    A form: its fields, what they begin with, where they are sent and which page comes then.

    ``then`` is a page's path, which may name fields of the answer, as ``/pledges/{id}``; ``back``
    the page the form was come to from, by address and name; ``begins`` names the fields before
    "more", where not all of them are; ``button`` says what saving does, where it is more than that.
    ``told`` makes the page that tells what was done, where that is more than "recorded".
    """

    title: str
    fields: tuple[Field, ...]
    sent_to: str
    then: str
    back: tuple[str, str]
    known: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    begins: tuple[str, ...] = ()
    button: str = ""
    body: Callable[[tuple[Field, ...], Sent], Any] = body_of
    told: Callable[[Visit, Any], Response] | None = None

    @property
    def first(self) -> list[Field]:
        """The fields the form begins with; all, where none are named."""
        known = {field.name: field for field in self.fields}
        return [known[name] for name in self.begins or known]

    @property
    def more(self) -> list[Field]:
        """Those it shows when asked for more."""
        first = self.first
        return [field for field in self.fields if field not in first]


def form_pages(path: str, form_of: Callable[[Visit], Awaitable[ActForm]]) -> list[Route]:
    """Make the pages of a form: shown, and recorded."""

    async def show(visit: Visit) -> Response:
        form = await form_of(visit)
        return shown(visit, form, typed(form.fields, dict(form.known)))

    async def record(visit: Visit) -> Response:
        form, typed_in = await form_of(visit), await sent(visit.request)
        if typed_in.get(Sent.RESUME):
            return shown(visit, form, typed_in, resumed=True)
        try:
            done = await visit.ask.post(
                form.sent_to, form.body(form.fields, typed_in), key=typed_in.get(Sent.KEY) or None
            )
        except Refused as refused:
            if refused.status == SIGNED_OUT:
                raise
            return shown(visit, form, typed_in, refused)
        if form.told is not None:
            return form.told(visit, done.body)
        return visit.go(f"{form.then.format(**done.body)}?at={done.position}&saved=yes")

    return [page(path, show), page(path, record, methods=("POST",))]


def shown(
    visit: Visit,
    form: ActForm,
    typed_in: Sent,
    refused: Refused | None = None,
    *,
    resumed: bool = False,
) -> Response:
    """Show a form with what was typed."""
    errors = refused.errors if refused else {}
    return visit.page(
        "act_form.html",
        status=refused.status if refused else 200,
        form=form,
        typed=typed_in,
        key=typed_in.get(Sent.KEY) or str(uuid4()),
        errors=errors,
        opened=any(field.name in errors or typed_in.any(field.name) for field in form.more),
        refused=refused,
        resumed=resumed,
    )
