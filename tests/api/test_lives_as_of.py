"""While lives go on, whatever is answered live is answered the same as of that position."""

import random
from datetime import UTC, timedelta
from uuid import UUID

from api.ledger_forms import FORMS
from application.tracking import Ask
from domain.refusals import Refusal
from projections.indicators import BY_NAME
from tests.lives import BUREAU, START, a_child, acts
from tests.people import OTHER_SCHOOL, SCHOOL

CHILDREN, STEPS, LOOKS = 4, 90, 3
APPLIED = [{"kind": "guardian_application"}]
MOMENT = "SELECT recorded_at FROM log.stored_events WHERE notification_id = %s"


def on_the_roll(chance, day):
    """What moves a child from one list to another, beside what is done in a case."""
    entry, to = chance.randrange(2, 8), chance.choice([SCHOOL, OTHER_SCHOOL])
    seat = {"grade": 8, "class_name": "2班"}
    return [
        (
            "change_roll",
            {
                "kind": chance.choice(["11", "12", "21", "22", "29"]),
                "papers": [],
                "to_class": "5班",
            },
        ),
        ("request_transfer", {"to_school": to, "reason": "搬迁", "papers": []}),
        ("decide_transfer", {"entry": entry, "accept": True, **seat}),
        ("receive_papers", {"entry": entry, "papers": APPLIED}),
        ("issue_notice", {"school_code": to, "grade": 7, "report_by": day}),
        ("lose_contact", {"statement_by": "河湾村", "papers": [{"kind": "village_statement"}]}),
        ("report", {"to_level": "township", "report_number": "1", "summary": "未果"}),
        ("mark_dropout", {"summary": "未果"}),
        ("confirm_dropout", {"summary": "属实"}),
        ("refer", {"to_unit": "民政", "question": "能否落实低保"}),
        ("answer_referral", {"entry": entry, "answer": "已落实"}),
        ("correct", {"entry": entry, "changes": {"occurred_on": f"{day}"}, "reason": "笔误"}),
        ("correct", {"entry": 1, "changes": {"school_code": to}, "reason": "笔误"}),
    ]


def asked(children):
    yield from (f"/v1/ledgers/{name}?limit=500" for name in FORMS)
    yield f"/v1/ledgers/return-to-school?school_code={SCHOOL}"
    yield "/v1/indicators?by=school"
    yield from (f"/v1/indicators/{name}/cases?limit=500" for name in BY_NAME)
    yield "/v1/case-trend?to=2026-11-20"
    for child in children:
        yield f"/v1/students/{child}?happened_by=2026-10-10"
        yield f"/v1/students/{child}/history?limit=500"


async def answers(caller, children, position, cut=""):
    found = {path: await caller.fresh(f"{path}{cut}", position) for path in asked(children)}
    for answer in found.values():
        answer.pop("position", None)
    return found


async def test_what_was_live_at_a_position_is_what_is_known_as_of_it(app, bureau):
    service, chance, then = app.state.service, random.Random(3), {}
    tracking = service.tracking
    enrolled = [await tracking.enrol(BUREAU, None, **a_child(n)) for n in range(CHILDREN)]
    children = [UUID(done.answer["student_id"]) for done in enrolled]
    for step in range(STEPS):
        day = START + timedelta(days=step * 80 // STEPS - chance.choice([0, 0, 5]))
        several = [(name, {"occurred_on": day, **told}) for name, told in on_the_roll(chance, day)]
        in_the_case = [(name, told) for name, _, told in acts(chance, day)]
        name, told = chance.choice(chance.choice([several, in_the_case]))
        child = await tracking.child(chance.choice(children))
        try:
            done = await getattr(tracking, name)(Ask(BUREAU, child), **told)
        except Refusal:
            done = None
        if done is not None and len(then) <= LOOKS * step // STEPS:
            then[done.position] = await answers(bureau, children, done.position)

    head = await service.store.head()
    assert len(then) >= LOOKS
    for position, live in then.items():
        ((moment,),) = await service.store.query(MOMENT, [position])
        cut = f"&as_of={moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        later = await answers(bureau, children, head, cut)
        assert {path for path in live if live[path] != later[path]} == set(), position
