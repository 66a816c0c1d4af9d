"""What awaits a person besides duties of children: monthly returns, and answers to referrals."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from api.listing import Wanted, referrals_within_reach, stands
from api.service import Service
from api.showing import kinds_of, shown
from application.access import Post
from application.roles import MAY
from domain.monthly_return import AWAITED, RETURN_STATE
from domain.return_periods import Period, month_before, month_named, month_of

REFERRALS = "referral_register"
TO_DECIDE = frozenset({"submitted", "zero", "returned"})  # by the bureau: frozen, or to come again
MOST = 50  # the oldest; the whole list is that of the referrals
COLUMNS = ("student_id", "entry", "kind", "to_unit", "day", "school_code")
KINDS = kinds_of("referral_made")


async def returns_awaiting(
    service: Service, posts: Sequence[Post], language: str
) -> list[dict[str, Any]]:
    """
    Give the returns that await the posts, of the last two months that are due.

    Of a principal's schools, those not submitted, or sent back; of the bureau's, those submitted
    and not frozen, and those it sent back.
    """
    own = {code for post in posts if post.role in MAY["submit_return"] for code in post.schools}
    whole = any(post.role in MAY["decide_return"] for post in posts)
    codes = sorted(service.directory.codes() if whole else own)
    today = service.tracking.today()
    items = []
    for period in periods_due(service, today) if codes else ():
        for code, one in (await service.returns.of(period.name, codes)).items():
            state = one.state(period, today)
            if (code in own and state in AWAITED) or (whole and state in TO_DECIDE):
                items.append(
                    {
                        "month": period.name,
                        "school_code": code,
                        "school": service.directory.name_of(code),
                        "state": state,
                        "state_label": RETURN_STATE.label(state, language),
                        "due_on": period.due_on,
                        "days_late": one.days_late(period, today),
                    }
                )
    return items


def periods_due(service: Service, today: date) -> list[Period]:
    """Give the last two months whose return is due, the older one first."""
    book = service.tracking.rule_book
    last = month_of(today, book)
    names = [month_before(month_before(last)), month_before(last), last]
    due = [period for name in names if (period := month_named(name, book))]
    first_of_all = book.editions[0].in_force_from
    return [one for one in due if one.due_on <= today and one.last >= first_of_all][-2:]


async def referrals_awaiting(
    service: Service, posts: Sequence[Post], language: str
) -> list[dict[str, Any]]:
    """
    Give the referrals that await an answer of the posts' own units, oldest first.

    So do those of any unit that are overdue, of children within reach of who may answer them.
    """
    answering = [post for post in posts if post.role in MAY["answer_referral"]]
    if not answering:
        return []
    today = service.tracking.today()
    days = timedelta(days=service.tracking.rule_book.on(today).referral_answer_days)
    wanted = Wanted()
    stands(wanted, None)
    referrals_within_reach(wanted, answering)
    wanted.where("v.answered_by IS NULL")
    units = [post.unit for post in answering]
    wanted.where("(v.to_unit = ANY(%s) OR v.day < %s)", units, today - days)
    rows = await service.store.query(
        f"SELECT {', '.join(f'v.{name}' for name in COLUMNS)} FROM views.{REFERRALS} v"  # noqa: S608
        f" WHERE {wanted.sql()} ORDER BY v.day, v.opened LIMIT %s",
        [*wanted.params, MOST],
        scope=wanted.scope,
    )
    items = []
    for row in rows:
        item = dict(zip(COLUMNS, row, strict=True))
        due_on = item.pop("day") + days
        items.append({**item, "due_on": due_on, "overdue": due_on < today})
    told: list[dict[str, Any]] = shown(items, language, masks={}, kinds=KINDS)
    return told
