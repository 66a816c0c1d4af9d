"""A form of something recorded beside the children: shown, sent once, given back if refused."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from starlette.responses import Response
from starlette.routing import Route

from api.problems import Problem
from api.web.asking import SIGNED_OUT, Answered, Refused
from api.web.fields import Field
from api.web.plain_words import labels_of, plainly
from api.web.reading import body_of, typed
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit


def nothing_more(_: Sent, __: Refused) -> tuple[Field, ...]:
    """Ask nothing besides."""
    return ()


def with_known(**known: Any) -> Callable[[tuple[Field, ...], Sent], dict[str, Any]]:
    """Make the body of what is typed and of what needs no typing."""
    return lambda fields, typed_in: {**known, **body_of(fields, typed_in)}


@dataclass(frozen=True)
class ActForm:
    """
    A form: its fields, what they begin with, where they are sent and which page comes then.

    ``then`` is a page's path, which may name fields of the answer, as ``/pledges/{id}``; ``back``
    the page the form was come to from, by address and name; ``begins`` names the fields before
    "more", where not all of them are; ``button`` says what saving does, where it is more than that;
    ``grave``, that it takes something back for good.
    ``reads`` are the lines to read before: what is signed, or answered.
    ``asks`` gives what a refusal has the form ask besides.
    ``told`` makes the page that tells what was done, where that is more than "recorded".
    """

    title: str
    fields: tuple[Field, ...]
    sent_to: str
    then: str
    back: tuple[str, str]
    known: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    reads: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    button: str = ""
    body: Callable[[tuple[Field, ...], Sent], Any] = body_of
    method: str = "POST"
    grave: bool = False
    asks: Callable[[Sent, Refused], tuple["Field", ...]] = nothing_more
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


def form_pages(
    path: str, form_of: Callable[[Visit], Awaitable[ActForm]], step: str | None = None
) -> list[Route]:
    """
    Make the pages of a form: shown, to those whose roles take the ``step``, and recorded.

    What is recorded is asked of the contract alone.
    """

    async def show(visit: Visit) -> Response:
        if step is not None and not visit.may(step):
            raise Problem("not-allowed")
        form = await form_of(visit)
        return shown(visit, form, typed(form.fields, dict(form.known)))

    async def record(visit: Visit) -> Response:
        form, typed_in = await form_of(visit), await sent(visit.request)
        if typed_in.get(Sent.RESUME):
            return shown(visit, form, typed_in, resumed=True)
        try:
            done = await visit.ask.post(
                form.sent_to,
                form.body(form.fields, typed_in),
                key=typed_in.get(Sent.KEY) or None,
                method=form.method,
            )
        except Refused as refused:
            if refused.status == SIGNED_OUT:
                raise
            asked = form.asks(typed_in, refused)
            return shown(visit, replace(form, fields=(*asked, *form.fields)), typed_in, refused)
        if form.told is not None:
            return form.told(visit, done.body)
        return visit.go(saved_at(form.then.format(**done.body), done))

    return [page(path, show), page(path, record, methods=("POST",))]


def saved_at(path: str, done: Answered) -> str:
    """Give the address of a page that says it was saved, once it shows it."""
    at = "" if done.position is None else f"at={done.position}&"
    return f"{path}{'&' if '?' in path else '?'}{at}saved=yes"


def errors_of(form: ActForm, refused: Refused) -> dict[str, str]:
    """Give what is wrong by field; of a row that is a field of its own, as ``points-3``, by it."""
    known = {field.name for field in form.fields}
    errors = dict(refused.errors)
    for error in refused.problem.get("errors", []):
        steps = str(error.get("pointer", "")).strip("/").split("/")
        if (name := "-".join(steps[:2])) in known and steps[1:]:
            errors.pop(steps[0], None)
            errors.setdefault(name, str(error.get("detail", "")))
    return errors


def shown(
    visit: Visit,
    form: ActForm,
    typed_in: Sent,
    refused: Refused | None = None,
    *,
    resumed: bool = False,
) -> Response:
    """Show a form with what was typed."""
    labels = labels_of(form.fields, visit.language)
    said = errors_of(form, refused) if refused else {}
    errors = {name: plainly(words, labels, visit.language) for name, words in said.items()}
    return visit.page(
        "act_form.html",
        status=refused.status if refused else 200,
        form=form,
        typed=typed_in,
        key=typed_in.get(Sent.KEY) or str(uuid4()),
        errors=errors,
        opened=any(field.name in errors or typed_in.any(field.name) for field in form.more),
        refused=refused and plainly(refused.detail, labels, visit.language),
        resumed=resumed,
        saved=bool(visit.request.query_params.get("saved")),
    )
