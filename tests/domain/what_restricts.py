"""Restriction and erasure in a generated life, and what then may be done and what not."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.domain.what_always_holds import WatchedLife
from tests.domain.what_people_type import AGO, NOTE, OFFICERS, TEXT, day

GROUNDS = {"reason": "监护人要求", "legal_basis": "个人信息保护法第四十七条"}


class RestrictedLife(WatchedLife):
    """One child, whose record somebody may restrict, and others erase."""

    # Late in a life, for little can be done after it.
    @precondition(lambda self: self.student.version > 10 or self.student.state.left_on)
    @rule(by=OFFICERS, ago=AGO)
    def restrict(self, by, ago):
        self.does(by, "restrict", **GROUNDS, occurred_on=day(self.today, ago))

    @rule(by=OFFICERS, reason=TEXT)
    def lift_restriction(self, by, reason):
        self.does(by, "lift_restriction", reason=reason)

    @rule(by=OFFICERS)
    def request_erasure(self, by):
        self.does(by, "request_erasure", **GROUNDS)

    @rule(by=OFFICERS, approve=st.booleans(), note=NOTE)
    def decide_erasure(self, by, approve, note):
        self.does(by, "decide_erasure", approve=approve, note=note)
