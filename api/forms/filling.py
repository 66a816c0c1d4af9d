"""A form filled from a child's stream, or a blank one that finds the child again."""

from typing import NamedTuple
from uuid import UUID

from api.evidence import promised
from api.forms.case_file import case_file
from api.forms.catalogue import CASE_FILE, FORMS, Form
from api.forms.form_code import FormCode
from api.forms.sheet import Sheet
from api.forms.subject import Subject
from api.problems import Problem
from api.reach import Reached
from api.service import Service
from api.showing import Masks
from application.access import Person
from domain.refusals import NoSuchEntry, RecordErased
from projections.replay import Child


class Wanted(NamedTuple):
    """One form as somebody asked for it; ``entry`` is its version, else the last of its kind."""

    form: Form
    entry: int | None = None
    blank: bool = False


def form_named(form: str) -> Form:
    """
    Read a form's name from a path.

    :raises Problem: ``not-found`` for any other
    """
    if form not in FORMS:
        raise Problem("not-found")
    return FORMS[form]


def blank_form(form: Form, service: Service) -> Sheet:
    """
    Give a blank form, about nobody.

    :raises Problem: ``not-found`` if the form has no blank
    """
    if form.setting is None:
        raise Problem("not-found")
    return form.setting(Subject(service.tracking.today()))


async def sheet_of(service: Service, found: Reached, wanted: Wanted, masks: Masks) -> Sheet:
    """
    Give a form of a child within reach.

    :raises RecordErased: if nothing of the child is left to print
    :raises NoSuchEntry: if the entry is none of the form's kind
    :raises Problem: ``nothing-to-print`` if none is recorded; ``not-found`` if it has no blank
    """
    form, directory, today = wanted.form, service.directory, service.tracking.today()
    if found.erased:
        raise RecordErased
    child = Child.replayed(found.stored)
    if wanted.blank:
        if form.setting is None:
            raise Problem("not-found")
        code = str(FormCode(form.letters, child.positions[0]))
        return form.setting(Subject.to_fill_in(child, directory, today, code))
    number = entry_of(child, wanted)
    if form.name == CASE_FILE:
        told = await receipt_of(service, child.student.id, child.version)
        about = Subject.of(child, number, directory, masks, today, told)
        duties = await service.missed_duties.of(child.student.id)
        return case_file(about, service.settings.zone, duties)
    assert form.setting is not None
    return form.setting(Subject.of(child, number, directory, masks, today))


def entry_of(child: Child, wanted: Wanted) -> int | None:
    """Give the version of the entry a form is about, if it is about one."""
    kind = wanted.form.entry
    entries = child.student.entries
    if wanted.entry is not None:
        known = wanted.entry <= len(entries) and kind is not None
        if not known or not isinstance(entries[wanted.entry - 1], kind or ()):
            raise NoSuchEntry(entry=wanted.entry)
        return wanted.entry
    if kind is None:
        return None
    numbers = [n for n, entry in enumerate(entries, start=1) if isinstance(entry, kind)]
    if not numbers and wanted.form.needed:
        raise Problem("nothing-to-print")
    return numbers[-1] if numbers else None


async def receipt_of(service: Service, student_id: UUID, version: int) -> str:
    """Give the log's promise of a child's entry, as its command gave it."""
    leaf, recorded_at = await service.tree.leaf_of(student_id, version)
    return promised(service, leaf, recorded_at)


def foot_of(service: Service, person: Person, position: int) -> str:
    """Say who prints, when, and as of which position of the log: for the foot of every page."""
    at = service.tracking.now().astimezone(service.settings.zone)
    who = f"{person.name}({person.username})"
    return f"打印：{who} · {at:%Y-%m-%d %H:%M} · 日志位置 {position}"
