"""学籍异动登记表: a row per roll change, transfer and graduation, with the papers still to come."""

from collections.abc import Iterable

from domain.entry import Entry
from domain.papers_received import RollChangePapersReceived, registered_as
from domain.roll import Graduated, RollChanged
from domain.transfers import TransferAccepted, TransferRejected, TransferRequested
from projections.replay import Child
from projections.view import (
    LOOKED_UP,
    PLACE_COLUMNS,
    Row,
    View,
    entries_of,
    place,
    stored_json,
)

REGISTERED = (RollChanged, TransferRequested, Graduated)
ANSWERS = (TransferAccepted, TransferRejected)


class RollChangeRegister(View):
    """
    The rows of one child's roll changes; each stays where it was recorded when papers come later.

    ``completed_on`` is the day the last paper it demanded came, if one came later.
    """

    name = "roll_change_register"
    moved_by = (*REGISTERED, *ANSWERS, RollChangePapersReceived)
    indexes = (*LOOKED_UP, "lacking (opened) WHERE incomplete AND until IS NULL")
    columns = (
        *PLACE_COLUMNS,
        ("entry", "bigint"),
        ("student_number", "text"),
        ("roll_change", "text"),
        ("changed_on", "date"),
        ("from_school", "text"),
        ("to_school", "text"),
        ("transfer_answer", "text"),
        ("reason", "text"),
        ("papers", "jsonb"),
        ("papers_missing", "jsonb"),
        ("incomplete", "boolean"),
        ("completed_on", "date"),
        ("recorded_by", "text"),
    )

    def all_keys(self, child: Child) -> Iterable[int]:
        return [index + 1 for index in entries_of(child, REGISTERED)]

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:
        if isinstance(entry, RollChangePapersReceived):
            return (entry.change,)
        return (entry.request,) if isinstance(entry, ANSWERS) else (child.version,)

    def row(self, child: Child, key: int) -> Row:
        student = child.student
        entry = student.entries[key - 1]
        answer = student.transfer_answer(key)
        missing = student.papers_missing_of(key)
        later = [
            paper.occurred_on
            for paper in student.entries[key:]
            if isinstance(paper, RollChangePapersReceived) and paper.change == key
        ]
        return (
            *place(child, key - 1, key - 1, entry.occurred_on),
            key,
            child.enrolment.student_number,
            registered_as(entry),
            entry.occurred_on,
            getattr(entry, "from_school", None),
            getattr(entry, "to_school", None),
            answer,
            getattr(entry, "reason", None),
            stored_json(student.papers_of(key)),
            stored_json(missing),
            bool(missing),
            max(later) if later and not missing else None,
            entry.by["name"],
        )
