"""What a simulated year begins with: who is told of it each day, and how chances are drawn."""

import random
from collections import defaultdict
from collections.abc import Sequence

from api.service import Service
from application.accounts import NewAccount
from application.directory import School
from application.notices.choices import Choice
from domain.return_periods import Period
from tests.people import PASSWORD


async def told_daily(service: Service, some: Sequence[School]) -> None:
    """Make accounts for principals, township offices and the bureau; each has a digest a day."""
    offices = {school.township_office for school in some}
    people = [
        *(
            NewAccount(f"p{one.code}", "测校长", "principal", one.name, school=one.code)
            for one in some
        ),
        *(
            NewAccount(f"o{n}", "测中心校", "township_office", office, office=office)
            for n, office in enumerate(sorted(offices))
        ),
        NewAccount("bureau", "测局", "bureau", "区教体局"),
    ]
    await service.accounts.create(people, PASSWORD, second_factor=False)
    choice = Choice(email="ceshi@school.example", digest=True)
    for (account,) in await service.store.query("SELECT account FROM access.accounts"):
        await service.notices.choices.set(account, choice)


def drawn(chance: random.Random, share: float, among: int) -> int:
    """Draw how many of so many, each by a small chance."""
    return min(among, sum(chance.random() < share * among / 40 for _ in range(40)))


def by_period(some: list[tuple[Period, str]]) -> dict[Period, set[str]]:
    found: dict[Period, set[str]] = defaultdict(set)
    for period, code in some:
        found[period].add(code)
    return found
