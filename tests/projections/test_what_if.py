"""Past cases under other deadlines are counted as by hand, and nothing is written."""

import tomllib
from collections import Counter
from datetime import date, timedelta

import pytest

from domain.changed_rules import changed
from domain.duties import duties
from domain.rules import DEFAULT_RULES, RuleBook, Rules
from projections.replay import Child
from projections.what_if import missed, what_if
from tests.lives import TODAY, live
from tests.past_cases import BY_SCHOOL, FILE, FIRST, LAST, MISSED, written


@pytest.fixture
async def cases(database_url, log):
    await written(database_url)
    return log


def by(index, counter):
    found = Counter()
    for key, number in counter.items():
        found[key[index]] += number
    return found


def other(text=FILE):
    return changed(DEFAULT_RULES, tomllib.loads(text))


async def test_missed_duties_are_those_counted_by_hand(cases):
    heard = []
    counted = what_if(cases, DEFAULT_RULES, other(), (FIRST, LAST), heard.append)

    in_force, under_file = by(0, counted.in_force), by(0, counted.changed)
    assert {kind: (in_force[kind], under_file[kind]) for kind in in_force | under_file} == MISSED
    schools = by(1, counted.in_force), by(1, counted.changed)
    assert {code: tuple(side[code] for side in schools) for code in BY_SCHOOL} == BY_SCHOOL
    assert (counted.children, counted.left_out) == (4, Counter(restricted=1))
    assert counted.position == cases.head()


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 10, 14), LAST, {"transfer_answer": 1, "observation_check": 1}),
        (date(2026, 10, 20), date(2026, 10, 20), {"transfer_answer": 1}),  # answered, a day late
        (date(2026, 10, 21), date(2026, 11, 2), {}),
        (date(2026, 11, 3), date(2026, 11, 3), {"observation_check": 1}),
        (date(2026, 10, 7), date(2026, 10, 12), {"principal_visit": 1}),
        (date(2026, 8, 1), date(2026, 9, 14), {}),
        (date(2026, 9, 15), date(2026, 9, 15), {"contact_guardian": 1}),
        (date(1990, 1, 1), date(1990, 12, 31), {}),
    ],
)
async def test_only_what_was_overdue_in_the_stretch_counts(cases, first, last, expected):
    counted = what_if(cases, DEFAULT_RULES, other("order_days = 70"), (first, last))

    assert by(0, counted.in_force) == expected
    assert counted.changed == counted.in_force


async def test_the_same_rules_miss_the_same(cases):
    same = changed(DEFAULT_RULES, {"observation_ladder": [1, 7, 15, 30]})
    counted = what_if(cases, DEFAULT_RULES, same, (FIRST, LAST))

    assert counted.changed == counted.in_force


async def test_another_calendar_moves_deadlines(cases):
    free = '[calendar.holidays]\n2026 = [["2026-09-15", "2026-09-18"], [2026-10-13, 2026-10-19]]'
    counted = what_if(cases, DEFAULT_RULES, other(free), (FIRST, LAST))

    under_file = by(0, counted.changed)
    assert (under_file["first_home_visit"], under_file["written_report"]) == (0, 0)
    assert under_file["transfer_answer"] == 0


async def test_a_duty_is_missed_if_it_was_overdue_on_any_day(database_url, log):
    """The short way over spans finds what asking every single day finds."""
    await live(database_url, children=12, steps=350, seed=5)
    first = TODAY - timedelta(days=70)
    editions = (*DEFAULT_RULES.editions, Rules(date(2026, 10, 20), persuasion_every_days=3))
    for book in (DEFAULT_RULES, RuleBook(editions)):
        with log.connection.transaction():
            children = [Child.replayed(events) for events in log.by_child(log.head())]
        for child in children:
            slow = set()
            for offset in range((TODAY - first).days + 1):
                day = first + timedelta(days=offset)
                morning = child.happened_by(day - timedelta(days=1)).student
                slow |= {
                    (duty.kind, duty.due_on)
                    for student in (morning, child.happened_by(day).student)
                    for duty in duties(student, day, book)
                    if duty.overdue
                }
            quick = {(one.kind, one.due_on) for one in missed(child, book, (first, TODAY))}
            assert quick == slow
