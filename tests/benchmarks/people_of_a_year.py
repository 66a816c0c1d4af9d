"""What becomes of one child's absence, and who does what about it when: invented chances, seeded.

A day is counted in school days from the first one absent. Nobody acts otherwise for a rule but
those who visit on the last day in time (``LAST_DAY``).
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from application.tracking import Ask, CaseTracking
from domain.entry import Actor

TEACHER = Actor("year-teacher", "测班主任", "teacher", "示例学校", "school")
PRINCIPAL = Actor("year-principal", "测校长", "principal", "示例学校", "school")
TOWNSHIP = Actor("year-township", "测镇", "township", "示例镇", "township")
BUREAU = Actor("year-bureau", "测局", "bureau", "区教体局", "bureau", superior=True)

# By chance: what may be, and how often of a hundred.
Odds = dict[int, int]
NEVER = 10_000  # days
EXPLAINED = 80  # of a hundred absences: an illness told late, a quarrel, an errand
BACK: Odds = {1: 70, 2: 20, 3: 10}  # whoever was only explained late
CALLED: Odds = {0: 75, 1: 15, 2: 5, NEVER: 5}
VISITED: Odds = {0: 20, 1: 35, 2: 20, 3: 10, 5: 10, NEVER: 5}
LAST_DAY = 25  # of a hundred teachers visit on the last day in time, whatever the rule
RULED_OUT: Odds = {0: 80, 1: 10, 3: 6, 8: 4}  # the warning, after the child is back
SUSPECTED: Odds = {3: 80, 5: 20}
REPORTED: Odds = {3: 75, 4: 10, 7: 10, NEVER: 5}
AGAIN: Odds = {3: 25, 4: 30, 5: 30, 7: 10, 9: 5}  # days to the next persuasion
PERSUADED = 30  # of a hundred attempts bring the child back the next day
ORDERED_AFTER, MARKED_AFTER = 4, 9  # attempts in vain
SERVED: Odds = {1: 60, 3: 25, 10: 15}
CONFIRMED: Odds = {0: 40, 2: 40, 6: 20}  # after the mark, by the bureau
CHECKED: Odds = {0: 80, 1: 12, 3: 8}  # after the day of a check
RELAPSED = 15  # of a hundred that came back stay away again
CLOSED: Odds = {1: 40, 3: 40, 6: 15, 9: 5}  # from the request to the decision

ATTENDED = [{"kind": "attendance_sheet"}]
TALK = {
    "persuaders": [{"name": "测班主任", "unit": "示例学校", "level": "school"}],
    "met": ["student", "guardian"],
}


class Absence:
    """One child that is away without excuse, and whatever follows until its case is closed."""

    def __init__(
        self, child: UUID, since: date, chance: random.Random, tracking: CaseTracking
    ) -> None:
        self.child = child
        self.chance = chance
        self.away = self.open = True
        self.done: Counter[str] = Counter()
        self._tracking = tracking
        self._plan: dict[int, list[Callable[[date], Any]]] = {}
        self._attempts = 0
        self._begin(since)
        if chance.randrange(100) < EXPLAINED:
            back = self._drawn(BACK)
            self._in(back, self._is_back)
            self._in(back + self._drawn(RULED_OUT), self._rule_out)
        else:
            self._in(self._drawn(SUSPECTED), self._suspect)
            self._in(self._drawn(REPORTED), self._report)

    def _begin(self, since: date) -> None:
        self._since, self._day = since, 0
        rules = self._tracking.rule_book.on(since)
        self._in(self._drawn(CALLED), self._call)
        visited, waits = self._drawn(VISITED), self.chance.randrange(100) < LAST_DAY
        self._in(rules.first_visit_school_days if waits else visited, self._visit)

    def _drawn(self, odds: Odds) -> int:
        return self.chance.choices(list(odds), list(odds.values()))[0]

    def _in(self, days: int, step: Callable[[date], Any]) -> None:
        """Let something be done so many school days from the day it is now."""
        self._plan.setdefault(self._day + days, []).append(step)

    async def goes_on(self, today: date) -> None:
        """Do what was planned for a school day, or before."""
        calendar = self._tracking.rule_book.on(today).calendar
        self._day = calendar.school_days_between(self._since, today)
        while (first := min(self._plan, default=NEVER)) <= self._day:
            for step in self._plan.pop(first):
                await step(today)

    async def _do(self, command: str, by: Actor, **facts: Any) -> int:
        ask = Ask(by, await self._tracking.child(self.child))
        done = await getattr(self._tracking, command)(ask, **facts)
        self.done[command] += 1
        return int(done.answer["entry"])

    # Whatever is done while the child is away ---------------------------------------------------

    async def _call(self, today: date) -> None:
        await self._visit(today, "phone")

    async def _visit(self, today: date, mode: str = "at_home") -> None:
        known = {"mode": mode, "visitors": ["测班主任"], "met": ["guardian"]}
        await self._do("visit_home", TEACHER, occurred_on=today, **known)
        self.done[mode] += 1

    async def _suspect(self, today: date) -> None:
        known = {"days_absent": self._day, "reported_reasons": ["R02"]}
        await self._do("suspect", PRINCIPAL, occurred_on=today, **known)
        self._in(1, self._persuade)

    async def _report(self, today: date) -> None:
        if (await self._tracking.child(self.child)).status == "suspected":
            known = {"to_level": "township", "report_number": "1", "summary": "劝返未果"}
            await self._do("report", PRINCIPAL, occurred_on=today, **known)

    async def _persuade(self, today: date) -> None:
        agreed = self.chance.randrange(100) < PERSUADED
        outcome = "agreed" if agreed else "refused"
        await self._do("persuade", TEACHER, occurred_on=today, **TALK, outcome=outcome)
        if agreed:
            self._in(1, self._return)
            return
        self._attempts += 1
        self._in(self._drawn(AGAIN), self._persuade)
        if self._attempts == ORDERED_AFTER:
            self._in(1, self._order)
        if self._attempts == MARKED_AFTER:
            self._in(1, self._mark)

    async def _order(self, today: date) -> None:
        due_on = self._tracking.rule_book.on(today).calendar.school_day_after(today, 7)
        known = {"document_number": "1", "issued_by": "示例镇", "due_on": due_on}
        entry = await self._do("issue_order", TOWNSHIP, occurred_on=today, **known)

        async def serve(later: date) -> None:
            known = {"served_to": "监护人", "place": "家中"}
            await self._do("serve_order", TOWNSHIP, entry=entry, served_on=later, **known)

        self._in(self._drawn(SERVED), serve)

    async def _mark(self, today: date) -> None:
        if (await self._tracking.child(self.child)).status == "suspected":
            await self._do("mark_dropout", PRINCIPAL, occurred_on=today, summary="劝返未果")
            self._in(self._drawn(CONFIRMED), self._confirm)

    async def _confirm(self, today: date) -> None:
        if (await self._tracking.child(self.child)).state.episode.marked_on:  # type: ignore[union-attr]
            await self._do("confirm_dropout", BUREAU, occurred_on=today, summary="属实")

    # The child is back --------------------------------------------------------------------------

    async def _is_back(self, _: date) -> None:
        self.away = False
        self._plan = {
            day: [s for s in steps if s != self._visit] for day, steps in self._plan.items()
        }

    async def _rule_out(self, today: date) -> None:
        await self._do("request_close_out", TEACHER, reason="C13", papers=[], note="已说明原因")
        await self._decide(today)

    async def _return(self, today: date) -> None:
        self.away, self._plan = False, {}
        known = {"class_name": "1班", "confirmed_by": "测班主任"}
        await self._do("confirm_return", TEACHER, seen_on=today, **known)
        ladder = self._tracking.rule_book.on(today).observation_ladder
        for step in ladder:
            self._in(step + self._drawn(CHECKED), self._check)
        self._in(ladder[-1] + 4, self._ask_to_close)
        if self.chance.randrange(100) < RELAPSED:
            self._in(self.chance.randrange(2, ladder[-1]), self._relapse)

    async def _check(self, today: date) -> None:
        await self._do("observe_attendance", TEACHER, occurred_on=today, attending=True)

    async def _relapse(self, today: date) -> None:
        """Stay away from tomorrow on: the roll-call tells it, and the case is suspected at once."""
        self.away, self._plan, self._attempts = True, {}, 0
        self.done["relapse"] += 1
        calendar = self._tracking.rule_book.on(today).calendar
        self._begin(calendar.school_day_after(today, 1))
        self._in(self._drawn(REPORTED), self._report)
        self._in(1, self._persuade)

    async def _ask_to_close(self, _: date) -> None:
        await self._do("request_close_out", PRINCIPAL, reason="C01", papers=ATTENDED)
        self._in(self._drawn(CLOSED), self._decide)

    async def _decide(self, _: date) -> None:
        by = BUREAU if self._day > max(BACK) + max(RULED_OUT) else PRINCIPAL
        await self._do("decide_close_out", by, approve=True)
        self.open = False
        self._plan = {}
