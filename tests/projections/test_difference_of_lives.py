"""Of every invented life, the difference of any two versions makes the one record the other."""

from datetime import timedelta
from itertools import combinations

from api.child_record import child_record
from api.difference import flat, whole_record
from application.directory import Directory
from domain.corrections import Corrected
from projections.difference import Difference
from projections.replay import Child
from tests.lives import TODAY, live

PLACES = Directory()


def tell(child, day):
    return flat(whole_record(child, PLACES, day))


def put_in_place(difference):
    made = dict(difference.before or {})
    for change in difference.changes():
        assert made.get(change.field) == change.before
        made[change.field] = change.after
    return made


async def test_what_changed_put_in_place_is_what_was_known_then(database_url, log):
    await live(database_url, children=7, steps=300, seed=1)
    corrected = 0
    with log.connection.transaction():
        for events in list(log.by_child(log.head())):
            children = [Child.replayed(events[:n]) for n in range(1, len(events) + 1)]
            records = [tell(child, TODAY) for child in children]
            for first, last in combinations(range(1, len(events) + 1), 2):
                between = Difference(events[:last], first, (TODAY, TODAY), None, tell)
                assert put_in_place(between) == records[last - 1]
                assert all(first < change.entry <= last for change in between.changes())
            whole = Difference(events, 0, (TODAY, TODAY), None, tell)
            told = {change.field: change.after for change in whole.changes()}
            assert told == {name: value for name, value in records[-1].items() if value}
            corrections = whole.corrections()
            corrected += len(corrections)
            assert [one.entry for one in corrections] == [
                entry.originator_version
                for entry in children[-1].recorded
                if isinstance(entry, Corrected)
            ]
            assert all(one.replaced and one.corrects < one.entry for one in corrections)
    assert corrected > 1


async def test_the_entry_that_last_set_a_field_is_the_last_after_which_it_differs(
    database_url, log
):
    await live(database_url, children=6, steps=300, seed=12)
    with log.connection.transaction():
        for events in list(log.by_child(log.head())):
            records = [tell(Child.replayed(events[:n]), TODAY) for n in range(1, len(events) + 1)]
            for change in Difference(events, 1, (TODAY, TODAY), None, tell).changes():
                here, before = records[change.entry - 1], records[change.entry - 2]
                assert here[change.field] == change.after
                assert before[change.field] != change.after
                assert all(later[change.field] == change.after for later in records[change.entry :])


async def test_so_it_is_about_any_day(database_url, log):
    await live(database_url, children=3, steps=110, seed=13)
    with log.connection.transaction():
        for events in list(log.by_child(log.head())):
            for about in (TODAY - timedelta(days=days) for days in (70, 50, 30)):
                for first, last in combinations(range(1, len(events) + 1), 2):
                    between = Difference(events[:last], first, (about, about), about, tell)
                    cut = Child.replayed(events[:last]).happened_by(about)
                    assert put_in_place(between) == tell(cut, about)


async def test_nothing_of_the_record_is_left_out(database_url, log):
    await live(database_url, children=1, steps=3)
    with log.connection.transaction():
        (events,) = log.by_child(log.head())
    child = Child.replayed(events)
    record = child_record(child, PLACES, TODAY)

    fields = tell(child, TODAY).keys()

    named = {name for name in record if name != "counts"} | {
        f"counts.{name}" for name in record["counts"]
    }
    assert named - fields == {"student_id", "version", "position"}
