"""Formal talks: promises with days and owners, each looked at until it is kept, late ones named."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain.refusals import FutureDay, NoSuchEntry
from domain.supervision_refusals import (
    CommitmentDone,
    CommitmentDueEarly,
    FollowUpBeforeTalk,
    NoSuchCommitment,
)
from domain.talks import TalkFollowedUp, TalkHeld, Talks
from tests.domain.conftest import AUTUMN, BUREAU, TODAY, acting

SCHOOL, DUE = "3141000058", AUTUMN + timedelta(days=7)
PROMISE = {"text": "补齐家访登记", "due_on": DUE.isoformat(), "owner": "测戊"}
WITH = [{"name": "测戊", "role": "校长"}]


def held(held_on=AUTUMN, commitments=(PROMISE, PROMISE)):
    return lambda one: one.hold(
        acting(BUREAU), unit=SCHOOL, with_whom=WITH, held_on=held_on, reasons=["月报逾期"],
        commitments=commitments,
    )  # fmt: skip


def followed(commitment=1, done=True, occurred_on=DUE, entry=1):
    return lambda one: one.follow_up(
        acting(BUREAU), entry, commitment=commitment, occurred_on=occurred_on, done=done,
        evidence="已补齐",
    )  # fmt: skip


def after(*done):
    one = Talks.blank(
        UUID("00000000-0000-8000-8000-000000000008"), datetime(2026, 9, 1, tzinfo=UTC)
    )
    for do in done:
        do(one)
    one.collect_events()
    return one


def test_a_talk_is_recorded_with_its_promises():
    one = after()

    held()(one)

    [fact] = one.collect_events()
    assert type(fact) is TalkHeld
    told = (fact.unit, fact.occurred_on, fact.with_whom, fact.reasons, fact.commitments)
    assert told == (SCHOOL, AUTUMN, WITH, ["月报逾期"], [PROMISE, PROMISE])


def test_a_promise_is_late_after_its_day_until_it_is_kept():
    one = after(held(), followed(done=False))
    talk = one.talk(1)
    days = (DUE, DUE + timedelta(days=1))
    assert [talk.state(1, day) for day in days] == ["open", "overdue"]
    assert [talk.overdue(day) for day in days] == [0, 2]

    followed()(one)

    [fact] = one.collect_events()
    assert type(fact) is TalkFollowedUp
    assert (fact.entry, fact.commitment, fact.done, fact.evidence) == (1, 1, True, "已补齐")
    assert (talk.state(1, TODAY), talk.state(2, TODAY), talk.overdue(TODAY)) == (
        *("done", "overdue"),
        1,
    )


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (held(DUE + timedelta(days=1)), CommitmentDueEarly),
        (held(TODAY + timedelta(days=1), ()), FutureDay),
        (followed(2, entry=9), NoSuchEntry),
        (followed(3), NoSuchCommitment),
        (followed(1), CommitmentDone),
        (followed(2, occurred_on=date(2026, 10, 11)), FollowUpBeforeTalk),
        (followed(2, occurred_on=TODAY + timedelta(days=1)), FutureDay),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_recorded(act, refusal):
    one = after(held(), followed())

    with pytest.raises(refusal):
        act(one)

    assert (one.collect_events(), one.version) == ([], 2)
