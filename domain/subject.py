"""Every subject with a stream of its own that is no child: its facts, and how they are recorded."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic, resolve_topic

from domain.child import check_not_future
from domain.entry import Act, RecordedBy


class Fact(Aggregate.Event):
    """
    A fact in the stream of a subject such as a monthly return; it names no child.

    Subclasses name their ``TOPIC``, as ``subject.fact``: how they are stored, for ever.
    """

    TOPIC: ClassVar[str]
    KIND: ClassVar[str]

    occurred_on: date
    by: RecordedBy

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "TOPIC" in cls.__dict__:
            cls.KIND = cls.TOPIC.partition(".")[2]
            register_topic(cls.TOPIC, cls)

    def mutate(self, aggregate: Any) -> Any:
        """Remember this fact in its stream, making the stream with its first one."""
        subject: Subject = aggregate
        if aggregate is None:
            kind = resolve_topic(self.TOPIC.partition(".")[0])
            subject = kind.blank(self.originator_id, self.timestamp)
        subject.remember(self)
        return subject

    def apply(self, subject: Any) -> None:
        """Change what the rules look at; never refuses."""


class Subject(Aggregate):
    """
    A matter whose facts stand in a stream of its own.

    Subclasses name their ``SUBJECT``, the first word of their facts' topics, and say in ``begin``
    what they look like before the first of them.
    """

    SUBJECT: ClassVar[str]
    facts: list[Fact]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "SUBJECT" in cls.__dict__:
            register_topic(cls.SUBJECT, cls)

    @classmethod
    def blank(cls, stream_id: UUID, at: datetime) -> Self:
        """Make a stream with nothing in it yet, at version 0."""
        subject = cls.__new__(cls)
        subject.__base_init__(originator_id=stream_id, originator_version=0, timestamp=at)
        subject.facts = []
        subject.begin()
        return subject

    @classmethod
    def of(cls, stream_id: UUID, at: datetime, facts: Iterable[Fact]) -> Self:
        """Make the stream that some facts are, oldest first; ``at`` is for one without any."""
        subject = cls.blank(stream_id, at)
        for fact in facts:
            subject.remember(fact)
        return subject

    def begin(self) -> None:
        """Look as before the first fact."""

    def remember(self, fact: Fact) -> None:
        """Take one more fact in. Never refuses."""
        self.facts.append(fact)
        fact.apply(self)
        self._version = fact.originator_version
        self._modified_on = fact.timestamp

    def record(self, event: type[Fact], act: Act, occurred_on: date, **facts: Any) -> None:
        """
        Append one fact.

        :raises FutureDay: if its day lies after today
        """
        check_not_future(act, occurred_on)
        self.trigger_event(
            event, timestamp=act.at, occurred_on=occurred_on, by=act.by.as_recorded(), **facts
        )
