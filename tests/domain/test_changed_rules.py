"""Changed values become rules, or are refused in plain words of both languages."""

import json
import re
import tomllib
from datetime import date

import pytest

from domain.changed_rules import CALENDAR, DEADLINES, WrongRules, changed
from domain.rules import DEFAULT_RULES, Rules

GOOD = """
first_visit_school_days = 0
observation_ladder = [1, 5]
[calendar.holidays]
2026 = [["2026-10-01", "2026-10-08"]]
2027 = [[2026-12-31, 2027-01-02]]
[calendar.made_up]
2026 = []
[calendar.terms]
2026 = ["2026-09-02", "2027-01-29", "2027-02-22", "2027-07-09"]
"""


def test_only_what_is_named_changes_in_every_edition():
    other = changed(DEFAULT_RULES, tomllib.loads(GOOD))

    for before, after in zip(DEFAULT_RULES.editions, other.book.editions, strict=True):
        assert (after.first_visit_school_days, after.observation_ladder) == (0, (1, 5))
        assert after.persuasion_every_days == before.persuasion_every_days
        assert after.in_force_from == before.in_force_from
        assert not after.calendar.is_school_day(date(2026, 10, 8))
        assert not after.calendar.is_school_day(date(2026, 9, 1))
        assert not after.calendar.is_school_day(date(2026, 10, 10))  # made up no more
        assert after.calendar.is_school_day(date(2025, 9, 1))
        assert before.calendar.is_school_day(date(2026, 10, 8))
    assert other.names == {"first_visit_school_days", "observation_ladder", "calendar"}
    assert (other.moves_observation, other.moves_orders) == (True, False)
    assert changed(DEFAULT_RULES, {"order_days": 3}).moves_orders


def test_every_deadline_is_one_of_the_rules():
    assert DEADLINES.keys() < Rules.__dataclass_fields__.keys()
    assert CALENDAR in Rules.__dataclass_fields__


@pytest.mark.parametrize(
    "text",
    [
        *("{}", '{"persuasion_every_day": 7}', '{"retention_years": 1}', '{"in_force_from": 1}'),
        *('{"order_days": -1}', '{"order_days": 1.5}', '{"order_days": "7"}'),
        *('{"order_days": true}', '{"order_days": null}', '{"order_days": 1001}'),
        *('{"order_days": NaN}', '{"persuasion_every_days": 0}', '{"order_days": [7]}'),
        *('{"observation_ladder": []}', '{"observation_ladder": 30}'),
        *('{"observation_ladder": [7, 1]}', '{"observation_ladder": [1, 1]}'),
        *('{"observation_ladder": [0, 1]}', '{"observation_ladder": [1, "7"]}'),
        *('{"calendar": []}', '{"calendar": {}}', '{"calendar": {"feasts": {}}}'),
        *('{"calendar": {"holidays": {}}}', '{"calendar": {"holidays": []}}'),
        *('{"calendar": {"made_up": {"26": []}}}', '{"calendar": {"made_up": {"9999": []}}}'),
        '{"calendar": {"made_up": {"2026": "2026-10-10"}}}',
        *(
            f'{{"calendar": {{"made_up": {{"2026": [{day}]}}}}}}'
            for day in ('"2026-13-01"', '"2026-02-30"', '"20261010"', "1", '"9999-01-01"', "null")
        ),
        *(
            f'{{"calendar": {{"holidays": {{"2026": {days}}}}}}}'
            for days in (
                *('["2026-10-01"]', '[["2026-10-01"]]', '[["2026-10-07", "2026-10-01"]]'),
                *('[["1999-10-07", "2026-10-01"]]', '[["2026-13-01", "2026-13-02"]]'),
            )
        ),
        '{"calendar": {"terms": {"2026": ["2026-09-01", "2027-01-29"]}}}',
        '{"calendar": {"terms": {"2026": ["2027-09-01", "2027-01-29", "2027-02-01", "2027-07"]}}}',
    ],
)
def test_what_cannot_be_is_refused_in_plain_words(text):
    with pytest.raises(WrongRules) as refused:
        changed(DEFAULT_RULES, json.loads(text))

    said = str(refused.value)
    assert re.search(r"[一-鿿].*[A-Za-z]", said)
    assert "\n" not in said


def test_a_moment_is_no_day():
    with pytest.raises(WrongRules):
        changed(
            DEFAULT_RULES,
            tomllib.loads("[calendar.made_up]\n2026 = [2026-10-10T00:00:00]"),
        )
