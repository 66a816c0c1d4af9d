"""What may be done about a child's place on the roll, whatever else is done to it."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from domain import codes
from domain.roll import RollChanged
from domain.transfers import TransferRequested
from tests.domain.what_always_holds import WatchedLife
from tests.domain.what_people_type import (
    AGO,
    GRADE,
    NOWHERE,
    PAPERS,
    PEOPLE,
    PICK,
    SCHOOL,
    day,
    one_of,
)


class LifeOnTheRoll(WatchedLife):
    """Roll changes and their papers, notices, admission, transfers, promotion, key groups."""

    def pick(self, kind, pick):
        """The number of some entry of a kind, and now and then of none."""
        numbers = [
            number
            for number, entry in enumerate(self.student.entries, start=1)
            if isinstance(entry, kind)
        ]
        among = NOWHERE if pick % 6 == 0 else numbers or range(1, self.student.version + 1)
        return among[pick // 6 % len(among)]

    @rule(by=PEOPLE, ago=AGO, kind=one_of(codes.ROLL_CHANGE), papers=PAPERS, to=st.none() | GRADE)
    def change_roll(self, by, ago, kind, papers, to):
        self.does(
            by,
            "change_roll",
            kind=kind,
            occurred_on=day(self.today, ago),
            papers=papers,
            to_school="3141000058" if kind == "22" else None,
            to_grade=to,
        )

    @rule(by=PEOPLE, pick=PICK, ago=AGO, papers=PAPERS)
    def receive_papers(self, by, pick, ago, papers):
        kind = RollChanged if pick % 2 else TransferRequested
        entry, on = self.pick(kind, pick), day(self.today, ago)
        self.does(by, "receive_papers", entry=entry, papers=papers, occurred_on=on)

    @rule(by=PEOPLE, ago=AGO)
    def promote(self, by, ago):
        self.does(by, "promote", occurred_on=day(self.today, ago))

    @rule(by=PEOPLE, ago=AGO, due=AGO, to=SCHOOL, grade=GRADE)
    def issue_notice(self, by, ago, due, to, grade):
        self.does(
            by,
            "issue_notice",
            school_code=to,
            grade=grade,
            report_by=day(self.today, -due),
            occurred_on=day(self.today, ago),
        )

    @rule(by=PEOPLE, ago=AGO, to=SCHOOL, grade=GRADE)
    def admit(self, by, ago, to, grade):
        self.does(
            by,
            "admit",
            school_code=to,
            grade=grade,
            class_name="1班",
            occurred_on=day(self.today, ago),
        )

    @rule(by=PEOPLE, ago=AGO, to=SCHOOL, papers=st.none() | PAPERS)
    def request_transfer(self, by, ago, to, papers):
        self.does(
            by,
            "request_transfer",
            to_school=to,
            occurred_on=day(self.today, ago),
            reason="随父母迁居",
            papers=papers,
        )

    @rule(by=PEOPLE, pick=PICK, accept=st.booleans(), grade=GRADE)
    def decide_transfer(self, by, pick, accept, grade):
        self.does(
            by,
            "decide_transfer",
            entry=self.pick(TransferRequested, pick),
            accept=accept,
            grade=grade,
            class_name="3班",
        )

    @rule(by=PEOPLE, ago=AGO, code=one_of(codes.KEY_GROUP), until=st.none() | AGO)
    def assign_key_group(self, by, ago, code, until):
        self.does(
            by,
            "assign_key_group",
            code=code,
            source="排查",
            purpose="关爱",
            from_day=day(self.today, ago),
            until=None if until is None else day(self.today, -until),
        )

    @rule(by=PEOPLE, pick=PICK, ago=AGO)
    def end_key_group(self, by, pick, ago):
        among = sorted(self.student.state.key_groups) or list(codes.KEY_GROUP)
        code = "orphan" if pick % 6 == 0 else among[pick % len(among)]
        self.does(by, "end_key_group", code=code, occurred_on=day(self.today, ago))
