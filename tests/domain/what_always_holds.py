"""What always holds of a child's stream, whatever was recorded or refused."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import pairwise

from hypothesis.stateful import RuleBasedStateMachine, invariant

from application.store.mapper import EntryMapper
from domain import codes
from domain.case import ReturnedToSchool
from domain.closing import CloseOutApproved
from domain.corrections import Corrected
from domain.duties import arising, duties, papers_due
from domain.entry import Act
from domain.mobility import add_up, movements
from domain.obligations import Obligations
from domain.privacy import ErasureApproved, Privacy, retention_ends_on
from domain.refusals import RecordErased, RecordRestricted, Refusal
from domain.roll import ON_ROLL
from domain.rules import RuleBook, Rules
from domain.student import Student
from tests.domain.conftest import BUREAU, BUREAU2, TEACHER, TODAY, a_child

BOOK = RuleBook(
    editions=(
        Rules(in_force_from=date(2021, 9, 1)),
        Rules(in_force_from=date(2026, 12, 10), observation_ladder=(1, 3, 5)),
    )
)
MAPPER = EntryMapper()


def seen(student):
    """Everything a rule or a page can see of a stream; moments are the database's."""
    return (
        student.version,
        repr(student.state),
        student.standings,
        student.corrected_by,
        [
            {
                name: getattr(entry, name)
                for name in type(entry).__dataclass_fields__
                if name != "timestamp"
            }
            for entry in student.entries
        ],
    )


def reloaded(stored):
    student = None
    for event in stored:
        student = MAPPER.to_domain_event(event).mutate(student)
    return student


def recalled(stored):
    return Student.of([MAPPER.to_domain_event(event) for event in stored])


class WatchedLife(RuleBasedStateMachine):
    """One child, to whom acts are done; each is recorded whole or refused whole."""

    def __init__(self):
        super().__init__()
        self.today = TODAY
        self.stored = []
        self.student = None
        self.levels = {}
        self.returns_were_moved = False
        self.restricted = self.erased = False

    def begins(self, life, **known):
        """A child on the roll, to whom everything of a life was done."""
        self.student = Student.blank(a_child().id, datetime(2026, 9, 1, tzinfo=UTC))
        facts = dict(vars(a_child(**known).entries[0]))
        for name in ("originator_id", "originator_version", "timestamp", "occurred_on", "by"):
            del facts[name]
        self.student.enrol(self.acting(TEACHER), **facts)
        for command in life:
            command(self.student)
        self.store()
        self.notes_what_may_be_done()

    def notes_what_may_be_done(self):
        self.restricted = self.student.state.restricted_by is not None
        self.erased = self.student.state.erased_by is not None

    # One act ----------------------------------------------------------------------------------

    def acting(self, by):
        at = datetime(self.today.year, self.today.month, self.today.day, 4, tzinfo=UTC)
        return Act(by=by, at=at, today=self.today, rules=BOOK.on(self.today))

    def store(self):
        events = self.student.collect_events()
        self.stored += [MAPPER.to_stored_event(event) for event in events]
        return events

    def does(self, by, command, **facts):
        before = seen(self.student)
        refusal = None
        try:
            getattr(self.student, command)(self.acting(by), **facts)
        except Refusal as no:
            refusal = no
        self.only_what_may_be_done_was(command, refusal)
        if refusal is not None:
            assert refusal.sentence("zh") != refusal.sentence("en")
            assert self.student.collect_events() == []
            assert seen(self.student) == before
            return
        [event] = self.store()
        assert event.by == by.as_recorded()
        assert event.occurred_on <= self.today
        assert seen(reloaded(self.stored)) == seen(self.student)
        assert seen(recalled(self.stored)) == seen(self.student)
        if isinstance(event, Corrected):
            corrected = self.student.entries[event.entry - 1]
            self.returns_were_moved |= isinstance(corrected, ReturnedToSchool)
        if isinstance(event, CloseOutApproved):
            self.was_closed_by_two(event)
        if isinstance(event, ErasureApproved):
            self.was_erased_by_two(event)

    def only_what_may_be_done_was(self, command, refusal):
        """Nothing after an erasure, and while restricted nothing but what restriction is about."""
        if self.erased:
            assert type(refusal) is RecordErased
        elif self.restricted and command not in vars(Privacy):
            assert type(refusal) is RecordRestricted
        self.notes_what_may_be_done()

    def was_erased_by_two(self, approved):
        asked = self.student.entries[approved.request - 1]
        assert asked.by["account"] != approved.by["account"]
        assert asked.retention_ended_on < asked.occurred_on <= approved.occurred_on
        between = {type(entry) for entry in self.student.entries[approved.request : -1]}
        assert between == set()

    def was_closed_by_two(self, approved):
        asked = self.student.entries[approved.request - 1]
        assert asked.by["account"] != approved.by["account"]
        assert approved.reason == asked.reason == self.student.state.episode.close_reason
        if approved.reason == "C13":
            assert asked.note or approved.note
        else:
            assert approved.by["account"] in {BUREAU.account, BUREAU2.account}
        if approved.reason == "C01":
            episode = self.student.state.episode
            until = episode.observed_until
            assert self.today > until
            assert any(attending and day >= until for day, attending in episode.observations)

    # What always holds --------------------------------------------------------------------------

    @invariant()
    def entries_are_numbered_without_gaps(self):
        count = self.student.version
        assert [event.originator_version for event in self.stored] == [*range(1, count + 1)]
        assert len(self.student.entries) == len(self.student.standings) == count
        assert {event.originator_id for event in self.stored} == {self.student.id}
        assert set(self.student.corrected_by) <= set(range(1, count))

    @invariant()
    def movements_add_up_to_one_place_on_a_roll_or_none(self):
        state = self.student.state
        seats = add_up(movements(self.student.entries))
        assert set(seats.values()) <= {1}
        assert len(seats) <= 1
        dropped = any("dropped_out" in episode.reached for episode in state.episodes)
        if state.school_code and not dropped:
            here = {(state.school_code, state.grade): 1}
            assert seats == (here if state.student_status in ON_ROLL else {})

    @invariant()
    def what_is_due_is_an_obligation_not_ended(self):
        state = self.student.state
        if state.restricted_by is not None or state.erased_by is not None:
            return
        still = [one for one in Obligations.of(self.student, BOOK).all if one.ended is None]
        due = Counter((kind, day) for kind, day, _ in arising(self.student, BOOK))
        for number in self.student.lacking_papers():
            change = self.student.entries[number - 1]
            due["missing_papers", papers_due(change, BOOK.on(change.occurred_on))] += 1
        assert Counter((one.kind, one.due_on) for one in still if one.due_on) == due

    @invariant()
    def words_are_known(self):
        state = self.student.state
        assert self.student.status in codes.STATUS
        assert state.student_status in codes.STUDENT_STATUS
        assert set(state.key_groups) <= set(codes.KEY_GROUP)
        for standing in self.student.standings:
            assert standing.status in codes.STATUS
            assert standing.level in {None, *codes.ESCALATION_LEVEL}

    @invariant()
    def at_most_the_latest_episode_is_open(self):
        state = self.student.state
        assert state.episode is (state.episodes[-1] if state.episodes else None)
        assert [episode.number for episode in state.episodes] == [
            *range(1, len(state.episodes) + 1)
        ]
        assert not any(episode.is_open for episode in state.episodes[:-1])
        for episode in state.episodes:
            assert episode.status in episode.reached
            assert (episode.status == "closed") == (episode.closed_on is not None)
            assert episode.close_out is None or episode.is_open or episode.relapsed

    @invariant()
    def levels_only_rise(self):
        for episode in self.student.state.episodes:
            before = self.levels.get(episode.number, "school")
            order = codes.ESCALATION_ORDER.index
            assert order(episode.level) >= order(before)
            self.levels[episode.number] = episode.level

    @invariant()
    def absence_return_and_observation_are_in_order(self):
        for episode in self.student.state.episodes:
            if episode.status != "returned":
                continue
            assert episode.first_absent_on <= episode.seen_on <= episode.observed_until
            if not self.returns_were_moved:
                assert all(on >= episode.seen_on for on, _ in episode.observations)

    @invariant()
    def no_day_lies_before_the_birth_or_after_today(self):
        for entry in self.student.entries[1:]:
            for name in {"occurred_on", "first_absent_on", "seen_on"} & set(vars(entry)):
                assert self.student.state.born <= getattr(entry, name) <= self.today

    @invariant()
    def what_is_erased_was_restricted_and_need_not_be_kept(self):
        state = self.student.state
        ends_on = retention_ends_on(self.student, self.today, BOOK.on(self.today))
        is_open = state.episode is not None and state.episode.is_open
        assert not (is_open and ends_on)
        if state.erasure is not None or state.erased_by is not None:
            assert state.restricted_by is not None
            assert ends_on is not None
            assert ends_on < self.today

    @invariant()
    def what_is_due_can_be_told(self):
        due = duties(self.student, self.today, BOOK)
        assert all(one.due_on <= other.due_on for one, other in pairwise(due))
        assert all(duty.told("zh")["kind_label"] for duty in due)
