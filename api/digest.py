"""What a daily digest says: counts of somebody's worklist and returns, and no child."""

from dataclasses import dataclass
from datetime import date, timedelta

from api.listing import Wanted, case_rows_within_reach
from api.worklist import VIEW, dated, of_view
from application.access import NotAllowed, Person, posts_for
from application.monthly_returns import MonthlyReturns
from application.notices.digesting import Digest
from application.tracking import CaseTracking
from domain.duties import DUTY_KIND
from domain.monthly_return import AWAITED
from domain.return_periods import month_named
from projections.freshness import Freshness, ViewBehind
from projections.students import Students

DAYS_AHEAD = 5  # a return is counted from so many days before it is due


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits for somebody: by kind how many due today and overdue, decisions, returns."""

    duties: dict[str, tuple[int, int]]
    awaiting: int = 0
    returns: int = 0

    @property
    def today(self) -> int:
        return sum(today for today, _ in self.duties.values())

    @property
    def overdue(self) -> int:
        return sum(overdue for _, overdue in self.duties.values())

    @property
    def items(self) -> int:
        return self.today + self.overdue + self.awaiting + self.returns


class Counting:
    """Counts for one person what `GET /v1/worklist` lists, within the same reach."""

    def __init__(
        self,
        tracking: CaseTracking,
        returns: MonthlyReturns,
        freshness: Freshness,
        address: str | None,
    ) -> None:
        self._tracking = tracking
        self._returns = returns
        self._freshness = freshness
        self._address = address

    async def tell(self, person: Person, day: date) -> Digest | None:
        """Give somebody's digest of a day; ``None`` while the views cannot be read."""
        try:
            await self._freshness.position((Students.name, VIEW))
        except ViewBehind:
            return None
        counts = Counts(
            await self._duties(person, day),
            await self._awaiting(person, day),
            await self._due_returns(person, day),
        )
        return worded(counts, day, self._address)

    def _wanted(self, person: Person, view: str, day: date) -> Wanted | None:
        """Ask for one of a person's lists; ``None`` if the person reads none."""
        try:
            posts = posts_for(person, "read")
        except NotAllowed:
            return None
        wanted = Wanted(["v.ended IS NULL"])
        case_rows_within_reach(wanted, posts)
        of_view(wanted, view, person, posts, day)
        return wanted

    async def _duties(self, person: Person, day: date) -> dict[str, tuple[int, int]]:
        wanted = self._wanted(person, "mine", day)
        if wanted is None:
            return {}
        inner, params = dated(self._tracking.rule_book, self._tracking.zone, day, wanted, ["kind"])
        rows = await self._tracking.store.query(
            "SELECT kind, count(*) FILTER (WHERE due = %s), count(*) FILTER (WHERE due < %s)"  # noqa: S608
            f" FROM ({inner}) w WHERE due <= %s GROUP BY kind",
            [day, day, *params, day],
            scope=wanted.scope,
        )
        found = {kind: (today, overdue) for kind, today, overdue in rows}
        return {kind: found[kind] for kind in DUTY_KIND if kind in found}

    async def _awaiting(self, person: Person, day: date) -> int:
        wanted = self._wanted(person, "awaiting-me", day)
        if wanted is None:
            return 0
        rows = await self._tracking.store.query(
            f"SELECT count(*) FROM views.{VIEW} v WHERE {wanted.sql()}",  # noqa: S608
            wanted.params,
            scope=wanted.scope,
        )
        count: int = rows[0][0]
        return count

    async def _due_returns(self, person: Person, day: date) -> int:
        """Count the monthly returns a principal still owes: this month's, if near, and the last."""
        held = [post.schools for post in person.posts if post.role == "principal"]
        codes = sorted(frozenset[str]().union(*held))
        last_month = day.replace(day=1) - timedelta(days=1)
        count = 0
        for month in (last_month, day) if codes else ():
            period = month_named(f"{month:%Y-%m}", self._tracking.rule_book)
            if period is not None and day >= period.due_on - timedelta(days=DAYS_AHEAD):
                returns = await self._returns.of(period.name, codes)
                count += sum(one.state(period, day) in AWAITED for one in returns.values())
        return count


def worded(counts: Counts, day: date, address: str | None) -> Digest:
    """Word a digest, Chinese first; the subject alone says it all where only a line fits."""
    totals = [
        (counts.today, "今日到期", "due today"),
        (counts.overdue, "逾期", "overdue"),
        (counts.awaiting, "待您审批", "awaiting your decision"),
        (counts.returns, "月报待报", "monthly returns to submit"),
    ]
    some = [one for one in totals if one[0]]
    zh = ",".join(f"{label} {count}" for count, label, _ in some)
    en = ", ".join(f"{count} {label}" for count, _, label in some)
    lines = [f"{day} 待办:{zh}。"]
    for kind, (today, overdue) in counts.duties.items():
        lines.append(f"  {DUTY_KIND.label(kind, 'zh')}:今日到期 {today},逾期 {overdue}")
    lines += ["", f"Worklist of {day}: {en}."]
    for kind, (today, overdue) in counts.duties.items():
        lines.append(f"  {DUTY_KIND.label(kind, 'en')}: {today} due today, {overdue} overdue")
    if address is not None:
        lines += ["", f"请登录查看 Sign in to see them: {address}"]
    lines += ["", "本邮件只含数量。 This message holds counts alone."]
    return Digest(counts.items, f"归学待办 {day}:{zh} · {en}", "\n".join(lines) + "\n")
