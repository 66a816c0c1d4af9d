"""Work with child and family: visits, counselling, persuasion, support, teaching at home."""

from datetime import date
from typing import Any

from domain.child import ChildStream, HomeTeachingPlan, require_papers
from domain.codes import HOME_TEACHING_PAPERS, PAPER_KIND
from domain.entry import Act, Disability, Entry, Paper, Persuader
from domain.refusals import EndBeforeStart, NoHomeTeachingPlan

ANY_PAPER = (frozenset(PAPER_KIND),)


class ResponsiblePersonNamed(Entry):
    """A directly responsible person (直接责任人) or a mentor (结对帮扶) was named."""

    TOPIC = "student.responsible_person_named"
    CORRECTABLE = frozenset({"name", "phone"})

    name: str
    role: str
    phone: str | None = None

    def apply(self, aggregate: Any) -> None:
        state = aggregate.state
        if self.occurred_on >= state.responsible_since.get(self.role, date.min):
            state.responsible[self.role] = self.name
            state.responsible_since[self.role] = self.occurred_on


class HomeVisited(Entry):
    """The home was visited, in person or by phone (家访登记)."""

    TOPIC = "student.home_visited"
    CORRECTABLE = frozenset(
        {
            "occurred_on",
            "mode",
            "visitors",
            "met",
            "purpose",
            "family_situation",
            "school_situation",
            "guardian_view",
            "verified_reasons",
            "next_step",
        }
    )

    mode: str
    visitors: list[str]
    met: list[str]
    purpose: str | None = None
    family_situation: str | None = None
    school_situation: str | None = None
    guardian_view: str | None = None
    verified_reasons: list[str] | None = None
    next_step: str | None = None

    @property
    def led(self) -> bool:
        """Whether the principal led it: who leads a visit records it."""
        return self.by["role"] == "principal"

    def apply(self, aggregate: Any) -> None:
        episode = aggregate.state.episode
        if episode is not None and episode.is_open:
            episode.visited(self.occurred_on, self.mode, led=self.led)


class CounsellingGiven(Entry):
    """A counselling (心理疏导) or tutoring (学业辅导) session took place; notes are sealed."""

    TOPIC = "student.counselling_given"
    CORRECTABLE = frozenset({"occurred_on", "counsellor", "minutes", "notes"})

    kind: str
    counsellor: str
    minutes: int | None = None
    notes: str | None = None


class PersuasionAttempted(Entry):
    """Somebody tried to persuade child or family (劝返)."""

    TOPIC = "student.persuasion_attempted"
    CORRECTABLE = frozenset(
        {"occurred_on", "persuaders", "met", "outcome", "reasons", "support_offered", "note"}
    )

    persuaders: list[Persuader]
    met: list[str]
    outcome: str
    reasons: list[str] | None = None
    support_offered: str | None = None
    note: str | None = None

    def apply(self, aggregate: Any) -> None:
        episode = aggregate.state.episode
        if episode is not None:
            episode.attempts += 1
            last = episode.last_attempt_on
            episode.last_attempt_on = max(last, self.occurred_on) if last else self.occurred_on


class SupportGiven(Entry):
    """Support due to the child was given (两免一补, 营养改善计划, 困难资助)."""

    TOPIC = "student.support_given"
    CORRECTABLE = frozenset({"occurred_on", "kind", "amount", "note"})

    kind: str
    amount: float | None = None
    note: str | None = None


class HomeTeachingAssigned(Entry):
    """A plan of home teaching (送教上门) is in force; outside a case, an arrangement."""

    TOPIC = "student.home_teaching_assigned"
    CORRECTABLE = frozenset(
        {"occurred_on", "teachers", "planned_hours_per_month", "to", "papers", "disability"}
    )

    school_code: str
    teachers: list[str]
    planned_hours_per_month: int
    from_day: date
    papers: list[Paper]
    to: date | None = None
    disability: Disability | None = None

    def apply(self, aggregate: Any) -> None:
        state = aggregate.state
        state.home_teaching = HomeTeachingPlan(
            entry=self.originator_version,
            school_code=self.school_code,
            hours_per_month=self.planned_hours_per_month,
            ends=self.to,
        )
        if state.episode is not None and state.episode.is_open:
            state.episode.enter("home_taught")


class HomeTeachingGiven(Entry):
    """A session of home teaching took place (送教记录)."""

    TOPIC = "student.home_teaching_given"
    CORRECTABLE = frozenset(
        {"occurred_on", "teachers", "minutes", "topic", "response", "guardian_present"}
    )

    teachers: list[str]
    minutes: int
    topic: str
    guardian_present: bool
    response: str | None = None
    plan: int | None = None


class PlacementArranged(Entry):
    """The child learns elsewhere, with papers (其他安置, 残疾儿童安置)."""

    TOPIC = "student.placement_arranged"
    CORRECTABLE = frozenset({"occurred_on", "kind", "papers", "where"})

    kind: str
    papers: list[Paper]
    where: str | None = None

    def apply(self, aggregate: Any) -> None:
        state = aggregate.state
        state.placement = self.kind
        if state.episode is not None and state.episode.is_open:
            state.episode.enter("placed")


class Care(ChildStream):
    """What people do for a child; most of it needs no open case."""

    def name_responsible(
        self, act: Act, *, name: str, role: str, from_day: date, phone: str | None = None
    ) -> None:
        """Name the directly responsible person or a mentor, from a day on."""
        self.require_alive()
        self.record(ResponsiblePersonNamed, act, from_day, name=name, role=role, phone=phone)

    def visit_home(self, act: Act, *, occurred_on: date, **facts: Any) -> None:
        """Register a home visit."""
        self.require_alive(occurred_on)
        self.record(HomeVisited, act, occurred_on, **facts)

    def counsel(self, act: Act, *, occurred_on: date, **facts: Any) -> None:
        """Register a counselling or tutoring session."""
        self.require_alive(occurred_on)
        self.record(CounsellingGiven, act, occurred_on, **facts)

    def persuade(self, act: Act, *, occurred_on: date, **facts: Any) -> None:
        """
        Register a persuasion attempt in the open case.

        :raises NoOpenEpisode: if nothing is open for this child
        """
        self.open_episode()
        self.record(PersuasionAttempted, act, occurred_on, **facts)

    def support(self, act: Act, *, from_day: date, **facts: Any) -> None:
        """Register support given."""
        self.require_alive(from_day)
        self.record(SupportGiven, act, from_day, **facts)

    def assign_home_teaching(
        self,
        act: Act,
        *,
        occurred_on: date,
        from_day: date,
        papers: list[Paper],
        to: date | None = None,
        **facts: Any,
    ) -> None:
        """
        Put a plan of home teaching in force, with or without a case.

        :raises PapersMissing: without proof of disability or illness and the guardian's application
        :raises EndBeforeStart: if the plan would end before it starts
        """
        self.require_alive()
        require_papers(HOME_TEACHING_PAPERS, papers)
        if to is not None and to < from_day:
            raise EndBeforeStart(ends=to, starts=from_day)
        self.record(
            HomeTeachingAssigned, act, occurred_on, from_day=from_day, papers=papers, to=to, **facts
        )

    def teach_at_home(self, act: Act, *, occurred_on: date, **facts: Any) -> None:
        """
        Register a session of home teaching.

        :raises NoHomeTeachingPlan: if no plan is in force on that day
        """
        plan = self.state.home_teaching
        if plan is None or (plan.ends is not None and occurred_on > plan.ends):
            raise NoHomeTeachingPlan
        self.require_alive(occurred_on)
        self.record(HomeTeachingGiven, act, occurred_on, plan=plan.entry, **facts)

    def place(
        self,
        act: Act,
        *,
        occurred_on: date,
        kind: str,
        papers: list[Paper],
        where: str | None = None,
    ) -> None:
        """
        Record a placement, with or without a case.

        :raises PapersMissing: without any paper
        """
        self.require_alive()
        if not papers:
            require_papers(ANY_PAPER, papers)
        self.record(PlacementArranged, act, occurred_on, kind=kind, papers=papers, where=where)
