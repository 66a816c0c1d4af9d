"""Two weeks of two schools, as the benchmark lives a year of 77: everybody acts, nobody errs."""

from datetime import date

import pytest

from api.demo.district import schools
from tests.benchmarks.school_year import roll_of, table, years

WEEKS = date(2025, 9, 15), date(2025, 9, 26)
SOME = schools()[-2:]


@pytest.fixture
async def found(databases):
    with databases.empty() as url:
        yield await years(url, SOME, roll_of(SOME, 40), WEEKS, unexcused=0.05, follow="thread")


async def test_the_same_two_weeks_pass_under_either_of_two_rules(found):
    one, other = found.values()

    same = ("roll-calls", "absences flagged", "suspicions", "returns on time", "returns late")
    assert [one[name] for name in same] == [other[name] for name in same]
    assert one["roll-calls"] == str(2 * 10)
    assert int(one["absences flagged"]) > 10
    visits = [column["duty: first home visit"].split(" / ") for column in (one, other)]
    assert [arisen for arisen, _, _ in visits] == [one["absences flagged"]] * 2
    assert int(visits[0][2]) > int(visits[1][2])
    assert len(table(found).splitlines()) == len(one) + 2
