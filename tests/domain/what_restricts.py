"""Restriction and erasure in a generated life, and what then may be done and what not."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.domain.conftest import BUREAU, BUREAU2
from tests.domain.what_always_holds import WatchedLife
from tests.domain.what_people_type import AGO, NOTE, OFFICERS, TEXT, day

GROUNDS = {"reason": "监护人要求", "legal_basis": "个人信息保护法第四十七条"}


def mostly(holds):
    """A step for lives of which something holds, and now and then for others."""
    return precondition(
        lambda self: holds(self.student.state) is not None or self.student.version % 4 == 0
    )


class RestrictedLife(WatchedLife):
    """One child, whose record somebody may restrict, and others erase."""

    # Late in a life, for little can be done after it.
    @precondition(lambda self: self.student.version > 10 or self.student.state.left_on)
    @rule(by=OFFICERS, ago=AGO)
    def restrict(self, by, ago):
        self.does(by, "restrict", **GROUNDS, occurred_on=day(self.today, ago))

    @mostly(lambda state: state.restricted_by)
    @rule(by=OFFICERS, reason=TEXT)
    def lift_restriction(self, by, reason):
        self.does(by, "lift_restriction", reason=reason)

    @mostly(lambda state: state.restricted_by)
    @rule(by=OFFICERS)
    def request_erasure(self, by):
        self.does(by, "request_erasure", **GROUNDS)

    @mostly(lambda state: state.erasure)
    @rule(as_the_asker=st.booleans(), approve=st.sampled_from([True, True, False]), note=NOTE)
    def decide_erasure(self, as_the_asker, approve, note):
        erasure = self.student.state.erasure
        asked_by = erasure.asked_by if erasure is not None else BUREAU.account
        by = next(one for one in (BUREAU, BUREAU2) if (one.account == asked_by) == as_the_asker)
        self.does(by, "decide_erasure", approve=approve, note=note)
