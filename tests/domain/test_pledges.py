"""A pledge is signed by both sides, each once; a new one replaces the older, and both stay."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.pledges import Pledges
from domain.refusals import (
    AlreadySigned,
    BothSides,
    EndBeforeStart,
    FutureDay,
    NamedAnother,
    NoSuchEntry,
    PledgeOver,
    PledgeStands,
    SignedBeforeIssued,
)
from tests.domain.conftest import AUTUMN, BUREAU, BUREAU2, PRINCIPAL, TODAY, acting

ISSUED, DUE = date(2026, 9, 1), AUTUMN
SAID = {
    "level": "bureau_school",
    "from_unit": "bureau",
    "to_unit": "3141000058",
    "school_year": "2026-2027",
    "due_on": DUE,
    "terms": ["第一责任人"],
    "to_person": PRINCIPAL.name,
    "term_from": date(2024, 9, 1),
}
AT = acting(BUREAU)


def issued(**facts):
    return lambda pledges: pledges.issue(AT, **{**SAID, "issued_on": ISSUED, **facts})


def signed(side="to", by=PRINCIPAL, on=DUE, entry=1):
    return lambda pledges: pledges.sign(acting(by), entry, side, on)


def withdrawn(entry=1):
    return lambda pledges: pledges.withdraw(AT, entry, "写错学校")


def given(*commands):
    pledges = Pledges.blank(UUID(int=8 << 76), AT.at)
    for command in commands:
        command(pledges)
    pledges.collect_events()
    return pledges


def recorded(pledges):
    own = {"originator_id", "originator_version", "timestamp", "by"}
    return [
        (fact.TOPIC, {n: v for n, v in vars(fact).items() if n not in own and v is not None})
        for fact in pledges.collect_events()
    ]


def test_it_is_recorded_as_issued():
    pledges = given()

    issued(term_to=date(2027, 8, 31))(pledges)

    assert pledges.pledges[1].issued.by == BUREAU.as_recorded()
    assert recorded(pledges) == [
        ("pledge.issued", {**SAID, "occurred_on": ISSUED, "term_to": date(2027, 8, 31)})
    ]


def test_without_a_day_it_is_of_today():
    pledges = given()

    pledges.issue(AT, **{**SAID, "due_on": TODAY})

    assert pledges.pledges[1].issued.occurred_on == TODAY


def test_each_side_signs_and_with_both_it_is_signed():
    pledges = given(issued(), signed())
    assert pledges.pledges[1].state(DUE) == "open"

    signed("from", BUREAU2)(pledges)

    assert recorded(pledges) == [
        ("pledge.signed", {"occurred_on": DUE, "entry": 1, "side": "from"})
    ]
    assert (pledges.pledges[1].state(TODAY), pledges.pledges[1].late) == ("signed", False)


def test_unsigned_after_its_day_it_is_overdue_and_signed_then_late():
    after = DUE + timedelta(days=1)
    pledges = given(issued(), signed())
    assert [pledges.pledges[1].state(day) for day in (DUE, after)] == ["open", "overdue"]

    signed("from", BUREAU, after)(pledges)

    assert (pledges.pledges[1].state(after), pledges.pledges[1].late) == ("signed", True)


def test_a_new_principals_pledge_replaces_the_older_and_both_stay():
    pledges = given(issued(), signed())

    issued(to_person="测新", replaces=1, reason="校长换届")(pledges)

    assert [one.state(TODAY) for one in pledges.pledges.values()] == ["replaced", "overdue"]
    assert pledges.pledges[1].replaced_by == 3
    [(topic, facts)] = recorded(pledges)
    assert (topic, facts["replaces"], facts["reason"]) == ("pledge.issued", 1, "校长换届")


def test_classes_pledge_beside_each_other():
    one = {"level": "school_teacher", "grade": 7, "class_name": "1班"}
    pledges = given(issued(**one), issued(**{**one, "class_name": "2班"}))

    assert [pledge.state(DUE) for pledge in pledges.pledges.values()] == ["open", "open"]


def test_what_was_withdrawn_makes_room_for_another():
    pledges = given(issued())

    withdrawn()(pledges)

    fact = {"occurred_on": TODAY, "entry": 1, "reason": "写错学校"}
    assert recorded(pledges) == [("pledge.withdrawn", fact)]
    issued()(pledges)
    assert [one.state(DUE) for one in pledges.pledges.values()] == ["withdrawn", "open"]


TOMORROW = TODAY + timedelta(days=1)
REFUSED = {
    "a second of the year": ([issued()], issued(), PledgeStands),
    "instead of none": ([], issued(replaces=1, reason="换届"), NoSuchEntry),
    "instead of one over": (
        [issued(), withdrawn()],
        issued(replaces=1, reason="换届"),
        NoSuchEntry,
    ),
    "due before its day": ([], issued(due_on=ISSUED - timedelta(days=1)), EndBeforeStart),
    "a term that ends first": ([], issued(term_to=date(2024, 8, 31)), EndBeforeStart),
    "of a day to come": ([], issued(issued_on=TOMORROW, due_on=TOMORROW), FutureDay),
    "none to sign": ([], signed(), NoSuchEntry),
    "a signature as a pledge": ([issued(), signed()], signed("from", entry=2), NoSuchEntry),
    "a side twice": ([issued(), signed()], signed(), AlreadySigned),
    "the other side's": ([issued(), signed()], signed("from"), BothSides),
    "in another's name": ([issued(to_person="测新")], signed(), NamedAnother),
    "before it was issued": (
        [issued()],
        signed(on=ISSUED - timedelta(days=1)),
        SignedBeforeIssued,
    ),
    "on a day to come": ([issued()], signed(on=TOMORROW), FutureDay),
    "a withdrawn one": ([issued(), withdrawn()], signed(), PledgeOver),
    "a replaced one": ([issued(), issued(replaces=1, reason="换届")], signed(), PledgeOver),
    "withdrawn twice": ([issued(), withdrawn()], withdrawn(), PledgeOver),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_a_rule_refuses_is_not_recorded(why):
    past, act, refusal = REFUSED[why]
    pledges = given(*past)
    version = pledges.version

    with pytest.raises(refusal) as raised:
        act(pledges)

    assert raised.type is refusal
    assert raised.value.sentence("zh") != raised.value.sentence("en")
    assert (pledges.collect_events(), pledges.version) == ([], version)
