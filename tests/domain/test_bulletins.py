"""A bulletin: drafted without a child in it, checked again and frozen when it is published."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.bulletins import BulletinDrafted, BulletinPublished, Bulletins
from domain.refusals import NoSuchEntry
from domain.supervision_refusals import (
    AlreadyPublished,
    MayNameChild,
    NamesChild,
    SchoolNotConcerned,
    TellsFewChildren,
)
from tests.domain.conftest import BUREAU, TODAY, acting

SCHOOL = "3141000058"
SUMMARY = {"school_code": SCHOOL, "text": "台账齐全"}
CONTENT = {"title": "督查结果公告", "schools": []}


def drafted(found=None, confirmed=(), summaries=(SUMMARY,)):
    return lambda one: one.draft(
        acting(BUREAU),
        title="督查结果公告",
        period="2026-2027",
        text="总体良好",
        inspections=["2026-1"],
        scores=[],
        concerned=[SCHOOL],
        found=found or {},
        summaries=summaries,
        confirmed=confirmed,
    )


def published(found=None, entry=1):
    return lambda one: one.publish(
        acting(BUREAU), entry, content=CONTENT, position=77, found=found or {}
    )


def after(*done):
    one = Bulletins.blank(
        UUID("00000000-0000-8000-8000-000000000009"), datetime(2026, 9, 1, tzinfo=UTC)
    )
    for do in done:
        do(one)
    one.collect_events()
    return one


def test_a_draft_is_recorded_with_its_sources_and_what_was_confirmed():
    one = after()

    drafted(found={"/text": "perhaps"}, confirmed=["/text", "/text"])(one)

    [fact] = one.collect_events()
    assert type(fact) is BulletinDrafted
    told = (fact.title, fact.period, fact.text, fact.inspections, fact.scores, fact.summaries)
    assert told == ("督查结果公告", "2026-2027", "总体良好", ["2026-1"], [], [SUMMARY])
    assert (fact.confirmed, fact.occurred_on, one.bulletin(1).state) == (["/text"], TODAY, "draft")


def test_a_published_bulletin_holds_its_content_and_where_it_stood():
    one = after(drafted())

    published()(one)

    [fact] = one.collect_events()
    assert type(fact) is BulletinPublished
    assert (fact.entry, fact.content, fact.position) == (1, CONTENT, 77)
    assert one.bulletin(1).state == "published"


REFUSED = {
    "a child in the title": (drafted({"/title": "named"}), NamesChild),
    "confirmed, but surely a child": (drafted({"/text": "named"}, ["/text"]), NamesChild),
    "perhaps a child": (drafted({"/summaries/0/text": "perhaps"}, ["/text"]), MayNameChild),
    "a few children of a school": (
        drafted(summaries=[{**SUMMARY, "text": "有 2 名学生未到"}]),
        TellsFewChildren,
    ),
    "another school": (
        drafted(summaries=[{**SUMMARY, "school_code": "3141000059"}]),
        SchoolNotConcerned,
    ),
    "no such draft": (published(entry=9), NoSuchEntry),
    "published already": (published(), AlreadyPublished),
    "a child come since": (published({"/text": "named"}, entry=3), NamesChild),
    "perhaps one come since": (published({"/title": "perhaps"}, entry=3), MayNameChild),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_may_not_be_public_is_refused_by_its_field_and_nothing_recorded(why):
    act, refusal = REFUSED[why]
    one = after(drafted(), published(), drafted())

    with pytest.raises(refusal) as raised:
        act(one)

    assert raised.type is refusal
    assert (one.collect_events(), one.version) == ([], 3)
