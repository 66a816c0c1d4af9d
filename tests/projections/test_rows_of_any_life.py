"""Whatever a life holds, rows as of an entry are those of the child as it was then, told afresh."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings

from api.child_record import beyond_the_record, child_record
from application.directory import Directory
from application.store.mapper import RecordedEvent
from domain.duties import duties
from projections.all_views import VIEWS
from projections.changes import Changes, begun_rows
from projections.history import History
from projections.replay import Child
from projections.what_if import missed
from projections.withdrawing import is_withdrawn, tell
from tests.domain.conftest import TODAY, a_child, absence_flagged, ordered, suspected, visited
from tests.domain.test_state_machine import LifeOfAChild
from tests.domain.what_always_holds import BOOK, MAPPER
from tests.past_cases import FIRST

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PLACES = Directory()


def recorded(stored):
    """Entries in stored form as the log would give them, each at the position of its version."""
    return [
        RecordedEvent(
            *(one.originator_id, one.originator_version, one.topic, one.state),
            one.originator_version,
            BEGAN + timedelta(hours=one.originator_version),
        )
        for one in stored
    ]


def rows_are_those_of_the_child_as_it_was(events):
    """A view that keeps its past is asked as of every entry, another as of the last."""
    changes = [Changes() for _ in VIEWS]
    tell(tuple(VIEWS), events, changes, BOOK)
    for view, change in zip(VIEWS, changes, strict=True):
        told = [*begun_rows(view, change)]
        for position in range(1 if view.keeps_past else len(events), len(events) + 1):
            child = Child.replayed(events[:position], BOOK)
            there = [
                (key, tuple(row))
                for _, key, since, until, *row in told
                if since <= position and (until is None or until > position)
            ]
            assert sorted(there) == [
                (key, view.row(child, key)) for key in sorted(view.all_keys(child))
            ], (view.name, position)


def every_day_can_be_told(events, today):
    """A child as of what had happened by a day has duties, a record and a history."""
    child = Child.replayed(events, BOOK)
    history = History()
    for day in {entry.occurred_on for entry in child.student.entries}:
        cut = child.happened_by(day)
        child_record(cut, PLACES, day)
        beyond_the_record(cut)
        for duty in duties(cut.student, day, BOOK):
            assert duty.entry is None or duty.entry <= cut.version
        for key in history.all_keys(cut):
            assert history.row(cut, key)[1] == cut.recorded[key - 1].originator_version
    list(missed(child, BOOK, (FIRST, today)))


class LifeInTheViews(LifeOfAChild):
    """Everything people do to a child, and at the end what views tell of it."""

    def teardown(self):
        events = recorded(self.stored)
        while events and is_withdrawn(events):
            events.pop()
        if events:
            rows_are_those_of_the_child_as_it_was(events)
            every_day_can_be_told(events, self.today)


TestLifeInTheViews = LifeInTheViews.TestCase
TestLifeInTheViews.settings = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    phases=set(Phase) - {Phase.explain, Phase.shrink},
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.parametrize("late", [0, 1, 2])
def test_an_order_that_was_recorded_after_what_happened_later_is_missed_on_its_day(late):
    """Entries are numbered as recorded, and cut by the day they happened."""
    later = [visited(occurred_on=date(2026, 11, 2))] * late
    on = {"occurred_on": date(2026, 9, 21), "due_on": date(2026, 9, 28)}
    student = a_child()
    for command in (absence_flagged(), suspected(), *later, ordered(**on)):
        command(student)
    child = Child.replayed(
        recorded([MAPPER.to_stored_event(entry) for entry in student.entries]), BOOK
    )

    found = [one for one in missed(child, BOOK, (FIRST, TODAY)) if one.kind == "order_due"]

    assert [one.due_on for one in found] == [on["due_on"]]
