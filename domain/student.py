"""One child's stream (学生), for ever: roll and case in one history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID, uuid4

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from domain.admission import Admission
from domain.care import Care
from domain.case import Case
from domain.child import ChildStream
from domain.closing import Closing
from domain.corrections import Corrections
from domain.enrolment_notices import EnrolmentNotices
from domain.entry import Act, Entry
from domain.escalation import Escalation
from domain.papers_received import RollPapers
from domain.privacy import Privacy
from domain.roll import Roll
from domain.transfers import Transfers


class Student(
    Roll,
    Admission,
    Transfers,
    RollPapers,
    EnrolmentNotices,
    Case,
    Care,
    Escalation,
    Closing,
    Corrections,
    Privacy,
    ChildStream,
    Aggregate,
):
    """
    The aggregate: every command decides, records exactly one entry, and remembers it.

    Commands stand with their entries: ``roll``, ``admission``, ``transfers``, ``papers_received``,
    ``enrolment_notices``, ``case``, ``care``, ``escalation``, ``closing``, ``corrections``,
    ``privacy``. A relapse is a new episode here, a transfer an entry, never a second stream.
    """

    Event = Entry

    @classmethod
    def blank(cls, student_id: UUID, at: datetime) -> Self:
        """Make a stream with nothing in it yet, at version 0."""
        student = cls.__new__(cls)
        student.__base_init__(originator_id=student_id, originator_version=0, timestamp=at)
        student.begin()
        return student

    @classmethod
    def erased(cls, student_id: UUID, at: datetime, version: int) -> Self:
        """Make what is left of a stream whose content was destroyed: it takes nothing more."""
        student = cls.blank(student_id, at)
        student.forgotten_at(version)
        return student

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Self:
        """Make the stream that some entries are, oldest first; at least one."""
        student = cls.blank(entries[0].originator_id, entries[0].timestamp)
        student.recall(entries)
        return student

    @classmethod
    def new(cls, act: Act, student_id: UUID | None = None, **facts: object) -> Self:
        """
        Enrol a child in a stream of its own.

        :raises FutureDay: if the birth date has not come
        """
        student = cls.blank(student_id or uuid4(), act.at)
        student.enrol(act, **facts)  # type: ignore[arg-type]
        return student


register_topic("student", Student)
