"""Whatever is done to a record that is restricted, asked for and erased, two people did it."""

from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from domain import codes
from tests.domain.conftest import (
    BUREAU2,
    absence_flagged,
    close_out_asked,
    close_out_decided,
    erasure_decided,
    erasure_requested,
    restricted,
    roll_changed,
)
from tests.domain.what_people_type import AGO, LONG_GONE, OFFICERS, day, one_of
from tests.domain.what_restricts import RestrictedLife

SOON_OVER = [roll_changed("51", occurred_on=date(2023, 12, 1))]
IN_A_CASE = [absence_flagged(), *LONG_GONE]
PENDING = [*LONG_GONE, restricted(), erasure_requested()]
LIVES = [
    [],
    SOON_OVER,
    [*SOON_OVER, restricted()],
    LONG_GONE,
    [*LONG_GONE, restricted()],
    PENDING,
    [*LONG_GONE, restricted(), erasure_requested(BUREAU2)],
    [*PENDING, erasure_decided(BUREAU2)],
    [*PENDING, erasure_decided(BUREAU2, approve=False)],
    [*IN_A_CASE, restricted()],
    [*IN_A_CASE, close_out_asked("C02", ["roll_extract"]), close_out_decided(), restricted()],
]


class RestrictedRecord(RestrictedLife):
    """The commands of restriction and erasure, and the few that what they ask hangs on."""

    @initialize(life=st.sampled_from(LIVES), born=st.sampled_from([2005, 2008, 2014]))
    def a_child_with_a_past(self, life, born):
        self.begins(life, birth_date=date(born, 9, 15))

    @rule(days=st.integers(1, 30))
    def time_passes(self, days):
        self.today += timedelta(days=days)

    @rule(by=OFFICERS, ago=AGO)
    def visit_home(self, by, ago):
        known = {"mode": "phone", "visitors": ["测甲"], "met": ["guardian"]}
        self.does(by, "visit_home", occurred_on=day(self.today, ago), **known)

    @rule(by=OFFICERS, ago=AGO)
    def flag_absence(self, by, ago):
        known = {"absence_kind": "truancy", "found_by": "roll_call"}
        self.does(by, "flag_absence", first_absent_on=day(self.today, ago), **known)

    @rule(by=OFFICERS)
    def request_or_decide_close_out(self, by):
        episode = self.student.state.episode
        if episode is not None and episode.close_out is not None:
            self.does(by, "decide_close_out", approve=True)
        else:
            papers = [{"kind": "roll_extract"}]
            self.does(by, "request_close_out", reason="C02", papers=papers)

    @rule(by=OFFICERS, ago=AGO, kind=one_of(codes.ROLL_CHANGE))
    def change_roll(self, by, ago, kind):
        self.does(by, "change_roll", kind=kind, occurred_on=day(self.today, ago), papers=[])


TestRestrictedRecord = RestrictedRecord.TestCase
TestRestrictedRecord.settings = settings(
    max_examples=400,
    stateful_step_count=20,
    deadline=None,
    phases=set(Phase) - {Phase.explain},
    suppress_health_check=[HealthCheck.too_slow],
)
