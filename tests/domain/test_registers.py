"""A unit's register: lines entered and corrected, nothing lost; a child's number is found."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.identifiers import names_a_person
from domain.refusals import (
    EndBeforeStart,
    FutureDay,
    HeldInAnotherYear,
    NoSuchEntry,
    NothingChanged,
)
from domain.registers import Register
from tests.domain.conftest import AUTUMN, PRINCIPAL, TODAY, acting

BY = acting(PRINCIPAL)
STREAM = UUID(int=8 << 76)
MINUTES = [{"kind": "other", "title": "会议记录"}]
MEETING = {"kind": "meetings", "unit": "3141000058", "title": "专题会议", "papers": MINUTES}


def a_register(*lines):
    register = Register.blank(STREAM, BY.at)
    for line in lines:
        register.enter(BY, **{**MEETING, "held_on": AUTUMN, **line})
    register.collect_events()
    return register


def recorded(register):
    own = {"originator_id", "originator_version", "timestamp", "by"}
    return [
        (fact.TOPIC, {name: value for name, value in vars(fact).items() if name not in own})
        for fact in register.collect_events()
    ]


def test_a_line_is_recorded_with_its_day_its_papers_and_who_entered_it():
    register = a_register()

    register.enter(BY, **MEETING, held_on=AUTUMN, note="研究排查")

    [line] = register.lines.values()
    assert line.entered.by == PRINCIPAL.as_recorded()
    nothing = {"until": None}
    assert recorded(register) == [
        ("register.entered", {"occurred_on": AUTUMN, "note": "研究排查", **MEETING, **nothing})
    ]


def test_a_correction_names_the_line_and_both_versions_stay():
    register = a_register({"note": "旧"}, {})
    later = AUTUMN + timedelta(days=1)

    register.correct(BY, 1, {"held_on": later, "note": None}, "日期录错")

    line = register.lines[1]
    assert (line.entered.occurred_on, line.entered.note) == (AUTUMN, "旧")
    assert (line.held_on, line.reads["note"], len(line.corrections)) == (later, None, 1)
    assert register.lines[2].corrections == []
    changes = {"held_on": later.isoformat(), "note": None}
    assert recorded(register) == [
        (
            "register.corrected",
            {"occurred_on": TODAY, "entry": 1, "changes": changes, "reason": "日期录错"},
        )
    ]


def test_a_line_is_withdrawn_and_stays():
    register = a_register({})

    register.correct(BY, 1, {"withdrawn": True}, "重复登记")

    assert register.lines[1].reads["withdrawn"] is True
    assert not register.lines[1].in_force(TODAY)


@pytest.mark.parametrize(
    ("until", "day", "holds"),
    [
        (None, AUTUMN, True),
        (None, AUTUMN - timedelta(days=1), False),
        (TODAY, TODAY, True),
        (TODAY, TODAY + timedelta(days=1), False),
    ],
)
def test_a_document_is_in_force_from_its_day_to_its_last(until, day, holds):
    assert a_register({"until": until}).lines[1].in_force(day) is holds


TOMORROW = TODAY + timedelta(days=1)
REFUSED = {
    "another line": (2, {"title": "另"}, NoSuchEntry),
    "a correction": (3, {"title": "另"}, NoSuchEntry),
    "the same": (1, {"title": "专题会议"}, NothingChanged),
    "a day to come": (1, {"held_on": TOMORROW}, FutureDay),
    "an end before": (1, {"until": AUTUMN - timedelta(days=1)}, EndBeforeStart),
    "another school year": (1, {"held_on": date(2026, 8, 31)}, HeldInAnotherYear),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_correction_that_cannot_be_is_refused_and_nothing_recorded(why):
    entry, changes, refusal = REFUSED[why]
    register = a_register({})

    with pytest.raises(refusal) as raised:
        register.correct(BY, entry, changes, "录错")

    assert raised.type is refusal
    assert raised.value.sentence("zh") != raised.value.sentence("en")
    assert register.collect_events() == []
    assert (register.version, register.lines[1].corrections) == (1, [])


def test_a_line_of_a_day_to_come_or_that_ends_before_it_begins_is_refused():
    register = a_register()

    with pytest.raises(FutureDay):
        register.enter(BY, **MEETING, held_on=TOMORROW)
    with pytest.raises(EndBeforeStart):
        register.enter(BY, **MEETING, held_on=AUTUMN, until=AUTUMN - timedelta(days=1))

    assert (register.collect_events(), register.lines) == ([], {})


@pytest.mark.parametrize(
    "text",
    [
        *("410399201409150019", "学生410399201409150019已返校", "G410399201409150019"),
        *("41039920140915001x", "41039920140915001x", "410399 20140915 0019"),
        *(
            "410399-20140915-0019",
            "J012345678901234567",
            "L410399201409150019",
            "410399201409150018",
        ),
    ],
)
def test_a_number_of_a_persons_is_found_in_a_text(text):
    assert names_a_person(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "豫教办〔2026〕15号", "2026-09-14 至 2026-09-20", "电话 0379-60000000"),
        *("914103990000000000", "410399201413150019", "4103992014091500190", "2026091420260915"),
    ],
)
def test_other_numbers_may_stand_there(text):
    assert not names_a_person(text)
