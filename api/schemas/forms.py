"""What is asked of printing: many forms at once."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.forms.catalogue import FORMS
from api.schemas.fields import Body, EntryNumber, OneOf, YesNo
from domain.code_list import Code, CodeList

MOST = 200  # forms in one file
NAMES = CodeList(
    "打印表格",
    "domain.md section 4",
    [Code(form.name, form.title, form.title_en) for form in FORMS.values()],
)


class FormWanted(Body):
    """One form of one child, about an entry where the form is about one."""

    student_id: UUID
    form: Annotated[str, OneOf(NAMES)]
    entry: EntryNumber | None = None
    blank: YesNo = False


class FormBatch(Body):
    """Forms to print one after the other, in this order."""

    forms: list[FormWanted] = Field(min_length=1, max_length=MOST)
