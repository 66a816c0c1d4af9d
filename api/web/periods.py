"""The periods of supervision (考评周期) a form or a filter offers: years and quarters gone by."""

import re

from api.web.visit import Visit
from domain.code_list import Code
from domain.supervision_periods import Period

YEARS, QUARTERS = 2, 4


def this_year(visit: Visit) -> Period:
    """Give the school year of today."""
    return Period.year_of(visit.service.tracking.today())


def periods_offered(visit: Visit, wanted: str = "") -> list[Code]:
    """Give the school years and quarters of late, the newest first, and the one asked for."""
    today = visit.service.tracking.today()
    quarter = Period.read(f"{today.year}-Q{(today.month + 2) // 3}")
    assert quarter is not None
    names = [
        *(one.name for one in _backwards(this_year(visit), YEARS)),
        *(one.name for one in _backwards(quarter, QUARTERS)),
    ]
    if wanted not in names and Period.read(wanted):
        names.append(wanted)
    return [period_named(name) for name in names]


def _backwards(first: Period, how_many: int) -> list[Period]:
    found = [first]
    while len(found) < how_many:
        found.append(found[-1].before)
    return found


def period_named(name: str) -> Code:
    """Name a period in words."""
    if quarter := re.fullmatch(r"(\d{4})-Q(\d)", name, re.ASCII):
        return Code(name, f"{quarter[1]}年第{quarter[2]}季度", name)
    return Code(name, f"{name} 学年", f"School year {name}")
