"""Printed forms over HTTP (打印表格): of one child, blank, many at once; and their codes."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.at_once import at_once
from api.checking import Checked
from api.child_record import child_record
from api.deps import Language, Serving, SignedIn, logged_refusal, permitted_posts
from api.examples import ANSWERS
from api.exporting import Export, Piece
from api.forms.catalogue import BY_LETTERS, Form
from api.forms.filling import Wanted, blank_form, foot_of, form_named, sheet_of
from api.forms.form_code import WrongFormCode, read_form_code
from api.looking import Looking
from api.openapi import NAMED, READ, answered, body_example, problems
from api.problems import Problem
from api.reach import Readable, reached_child
from api.revealing import Showing
from api.schemas.forms import FormBatch
from api.showing import POSITION_HEADER
from application.access import OutOfReach, Post, kept_from
from domain.refusals import NoSuchEntry, RecordErased
from domain.student import Student
from projections.replay import Child

PDF = "application/pdf"
PRINTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The form on A4, in Chinese whatever the language asked for: these are"
        " official papers. Masked as lists are; counselling notes never print.",
        "content": {
            PDF: {
                "example": ANSWERS["form_pdf"],
                "schema": {"type": "string", "contentMediaType": PDF},
            }
        },
    }
}
NO_FORM = ("not-found", "font-missing", "nothing-to-print")
BATCH = "forms"
router = APIRouter(route_class=Checked, tags=["forms 打印表格"])


class Pdf(Response):
    media_type = PDF


Named = Annotated[Form, at_once(form_named)]


@router.get(
    "/v1/students/{student_id}/forms/{form}",
    response_class=Pdf,
    summary="打印一张表 · A form, filled in from the child's record",
    responses={
        **PRINTED,
        **problems(*READ, *NAMED, *NO_FORM, rules=[NoSuchEntry, RecordErased]),
    },
)
async def print_form(
    found: Readable,
    form: Named,
    person: SignedIn,
    service: Serving,
    showing: Showing,
    entry: Annotated[
        int | None,
        Query(ge=1, le=2**31, description="the entry it is about; else the last of its kind"),
    ] = None,
    blank: Annotated[
        bool, Query(description="to fill in by hand: with name, class, guardian, and a code")
    ] = False,
) -> Response:
    """
    One of `home-visit` 家访登记表, `persuasion` 劝返工作记录, `order` 责令限期改正通知书,
    `written-report` 疑似辍学学生书面报告, `persuasion-notice` 劝学通知书,
    `enrolment-notice` 入学通知书, `home-teaching-session` 送教上门记录,
    `responsibility-pledge` 责任书, `case-file` 一人一案.
    """
    position = found.stored[-1].position
    sheet = await sheet_of(service, found, Wanted(form, entry, blank), showing.masks)
    foot, at = foot_of(service, person, position), service.tracking.now()
    made = await service.press.printed(sheet.title, [sheet], foot, at)
    await showing.log(f"{showing.verb} form {form.name}", "shown", entry=entry, blank=blank or None)
    return as_file(made, form, position)


@router.get(
    "/v1/forms/{form}",
    response_class=Pdf,
    summary="打印空白表 · A blank form, about nobody",
    responses={**PRINTED, **problems(*READ, "not-found", "font-missing")},
)
async def print_blank(form: Named, person: SignedIn, service: Serving) -> Response:
    """All but `case-file` have a blank one."""
    sheet = blank_form(form, service)
    position = await service.store.head()
    foot, at = foot_of(service, person, position), service.tracking.now()
    return as_file(await service.press.printed(sheet.title, [sheet], foot, at), form, position)


async def may_export(request: Request) -> None:
    await permitted_posts(request, "export")


@router.post(
    "/v1/forms",
    dependencies=[Depends(may_export)],
    response_class=Pdf,
    summary="批量打印 · Many forms as one file, in the order asked for",
    responses={
        **PRINTED,
        **problems(
            *(*READ, *NAMED, *NO_FORM, "not-json", "too-large"), rules=[NoSuchEntry, RecordErased]
        ),
    },
    openapi_extra=body_example(FormBatch),
)
async def print_many(
    request: Request, body: FormBatch, person: SignedIn, service: Serving, showing: Showing
) -> Response:
    """
    All of them or none: a child out of reach, or a form that cannot be filled, refuses the whole.

    An export: logged with every child in it, and not a teacher's right.
    """
    position = await service.store.head()
    sheets, children = [], {}
    for one in body.forms:
        found = await reached_child(request, str(one.student_id), "export", may_take)
        wanted = Wanted(form_named(one.form), one.entry, one.blank)
        sheets.append(await sheet_of(service, found, wanted, showing.masks))
        children[found.child.id] = found.child.state.school_code
    request.state.child = None  # the lines from here on are about all of them
    at = service.tracking.now()
    foot = foot_of(service, person, position)
    made = await service.press.printed("打印表格", sheets, foot, at)
    action = f"export {BATCH}"
    names = {one.form: True for one in body.forms}
    begun = await showing.log(
        action, "begun", watermark=f"{person.username}_{position}", forms=sorted(names)
    )
    pieces = printed_pieces(made, len(sheets), children)
    headers = {
        POSITION_HEADER: str(position),
        "Content-Disposition": disposition("打印表格", BATCH, position),
    }
    return Export(showing, action, begun, pieces, media_type=PDF, headers=headers)


def may_take(post: Post, child: Student, entry: int | None = None) -> bool:  # noqa: ARG001
    """Say whether a post takes away papers of a child: one it reaches, and none kept from it."""
    return post.reaches(child) and not kept_from(post, child)


async def printed_pieces(made: bytes, forms: int, children: dict[UUID, str | None]) -> Any:
    """Give the file whole, whose line stands before its first byte."""
    yield Piece(made, forms, children)


def as_file(made: bytes, form: Form, position: int) -> Response:
    headers = {
        POSITION_HEADER: str(position),
        "Content-Disposition": disposition(form.title, form.name, position),
    }
    return Pdf(made, headers=headers)


def disposition(title: str, name: str, position: int) -> str:
    """Name the file by what it is, and by nobody."""
    named = quote(f"{title}_{position}.pdf", safe="")
    return f"inline; filename=\"{name}_{position}.pdf\"; filename*=UTF-8''{named}"


@router.get(
    "/v1/form-codes/{form_code}",
    summary="按编码查表 · Whose form this is, by the code printed on it",
    responses={
        **answered("form_code", "The child, and the form."),
        **problems(
            *(*READ, "wrong-form-code", "not-found", "record-damaged", "keys-away"),
        ),
    },
)
async def read_code(
    request: Request, form_code: str, service: Serving, language: Language, looking: Looking
) -> Response:
    """A code of a child that is not yours to see answers as one of nobody; the try is logged."""
    await permitted_posts(request, "read")
    try:
        read = read_form_code(form_code)
        form = BY_LETTERS[read.letters]
    except (WrongFormCode, KeyError):
        raise Problem("wrong-form-code") from None
    student_id = await service.store.opened_at(read.number)
    if student_id is None:
        await logged_refusal(request, "read form code")
        raise Problem("not-found")
    try:
        found = await reached_child(request, str(student_id), "read")
    except OutOfReach:
        raise Problem("not-found") from None
    told: dict[str, Any] = dict.fromkeys(("name", "school", "grade", "class_name"))
    if not found.erased:
        child = Child.replayed(found.stored)
        record = child_record(child, service.directory, service.tracking.today())
        told = {name: record[name] for name in told}
    label = form.title if language == "zh" else form.title_en
    body = {"code": str(read), "form": form.name, "label": label, "student_id": student_id}
    return await looking.answer("form code", {**body, **told}, position=found.stored[-1].position)
